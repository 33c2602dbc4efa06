// Longformer (Beltagy et al., 2020): a window of 64 keys to both sides, and some global
// tokens at the beginning that see all and are seen by all. How many is an argument.

func.func @longformer(%q: tensor<?x4x?x64xf32>, %k: tensor<?x4x?x64xf32>, %v: tensor<?x4x?x64xf32>, %globals: index)
    -> tensor<?x4x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %c64 = arith.constant 64 : index
      %d = arith.subi %i, %j : index
      %a = math.absi %d : index
      %near = arith.cmpi sle, %a, %c64 : index
      %isSeen = arith.cmpi slt, %j, %globals : index
      %sees = arith.cmpi slt, %i, %globals : index
      %global = arith.ori %isSeen, %sees : i1
      %keep = arith.ori %near, %global : i1
      attn.yield %keep : i1
    }
    : (tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>) -> tensor<?x4x?x64xf32>
  return %o : tensor<?x4x?x64xf32>
}
