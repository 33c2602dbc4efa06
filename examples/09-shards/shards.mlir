// Decoding over shards of the keys, for an engine that spreads a cache over several
// machines: each calls `partial` on its own keys, one calls `merge` on what all sent.

// `past` keys lie in the shards before this one.
func.func @partial(%q: tensor<?x8x?x64xbf16>, %k: tensor<?x2x?x64xbf16>, %v: tensor<?x2x?x64xbf16>,
                   %lengths: tensor<?xi32>, %past: index) -> (tensor<?x8x?x64xf32>, tensor<?x8x?xf32>) {
  %o, %lse = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %length = tensor.extract %lengths[%b] : tensor<?xi32>
      %end = arith.index_cast %length : i32 to index
      %position = arith.addi %past, %j : index
      %live = arith.cmpi slt, %position, %end : index
      attn.yield %live : i1
    } {aux = ["lse"]}
    : (tensor<?x8x?x64xbf16>, tensor<?x2x?x64xbf16>, tensor<?x2x?x64xbf16>) -> (tensor<?x8x?x64xf32>, tensor<?x8x?xf32>)
  return %o, %lse : tensor<?x8x?x64xf32>, tensor<?x8x?xf32>
}

// What an all-gather leaves: one shard behind the other.
func.func @merge(%outputs: tensor<?x?x8x?x64xf32>, %lses: tensor<?x?x8x?xf32>) -> tensor<?x8x?x64xbf16> {
  %o = attn.merge_partials outputs(%outputs) lses(%lses)
      : (tensor<?x?x8x?x64xf32>, tensor<?x?x8x?xf32>) -> tensor<?x8x?x64xbf16>
  return %o : tensor<?x8x?x64xbf16>
}
