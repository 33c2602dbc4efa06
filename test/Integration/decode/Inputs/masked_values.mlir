// Each query of each head leaves out another third of the keys.
func.func @thirds(%q: tensor<1x4x?x64xf32>, %k: tensor<1x2x?x64xf32>, %v: tensor<1x2x?x64xf32>) -> tensor<1x4x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %c3 = arith.constant 3 : index
      %n = arith.addi %h, %i : index
      %own = arith.remui %n, %c3 : index
      %its = arith.remui %j, %c3 : index
      %keep = arith.cmpi ne, %own, %its : index
      attn.yield %keep : i1
    }
    : (tensor<1x4x?x64xf32>, tensor<1x2x?x64xf32>, tensor<1x2x?x64xf32>) -> tensor<1x4x?x64xf32>
  return %o : tensor<1x4x?x64xf32>
}
