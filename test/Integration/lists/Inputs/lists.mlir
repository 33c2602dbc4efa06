// Attention over the keys that lists name.

// A sparse matrix by rows, of all batches and heads; with statistics and sinks.
func.func @csr(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x48xf32>, %row_ptr: tensor<?xi32>,
               %col_idx: tensor<?xi32>, %sinks: tensor<4xf32>) -> (tensor<?x4x?x48xf32>, tensor<?x4x?xf32>) {
  %o, %lse = attn.attention query(%q) key(%k) value(%v) csr(%row_ptr, %col_idx) sinks(%sinks) {aux = ["lse"]}
      : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x48xf32>, tensor<4xf32>, tensor<?xi32>, tensor<?xi32>)
      -> (tensor<?x4x?x48xf32>, tensor<?x4x?xf32>)
  return %o, %lse : tensor<?x4x?x48xf32>, tensor<?x4x?xf32>
}

// What belongs to the edges of a graph lies beside them: a score for each head, and whether there is one at all. The
// results of pairs have all keys; a key that is listed twice has the sum of both probabilities.
func.func @edges(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>, %row_ptr: tensor<?xi32>,
                 %col_idx: tensor<?xi32>, %bias: tensor<4x?xf32>, %exists: tensor<?xi1>)
    -> (tensor<?x4x?x32xf32>, tensor<?x4x?x?xf32>, tensor<?x4x?x?xf32>) {
  %o:3 = attn.attention query(%q) key(%k) value(%v) csr(%row_ptr, %col_idx)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %n = attn.entry
      %x = tensor.extract %bias[%h, %n] : tensor<4x?xf32>
      %r = arith.addf %s, %x : f32
      attn.yield %r : f32
    }
    mask(%b: index, %h: index, %i: index, %j: index) {
      %n = attn.entry
      %keep = tensor.extract %exists[%n] : tensor<?xi1>
      attn.yield %keep : i1
    } {aux = ["probabilities", "scores"]}
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?xi32>, tensor<?xi32>)
    -> (tensor<?x4x?x32xf32>, tensor<?x4x?x?xf32>, tensor<?x4x?x?xf32>)
  return %o#0, %o#1, %o#2 : tensor<?x4x?x32xf32>, tensor<?x4x?x?xf32>, tensor<?x4x?x?xf32>
}

// Blocks of 64 queries see blocks of 32 keys, those up to them; probabilities, and other scores, of all.
func.func @blocks(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>, %ptr: tensor<?x?xi32>,
                  %idx: tensor<?x?xi32>) -> (tensor<?x4x?x32xf32>, tensor<?x4x?xf32>, tensor<?x4x?x?xf32>, tensor<?x4x?x?xf32>) {
  %o:4 = attn.attention query(%q) key(%k) value(%v) blocks(%ptr, %idx)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %half = arith.constant 0.5 : f32
      %r = arith.mulf %s, %half : f32
      attn.yield %r, %s : f32, f32
    }
    mask(%b: index, %h: index, %i: index, %j: index) {
      %keep = arith.cmpi sle, %j, %i : index
      attn.yield %keep : i1
    } {aux = ["row_max", "scores", "probabilities"], block_sizes = array<i64: 64, 32>}
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x?xi32>, tensor<?x?xi32>)
    -> (tensor<?x4x?x32xf32>, tensor<?x4x?xf32>, tensor<?x4x?x?xf32>, tensor<?x4x?x?xf32>)
  return %o#0, %o#1, %o#2, %o#3 : tensor<?x4x?x32xf32>, tensor<?x4x?xf32>, tensor<?x4x?x?xf32>, tensor<?x4x?x?xf32>
}

// Lists of each packed sequence in its own positions: rows of a graph with a number for each edge, and blocks that all
// sequences share, as far as they have such keys.
func.func @packed(%q: tensor<4x?x32xf32>, %k: tensor<2x?x32xf32>, %v: tensor<2x?x32xf32>, %starts: tensor<?xi32>,
                  %key_starts: tensor<?xi32>, %row_ptr: tensor<?x?xi32>, %col_idx: tensor<?x?xi32>, %edges: tensor<?x?xf32>,
                  %ptr: tensor<?xi32>, %idx: tensor<?xi32>)
    -> (tensor<4x?x32xf32>, tensor<4x?x?xf32>, tensor<4x?x32xf32>) {
  %0:2 = attn.attention query(%q) key(%k) value(%v) csr(%row_ptr, %col_idx) query_starts(%starts) key_starts(%key_starts)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %n = attn.entry
      %x = tensor.extract %edges[%b, %n] : tensor<?x?xf32>
      %r = arith.addf %s, %x : f32
      attn.yield %r : f32
    } {aux = ["probabilities"]}
    : (tensor<4x?x32xf32>, tensor<2x?x32xf32>, tensor<2x?x32xf32>, tensor<?x?xi32>, tensor<?x?xi32>, tensor<?xi32>,
       tensor<?xi32>) -> (tensor<4x?x32xf32>, tensor<4x?x?xf32>)
  %1 = attn.attention query(%q) key(%k) value(%v) blocks(%ptr, %idx) query_starts(%starts) key_starts(%key_starts)
    {block_sizes = array<i64: 32, 16>}
    : (tensor<4x?x32xf32>, tensor<2x?x32xf32>, tensor<2x?x32xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>,
       tensor<?xi32>) -> tensor<4x?x32xf32>
  return %0#0, %0#1, %1 : tensor<4x?x32xf32>, tensor<4x?x?xf32>, tensor<4x?x32xf32>
}

// Pages that each query of each head selected, and how well they fit.
func.func @selected(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>, %idx: tensor<?x4x?x?xi32>,
                    %fit: tensor<?x4x?x?xf32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v) blocks(%idx)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %n = attn.entry
      %x = tensor.extract %fit[%b, %h, %i, %n] : tensor<?x4x?x?xf32>
      %r = arith.addf %s, %x : f32
      attn.yield %r : f32
    } {block_sizes = array<i64: 1, 16>}
      : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x4x?x?xi32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// Pairs of bf16.
func.func @bf16(%q: tensor<?x4x?x32xbf16>, %k: tensor<?x2x?x32xbf16>, %v: tensor<?x2x?x32xbf16>, %ptr: tensor<?xi32>,
                %idx: tensor<?xi32>) -> (tensor<?x4x?x32xbf16>, tensor<?x4x?x32xbf16>) {
  %0 = attn.attention query(%q) key(%k) value(%v) blocks(%ptr, %idx) {block_sizes = array<i64: 48, 16>}
      : (tensor<?x4x?x32xbf16>, tensor<?x2x?x32xbf16>, tensor<?x2x?x32xbf16>, tensor<?xi32>, tensor<?xi32>)
      -> tensor<?x4x?x32xbf16>
  %1 = attn.attention query(%q) key(%k) value(%v) blocks(%ptr, %idx) {block_sizes = array<i64: 48, 3>}
      : (tensor<?x4x?x32xbf16>, tensor<?x2x?x32xbf16>, tensor<?x2x?x32xbf16>, tensor<?xi32>, tensor<?xi32>)
      -> tensor<?x4x?x32xbf16>
  return %0, %1 : tensor<?x4x?x32xbf16>, tensor<?x4x?x32xbf16>
}
