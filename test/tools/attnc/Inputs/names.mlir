func.func @memcpy(%double: tensor<1x2x5x16xf32>) -> tensor<1x2x5x16xf32> {
  %o = attn.attention query(%double) key(%double) value(%double)
      : (tensor<1x2x5x16xf32>, tensor<1x2x5x16xf32>, tensor<1x2x5x16xf32>) -> tensor<1x2x5x16xf32>
  return %o : tensor<1x2x5x16xf32>
}
func.func @"two words"(%0: tensor<1x2x5x16xf32>) -> tensor<1x2x5x16xf32> {
  %1 = attn.attention query(%0) key(%0) value(%0)
      : (tensor<1x2x5x16xf32>, tensor<1x2x5x16xf32>, tensor<1x2x5x16xf32>) -> tensor<1x2x5x16xf32>
  return %1 : tensor<1x2x5x16xf32>
}
