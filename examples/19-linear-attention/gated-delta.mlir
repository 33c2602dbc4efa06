// The gated delta rule, as in the linear layers of hybrid models: four query heads share
// two states of 64 x 64. Decays and betas are one number for each token of a head.
func.func @gated_delta(%q: tensor<?x4x?x64xf32>, %k: tensor<?x2x?x64xf32>, %v: tensor<?x2x?x64xf32>,
                       %decay: tensor<?x2x?xf32>, %beta: tensor<?x2x?xf32>, %state: tensor<?x2x64x64xf32>)
    -> (tensor<?x4x?x64xf32>, tensor<?x2x64x64xf32>) {
  %o, %last = attn.linear_attention query(%q) key(%k) value(%v) decay(%decay) beta(%beta) state(%state)
    : (tensor<?x4x?x64xf32>, tensor<?x2x?x64xf32>, tensor<?x2x?x64xf32>, tensor<?x2x?xf32>, tensor<?x2x?xf32>,
       tensor<?x2x64x64xf32>)
    -> (tensor<?x4x?x64xf32>, tensor<?x2x64x64xf32>)
  return %o, %last : tensor<?x4x?x64xf32>, tensor<?x2x64x64xf32>
}
