func.func @causal(%q: tensor<2x4x96x32xf32>, %k: tensor<2x2x96x32xf32>, %v: tensor<2x2x96x32xf32>) -> tensor<2x4x96x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v) mask(@causal)
    : (tensor<2x4x96x32xf32>, tensor<2x2x96x32xf32>, tensor<2x2x96x32xf32>) -> tensor<2x4x96x32xf32>
  return %o : tensor<2x4x96x32xf32>
}

func.func @window(%q: tensor<2x4x96x32xf32>, %k: tensor<2x2x96x32xf32>, %v: tensor<2x2x96x32xf32>,
                  %left: index) -> tensor<2x4x96x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v) mask(@window(%left : index, 3))
    : (tensor<2x4x96x32xf32>, tensor<2x2x96x32xf32>, tensor<2x2x96x32xf32>) -> tensor<2x4x96x32xf32>
  return %o : tensor<2x4x96x32xf32>
}

func.func @documents(%q: tensor<2x4x96x32xf32>, %k: tensor<2x2x96x32xf32>, %v: tensor<2x2x96x32xf32>,
                     %slopes: tensor<4xf32>, %ids: tensor<2x96xi32>) -> tensor<2x4x96x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    score(@alibi(%slopes : tensor<4xf32>)) mask(@causal, @documents(%ids : tensor<2x96xi32>))
    : (tensor<2x4x96x32xf32>, tensor<2x2x96x32xf32>, tensor<2x2x96x32xf32>) -> tensor<2x4x96x32xf32>
  return %o : tensor<2x4x96x32xf32>
}
