// The attention of a Llama layer, as one function: projections, rotary positions, four
// query heads to a key head, causal, and back to the model's width. One library serves
// every batch and length.

func.func @layer(%x: tensor<?x?x512xf32>, %wq: tensor<512x512xf32>, %wk: tensor<128x512xf32>, %wv: tensor<128x512xf32>,
                 %wo: tensor<512x512xf32>, %cos: tensor<?x32xf32>, %sin: tensor<?x32xf32>) -> tensor<?x?x512xf32> {
  %q, %k, %v = attn.project_heads %x weights(%wq, %wk, %wv) rotary(%cos, %sin)
      {heads = array<i64: 8, 2, 2>, rotated = array<i64: 0, 1>}
      : tensor<?x?x512xf32>, (tensor<512x512xf32>, tensor<128x512xf32>, tensor<128x512xf32>)
        rotary (tensor<?x32xf32>, tensor<?x32xf32>)
      -> (tensor<?x8x?x64xf32>, tensor<?x2x?x64xf32>, tensor<?x2x?x64xf32>)
  %a = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %keep = arith.cmpi sle, %j, %i : index
      attn.yield %keep : i1
    }
    : (tensor<?x8x?x64xf32>, tensor<?x2x?x64xf32>, tensor<?x2x?x64xf32>) -> tensor<?x8x?x64xf32>
  %y = attn.merge_heads %a weight(%wo) : tensor<?x8x?x64xf32>, tensor<512x512xf32> -> tensor<?x?x512xf32>
  return %y : tensor<?x?x512xf32>
}
