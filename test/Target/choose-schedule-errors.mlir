// What the syntax has and no backend implements is refused by name, also with a schedule of the user's.
// RUN: attn-opt %s --pass-pipeline="builtin.module(attn-attach-target, func.func(attn-choose-schedule))" \
// RUN:   -split-input-file -verify-diagnostics

func.func @sinks(%q: tensor<8x?x64xf32>, %x: tensor<8xi32>) -> tensor<8x?x64xf32> {
  // expected-error @+1 {{operand group 'sinks' is not supported yet}}
  %o = attn.attention query(%q) key(%q) value(%q) sinks(%x)
      : (tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8xi32>) -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}

// -----

func.func @key_scales(%q: tensor<8x?x64xf32>, %x: tensor<8x?xf32>) -> tensor<8x?x64xf32> {
  // expected-error @+1 {{operand group 'key_scales' is not supported yet}}
  %o = attn.attention query(%q) key(%q) value(%q) key_scales(%x)
      : (tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?xf32>) -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}

// -----

func.func @key_zero_points(%q: tensor<8x?x64xf32>, %s: tensor<8x?x2xf32>, %x: tensor<8x?x2xi8>)
    -> tensor<8x?x64xf32> {
  // expected-error @+1 {{operand group 'key_scales' is not supported yet}}
  %o = attn.attention query(%q) key(%q) value(%q) key_scales(%s) key_zero_points(%x)
      : (tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?x2xf32>, tensor<8x?x2xi8>)
      -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}

// -----

func.func @value_scales(%q: tensor<8x?x64xf32>, %x: tensor<8x?xf32>) -> tensor<8x?x64xf32> {
  // expected-error @+1 {{operand group 'value_scales' is not supported yet}}
  %o = attn.attention query(%q) key(%q) value(%q) value_scales(%x)
      : (tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?xf32>) -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}

// -----

func.func @value_zero_points(%q: tensor<8x?x64xf32>, %s: tensor<8x?x2xf32>, %x: tensor<8x?x2xi8>)
    -> tensor<8x?x64xf32> {
  // expected-error @+1 {{operand group 'value_scales' is not supported yet}}
  %o = attn.attention query(%q) key(%q) value(%q) value_scales(%s) value_zero_points(%x)
      : (tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?x2xf32>, tensor<8x?x2xi8>)
      -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}

// -----

func.func @page_table(%q: tensor<?x8x?x64xf32>, %k: tensor<?x8x16x64xf32>, %t: tensor<?x?xi32>) -> tensor<?x8x?x64xf32> {
  // expected-error @+1 {{operand group 'page_table' is not supported yet}}
  %o = attn.attention query(%q) key(%k) value(%k) page_table(%t)
      : (tensor<?x8x?x64xf32>, tensor<?x8x16x64xf32>, tensor<?x8x16x64xf32>, tensor<?x?xi32>) -> tensor<?x8x?x64xf32>
  return %o : tensor<?x8x?x64xf32>
}

// -----

func.func @value_table(%q: tensor<8x?x64xf32>, %x: tensor<8xi32>) -> tensor<8x?x64xf32> {
  // expected-error @+1 {{operand group 'value_table' is not supported yet}}
  %o = attn.attention query(%q) key(%q) value(%q) value_table(%x)
      : (tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8xi32>) -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}

// -----

func.func @csr(%q: tensor<8x?x64xf32>, %x: tensor<8xi32>) -> tensor<8x?x64xf32> {
  // expected-error @+1 {{operand group 'csr' is not supported yet}}
  %o = attn.attention query(%q) key(%q) value(%q) csr(%x)
      : (tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8xi32>) -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}

// -----

func.func @blocks(%q: tensor<8x?x64xf32>, %x: tensor<8xi32>) -> tensor<8x?x64xf32> {
  // expected-error @+1 {{operand group 'blocks' is not supported yet}}
  %o = attn.attention query(%q) key(%q) value(%q) blocks(%x)
      : (tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8xi32>) -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}

// -----

func.func @starts(%q: tensor<8x?x64xf32>, %x: tensor<?xi32>) -> tensor<8x?x64xf32> {
  // expected-error @+1 {{operand group 'query_starts' is not supported yet}}
  %o = attn.attention query(%q) key(%q) value(%q) query_starts(%x) key_starts(%x)
      : (tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<?xi32>, tensor<?xi32>) -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}

// -----

func.func @normalizer_sigmoid(%q: tensor<8x?x64xf32>) -> tensor<8x?x64xf32> {
  // expected-error @+1 {{normalizer 'sigmoid' is not supported yet; supported: softmax}}
  %o = attn.attention query(%q) key(%q) value(%q) {normalizer = "sigmoid"}
      : (tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?x64xf32>) -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}

// -----

func.func @normalizer_relu(%q: tensor<8x?x64xf32>) -> tensor<8x?x64xf32> {
  // expected-error @+1 {{normalizer 'relu' is not supported yet; supported: softmax}}
  %o = attn.attention query(%q) key(%q) value(%q) {normalizer = "relu"}
      : (tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?x64xf32>) -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}

// -----

func.func @normalizer_relu2(%q: tensor<8x?x64xf32>) -> tensor<8x?x64xf32> {
  // expected-error @+1 {{normalizer 'relu2' is not supported yet; supported: softmax}}
  %o = attn.attention query(%q) key(%q) value(%q) {normalizer = "relu2"}
      : (tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?x64xf32>) -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}

// -----

func.func @normalizer_none(%q: tensor<8x?x64xf32>) -> tensor<8x?x64xf32> {
  // expected-error @+1 {{normalizer 'none' is not supported yet; supported: softmax}}
  %o = attn.attention query(%q) key(%q) value(%q) {normalizer = "none"}
      : (tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?x64xf32>) -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}

// -----

func.func @aux_row_max(%q: tensor<8x?x64xf32>) -> tensor<8x?xf32> {
  // expected-error @+1 {{aux 'row_max' is not supported yet; supported: lse}}
  %o, %x = attn.attention query(%q) key(%q) value(%q) {aux = ["row_max"]}
      : (tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?x64xf32>) -> (tensor<8x?x64xf32>, tensor<8x?xf32>)
  return %x : tensor<8x?xf32>
}

// -----

func.func @aux_scores(%q: tensor<8x?x64xf32>) -> tensor<8x?x?xf32> {
  // expected-error @+1 {{aux 'scores' is not supported yet; supported: lse}}
  %o, %x = attn.attention query(%q) key(%q) value(%q) {aux = ["scores"]}
      : (tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?x64xf32>) -> (tensor<8x?x64xf32>, tensor<8x?x?xf32>)
  return %x : tensor<8x?x?xf32>
}

// -----

func.func @aux_probabilities(%q: tensor<8x?x64xf32>) -> tensor<8x?x?xf32> {
  // expected-error @+1 {{aux 'probabilities' is not supported yet; supported: lse}}
  %o, %x = attn.attention query(%q) key(%q) value(%q) {aux = ["probabilities"]}
      : (tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?x64xf32>) -> (tensor<8x?x64xf32>, tensor<8x?x?xf32>)
  return %x : tensor<8x?x?xf32>
}

// -----

func.func @type_f16(%q: tensor<8x?x64xf16>) -> tensor<8x?x64xf16> {
  // expected-error @+1 {{of 'f16' is not supported on the CPU; supported: f32}}
  %o = attn.attention query(%q) key(%q) value(%q)
      : (tensor<8x?x64xf16>, tensor<8x?x64xf16>, tensor<8x?x64xf16>) -> tensor<8x?x64xf16>
  return %o : tensor<8x?x64xf16>
}

// -----

func.func @type_bf16(%q: tensor<8x?x64xbf16>) -> tensor<8x?x64xbf16> {
  // expected-error @+1 {{of 'bf16' is not supported on the CPU; supported: f32}}
  %o = attn.attention query(%q) key(%q) value(%q)
      : (tensor<8x?x64xbf16>, tensor<8x?x64xbf16>, tensor<8x?x64xbf16>) -> tensor<8x?x64xbf16>
  return %o : tensor<8x?x64xbf16>
}

// -----

func.func @type_f64(%q: tensor<8x?x64xf64>) -> tensor<8x?x64xf64> {
  // expected-error @+1 {{of 'f64' is not supported on the CPU; supported: f32}}
  %o = attn.attention query(%q) key(%q) value(%q)
      : (tensor<8x?x64xf64>, tensor<8x?x64xf64>, tensor<8x?x64xf64>) -> tensor<8x?x64xf64>
  return %o : tensor<8x?x64xf64>
}

// -----

func.func @type_of_key(%q: tensor<8x?x64xf32>, %k: tensor<8x?x64xbf16>, %v: tensor<8x?x64xf32>) -> tensor<8x?x64xf32> {
  // expected-error @+1 {{of 'bf16' is not supported on the CPU; supported: f32}}
  %o = attn.attention query(%q) key(%k) value(%v)
      : (tensor<8x?x64xf32>, tensor<8x?x64xbf16>, tensor<8x?x64xf32>) -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}

// -----

func.func @type_of_value(%q: tensor<8x?x64xf32>, %k: tensor<8x?x64xf32>, %v: tensor<8x?x64xi8>) -> tensor<8x?x64xf32> {
  // expected-error @+1 {{of 'i8' is not supported on the CPU; supported: f32}}
  %o = attn.attention query(%q) key(%k) value(%v)
      : (tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?x64xi8>) -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}

// -----

func.func @type_of_key_i4(%q: tensor<8x?x64xf32>, %k: tensor<8x?x64xi4>, %v: tensor<8x?x64xf32>) -> tensor<8x?x64xf32> {
  // expected-error @+1 {{of 'i4' is not supported on the CPU; supported: f32}}
  %o = attn.attention query(%q) key(%k) value(%v)
      : (tensor<8x?x64xf32>, tensor<8x?x64xi4>, tensor<8x?x64xf32>) -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}

// -----

func.func @scheduled_type(%q: tensor<8x20x64xf16>) -> tensor<8x20x64xf16> {
  // expected-error @+1 {{of 'f16' is not supported on the CPU; supported: f32}}
  %o = attn.attention query(%q) key(%q) value(%q)
      {schedule = #attn.schedule<kind = "prefill", query_tile = 32, key_tile = 16, key_block = 4, lanes = 4, registers = 8>}
      : (tensor<8x20x64xf16>, tensor<8x20x64xf16>, tensor<8x20x64xf16>) -> tensor<8x20x64xf16>
  return %o : tensor<8x20x64xf16>
}
