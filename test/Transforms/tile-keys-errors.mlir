// RUN: attn-opt %s --attn-tile-keys -split-input-file -verify-diagnostics

#schedule = #attn.schedule<kind = "prefill", query_tile = 48, key_tile = 128, key_block = 8, lanes = 16, registers = 24>

func.func @heads(%q: tensor<8x?x64xf32>) -> tensor<8x?x64xf32> {
  // expected-error @+1 {{has several heads or batches; run attn-tile-queries first}}
  %o = attn.attention query(%q) key(%q) value(%q) {schedule = #schedule}
      : (tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?x64xf32>) -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}

// -----

#schedule = #attn.schedule<kind = "prefill", query_tile = 48, key_tile = 128, key_block = 8, lanes = 16, registers = 24>

func.func @no_task(%q: tensor<1x20x64xf32>, %i: index) -> tensor<1x20x64xf32> {
  // expected-error @+1 {{is not a task of an scf.forall}}
  %o = attn.attention query(%q) key(%q) value(%q) offsets(%i, %i, %i, %i) {schedule = #schedule}
      : (tensor<1x20x64xf32>, tensor<1x20x64xf32>, tensor<1x20x64xf32>) -> tensor<1x20x64xf32>
  return %o : tensor<1x20x64xf32>
}

// -----

// One head, but nothing that says where it starts.
func.func @no_offsets(%q: tensor<1x20x64xf32>) -> tensor<1x20x64xf32> {
  // expected-error @+1 {{has no offsets; run attn-tile-queries first}}
  %o = attn.attention query(%q) key(%q) value(%q)
      : (tensor<1x20x64xf32>, tensor<1x20x64xf32>, tensor<1x20x64xf32>) -> tensor<1x20x64xf32>
  return %o : tensor<1x20x64xf32>
}

// -----

func.func @no_schedule(%q: tensor<1x20x64xf32>, %i: index) -> tensor<1x20x64xf32> {
  // expected-error @+1 {{has no schedule; run attn-choose-schedule first}}
  %o = attn.attention query(%q) key(%q) value(%q) offsets(%i, %i, %i, %i)
      : (tensor<1x20x64xf32>, tensor<1x20x64xf32>, tensor<1x20x64xf32>) -> tensor<1x20x64xf32>
  return %o : tensor<1x20x64xf32>
}
