// Verifying drafted tokens of speculative decoding (SpecInfer, Medusa): the queries are the
// nodes of a tree that a draft model proposed, behind a context that all of them see. Node i
// sees itself and its ancestors: bit n of word i is set if node n is one, up to 32 nodes.

func.func @tree(%q: tensor<?x8x?x64xf32>, %k: tensor<?x2x?x64xf32>, %v: tensor<?x2x?x64xf32>, %ancestors: tensor<?x?xi32>)
    -> tensor<?x8x?x64xf32> {
  %c2 = arith.constant 2 : index
  %nodes = tensor.dim %q, %c2 : tensor<?x8x?x64xf32>
  %keys = tensor.dim %k, %c2 : tensor<?x2x?x64xf32>
  %context = arith.subi %keys, %nodes : index
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %zero = arith.constant 0 : i32
      %one = arith.constant 1 : i32
      %before = arith.cmpi slt, %j, %context : index
      %node = arith.subi %j, %context : index
      %bit = arith.index_cast %node : index to i32
      %word = tensor.extract %ancestors[%b, %i] : tensor<?x?xi32>
      %moved = arith.shrui %word, %bit : i32
      %last = arith.andi %moved, %one : i32
      %isAncestor = arith.cmpi ne, %last, %zero : i32
      %inTree = arith.cmpi sge, %j, %context : index
      %related = arith.andi %inTree, %isAncestor : i1
      %keep = arith.ori %before, %related : i1
      attn.yield %keep : i1
    }
    : (tensor<?x8x?x64xf32>, tensor<?x2x?x64xf32>, tensor<?x2x?x64xf32>) -> tensor<?x8x?x64xf32>
  return %o : tensor<?x8x?x64xf32>
}
