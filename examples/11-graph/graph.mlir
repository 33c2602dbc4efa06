// Attention along the edges of a graph, whose adjacency matrix is given by rows; the same
// with a number for each edge and head; and without a graph, to compare times.

func.func @graph(%q: tensor<1x4x?x64xf32>, %k: tensor<1x4x?x64xf32>, %v: tensor<1x4x?x64xf32>,
                 %row_ptr: tensor<?xi32>, %col_idx: tensor<?xi32>) -> tensor<1x4x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v) csr(%row_ptr, %col_idx)
      : (tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>, tensor<?xi32>, tensor<?xi32>)
      -> tensor<1x4x?x64xf32>
  return %o : tensor<1x4x?x64xf32>
}

func.func @weighted(%q: tensor<1x4x?x64xf32>, %k: tensor<1x4x?x64xf32>, %v: tensor<1x4x?x64xf32>,
                    %row_ptr: tensor<?xi32>, %col_idx: tensor<?xi32>, %edges: tensor<4x?xf32>) -> tensor<1x4x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v) csr(%row_ptr, %col_idx)
      score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
        %n = attn.entry
        %x = tensor.extract %edges[%h, %n] : tensor<4x?xf32>
        %r = arith.addf %s, %x : f32
        attn.yield %r : f32
      }
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
