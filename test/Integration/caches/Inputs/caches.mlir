// Pages and packed sequences of several types and layouts.

func.func @paged(%q: tensor<?x4x?x64xf32>, %k: tensor<?x2x16x64xf32>, %v: tensor<?x2x16x64xf32>,
                 %table: tensor<?x?xi32>, %lengths: tensor<?xi32>) -> (tensor<?x4x?x64xf32>, tensor<?x4x?xf32>) {
  %o, %lse = attn.attention query(%q) key(%k) value(%v) page_table(%table)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %l = tensor.extract %lengths[%b] : tensor<?xi32>
      %n = arith.index_cast %l : i32 to index
      %keep = arith.cmpi slt, %j, %n : index
      attn.yield %keep : i1
    } {aux = ["lse"]}
    : (tensor<?x4x?x64xf32>, tensor<?x2x16x64xf32>, tensor<?x2x16x64xf32>, tensor<?x?xi32>)
    -> (tensor<?x4x?x64xf32>, tensor<?x4x?xf32>)
  return %o, %lse : tensor<?x4x?x64xf32>, tensor<?x4x?xf32>
}

// Scales lie in the pool like their rows. Pages of four rows are smaller than a block of keys.
func.func @paged_int8(%q: tensor<?x?x4x64xf32>, %k: tensor<?x4x2x64xi8>, %v: tensor<?x4x2x80xbf16>,
                      %scales: tensor<?x4x2x4xf32>, %zeros: tensor<?x4x2x4xi8>, %table: tensor<?x?xi32>,
                      %lengths: tensor<?xi32>) -> tensor<?x?x4x80xf32> {
  %o = attn.attention query(%q) key(%k) value(%v) key_scales(%scales) key_zero_points(%zeros) page_table(%table)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %l = tensor.extract %lengths[%b] : tensor<?xi32>
      %n = arith.index_cast %l : i32 to index
      %keep = arith.cmpi slt, %j, %n : index
      attn.yield %keep : i1
    } {layout = "bshd"}
    : (tensor<?x?x4x64xf32>, tensor<?x4x2x64xi8>, tensor<?x4x2x80xbf16>, tensor<?x4x2x4xf32>,
       tensor<?x4x2x4xi8>, tensor<?x?xi32>) -> tensor<?x?x4x80xf32>
  return %o : tensor<?x?x4x80xf32>
}

// Pages of the middle are seen by no query, and their entries may hold anything.
func.func @paged_hole(%q: tensor<?x2x?x32xbf16>, %k: tensor<?x2x16x32xbf16>, %table: tensor<?x?xi32>)
    -> tensor<?x2x?x32xbf16> {
  %o = attn.attention query(%q) key(%k) value(%k) page_table(%table)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %c4 = arith.constant 4 : index
      %c100 = arith.constant 100 : index
      %first = arith.cmpi slt, %j, %c4 : index
      %last = arith.cmpi sge, %j, %c100 : index
      %keep = arith.ori %first, %last : i1
      attn.yield %keep : i1
    }
    : (tensor<?x2x?x32xbf16>, tensor<?x2x16x32xbf16>, tensor<?x2x16x32xbf16>, tensor<?x?xi32>)
    -> tensor<?x2x?x32xbf16>
  return %o : tensor<?x2x?x32xbf16>
}

// Pages of which lists name no key may be anything.
func.func @paged_lists(%q: tensor<?x2x?x32xf32>, %k: tensor<?x2x16x32xf32>, %table: tensor<?x?xi32>,
                       %row_ptr: tensor<?xi32>, %col_idx: tensor<?xi32>) -> tensor<?x2x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%k) page_table(%table) csr(%row_ptr, %col_idx)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %c100 = arith.constant 100 : index
      %keep = arith.cmpi slt, %j, %c100 : index
      attn.yield %keep : i1
    }
    : (tensor<?x2x?x32xf32>, tensor<?x2x16x32xf32>, tensor<?x2x16x32xf32>, tensor<?x?xi32>, tensor<?xi32>,
       tensor<?xi32>) -> tensor<?x2x?x32xf32>
  return %o : tensor<?x2x?x32xf32>
}

func.func @packed(%q: tensor<4x?x64xf32>, %k: tensor<2x?x64xf32>, %v: tensor<2x?x64xf32>,
                  %q_starts: tensor<?xi32>, %k_starts: tensor<?xi32>) -> (tensor<4x?x64xf32>, tensor<4x?xf32>) {
  %o, %lse = attn.attention query(%q) key(%k) value(%v) query_starts(%q_starts) key_starts(%k_starts)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %n = arith.index_cast %b : index to i32
      %f = arith.sitofp %n : i32 to f32
      %d = arith.subi %j, %i : index
      %di = arith.index_cast %d : index to i32
      %df = arith.sitofp %di : i32 to f32
      %c = arith.constant 1.0e-02 : f32
      %slope = arith.mulf %c, %f : f32
      %bias = arith.mulf %slope, %df : f32
      %r = arith.addf %s, %bias : f32
      attn.yield %r : f32
    }
    mask(%b: index, %h: index, %i: index, %j: index) {
      %keep = arith.cmpi sle, %j, %i : index
      attn.yield %keep : i1
    } {aux = ["lse"]}
    : (tensor<4x?x64xf32>, tensor<2x?x64xf32>, tensor<2x?x64xf32>, tensor<?xi32>, tensor<?xi32>)
    -> (tensor<4x?x64xf32>, tensor<4x?xf32>)
  return %o, %lse : tensor<4x?x64xf32>, tensor<4x?xf32>
}

// To scores and probabilities, keys of other sequences are masked.
func.func @packed_pairs(%q: tensor<4x?x32xf32>, %k: tensor<2x?x32xf32>, %v: tensor<2x?x32xf32>,
                        %q_starts: tensor<?xi32>, %k_starts: tensor<?xi32>)
    -> (tensor<4x?x32xf32>, tensor<4x?x?xf32>, tensor<4x?xf32>, tensor<4x?x?xf32>) {
  %o:4 = attn.attention query(%q) key(%k) value(%v) query_starts(%q_starts) key_starts(%k_starts)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %keep = arith.cmpi sle, %j, %i : index
      attn.yield %keep : i1
    } {aux = ["probabilities", "row_max", "scores"]}
    : (tensor<4x?x32xf32>, tensor<2x?x32xf32>, tensor<2x?x32xf32>, tensor<?xi32>, tensor<?xi32>)
    -> (tensor<4x?x32xf32>, tensor<4x?x?xf32>, tensor<4x?xf32>, tensor<4x?x?xf32>)
  return %o#0, %o#1, %o#2, %o#3 : tensor<4x?x32xf32>, tensor<4x?x?xf32>, tensor<4x?xf32>, tensor<4x?x?xf32>
}

func.func @packed_int8(%q: tensor<?x4x64xf32>, %k: tensor<?x2x64xi8>, %v: tensor<?x2x80xbf16>,
                       %scales: tensor<?x2x4xf32>, %q_starts: tensor<?xi32>, %k_starts: tensor<?xi32>)
    -> tensor<?x4x80xf32> {
  %o = attn.attention query(%q) key(%k) value(%v) key_scales(%scales) query_starts(%q_starts) key_starts(%k_starts)
    {layout = "shd"}
    : (tensor<?x4x64xf32>, tensor<?x2x64xi8>, tensor<?x2x80xbf16>, tensor<?x2x4xf32>, tensor<?xi32>, tensor<?xi32>)
    -> tensor<?x4x80xf32>
  return %o : tensor<?x4x80xf32>
}

// Two elements share a byte; halves of vectors are written side by side.
func.func @int4(%q: tensor<?x4x?x64xf32>, %k: tensor<?x2x?x64xi4>, %v: tensor<?x2x?x20xi4>, %k_scales: tensor<?x2x?xf32>,
                %v_scales: tensor<?x2x?x4xf32>, %v_zeros: tensor<?x2x?x4xi8>) -> tensor<?x4x?x20xf32> {
  %o = attn.attention query(%q) key(%k) value(%v) key_scales(%k_scales) value_scales(%v_scales) value_zero_points(%v_zeros)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %keep = arith.cmpi sle, %j, %i : index
      attn.yield %keep : i1
    }
    : (tensor<?x4x?x64xf32>, tensor<?x2x?x64xi4>, tensor<?x2x?x20xi4>, tensor<?x2x?xf32>, tensor<?x2x?x4xf32>,
       tensor<?x2x?x4xi8>) -> tensor<?x4x?x20xf32>
  return %o : tensor<?x4x?x20xf32>
}

func.func @paged_int4(%q: tensor<?x?x4x64xbf16>, %k: tensor<?x16x2x64xi4>, %v: tensor<?x16x2x64xbf16>, %table: tensor<?x?xi32>)
    -> tensor<?x?x4x64xbf16> {
  %o = attn.attention query(%q) key(%k) value(%v) page_table(%table) {layout = "bshd", scale = 0.01}
    : (tensor<?x?x4x64xbf16>, tensor<?x16x2x64xi4>, tensor<?x16x2x64xbf16>, tensor<?x?xi32>) -> tensor<?x?x4x64xbf16>
  return %o : tensor<?x?x4x64xbf16>
}

// Bytes are pairs of bf16 on the way to both products, where pairs are multiplied; their scales multiply scores and
// probabilities, and may be anything where no query sees the key.
func.func @pairs_int8(%q: tensor<?x4x?x64xbf16>, %k: tensor<?x2x?x64xi8>, %v: tensor<?x2x?x80xi8>,
                      %k_scales: tensor<?x2x?xf32>, %v_scales: tensor<?x2x?xf32>, %lengths: tensor<?xi32>)
    -> tensor<?x4x?x80xbf16> {
  %o = attn.attention query(%q) key(%k) value(%v) key_scales(%k_scales) value_scales(%v_scales)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %half = arith.constant 0.5 : f32
      %t = arith.mulf %s, %half : f32
      attn.yield %t : f32
    }
    mask(%b: index, %h: index, %i: index, %j: index) {
      %length = tensor.extract %lengths[%b] : tensor<?xi32>
      %n = arith.index_cast %length : i32 to index
      %inside = arith.cmpi slt, %j, %n : index
      %even = arith.andi %j, %i : index
      %some = arith.cmpi ne, %even, %n : index
      %keep = arith.andi %inside, %some : i1
      attn.yield %keep : i1
    }
    : (tensor<?x4x?x64xbf16>, tensor<?x2x?x64xi8>, tensor<?x2x?x80xi8>, tensor<?x2x?xf32>, tensor<?x2x?xf32>)
    -> tensor<?x4x?x80xbf16>
  return %o : tensor<?x4x?x80xbf16>
}
