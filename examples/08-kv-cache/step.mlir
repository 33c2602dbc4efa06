// One step of decoding: the new keys and values go into the caches, each sequence's
// at its own position, and the new queries attend to all keys up to their own. The
// caches are results, so they are the caller's, changed in place.
func.func @step(%q: tensor<?x8x?x64xf32>, %k_new: tensor<?x2x?x64xf32>, %v_new: tensor<?x2x?x64xf32>,
                %k_cache: tensor<?x2x?x64xf32>, %v_cache: tensor<?x2x?x64xf32>, %positions: tensor<?xi32>)
    -> (tensor<?x8x?x64xf32>, tensor<?x2x?x64xf32>, tensor<?x2x?x64xf32>) {
  %k = attn.append rows(%k_new) cache(%k_cache) positions(%positions)
      : (tensor<?x2x?x64xf32>, tensor<?x2x?x64xf32>, tensor<?xi32>) -> tensor<?x2x?x64xf32>
  %v = attn.append rows(%v_new) cache(%v_cache) positions(%positions)
      : (tensor<?x2x?x64xf32>, tensor<?x2x?x64xf32>, tensor<?xi32>) -> tensor<?x2x?x64xf32>
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %position = tensor.extract %positions[%b] : tensor<?xi32>
      %first = arith.index_cast %position : i32 to index
      %last = arith.addi %first, %i : index
      %seen = arith.cmpi sle, %j, %last : index
      attn.yield %seen : i1
    }
    : (tensor<?x8x?x64xf32>, tensor<?x2x?x64xf32>, tensor<?x2x?x64xf32>) -> tensor<?x8x?x64xf32>
  return %o, %k, %v : tensor<?x8x?x64xf32>, tensor<?x2x?x64xf32>, tensor<?x2x?x64xf32>
}
