// A batch of sequences of different lengths, each query looking at most `width`
// positions to either side. Keys past a sequence's length are never read.
func.func @window(%q: tensor<?x4x?x64xf32>, %k: tensor<?x4x?x64xf32>, %v: tensor<?x4x?x64xf32>,
                  %width: index, %lengths: tensor<?xi32>) -> tensor<?x4x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %difference = arith.subi %i, %j : index
      %distance = math.absi %difference : index
      %near = arith.cmpi sle, %distance, %width : index
      %length = tensor.extract %lengths[%b] : tensor<?xi32>
      %length_index = arith.index_cast %length : i32 to index
      %live = arith.cmpi slt, %j, %length_index : index
      %keep = arith.andi %near, %live : i1
      attn.yield %keep : i1
    }
    : (tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>) -> tensor<?x4x?x64xf32>
  return %o : tensor<?x4x?x64xf32>
}
