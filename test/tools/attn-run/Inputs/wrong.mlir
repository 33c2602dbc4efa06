func.func @affine(%x: tensor<?x?xf32>, %f: f32, %s: tensor<?xi32>) -> tensor<?x?xf32> {
  %y = arith.addf %x, %x : tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}
