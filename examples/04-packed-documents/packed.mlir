// Several documents packed end to end into one row, as in training: a token sees
// the earlier tokens of its own document. `%document` numbers each token's.
func.func @packed(%q: tensor<?x4x?x64xf32>, %k: tensor<?x4x?x64xf32>, %v: tensor<?x4x?x64xf32>,
                  %document: tensor<?x?xi32>) -> tensor<?x4x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %mine = tensor.extract %document[%b, %i] : tensor<?x?xi32>
      %its = tensor.extract %document[%b, %j] : tensor<?x?xi32>
      %same = arith.cmpi eq, %mine, %its : i32
      %earlier = arith.cmpi sle, %j, %i : index
      %keep = arith.andi %same, %earlier : i1
      attn.yield %keep : i1
    }
    : (tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>) -> tensor<?x4x?x64xf32>
  return %o : tensor<?x4x?x64xf32>
}
