// Keys whose positions are close to 2^31: the last hundred of them, weighed by their
// distance from the end.

// Differences of positions and lengths stay in 32 bits.
func.func @difference(%q: tensor<?x2x?x8xf32>, %k: tensor<1x2x?x8xf32>, %v: tensor<1x2x?x8xf32>)
    -> (tensor<?x2x?x8xf32>, tensor<?x2x?xf32>) {
  %o, %lse = attn.attention query(%q) key(%k) value(%v)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %c1 = arith.constant 1 : index
      %c2 = arith.constant 2 : index
      %n = tensor.dim %k, %c2 : tensor<1x2x?x8xf32>
      %last = arith.subi %n, %c1 : index
      %d = arith.subi %last, %j : index
      %i32 = arith.index_cast %d : index to i32
      %f = arith.sitofp %i32 : i32 to f32
      %c = arith.constant -0.125 : f32
      %t = arith.mulf %f, %c : f32
      attn.yield %t : f32
    }
    mask(%b: index, %h: index, %i: index, %j: index) {
      %c1 = arith.constant 1 : index
      %c2 = arith.constant 2 : index
      %c100 = arith.constant 100 : index
      %n = tensor.dim %k, %c2 : tensor<1x2x?x8xf32>
      %last = arith.subi %n, %c1 : index
      %d = arith.subi %last, %j : index
      %keep = arith.cmpi slt, %d, %c100 : index
      attn.yield %keep : i1
    } {aux = ["lse"]}
    : (tensor<?x2x?x8xf32>, tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>) -> (tensor<?x2x?x8xf32>, tensor<?x2x?xf32>)
  return %o, %lse : tensor<?x2x?x8xf32>, tensor<?x2x?xf32>
}

// A sum does not: the entry takes 2^30 keys.
func.func @sum(%q: tensor<?x2x?x8xf32>, %k: tensor<1x2x?x8xf32>, %v: tensor<1x2x?x8xf32>)
    -> (tensor<?x2x?x8xf32>, tensor<?x2x?xf32>) {
  %o, %lse = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %c2 = arith.constant 2 : index
      %c100 = arith.constant 100 : index
      %n = tensor.dim %k, %c2 : tensor<1x2x?x8xf32>
      %end = arith.addi %j, %c100 : index
      %keep = arith.cmpi sge, %end, %n : index
      attn.yield %keep : i1
    } {aux = ["lse"]}
    : (tensor<?x2x?x8xf32>, tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>) -> (tensor<?x2x?x8xf32>, tensor<?x2x?xf32>)
  return %o, %lse : tensor<?x2x?x8xf32>, tensor<?x2x?xf32>
}

// With a number that only the caller knows, lanes have 64 bits.
func.func @captured(%q: tensor<?x2x?x8xf32>, %k: tensor<1x2x?x8xf32>, %v: tensor<1x2x?x8xf32>, %w: index)
    -> (tensor<?x2x?x8xf32>, tensor<?x2x?xf32>) {
  %o, %lse = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %c2 = arith.constant 2 : index
      %n = tensor.dim %k, %c2 : tensor<1x2x?x8xf32>
      %end = arith.addi %j, %w : index
      %keep = arith.cmpi sge, %end, %n : index
      attn.yield %keep : i1
    } {aux = ["lse"]}
    : (tensor<?x2x?x8xf32>, tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>) -> (tensor<?x2x?x8xf32>, tensor<?x2x?xf32>)
  return %o, %lse : tensor<?x2x?x8xf32>, tensor<?x2x?xf32>
}

// Keys of pages are counted before anybody looks for them.
func.func @paged(%q: tensor<?x2x1x8xf32>, %k: tensor<?x2x65536x8xf32>, %v: tensor<?x2x65536x8xf32>,
                 %pages: tensor<?x?xi32>, %lengths: tensor<?xi32>) -> (tensor<?x2x1x8xf32>, tensor<?x2x1xf32>) {
  %o, %lse = attn.attention query(%q) key(%k) value(%v) page_table(%pages)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %l = tensor.extract %lengths[%b] : tensor<?xi32>
      %n = arith.index_cast %l : i32 to index
      %below = arith.cmpi slt, %j, %n : index
      %d = arith.subi %n, %j : index
      %c100 = arith.constant 100 : index
      %near = arith.cmpi sle, %d, %c100 : index
      %keep = arith.andi %below, %near : i1
      attn.yield %keep : i1
    } {aux = ["lse"]}
    : (tensor<?x2x1x8xf32>, tensor<?x2x65536x8xf32>, tensor<?x2x65536x8xf32>, tensor<?x?xi32>)
      -> (tensor<?x2x1x8xf32>, tensor<?x2x1xf32>)
  return %o, %lse : tensor<?x2x1x8xf32>, tensor<?x2x1xf32>
}
