// A multi-head self-attention layer as a model has it: projections with bias,
// attention over the live tokens, output projection. Weights are [out, in], as
// in torch.nn.Linear and in model files.
func.func @layer(%x: tensor<?x?x256xf32>, %lengths: tensor<?xi32>,
                 %wq: tensor<256x256xf32>, %bq: tensor<256xf32>, %wk: tensor<64x256xf32>, %bk: tensor<64xf32>,
                 %wv: tensor<64x256xf32>, %bv: tensor<64xf32>, %wo: tensor<256x256xf32>, %bo: tensor<256xf32>)
    -> tensor<?x?x256xf32> {
  %q, %k, %v = attn.project_heads %x weights(%wq, %wk, %wv) biases(%bq, %bk, %bv) {heads = array<i64: 8, 2, 2>}
      : tensor<?x?x256xf32>, (tensor<256x256xf32>, tensor<64x256xf32>, tensor<64x256xf32>),
        (tensor<256xf32>, tensor<64xf32>, tensor<64xf32>)
      -> (tensor<?x8x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>)
  %a = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %length = tensor.extract %lengths[%b] : tensor<?xi32>
      %length_index = arith.index_cast %length : i32 to index
      %live = arith.cmpi slt, %j, %length_index : index
      attn.yield %live : i1
    }
    : (tensor<?x8x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x8x?x32xf32>
  %y = attn.merge_heads %a weight(%wo) bias(%bo)
      : tensor<?x8x?x32xf32>, tensor<256x256xf32>, tensor<256xf32> -> tensor<?x?x256xf32>
  return %y : tensor<?x?x256xf32>
}
