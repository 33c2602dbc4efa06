// Queries and keys that meet tables, in caches, packed sequences and lists.

// Scales of rows of i8.
func.func @cache_i8(%q: tensor<?x4x?x64xf32>, %k: tensor<?x2x?x64xi8>, %v: tensor<?x2x?x64xi8>, %a: tensor<19x64xf32>, %c: tensor<4x19x64xbf16>, %t: tensor<4x19x64xf32>, %ks: tensor<?x2x?xf32>, %vs: tensor<?x2x?xf32>) -> tensor<?x4x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v) key_scales(%ks) value_scales(%vs) value_table(%t)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %d = arith.subi %j, %i : index
      %c9 = arith.constant 9 : index
      %row = arith.addi %d, %c9 : index
      %x = attn.query_dot %a[%row] : tensor<19x64xf32>
      %y = attn.key_dot %c[%h, %row] : tensor<4x19x64xbf16>
      %xy = arith.addf %x, %y : f32
      %f = arith.constant 0.125 : f32
      %term = arith.mulf %xy, %f : f32
      %r = arith.addf %s, %term : f32
      attn.yield %r : f32
    }
    value_row(%b: index, %h: index, %i: index, %j: index) {
      %d = arith.subi %j, %i : index
      %c9 = arith.constant 9 : index
      %row = arith.addi %d, %c9 : index
      attn.yield %h, %row : index, index
    }
    : (tensor<?x4x?x64xf32>, tensor<?x2x?x64xi8>, tensor<?x2x?x64xi8>, tensor<?x2x?xf32>, tensor<?x2x?xf32>, tensor<4x19x64xf32>) -> tensor<?x4x?x64xf32>
  return %o : tensor<?x4x?x64xf32>
}

// Scales of rows of i4.
func.func @cache_i4(%q: tensor<?x4x?x64xf32>, %k: tensor<?x2x?x64xi4>, %v: tensor<?x2x?x64xi4>, %a: tensor<19x64xf32>, %c: tensor<4x19x64xbf16>, %t: tensor<4x19x64xf32>, %ks: tensor<?x2x?xf32>, %vs: tensor<?x2x?xf32>) -> tensor<?x4x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v) key_scales(%ks) value_scales(%vs) value_table(%t)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %d = arith.subi %j, %i : index
      %c9 = arith.constant 9 : index
      %row = arith.addi %d, %c9 : index
      %x = attn.query_dot %a[%row] : tensor<19x64xf32>
      %y = attn.key_dot %c[%h, %row] : tensor<4x19x64xbf16>
      %xy = arith.addf %x, %y : f32
      %f = arith.constant 0.125 : f32
      %term = arith.mulf %xy, %f : f32
      %r = arith.addf %s, %term : f32
      attn.yield %r : f32
    }
    value_row(%b: index, %h: index, %i: index, %j: index) {
      %d = arith.subi %j, %i : index
      %c9 = arith.constant 9 : index
      %row = arith.addi %d, %c9 : index
      attn.yield %h, %row : index, index
    }
    : (tensor<?x4x?x64xf32>, tensor<?x2x?x64xi4>, tensor<?x2x?x64xi4>, tensor<?x2x?xf32>, tensor<?x2x?xf32>, tensor<4x19x64xf32>) -> tensor<?x4x?x64xf32>
  return %o : tensor<?x4x?x64xf32>
}

// Pages of 16 keys.
func.func @pages(%q: tensor<?x4x?x64xf32>, %k: tensor<?x2x16x64xf32>, %v: tensor<?x2x16x64xf32>, %a: tensor<19x64xf32>, %c: tensor<4x19x64xbf16>, %t: tensor<4x19x64xf32>, %pages: tensor<?x?xi32>) -> tensor<?x4x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v) page_table(%pages) value_table(%t)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %d = arith.subi %j, %i : index
      %c9 = arith.constant 9 : index
      %row = arith.addi %d, %c9 : index
      %x = attn.query_dot %a[%row] : tensor<19x64xf32>
      %y = attn.key_dot %c[%h, %row] : tensor<4x19x64xbf16>
      %xy = arith.addf %x, %y : f32
      %f = arith.constant 0.125 : f32
      %term = arith.mulf %xy, %f : f32
      %r = arith.addf %s, %term : f32
      attn.yield %r : f32
    }
    mask(%b: index, %h: index, %i: index, %j: index) {
      %keep = arith.cmpi sle, %j, %i : index
      attn.yield %keep : i1
    }
    value_row(%b: index, %h: index, %i: index, %j: index) {
      %d = arith.subi %j, %i : index
      %c9 = arith.constant 9 : index
      %row = arith.addi %d, %c9 : index
      attn.yield %h, %row : index, index
    }
    : (tensor<?x4x?x64xf32>, tensor<?x2x16x64xf32>, tensor<?x2x16x64xf32>, tensor<?x?xi32>, tensor<4x19x64xf32>) -> tensor<?x4x?x64xf32>
  return %o : tensor<?x4x?x64xf32>
}

// Sequences behind each other.
func.func @packed(%q: tensor<4x?x64xf32>, %k: tensor<2x?x64xf32>, %v: tensor<2x?x64xf32>, %a: tensor<19x64xf32>, %c: tensor<4x19x64xbf16>, %t: tensor<4x19x64xf32>, %starts: tensor<?xi32>) -> tensor<4x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v) value_table(%t) query_starts(%starts) key_starts(%starts)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %d = arith.subi %j, %i : index
      %c9 = arith.constant 9 : index
      %row = arith.addi %d, %c9 : index
      %x = attn.query_dot %a[%row] : tensor<19x64xf32>
      %y = attn.key_dot %c[%h, %row] : tensor<4x19x64xbf16>
      %xy = arith.addf %x, %y : f32
      %f = arith.constant 0.125 : f32
      %term = arith.mulf %xy, %f : f32
      %r = arith.addf %s, %term : f32
      attn.yield %r : f32
    }
    mask(%b: index, %h: index, %i: index, %j: index) {
      %keep = arith.cmpi sle, %j, %i : index
      attn.yield %keep : i1
    }
    value_row(%b: index, %h: index, %i: index, %j: index) {
      %d = arith.subi %j, %i : index
      %c9 = arith.constant 9 : index
      %row = arith.addi %d, %c9 : index
      attn.yield %h, %row : index, index
    }
    : (tensor<4x?x64xf32>, tensor<2x?x64xf32>, tensor<2x?x64xf32>, tensor<4x19x64xf32>, tensor<?xi32>, tensor<?xi32>) -> tensor<4x?x64xf32>
  return %o : tensor<4x?x64xf32>
}

// Keys that lists name.
func.func @listed(%q: tensor<?x4x?x64xf32>, %k: tensor<?x2x?x64xf32>, %v: tensor<?x2x?x64xf32>, %a: tensor<19x64xf32>, %c: tensor<4x19x64xbf16>, %t: tensor<4x19x64xf32>, %pointers: tensor<?xi32>, %entries: tensor<?xi32>) -> tensor<?x4x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v) value_table(%t) csr(%pointers, %entries)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %d = arith.subi %j, %i : index
      %c9 = arith.constant 9 : index
      %row = arith.addi %d, %c9 : index
      %x = attn.query_dot %a[%row] : tensor<19x64xf32>
      %y = attn.key_dot %c[%h, %row] : tensor<4x19x64xbf16>
      %xy = arith.addf %x, %y : f32
      %f = arith.constant 0.125 : f32
      %term = arith.mulf %xy, %f : f32
      %r = arith.addf %s, %term : f32
      attn.yield %r : f32
    }
    value_row(%b: index, %h: index, %i: index, %j: index) {
      %d = arith.subi %j, %i : index
      %c9 = arith.constant 9 : index
      %row = arith.addi %d, %c9 : index
      attn.yield %h, %row : index, index
    }
    : (tensor<?x4x?x64xf32>, tensor<?x2x?x64xf32>, tensor<?x2x?x64xf32>, tensor<4x19x64xf32>, tensor<?xi32>, tensor<?xi32>) -> tensor<?x4x?x64xf32>
  return %o : tensor<?x4x?x64xf32>
}

// Blocks of keys that lists name.
func.func @blocks(%q: tensor<?x4x?x64xf32>, %k: tensor<?x2x?x64xf32>, %v: tensor<?x2x?x64xf32>, %a: tensor<19x64xf32>, %c: tensor<4x19x64xbf16>, %t: tensor<4x19x64xf32>, %pointers: tensor<?xi32>, %entries: tensor<?xi32>) -> tensor<?x4x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v) value_table(%t) blocks(%pointers, %entries)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %d = arith.subi %j, %i : index
      %c9 = arith.constant 9 : index
      %row = arith.addi %d, %c9 : index
      %x = attn.query_dot %a[%row] : tensor<19x64xf32>
      %y = attn.key_dot %c[%h, %row] : tensor<4x19x64xbf16>
      %xy = arith.addf %x, %y : f32
      %f = arith.constant 0.125 : f32
      %term = arith.mulf %xy, %f : f32
      %r = arith.addf %s, %term : f32
      attn.yield %r : f32
    }
    value_row(%b: index, %h: index, %i: index, %j: index) {
      %d = arith.subi %j, %i : index
      %c9 = arith.constant 9 : index
      %row = arith.addi %d, %c9 : index
      attn.yield %h, %row : index, index
    }
    {block_sizes = array<i64: 32, 32>}
    : (tensor<?x4x?x64xf32>, tensor<?x2x?x64xf32>, tensor<?x2x?x64xf32>, tensor<4x19x64xf32>, tensor<?xi32>, tensor<?xi32>) -> tensor<?x4x?x64xf32>
  return %o : tensor<?x4x?x64xf32>
}

// Pairs of bf16, where the target multiplies them.
func.func @bf16(%q: tensor<?x4x?x64xbf16>, %k: tensor<?x2x?x64xbf16>, %v: tensor<?x2x?x64xbf16>, %a: tensor<19x64xf32>, %c: tensor<4x19x64xbf16>, %t: tensor<4x19x64xf32>) -> tensor<?x4x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v) value_table(%t)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %d = arith.subi %j, %i : index
      %c9 = arith.constant 9 : index
      %row = arith.addi %d, %c9 : index
      %x = attn.query_dot %a[%row] : tensor<19x64xf32>
      %y = attn.key_dot %c[%h, %row] : tensor<4x19x64xbf16>
      %xy = arith.addf %x, %y : f32
      %f = arith.constant 0.125 : f32
      %term = arith.mulf %xy, %f : f32
      %r = arith.addf %s, %term : f32
      attn.yield %r : f32
    }
    mask(%b: index, %h: index, %i: index, %j: index) {
      %keep = arith.cmpi sle, %j, %i : index
      attn.yield %keep : i1
    }
    value_row(%b: index, %h: index, %i: index, %j: index) {
      %d = arith.subi %j, %i : index
      %c9 = arith.constant 9 : index
      %row = arith.addi %d, %c9 : index
      attn.yield %h, %row : index, index
    }
    : (tensor<?x4x?x64xbf16>, tensor<?x2x?x64xbf16>, tensor<?x2x?x64xbf16>, tensor<4x19x64xf32>) -> tensor<?x4x?x64xf32>
  return %o : tensor<?x4x?x64xf32>
}
