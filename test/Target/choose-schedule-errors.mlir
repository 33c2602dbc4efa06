// What the syntax has and no backend implements is refused by name, also with a schedule of the user's.
// RUN: attn-opt %s --pass-pipeline="builtin.module(attn-attach-target, func.func(attn-choose-schedule))" \
// RUN:   -split-input-file -verify-diagnostics

func.func @lse_of_no_softmax(%q: tensor<8x?x64xf32>) -> tensor<8x?xf32> {
  // expected-error @+1 {{aux 'lse' is not supported beside normalizer 'sigmoid'}}
  %o, %x = attn.attention query(%q) key(%q) value(%q) {aux = ["lse"], normalizer = "sigmoid"}
      : (tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?x64xf32>) -> (tensor<8x?x64xf32>, tensor<8x?xf32>)
  return %x : tensor<8x?xf32>
}

// -----

func.func @many_features(%q: tensor<8x?x4096xf32>) -> tensor<8x?x4096xf32> {
  // expected-error @+1 {{with heads of more than 2048 features is not supported, got 4096}}
  %o = attn.attention query(%q) key(%q) value(%q)
      : (tensor<8x?x4096xf32>, tensor<8x?x4096xf32>, tensor<8x?x4096xf32>) -> tensor<8x?x4096xf32>
  return %o : tensor<8x?x4096xf32>
}

// -----

func.func @many_columns(%q: tensor<8x?x16xf32>, %v: tensor<8x?x4096xf32>) -> tensor<8x?x4096xf32> {
  // expected-error @+1 {{with heads of more than 2048 features is not supported, got 4096}}
  %o = attn.linear_attention query(%q) key(%q) value(%v)
      : (tensor<8x?x16xf32>, tensor<8x?x16xf32>, tensor<8x?x4096xf32>) -> tensor<8x?x4096xf32>
  return %o : tensor<8x?x4096xf32>
}
