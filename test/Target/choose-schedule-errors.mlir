// What the syntax has and no backend implements is refused by name, also with a schedule of the user's.
// RUN: attn-opt %s --pass-pipeline="builtin.module(attn-attach-target, func.func(attn-choose-schedule))" \
// RUN:   -split-input-file -verify-diagnostics

func.func @packed_csr(%q: tensor<8x?x64xf32>, %x: tensor<?xi32>, %s: tensor<?xi32>) -> tensor<8x?x64xf32> {
  // expected-error @+1 {{csr or blocks of packed sequences are not supported}}
  %o = attn.attention query(%q) key(%q) value(%q) csr(%x, %x) query_starts(%s) key_starts(%s)
      : (tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>,
         tensor<?xi32>) -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}

// -----

func.func @listed_scores(%q: tensor<8x?x64xf32>, %x: tensor<?xi32>) -> tensor<8x?x?xf32> {
  // expected-error @+1 {{aux 'scores' beside csr or blocks, which skip pairs, is not supported}}
  %o, %s = attn.attention query(%q) key(%q) value(%q) csr(%x, %x) {aux = ["scores"]}
      : (tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<?xi32>, tensor<?xi32>)
      -> (tensor<8x?x64xf32>, tensor<8x?x?xf32>)
  return %s : tensor<8x?x?xf32>
}

// -----

func.func @other_scores_and_probabilities(%q: tensor<8x?x64xf32>) -> tensor<8x?x?xf32> {
  // expected-error @+1 {{aux 'probabilities' beside a score region that yields other scores is not supported}}
  %o:3 = attn.attention query(%q) key(%q) value(%q)
      score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
        %r = arith.addf %s, %s : f32
        attn.yield %r, %s : f32, f32
      }
      {aux = ["scores", "probabilities"]}
      : (tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?x64xf32>)
      -> (tensor<8x?x64xf32>, tensor<8x?x?xf32>, tensor<8x?x?xf32>)
  return %o#1 : tensor<8x?x?xf32>
}

// -----

func.func @lse_of_no_softmax(%q: tensor<8x?x64xf32>) -> tensor<8x?xf32> {
  // expected-error @+1 {{aux 'lse' is not supported beside normalizer 'sigmoid'}}
  %o, %x = attn.attention query(%q) key(%q) value(%q) {aux = ["lse"], normalizer = "sigmoid"}
      : (tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?x64xf32>) -> (tensor<8x?x64xf32>, tensor<8x?xf32>)
  return %x : tensor<8x?xf32>
}
