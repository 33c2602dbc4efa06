// Shaw et al. (2018): learned vectors of the distance, added to keys and to values. Rows beyond a table are its
// ends, so the distance is clipped to 64.
func.func @shaw(%q: tensor<?x8x?x64xf32>, %k: tensor<?x8x?x64xf32>, %v: tensor<?x8x?x64xf32>,
                %keys: tensor<129x64xf32>, %values: tensor<129x64xf32>) -> tensor<?x8x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v) value_table(%values)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %c64 = arith.constant 64 : index
      %distance = arith.subi %j, %i : index
      %row = arith.addi %distance, %c64 : index
      %x = attn.query_dot %keys[%row] : tensor<129x64xf32>
      %scale = arith.constant 0.125 : f32
      %scaled = arith.mulf %x, %scale : f32
      %r = arith.addf %s, %scaled : f32
      attn.yield %r : f32
    }
    value_row(%b: index, %h: index, %i: index, %j: index) {
      %c64 = arith.constant 64 : index
      %distance = arith.subi %j, %i : index
      %row = arith.addi %distance, %c64 : index
      attn.yield %row : index
    }
    : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<129x64xf32>) -> tensor<?x8x?x64xf32>
  return %o : tensor<?x8x?x64xf32>
}

// DeBERTa (He et al., 2021): content to position and position to content. Distances share the buckets of a list.
func.func @deberta(%q: tensor<?x8x?x64xf32>, %k: tensor<?x8x?x64xf32>, %v: tensor<?x8x?x64xf32>,
                   %position_keys: tensor<8x64x64xf32>, %position_queries: tensor<8x64x64xf32>,
                   %buckets: tensor<1023xi32>) -> tensor<?x8x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %c0 = arith.constant 0 : index
      %c511 = arith.constant 511 : index
      %c1022 = arith.constant 1022 : index
      %distance = arith.subi %i, %j : index
      %from = arith.addi %distance, %c511 : index
      %least = arith.maxsi %from, %c0 : index
      %place = arith.minsi %least, %c1022 : index
      %bucket = tensor.extract %buckets[%place] : tensor<1023xi32>
      %row = arith.index_cast %bucket : i32 to index
      %c2p = attn.query_dot %position_keys[%h, %row] : tensor<8x64x64xf32>
      %p2c = attn.key_dot %position_queries[%h, %row] : tensor<8x64x64xf32>
      %both = arith.addf %c2p, %p2c : f32
      // 1 / sqrt(3 * 64), as of the score
      %scale = arith.constant 0.0721687824 : f32
      %scaled = arith.mulf %both, %scale : f32
      %r = arith.addf %s, %scaled : f32
      attn.yield %r : f32
    }
    {scale = 0.072168783648703216 : f64}
    : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32>
  return %o : tensor<?x8x?x64xf32>
}
