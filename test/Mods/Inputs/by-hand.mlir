func.func @causal(%q: tensor<2x4x96x32xf32>, %k: tensor<2x2x96x32xf32>, %v: tensor<2x2x96x32xf32>) -> tensor<2x4x96x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %keep = arith.cmpi sle, %j, %i : index
      attn.yield %keep : i1
    }
    : (tensor<2x4x96x32xf32>, tensor<2x2x96x32xf32>, tensor<2x2x96x32xf32>) -> tensor<2x4x96x32xf32>
  return %o : tensor<2x4x96x32xf32>
}

func.func @window(%q: tensor<2x4x96x32xf32>, %k: tensor<2x2x96x32xf32>, %v: tensor<2x2x96x32xf32>,
                  %left: index) -> tensor<2x4x96x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %right = arith.constant 3 : index
      %back = arith.subi %i, %j : index
      %ahead = arith.subi %j, %i : index
      %after = arith.cmpi sle, %back, %left : index
      %before = arith.cmpi sle, %ahead, %right : index
      %keep = arith.andi %after, %before : i1
      attn.yield %keep : i1
    }
    : (tensor<2x4x96x32xf32>, tensor<2x2x96x32xf32>, tensor<2x2x96x32xf32>) -> tensor<2x4x96x32xf32>
  return %o : tensor<2x4x96x32xf32>
}

func.func @documents(%q: tensor<2x4x96x32xf32>, %k: tensor<2x2x96x32xf32>, %v: tensor<2x2x96x32xf32>,
                     %slopes: tensor<4xf32>, %ids: tensor<2x96xi32>) -> tensor<2x4x96x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %slope = tensor.extract %slopes[%h] : tensor<4xf32>
      %d = arith.subi %j, %i : index
      %n = arith.index_cast %d : index to i32
      %x = arith.sitofp %n : i32 to f32
      %bias = arith.mulf %slope, %x : f32
      %r = arith.addf %s, %bias : f32
      attn.yield %r : f32
    }
    mask(%b: index, %h: index, %i: index, %j: index) {
      %past = arith.cmpi sle, %j, %i : index
      %mine = tensor.extract %ids[%b, %i] : tensor<2x96xi32>
      %its = tensor.extract %ids[%b, %j] : tensor<2x96xi32>
      %same = arith.cmpi eq, %mine, %its : i32
      %keep = arith.andi %past, %same : i1
      attn.yield %keep : i1
    }
    : (tensor<2x4x96x32xf32>, tensor<2x2x96x32xf32>, tensor<2x2x96x32xf32>) -> tensor<2x4x96x32xf32>
  return %o : tensor<2x4x96x32xf32>
}
