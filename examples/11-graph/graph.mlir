// Attention along the edges of a graph, whose adjacency matrix is given by rows; beside it
// the same without a graph, to compare times.

func.func @graph(%q: tensor<1x4x?x64xf32>, %k: tensor<1x4x?x64xf32>, %v: tensor<1x4x?x64xf32>,
                 %row_ptr: tensor<?xi32>, %col_idx: tensor<?xi32>) -> tensor<1x4x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v) csr(%row_ptr, %col_idx)
      : (tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>, tensor<?xi32>, tensor<?xi32>)
      -> tensor<1x4x?x64xf32>
  return %o : tensor<1x4x?x64xf32>
}

func.func @dense(%q: tensor<1x4x?x64xf32>, %k: tensor<1x4x?x64xf32>, %v: tensor<1x4x?x64xf32>)
    -> tensor<1x4x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
      : (tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>) -> tensor<1x4x?x64xf32>
  return %o : tensor<1x4x?x64xf32>
}
