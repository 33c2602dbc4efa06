// RUN: attn-opt %s | attn-opt | FileCheck %s
// RUN: attn-opt %s --mlir-print-op-generic | attn-opt | FileCheck %s

// CHECK-LABEL: func @plain
// CHECK: attn.attention query(%{{.*}}) key(%{{.*}}) value(%{{.*}}) : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32>
func.func @plain(%q: tensor<?x8x?x64xf32>, %k: tensor<?x8x?x64xf32>, %v: tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
      : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32>
  return %o : tensor<?x8x?x64xf32>
}

// Regions capture what is around them.
// CHECK-LABEL: func @regions
// CHECK: score(%[[S:.*]]: f32, %{{.*}}: index, %[[H:.*]]: index, %{{.*}}: index, %{{.*}}: index) {
// CHECK:   tensor.extract %{{.*}}[%[[H]]]
// CHECK:   attn.yield %{{.*}} : f32
// CHECK: } mask(%{{.*}}: index, %{{.*}}: index, %[[I:.*]]: index, %[[J:.*]]: index) {
// CHECK:   arith.cmpi sle, %[[J]], %[[I]]
// CHECK:   attn.yield %{{.*}} : i1
// CHECK: } : (tensor<2x8x5x64xf32>
func.func @regions(%q: tensor<2x8x5x64xf32>, %k: tensor<2x2x7x64xf32>, %v: tensor<2x2x7x48xf32>,
                   %slopes: tensor<8xf32>) -> tensor<2x8x5x48xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %m = tensor.extract %slopes[%h] : tensor<8xf32>
      %r = arith.mulf %s, %m : f32
      attn.yield %r : f32
    }
    mask(%b: index, %h: index, %i: index, %j: index) {
      %keep = arith.cmpi sle, %j, %i : index
      attn.yield %keep : i1
    }
    : (tensor<2x8x5x64xf32>, tensor<2x2x7x64xf32>, tensor<2x2x7x48xf32>) -> tensor<2x8x5x48xf32>
  return %o : tensor<2x8x5x48xf32>
}

// Scores of f64 are f64, those of everything smaller f32.
// CHECK-LABEL: func @accumulation_types
// CHECK: score(%{{.*}}: f64,
// CHECK: score(%{{.*}}: f32,
func.func @accumulation_types(%d: tensor<1x1x4x16xf64>, %h: tensor<1x1x4x16xbf16>)
    -> (tensor<1x1x4x16xf64>, tensor<1x1x4x16xbf16>) {
  %0 = attn.attention query(%d) key(%d) value(%d)
    score(%s: f64, %b: index, %n: index, %i: index, %j: index) {
      attn.yield %s : f64
    }
    : (tensor<1x1x4x16xf64>, tensor<1x1x4x16xf64>, tensor<1x1x4x16xf64>) -> tensor<1x1x4x16xf64>
  %1 = attn.attention query(%h) key(%h) value(%h)
    score(%s: f32, %b: index, %n: index, %i: index, %j: index) {
      attn.yield %s : f32
    }
    : (tensor<1x1x4x16xbf16>, tensor<1x1x4x16xbf16>, tensor<1x1x4x16xbf16>) -> tensor<1x1x4x16xbf16>
  return %0, %1 : tensor<1x1x4x16xf64>, tensor<1x1x4x16xbf16>
}

// Statistics and scores are in the accumulation type, in the order of aux.
// CHECK-LABEL: func @aux
// CHECK: {aux = ["scores", "lse", "row_max", "probabilities"], layout = "bshd", scale = 1.250000e-01 : f64}
// CHECK-SAME: -> (tensor<?x?x6x48xbf16>, tensor<?x6x?x?xf32>, tensor<?x6x?xf32>, tensor<?x6x?xf32>, tensor<?x6x?x?xf32>)
func.func @aux(%q: tensor<?x?x6x80xbf16>, %k: tensor<?x?x1x80xbf16>, %v: tensor<?x?x1x48xbf16>) -> tensor<?x6x?xf32> {
  %o:5 = attn.attention query(%q) key(%k) value(%v)
      {layout = "bshd", scale = 0.125 : f64, aux = ["scores", "lse", "row_max", "probabilities"]}
      : (tensor<?x?x6x80xbf16>, tensor<?x?x1x80xbf16>, tensor<?x?x1x48xbf16>)
      -> (tensor<?x?x6x48xbf16>, tensor<?x6x?x?xf32>, tensor<?x6x?xf32>, tensor<?x6x?xf32>, tensor<?x6x?x?xf32>)
  return %o#2 : tensor<?x6x?xf32>
}

// CHECK-LABEL: func @rank_three
// CHECK: -> (tensor<8x?x64xf32>, tensor<8x?xf32>)
// CHECK: {layout = "shd"}
// CHECK: {layout = "hsd", normalizer = "sigmoid"}
func.func @rank_three(%q: tensor<8x?x64xf32>, %k: tensor<2x?x64xf32>, %v: tensor<2x?x64xf32>, %s: tensor<?x4x16xf32>) {
  %o, %lse = attn.attention query(%q) key(%k) value(%v) {aux = ["lse"]}
      : (tensor<8x?x64xf32>, tensor<2x?x64xf32>, tensor<2x?x64xf32>) -> (tensor<8x?x64xf32>, tensor<8x?xf32>)
  %1 = attn.attention query(%s) key(%s) value(%s) {layout = "shd"}
      : (tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x4x16xf32>) -> tensor<?x4x16xf32>
  %2 = attn.attention query(%q) key(%k) value(%v) {layout = "hsd", normalizer = "sigmoid"}
      : (tensor<8x?x64xf32>, tensor<2x?x64xf32>, tensor<2x?x64xf32>) -> tensor<8x?x64xf32>
  return
}

// Groups may be written in any order; types follow the order that is printed.
// CHECK-LABEL: func @groups
// CHECK-SAME: %[[SINKS:[^:]*]]: tensor<8xf32>, %[[SCALES:[^:]*]]: tensor<1x8x?xf16>, %[[ZEROS:[^:]*]]: tensor<1x8x?xi8>, %[[LIST:[^:]*]]: tensor<?xi32>, %[[TABLE:[^:]*]]: tensor<33x16xf32>, %[[I:[^:]*]]: index
// CHECK: value(%{{.*}}) sinks(%[[SINKS]]) key_scales(%[[SCALES]]) key_zero_points(%[[ZEROS]]) value_scales(%[[SCALES]]) value_zero_points(%[[ZEROS]]) value_table(%[[TABLE]]) csr(%[[LIST]], %[[LIST]]) offsets(%[[I]], %[[I]], %[[I]], %[[I]])
func.func @groups(%q: tensor<1x8x?x16xf32>, %sinks: tensor<8xf32>, %scales: tensor<1x8x?xf16>, %zeros: tensor<1x8x?xi8>,
                  %list: tensor<?xi32>, %table: tensor<33x16xf32>, %i: index) -> tensor<1x8x?x16xf32> {
  %o = attn.attention query(%q) key(%q) value(%q)
      offsets(%i, %i, %i, %i) csr(%list, %list) value_table(%table)
      value_zero_points(%zeros) value_scales(%scales) key_zero_points(%zeros) key_scales(%scales) sinks(%sinks)
      value_row(%b: index, %h: index, %qi: index, %kj: index) {
        attn.yield %kj : index
      }
      : (tensor<1x8x?x16xf32>, tensor<1x8x?x16xf32>, tensor<1x8x?x16xf32>, tensor<8xf32>, tensor<1x8x?xf16>,
         tensor<1x8x?xi8>, tensor<1x8x?xf16>, tensor<1x8x?xi8>, tensor<33x16xf32>, tensor<?xi32>, tensor<?xi32>)
      -> tensor<1x8x?x16xf32>
  return %o : tensor<1x8x?x16xf32>
}

// Keys and values may be narrower than queries, each in its own type; the output may be as wide as the sums.
// CHECK-LABEL: func @caches
// CHECK: (tensor<?x8x?x64xbf16>, tensor<?x2x?x64xi8>, tensor<?x2x?x32xi4>, tensor<?x2x?xf32>, tensor<?x2x?x4xbf16>, tensor<?x2x?x4xf32>) -> tensor<?x8x?x32xf32>
func.func @caches(%q: tensor<?x8x?x64xbf16>, %k: tensor<?x2x?x64xi8>, %v: tensor<?x2x?x32xi4>, %ks: tensor<?x2x?xf32>,
                  %vs: tensor<?x2x?x4xbf16>, %vz: tensor<?x2x?x4xf32>) -> tensor<?x8x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v) key_scales(%ks) value_scales(%vs) value_zero_points(%vz)
      : (tensor<?x8x?x64xbf16>, tensor<?x2x?x64xi8>, tensor<?x2x?x32xi4>, tensor<?x2x?xf32>, tensor<?x2x?x4xbf16>,
         tensor<?x2x?x4xf32>) -> tensor<?x8x?x32xf32>
  return %o : tensor<?x8x?x32xf32>
}

// Key and value are pools of pages: their batch is not the query's. Four pages of 16 keys are 64 scores.
// CHECK-LABEL: func @paged
// CHECK: page_table(%{{.*}}) {aux = ["scores"], layout = "bshd"} : (tensor<2x?x8x64xf32>, tensor<100x16x2x64xf16>, tensor<100x16x2x64xf16>, tensor<2x4xi32>) -> (tensor<2x?x8x64xf32>, tensor<2x8x?x64xf32>)
func.func @paged(%q: tensor<2x?x8x64xf32>, %k: tensor<100x16x2x64xf16>, %v: tensor<100x16x2x64xf16>, %t: tensor<2x4xi32>)
    -> tensor<2x?x8x64xf32> {
  %o, %s = attn.attention query(%q) key(%k) value(%v) page_table(%t) {aux = ["scores"], layout = "bshd"}
      : (tensor<2x?x8x64xf32>, tensor<100x16x2x64xf16>, tensor<100x16x2x64xf16>, tensor<2x4xi32>)
      -> (tensor<2x?x8x64xf32>, tensor<2x8x?x64xf32>)
  return %o : tensor<2x?x8x64xf32>
}

// Sequences behind each other, with starts of queries and of keys.
// CHECK-LABEL: func @packed
// CHECK: query_starts(%{{.*}}) key_starts(%{{.*}}) {aux = ["lse"], layout = "shd"}
func.func @packed(%q: tensor<?x8x64xf32>, %k: tensor<?x2x64xf32>, %s: tensor<?xi32>, %t: tensor<5xi32>)
    -> (tensor<?x8x64xf32>, tensor<8x?xf32>) {
  %o, %lse = attn.attention query(%q) key(%k) value(%k) key_starts(%t) query_starts(%s) {aux = ["lse"], layout = "shd"}
      : (tensor<?x8x64xf32>, tensor<?x2x64xf32>, tensor<?x2x64xf32>, tensor<?xi32>, tensor<5xi32>)
      -> (tensor<?x8x64xf32>, tensor<8x?xf32>)
  return %o, %lse : tensor<?x8x64xf32>, tensor<8x?xf32>
}

// Lengths of zero are lengths.
// CHECK-LABEL: func @empty
// CHECK: -> tensor<0x1x0x16xf32>
func.func @empty(%q: tensor<0x1x0x16xf32>, %k: tensor<0x1x0x16xf32>) -> tensor<0x1x0x16xf32> {
  %o = attn.attention query(%q) key(%k) value(%k)
      : (tensor<0x1x0x16xf32>, tensor<0x1x0x16xf32>, tensor<0x1x0x16xf32>) -> tensor<0x1x0x16xf32>
  return %o : tensor<0x1x0x16xf32>
}

// The keys of each query as a list: of keys, of blocks; with pointers or of one length; shared, or of a batch or head.
// CHECK-LABEL: func @lists
// CHECK: csr(%{{[^ ]*}}, %{{[^ ]*}}) : (
// CHECK: csr(%{{[^ ]*}}) : (
// CHECK: blocks(%{{[^ ]*}}, %{{[^ ]*}}) {block_sizes = array<i64: 64, 32>} : (
// CHECK: blocks(%{{[^ ]*}}) {block_sizes = array<i64: 1, 16>} : (
func.func @lists(%q: tensor<2x8x100x16xf32>, %k: tensor<2x2x?x16xf32>, %p: tensor<101xi32>, %e: tensor<?xi32>,
                 %near: tensor<2x100x?xi32>, %bp: tensor<2x8x3xi32>, %be: tensor<2x8x?xi32>, %one: tensor<?xi32>) {
  %0 = attn.attention query(%q) key(%k) value(%k) csr(%p, %e)
      : (tensor<2x8x100x16xf32>, tensor<2x2x?x16xf32>, tensor<2x2x?x16xf32>, tensor<101xi32>, tensor<?xi32>)
      -> tensor<2x8x100x16xf32>
  %1 = attn.attention query(%q) key(%k) value(%k) csr(%near)
      : (tensor<2x8x100x16xf32>, tensor<2x2x?x16xf32>, tensor<2x2x?x16xf32>, tensor<2x100x?xi32>)
      -> tensor<2x8x100x16xf32>
  %2 = attn.attention query(%q) key(%k) value(%k) blocks(%bp, %be) {block_sizes = array<i64: 64, 32>}
      : (tensor<2x8x100x16xf32>, tensor<2x2x?x16xf32>, tensor<2x2x?x16xf32>, tensor<2x8x3xi32>, tensor<2x8x?xi32>)
      -> tensor<2x8x100x16xf32>
  %3 = attn.attention query(%q) key(%k) value(%k) blocks(%one) {block_sizes = array<i64: 1, 16>}
      : (tensor<2x8x100x16xf32>, tensor<2x2x?x16xf32>, tensor<2x2x?x16xf32>, tensor<?xi32>)
      -> tensor<2x8x100x16xf32>
  return
}
