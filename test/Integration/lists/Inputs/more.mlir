// More ways to name keys.

// A matrix for each head, of edges with a kind each; regions see keys, not entries.
func.func @graph(%q: tensor<4x?x32xf32>, %k: tensor<4x?x32xf32>, %v: tensor<4x?x32xf32>, %row_ptr: tensor<4x?xi32>,
                 %col_idx: tensor<4x?xi32>, %bias: tensor<?x?xf32>) -> tensor<4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v) csr(%row_ptr, %col_idx)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %x = tensor.extract %bias[%i, %j] : tensor<?x?xf32>
      %r = arith.addf %s, %x : f32
      attn.yield %r : f32
    }
    mask(%b: index, %h: index, %i: index, %j: index) {
      %keep = arith.cmpi ne, %i, %j : index
      attn.yield %keep : i1
    }
    : (tensor<4x?x32xf32>, tensor<4x?x32xf32>, tensor<4x?x32xf32>, tensor<4x?xi32>, tensor<4x?xi32>) -> tensor<4x?x32xf32>
  return %o : tensor<4x?x32xf32>
}

// Equally many neighbours of each query, or fewer: -1. Of a batch each.
func.func @neighbours(%q: tensor<?x?x4x32xf32>, %k: tensor<?x?x2x32xf32>, %v: tensor<?x?x2x32xf32>,
                      %near: tensor<?x?x?xi32>, %bias: tensor<?x?xf32>) -> tensor<?x?x4x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v) csr(%near)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %x = tensor.extract %bias[%i, %j] : tensor<?x?xf32>
      %r = arith.addf %s, %x : f32
      attn.yield %r : f32
    } {layout = "bshd", normalizer = "sigmoid"}
      : (tensor<?x?x4x32xf32>, tensor<?x?x2x32xf32>, tensor<?x?x2x32xf32>, tensor<?x?x?xi32>) -> tensor<?x?x4x32xf32>
  return %o : tensor<?x?x4x32xf32>
}

// Odd sizes: 20 queries, 7 keys.
func.func @odd(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>, %idx: tensor<?x?xi32>)
    -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v) blocks(%idx) {block_sizes = array<i64: 20, 7>}
      : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x?xi32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// One list of keys for all queries.
func.func @landmarks(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>, %keys: tensor<?xi32>)
    -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v) csr(%keys)
      : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?xi32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// Lists that the function computes: what they name beyond the keys is no key.
func.func @computed(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>, %idx: tensor<?x?xi32>)
    -> tensor<?x4x?x32xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %rows = tensor.dim %idx, %c0 : tensor<?x?xi32>
  %length = tensor.dim %idx, %c1 : tensor<?x?xi32>
  %empty = tensor.empty(%rows, %length) : tensor<?x?xi32>
  %half = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>],
                          iterator_types = ["parallel", "parallel"]} ins(%idx : tensor<?x?xi32>) outs(%empty : tensor<?x?xi32>) {
  ^body(%x: i32, %y: i32):
    %two = arith.constant 2 : i32
    %z = arith.divsi %x, %two : i32
    linalg.yield %z : i32
  } -> tensor<?x?xi32>
  %o = attn.attention query(%q) key(%k) value(%v) blocks(%half) {block_sizes = array<i64: 32, 16>}
      : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x?xi32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// Keys of int8, in pages.
func.func @paged(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x16x32xi8>, %v: tensor<?x2x16x32xf32>, %scales: tensor<?x2x16xf32>,
                 %pages: tensor<?x?xi32>, %row_ptr: tensor<?xi32>, %col_idx: tensor<?xi32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v) key_scales(%scales) page_table(%pages) csr(%row_ptr, %col_idx)
      : (tensor<?x4x?x32xf32>, tensor<?x2x16x32xi8>, tensor<?x2x16x32xf32>, tensor<?x2x16xf32>, tensor<?x?xi32>,
         tensor<?xi32>, tensor<?xi32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// Packed sequences whose heads have lists of their own, of runs of three keys for two queries, and a decode schedule for
// all their keys.
func.func @packed_heads(%q: tensor<?x4x32xf32>, %k: tensor<?x2x32xf32>, %v: tensor<?x2x48xf32>, %starts: tensor<?xi32>,
                        %key_starts: tensor<?xi32>, %idx: tensor<?x4x?x?xi32>, %sinks: tensor<4xf32>)
    -> (tensor<?x4x48xf32>, tensor<4x?xf32>, tensor<4x?x?xf32>, tensor<?x4x48xf32>) {
  %0:3 = attn.attention query(%q) key(%k) value(%v) blocks(%idx) query_starts(%starts) key_starts(%key_starts) sinks(%sinks)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %keep = arith.cmpi sle, %j, %i : index
      attn.yield %keep : i1
    } {aux = ["lse", "scores"], layout = "shd", block_sizes = array<i64: 2, 3>}
    : (tensor<?x4x32xf32>, tensor<?x2x32xf32>, tensor<?x2x48xf32>, tensor<4xf32>, tensor<?x4x?x?xi32>, tensor<?xi32>,
       tensor<?xi32>) -> (tensor<?x4x48xf32>, tensor<4x?xf32>, tensor<4x?x?xf32>)
  %1 = attn.attention query(%q) key(%k) value(%v) query_starts(%starts) key_starts(%key_starts)
    {layout = "shd", schedule = #attn.schedule<kind = "decode", query_tile = 7, key_tile = 32, key_block = 8, lanes = 8,
                                               registers = 12>}
    : (tensor<?x4x32xf32>, tensor<?x2x32xf32>, tensor<?x2x48xf32>, tensor<?xi32>, tensor<?xi32>) -> tensor<?x4x48xf32>
  return %0#0, %0#1, %0#2, %1 : tensor<?x4x48xf32>, tensor<4x?xf32>, tensor<4x?x?xf32>, tensor<?x4x48xf32>
}

// A decode schedule with rows for three queries, however many there are.
func.func @rows(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    {schedule = #attn.schedule<kind = "decode", query_tile = 7, key_tile = 32, key_block = 8, lanes = 8, registers = 12,
                               split = 64>}
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}
