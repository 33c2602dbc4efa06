func.func @named(%q: tensor<?x8x?x64xf32>, %k: tensor<?x2x?x64xf32>, %v: tensor<?x2x?x64xf32>,
                 %gains: tensor<8xf32>, %kinds: tensor<?x?xi8>, %lengths: tensor<?xi32>) -> tensor<?x8x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    score(@gain(%gains : tensor<8xf32>), @softcap(30.0))
    mask(@kind(%kinds : tensor<?x?xi8>, 16), @padding(%lengths : tensor<?xi32>), @causal)
    : (tensor<?x8x?x64xf32>, tensor<?x2x?x64xf32>, tensor<?x2x?x64xf32>) -> tensor<?x8x?x64xf32>
  return %o : tensor<?x8x?x64xf32>
}
