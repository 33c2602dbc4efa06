// Attention with linear biases (Press et al., 2021): no position embedding;
// instead the score of a key falls with its distance, by one slope a head.
func.func @alibi(%q: tensor<?x8x?x64xf32>, %k: tensor<?x8x?x64xf32>, %v: tensor<?x8x?x64xf32>,
                 %slopes: tensor<8xf32>) -> tensor<?x8x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %slope = tensor.extract %slopes[%h] : tensor<8xf32>
      %distance = arith.subi %j, %i : index
      %distance_i32 = arith.index_cast %distance : index to i32
      %distance_f32 = arith.sitofp %distance_i32 : i32 to f32
      %bias = arith.mulf %slope, %distance_f32 : f32
      %biased = arith.addf %s, %bias : f32
      attn.yield %biased : f32
    }
    mask(%b: index, %h: index, %i: index, %j: index) {
      %keep = arith.cmpi sle, %j, %i : index
      attn.yield %keep : i1
    }
    : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32>
  return %o : tensor<?x8x?x64xf32>
}
