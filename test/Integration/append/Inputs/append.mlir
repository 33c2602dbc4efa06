// Steps that put new keys and values into caches of every kind and attend to them.

// One position for all: an upstream insertion.
func.func @insert(%q: tensor<?x4x?x64xf32>, %k_new: tensor<?x2x?x64xf32>, %v_new: tensor<?x2x?x64xf32>,
                  %k_cache: tensor<?x2x?x64xf32>, %v_cache: tensor<?x2x?x64xf32>, %at: index)
    -> (tensor<?x4x?x64xf32>, tensor<?x2x?x64xf32>, tensor<?x2x?x64xf32>) {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %b = tensor.dim %k_new, %c0 : tensor<?x2x?x64xf32>
  %n = tensor.dim %k_new, %c2 : tensor<?x2x?x64xf32>
  %k = tensor.insert_slice %k_new into %k_cache[0, 0, %at, 0][%b, 2, %n, 64][1, 1, 1, 1] : tensor<?x2x?x64xf32> into tensor<?x2x?x64xf32>
  %v = tensor.insert_slice %v_new into %v_cache[0, 0, %at, 0][%b, 2, %n, 64][1, 1, 1, 1] : tensor<?x2x?x64xf32> into tensor<?x2x?x64xf32>
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%s: index, %h: index, %i: index, %j: index) {
      %last = arith.addi %at, %i : index
      %keep = arith.cmpi sle, %j, %last : index
      attn.yield %keep : i1
    }
    : (tensor<?x4x?x64xf32>, tensor<?x2x?x64xf32>, tensor<?x2x?x64xf32>) -> tensor<?x4x?x64xf32>
  return %o, %k, %v : tensor<?x4x?x64xf32>, tensor<?x2x?x64xf32>, tensor<?x2x?x64xf32>
}

// A position for each sequence.
func.func @each(%q: tensor<?x?x4x64xbf16>, %k_new: tensor<?x?x2x64xbf16>, %v_new: tensor<?x?x2x48xbf16>,
                %k_cache: tensor<?x?x2x64xbf16>, %v_cache: tensor<?x?x2x48xbf16>, %positions: tensor<?xi32>)
    -> (tensor<?x?x4x48xbf16>, tensor<?x?x2x64xbf16>, tensor<?x?x2x48xbf16>) {
  %k = attn.append rows(%k_new) cache(%k_cache) positions(%positions) {layout = "bshd"}
      : (tensor<?x?x2x64xbf16>, tensor<?x?x2x64xbf16>, tensor<?xi32>) -> tensor<?x?x2x64xbf16>
  %v = attn.append rows(%v_new) cache(%v_cache) positions(%positions) {layout = "bshd"}
      : (tensor<?x?x2x48xbf16>, tensor<?x?x2x48xbf16>, tensor<?xi32>) -> tensor<?x?x2x48xbf16>
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %p = tensor.extract %positions[%b] : tensor<?xi32>
      %at = arith.index_cast %p : i32 to index
      %last = arith.addi %at, %i : index
      %keep = arith.cmpi sle, %j, %last : index
      attn.yield %keep : i1
    } {layout = "bshd"}
    : (tensor<?x?x4x64xbf16>, tensor<?x?x2x64xbf16>, tensor<?x?x2x48xbf16>) -> tensor<?x?x4x48xbf16>
  return %o, %k, %v : tensor<?x?x4x48xbf16>, tensor<?x?x2x64xbf16>, tensor<?x?x2x48xbf16>
}

// Pools of pages; keys are bytes with a scale for each row, in a pool too.
func.func @paged(%q: tensor<?x4x?x64xf32>, %k_new: tensor<?x2x?x64xi8>, %s_new: tensor<?x2x?xf32>, %v_new: tensor<?x2x?x32xf32>,
                 %k_pool: tensor<?x2x8x64xi8>, %s_pool: tensor<?x2x8xf32>, %v_pool: tensor<?x2x8x32xf32>,
                 %positions: tensor<?xi32>, %pages: tensor<?x?xi32>)
    -> (tensor<?x2x8x64xi8>, tensor<?x2x8xf32>, tensor<?x4x?x32xf32>, tensor<?x2x8x32xf32>) {
  %k = attn.append rows(%k_new) cache(%k_pool) positions(%positions) page_table(%pages)
      : (tensor<?x2x?x64xi8>, tensor<?x2x8x64xi8>, tensor<?xi32>, tensor<?x?xi32>) -> tensor<?x2x8x64xi8>
  %s = attn.append rows(%s_new) cache(%s_pool) positions(%positions) page_table(%pages)
      : (tensor<?x2x?xf32>, tensor<?x2x8xf32>, tensor<?xi32>, tensor<?x?xi32>) -> tensor<?x2x8xf32>
  %v = attn.append rows(%v_new) cache(%v_pool) positions(%positions) page_table(%pages)
      : (tensor<?x2x?x32xf32>, tensor<?x2x8x32xf32>, tensor<?xi32>, tensor<?x?xi32>) -> tensor<?x2x8x32xf32>
  %o = attn.attention query(%q) key(%k) value(%v) key_scales(%s) page_table(%pages)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %p = tensor.extract %positions[%b] : tensor<?xi32>
      %at = arith.index_cast %p : i32 to index
      %last = arith.addi %at, %i : index
      %keep = arith.cmpi sle, %j, %last : index
      attn.yield %keep : i1
    }
    : (tensor<?x4x?x64xf32>, tensor<?x2x8x64xi8>, tensor<?x2x8x32xf32>, tensor<?x2x8xf32>, tensor<?x?xi32>) -> tensor<?x4x?x32xf32>
  return %k, %s, %o, %v : tensor<?x2x8x64xi8>, tensor<?x2x8xf32>, tensor<?x4x?x32xf32>, tensor<?x2x8x32xf32>
}

// Nothing but the change, of scales whose heads lie behind positions.
func.func @only(%new: tensor<?x?x3xf32>, %cache: tensor<?x?x3xf32>, %positions: tensor<?xi32>) -> tensor<?x?x3xf32> {
  %0 = attn.append rows(%new) cache(%cache) positions(%positions) {layout = "bsh"}
      : (tensor<?x?x3xf32>, tensor<?x?x3xf32>, tensor<?xi32>) -> tensor<?x?x3xf32>
  return %0 : tensor<?x?x3xf32>
}
