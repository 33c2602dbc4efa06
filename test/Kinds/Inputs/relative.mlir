// Learned relative positions: products of queries and keys with rows of tables, and rows of tables as values.

// Rows beyond the table are its ends: distances are clipped to 8.
// Data: table=17x32
func.func @shaw_keys(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>, %table: tensor<17x32xf32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %d = arith.subi %j, %i : index
      %c8 = arith.constant 8 : index
      %row = arith.addi %d, %c8 : index
      %x = attn.query_dot %table[%row] : tensor<17x32xf32>
      %c = arith.constant 0.17677669 : f32
      %scaled = arith.mulf %x, %c : f32
      %r = arith.addf %s, %scaled : f32
      attn.yield %r : f32
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// A table for each head.
// Data: table=4x17x32
func.func @shaw_heads(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>, %table: tensor<4x17x32xf32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %d = arith.subi %j, %i : index
      %c8 = arith.constant 8 : index
      %row = arith.addi %d, %c8 : index
      %x = attn.query_dot %table[%h, %row] : tensor<4x17x32xf32>
      %c = arith.constant 0.17677669 : f32
      %scaled = arith.mulf %x, %c : f32
      %r = arith.addf %s, %scaled : f32
      attn.yield %r : f32
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// Data: ka=17x32 va=17x32
func.func @shaw_keys_values(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>, %ka: tensor<17x32xf32>, %va: tensor<17x32xf32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v) value_table(%va)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %d = arith.subi %j, %i : index
      %c8 = arith.constant 8 : index
      %row = arith.addi %d, %c8 : index
      %x = attn.query_dot %ka[%row] : tensor<17x32xf32>
      %c = arith.constant 0.17677669 : f32
      %scaled = arith.mulf %x, %c : f32
      %r = arith.addf %s, %scaled : f32
      attn.yield %r : f32
    }
    value_row(%b: index, %h: index, %i: index, %j: index) {
      %d = arith.subi %j, %i : index
      %c8 = arith.constant 8 : index
      %row = arith.addi %d, %c8 : index
      attn.yield %row : index
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>, tensor<17x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// Data: ka=17x32 va=4x17x32
func.func @shaw_causal(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>, %ka: tensor<17x32xf32>, %va: tensor<4x17x32xf32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v) value_table(%va)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %d = arith.subi %j, %i : index
      %c8 = arith.constant 8 : index
      %row = arith.addi %d, %c8 : index
      %x = attn.query_dot %ka[%row] : tensor<17x32xf32>
      %c = arith.constant 0.17677669 : f32
      %scaled = arith.mulf %x, %c : f32
      %r = arith.addf %s, %scaled : f32
      attn.yield %r : f32
    }
    mask(%b: index, %h: index, %i: index, %j: index) {
      %keep = arith.cmpi sle, %j, %i : index
      attn.yield %keep : i1
    }
    value_row(%b: index, %h: index, %i: index, %j: index) {
      %d = arith.subi %j, %i : index
      %c8 = arith.constant 8 : index
      %row = arith.addi %d, %c8 : index
      attn.yield %h, %row : index, index
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>, tensor<4x17x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// Data: va=17x32 sinks=4
func.func @values_sinks(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>, %va: tensor<17x32xf32>, %sinks: tensor<4xf32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v) sinks(%sinks) value_table(%va)
    value_row(%b: index, %h: index, %i: index, %j: index) {
      %d = arith.subi %j, %i : index
      %c8 = arith.constant 8 : index
      %row = arith.addi %d, %c8 : index
      attn.yield %row : index
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>, tensor<4xf32>, tensor<17x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// Data: va=17x32
// Tolerance: 1e-3
func.func @values_sigmoid(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>, %va: tensor<17x32xf32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v) value_table(%va)
    value_row(%b: index, %h: index, %i: index, %j: index) {
      %d = arith.subi %j, %i : index
      %c8 = arith.constant 8 : index
      %row = arith.addi %d, %c8 : index
      attn.yield %row : index
    }
    {normalizer = "sigmoid"}
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>, tensor<17x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// (q + u) . k + (q + v) . r[i - j], where v . r is computed before.
// Data: u=4x1x32 pos=4x181x32 vr=4x181
func.func @transformer_xl(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>, %u: tensor<4x1x32xf32>, %pos: tensor<4x?x32xf32>, %vr: tensor<4x181xf32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %d = arith.subi %i, %j : index
      %c90 = arith.constant 90 : index
      %near = arith.addi %d, %c90 : index
      %c0 = arith.constant 0 : index
      %c180 = arith.constant 180 : index
      %low = arith.maxsi %near, %c0 : index
      %row = arith.minsi %low, %c180 : index
      %uk = attn.key_dot %u[%h, %c0] : tensor<4x1x32xf32>
      %qr = attn.query_dot %pos[%h, %row] : tensor<4x?x32xf32>
      %bias = tensor.extract %vr[%h, %row] : tensor<4x181xf32>
      %both = arith.addf %uk, %qr : f32
      %x = arith.addf %both, %bias : f32
      %c = arith.constant 0.17677669 : f32
      %scaled = arith.mulf %x, %c : f32
      %r = arith.addf %s, %scaled : f32
      attn.yield %r : f32
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// Content to position and position to content; buckets of the distance from a table.
// Data: kr=4x32x32 qr=4x32x32 buckets=201@0:32
func.func @deberta(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>, %kr: tensor<4x32x32xf32>, %qr: tensor<4x32x32xf32>, %buckets: tensor<201xi32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %c0 = arith.constant 0 : index
      %c100 = arith.constant 100 : index
      %c200 = arith.constant 200 : index
      %d = arith.subi %i, %j : index
      %shifted = arith.addi %d, %c100 : index
      %least = arith.maxsi %shifted, %c0 : index
      %place = arith.minsi %least, %c200 : index
      %bucket = tensor.extract %buckets[%place] : tensor<201xi32>
      %row = arith.index_cast %bucket : i32 to index
      %c2p = attn.query_dot %kr[%h, %row] : tensor<4x32x32xf32>
      %p2c = attn.key_dot %qr[%h, %row] : tensor<4x32x32xf32>
      %x = arith.addf %c2p, %p2c : f32
      %c = arith.constant 0.17677669 : f32
      %scaled = arith.mulf %x, %c : f32
      %r = arith.addf %s, %scaled : f32
      attn.yield %r : f32
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// The same where the region computes the bucket: 8 near ones, then their logarithms.
// Data: kr=33x32 qr=33x32
func.func @deberta_log(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>, %kr: tensor<33x32xf32>, %qr: tensor<33x32xf32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %d = arith.subi %i, %j : index
      %far = math.absi %d : index
      %c8 = arith.constant 8 : index
      %fari = arith.index_cast %far : index to i32
      %farf = arith.sitofp %fari : i32 to f32
      %mid = arith.constant 8.0 : f32
      %ratio = arith.divf %farf, %mid : f32
      %one = arith.constant 1.0 : f32
      %atleast = arith.maximumf %ratio, %one : f32
      %log = math.log %atleast : f32
      %steps = arith.constant 3.391 : f32
      %scaledlog = arith.mulf %log, %steps : f32
      %up = math.ceil %scaledlog : f32
      %upi = arith.fptosi %up : f32 to i32
      %more = arith.index_cast %upi : i32 to index
      %logpos = arith.addi %more, %c8 : index
      %near = arith.cmpi sle, %far, %c8 : index
      %size = arith.select %near, %far, %logpos : index
      %c0 = arith.constant 0 : index
      %negative = arith.cmpi slt, %d, %c0 : index
      %minus = arith.subi %c0, %size : index
      %bucket = arith.select %negative, %minus, %size : index
      %c16 = arith.constant 16 : index
      %row = arith.addi %bucket, %c16 : index
      %c2p = attn.query_dot %kr[%row] : tensor<33x32xf32>
      %p2c = attn.key_dot %qr[%row] : tensor<33x32xf32>
      %x = arith.addf %c2p, %p2c : f32
      %c = arith.constant 0.17677669 : f32
      %scaled = arith.mulf %x, %c : f32
      %r = arith.addf %s, %scaled : f32
      attn.yield %r : f32
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// The kind of an edge of a graph: no function of the distance.
// Data: kinds=SQxSK@0:9 ke=9x32 qe=9x32 ve=9x32
func.func @edges(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>, %kinds: tensor<?x?xi8>, %ke: tensor<9x32xf32>, %qe: tensor<9x32xf32>, %ve: tensor<9x32xf32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v) value_table(%ve)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %kind = tensor.extract %kinds[%i, %j] : tensor<?x?xi8>
      %row = arith.index_cast %kind : i8 to index
      %qk = attn.query_dot %ke[%row] : tensor<9x32xf32>
      %kq = attn.key_dot %qe[%row] : tensor<9x32xf32>
      %x = arith.addf %qk, %kq : f32
      %c = arith.constant 0.17677669 : f32
      %scaled = arith.mulf %x, %c : f32
      %r = arith.addf %s, %scaled : f32
      attn.yield %r : f32
    }
    value_row(%b: index, %h: index, %i: index, %j: index) {
      %kind = tensor.extract %kinds[%i, %j] : tensor<?x?xi8>
      %row = arith.index_cast %kind : i8 to index
      attn.yield %row : index
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>, tensor<9x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// A vector for each pair.
// Data: e=SQxSKx32
func.func @pair_vectors(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>, %e: tensor<?x?x32xf32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %x = attn.query_dot %e[%i, %j] : tensor<?x?x32xf32>
      %c = arith.constant 0.17677669 : f32
      %scaled = arith.mulf %x, %c : f32
      %r = arith.addf %s, %scaled : f32
      attn.yield %r : f32
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// A scale of zero leaves products with tables alone.
// Data: table=17x32
// Tolerance: 5e-5
func.func @unscaled(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>, %table: tensor<17x32xf32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %d = arith.subi %j, %i : index
      %c8 = arith.constant 8 : index
      %row = arith.addi %d, %c8 : index
      %x = attn.query_dot %table[%row] : tensor<17x32xf32>
      %r = arith.addf %s, %x : f32
      attn.yield %r : f32
    }
    {scale = 0.0 : f64}
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}
