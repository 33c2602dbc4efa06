// RUN: attn-opt %s --attn-tile-recurrences -verify-diagnostics

func.func @no_schedule(%q: tensor<2x5x8xf32>) -> tensor<2x5x8xf32> {
  // expected-error @+1 {{'attn.linear_attention' op has no schedule; run attn-choose-schedule first}}
  %o = attn.linear_attention query(%q) key(%q) value(%q)
    : (tensor<2x5x8xf32>, tensor<2x5x8xf32>, tensor<2x5x8xf32>) -> tensor<2x5x8xf32>
  return %o : tensor<2x5x8xf32>
}
