// Each query of each head leaves out another third of the keys.
func.func @heads_4_2_of_64_64(%q: tensor<1x4x?x64xf32>, %k: tensor<1x2x?x64xf32>, %v: tensor<1x2x?x64xf32>) -> tensor<1x4x?x64xf32> {
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

func.func @heads_5_1_of_32_5(%q: tensor<1x5x?x32xf32>, %k: tensor<1x1x?x32xf32>, %v: tensor<1x1x?x5xf32>) -> tensor<1x5x?x5xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %c3 = arith.constant 3 : index
      %n = arith.addi %h, %i : index
      %own = arith.remui %n, %c3 : index
      %its = arith.remui %j, %c3 : index
      %keep = arith.cmpi ne, %own, %its : index
      attn.yield %keep : i1
    }
    : (tensor<1x5x?x32xf32>, tensor<1x1x?x32xf32>, tensor<1x1x?x5xf32>) -> tensor<1x5x?x5xf32>
  return %o : tensor<1x5x?x5xf32>
}

func.func @heads_2_2_of_16_1(%q: tensor<1x2x?x16xf32>, %k: tensor<1x2x?x16xf32>, %v: tensor<1x2x?x1xf32>) -> tensor<1x2x?x1xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %c3 = arith.constant 3 : index
      %n = arith.addi %h, %i : index
      %own = arith.remui %n, %c3 : index
      %its = arith.remui %j, %c3 : index
      %keep = arith.cmpi ne, %own, %its : index
      attn.yield %keep : i1
    }
    : (tensor<1x2x?x16xf32>, tensor<1x2x?x16xf32>, tensor<1x2x?x1xf32>) -> tensor<1x2x?x1xf32>
  return %o : tensor<1x2x?x1xf32>
}

func.func @heads_8_2_of_8_16(%q: tensor<1x8x?x8xf32>, %k: tensor<1x2x?x8xf32>, %v: tensor<1x2x?x16xf32>) -> tensor<1x8x?x16xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %c3 = arith.constant 3 : index
      %n = arith.addi %h, %i : index
      %own = arith.remui %n, %c3 : index
      %its = arith.remui %j, %c3 : index
      %keep = arith.cmpi ne, %own, %its : index
      attn.yield %keep : i1
    }
    : (tensor<1x8x?x8xf32>, tensor<1x2x?x8xf32>, tensor<1x2x?x16xf32>) -> tensor<1x8x?x16xf32>
  return %o : tensor<1x8x?x16xf32>
}
