// Caches with scales, of caches.mlir, for few queries.

func.func @int4(%q: tensor<?x4x3x64xf32>, %k: tensor<?x2x?x64xi4>, %v: tensor<?x2x?x20xi4>, %k_scales: tensor<?x2x?xf32>,
                %v_scales: tensor<?x2x?x4xf32>, %v_zeros: tensor<?x2x?x4xi8>) -> tensor<?x4x3x20xf32> {
  %o = attn.attention query(%q) key(%k) value(%v) key_scales(%k_scales) value_scales(%v_scales) value_zero_points(%v_zeros)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %keep = arith.cmpi sle, %j, %i : index
      attn.yield %keep : i1
    }
    : (tensor<?x4x3x64xf32>, tensor<?x2x?x64xi4>, tensor<?x2x?x20xi4>, tensor<?x2x?xf32>, tensor<?x2x?x4xf32>,
       tensor<?x2x?x4xi8>) -> tensor<?x4x3x20xf32>
  return %o : tensor<?x4x3x20xf32>
}

func.func @paged_int8(%q: tensor<?x2x4x64xf32>, %k: tensor<?x4x2x64xi8>, %v: tensor<?x4x2x80xbf16>,
                      %scales: tensor<?x4x2x4xf32>, %zeros: tensor<?x4x2x4xi8>, %table: tensor<?x?xi32>,
                      %lengths: tensor<?xi32>) -> tensor<?x2x4x80xf32> {
  %o = attn.attention query(%q) key(%k) value(%v) key_scales(%scales) key_zero_points(%zeros) page_table(%table)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %l = tensor.extract %lengths[%b] : tensor<?xi32>
      %n = arith.index_cast %l : i32 to index
      %keep = arith.cmpi slt, %j, %n : index
      attn.yield %keep : i1
    } {layout = "bshd"}
    : (tensor<?x2x4x64xf32>, tensor<?x4x2x64xi8>, tensor<?x4x2x80xbf16>, tensor<?x4x2x4xf32>,
       tensor<?x4x2x4xi8>, tensor<?x?xi32>) -> tensor<?x2x4x80xf32>
  return %o : tensor<?x2x4x80xf32>
}

func.func @packed_int8(%q: tensor<?x4x64xf32>, %k: tensor<?x2x64xi8>, %v: tensor<?x2x80xbf16>,
                       %scales: tensor<?x2x4xf32>, %q_starts: tensor<?xi32>, %k_starts: tensor<?xi32>)
    -> tensor<?x4x80xf32> {
  %o = attn.attention query(%q) key(%k) value(%v) key_scales(%scales) query_starts(%q_starts) key_starts(%k_starts)
    {layout = "shd"}
    : (tensor<?x4x64xf32>, tensor<?x2x64xi8>, tensor<?x2x80xbf16>, tensor<?x2x4xf32>, tensor<?xi32>, tensor<?xi32>)
    -> tensor<?x4x80xf32>
  return %o : tensor<?x4x80xf32>
}

// Scales that the entry computes are left alone, as a remark says.
func.func @computed(%q: tensor<1x2x1x32xf32>, %k: tensor<1x2x?x32xi8>, %s: tensor<1x2x?xf32>) -> tensor<1x2x1x32xf32> {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %s, %c2 : tensor<1x2x?xf32>
  %empty = tensor.empty(%n) : tensor<1x2x?xf32>
  %t = linalg.add ins(%s, %s : tensor<1x2x?xf32>, tensor<1x2x?xf32>) outs(%empty : tensor<1x2x?xf32>) -> tensor<1x2x?xf32>
  %o = attn.attention query(%q) key(%k) value(%k) key_scales(%t)
      : (tensor<1x2x1x32xf32>, tensor<1x2x?x32xi8>, tensor<1x2x?x32xi8>, tensor<1x2x?xf32>) -> tensor<1x2x1x32xf32>
  return %o : tensor<1x2x1x32xf32>
}
