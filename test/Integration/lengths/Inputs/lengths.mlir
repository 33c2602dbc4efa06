// The keys below a length, for few and for many queries.

func.func @few(%q: tensor<?x2x3x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>, %lengths: tensor<?xi32>)
    -> tensor<?x2x3x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %l = tensor.extract %lengths[%b] : tensor<?xi32>
      %n = arith.index_cast %l : i32 to index
      %keep = arith.cmpi slt, %j, %n : index
      attn.yield %keep : i1
    }
    : (tensor<?x2x3x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x2x3x32xf32>
  return %o : tensor<?x2x3x32xf32>
}

func.func @many(%q: tensor<?x2x48x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>, %lengths: tensor<?xi32>)
    -> tensor<?x2x48x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %l = tensor.extract %lengths[%b] : tensor<?xi32>
      %n = arith.index_cast %l : i32 to index
      %keep = arith.cmpi slt, %j, %n : index
      attn.yield %keep : i1
    }
    : (tensor<?x2x48x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x2x48x32xf32>
  return %o : tensor<?x2x48x32xf32>
}
