// Products with rows of tables, and relative values, print as they were written.
// RUN: attn-opt %s | FileCheck %s
// RUN: attn-opt %s | attn-opt | FileCheck %s
// RUN: attn-opt %s --mlir-print-op-generic | attn-opt | FileCheck %s

// The type of products is the accumulation type; tables have types of their own.
// CHECK-LABEL: func @scores
// CHECK-SAME: %[[A:[^:]*]]: tensor<129x64xf32>, %[[B:[^:]*]]: tensor<?x8x?x64xbf16>
// CHECK: score(%[[S:.*]]: f32, %[[N:.*]]: index, %[[H:.*]]: index, %[[I:.*]]: index, %[[J:.*]]: index) {
// CHECK: %[[X:.*]] = attn.query_dot %[[A]][%[[J]]] : tensor<129x64xf32>
// CHECK: %[[Y:.*]] = attn.key_dot %[[B]][%[[N]], %[[H]], %[[I]]] : tensor<?x8x?x64xbf16>
// CHECK: arith.addf %[[X]], %[[Y]] : f32
func.func @scores(%q: tensor<?x8x?x64xbf16>, %k: tensor<?x2x?x64xbf16>, %a: tensor<129x64xf32>,
                  %t: tensor<?x8x?x64xbf16>) -> tensor<?x8x?x64xbf16> {
  %o = attn.attention query(%q) key(%k) value(%k)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %x = attn.query_dot %a[%j] : tensor<129x64xf32>
      %y = attn.key_dot %t[%b, %h, %i] : tensor<?x8x?x64xbf16>
      %z = arith.addf %x, %y : f32
      %r = arith.addf %s, %z : f32
      attn.yield %r : f32
    }
    : (tensor<?x8x?x64xbf16>, tensor<?x2x?x64xbf16>, tensor<?x2x?x64xbf16>) -> tensor<?x8x?x64xbf16>
  return %o : tensor<?x8x?x64xbf16>
}

// CHECK-LABEL: func @f64
// CHECK: attn.query_dot %{{.*}}[%{{.*}}] : tensor<?x16xf64>
// CHECK: arith.addf %{{.*}}, %{{.*}} : f64
func.func @f64(%q: tensor<8x?x16xf64>, %t: tensor<?x16xf64>) -> tensor<8x?x16xf64> {
  %o = attn.attention query(%q) key(%q) value(%q)
    score(%s: f64, %b: index, %h: index, %i: index, %j: index) {
      %x = attn.query_dot %t[%i] : tensor<?x16xf64>
      %r = arith.addf %s, %x : f64
      attn.yield %r : f64
    }
    : (tensor<8x?x16xf64>, tensor<8x?x16xf64>, tensor<8x?x16xf64>) -> tensor<8x?x16xf64>
  return %o : tensor<8x?x16xf64>
}

// A row of a value table has an index for each dimension but the last.
// CHECK-LABEL: func @values
// CHECK: value_table(%[[T:.*]]) mask(
// CHECK: } value_row(%{{.*}}: index, %[[H:.*]]: index, %{{.*}}: index, %[[J:.*]]: index) {
// CHECK:   attn.yield %[[H]], %[[J]] : index, index
// CHECK: } {layout = "hsd"} : (tensor<8x?x16xf32>, tensor<8x?x16xf32>, tensor<8x?x32xf32>, tensor<8x?x32xf16>)
func.func @values(%q: tensor<8x?x16xf32>, %v: tensor<8x?x32xf32>, %t: tensor<8x?x32xf16>) -> tensor<8x?x32xf32> {
  %o = attn.attention query(%q) key(%q) value(%v) value_table(%t)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %keep = arith.cmpi sle, %j, %i : index
      attn.yield %keep : i1
    }
    value_row(%b: index, %h: index, %i: index, %j: index) {
      attn.yield %h, %j : index, index
    }
    {layout = "hsd"}
    : (tensor<8x?x16xf32>, tensor<8x?x16xf32>, tensor<8x?x32xf32>, tensor<8x?x32xf16>) -> tensor<8x?x32xf32>
  return %o : tensor<8x?x32xf32>
}

#schedule = #attn.schedule<kind = "prefill", query_tile = 32, key_tile = 64, key_block = 8, lanes = 16, registers = 16>

// The online op has the same; products may be computed before.
// CHECK-LABEL: func @online
// CHECK: attn.online_attention query(%{{.*}}) key(%{{.*}}) value(%{{.*}}) value_table(%[[T:.*]]) offsets
// CHECK: attn.query_dot %[[A:.*]][%{{.*}}] products(%{{.*}} : tensor<136x32xf32>) : tensor<129x64xf32>
// CHECK: attn.query_dot %[[A]][%{{.*}}] queries(%{{.*}} : tensor<32x64xf32>) : tensor<129x64xf32>
// CHECK: attn.key_dot %[[A]][%{{.*}}] : tensor<129x64xf32>
// CHECK: } value_row(
func.func @online(%q: tensor<64x32xf32>, %k: tensor<?x64xf32>, %v: tensor<?x40xf32>, %a: tensor<129x64xf32>,
                  %p: tensor<136x32xf32>, %qs: tensor<32x64xf32>, %t: tensor<9x40xf32>, %i: index, %acc: tensor<32x40xf32>,
                  %max: tensor<32xf32>, %sum: tensor<32xf32>) -> tensor<32x40xf32> {
  %0:3 = attn.online_attention query(%q) key(%k) value(%v) value_table(%t) offsets(%i, %i, %i, %i) live(%i)
      state(%acc, %max, %sum)
    score(%s: f32, %b: index, %h: index, %qi: index, %kj: index) {
      %x = attn.query_dot %a[%kj] products(%p : tensor<136x32xf32>) : tensor<129x64xf32>
      %z = attn.query_dot %a[%kj] queries(%qs : tensor<32x64xf32>) : tensor<129x64xf32>
      %y = attn.key_dot %a[%qi] : tensor<129x64xf32>
      %w = arith.addf %x, %y : f32
      %r = arith.addf %w, %z : f32
      attn.yield %r : f32
    }
    value_row(%b: index, %h: index, %qi: index, %kj: index) {
      attn.yield %kj : index
    }
    {schedule = #schedule}
    : (tensor<64x32xf32>, tensor<?x64xf32>, tensor<?x40xf32>, tensor<9x40xf32>, tensor<32x40xf32>, tensor<32xf32>,
       tensor<32xf32>) -> (tensor<32x40xf32>, tensor<32xf32>, tensor<32xf32>)
  return %0#0 : tensor<32x40xf32>
}

// The number of an entry has no operands, and stands in all regions.
// CHECK-LABEL: func @entries
// CHECK: score(
// CHECK-NEXT: %[[N:.*]] = attn.entry{{$}}
// CHECK-NEXT: tensor.extract %{{.*}}[%{{.*}}, %[[N]]] : tensor<8x?xf32>
// CHECK: mask(
// CHECK: attn.entry{{$}}
func.func @entries(%q: tensor<8x?x16xf32>, %near: tensor<?x?xi32>, %edge: tensor<8x?xf32>) -> tensor<8x?x16xf32> {
  %o = attn.attention query(%q) key(%q) value(%q) csr(%near)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %n = attn.entry
      %x = tensor.extract %edge[%h, %n] : tensor<8x?xf32>
      %r = arith.addf %s, %x : f32
      attn.yield %r : f32
    }
    mask(%b: index, %h: index, %i: index, %j: index) {
      %n = attn.entry
      %keep = arith.cmpi sle, %n, %i : index
      attn.yield %keep : i1
    }
    : (tensor<8x?x16xf32>, tensor<8x?x16xf32>, tensor<8x?x16xf32>, tensor<?x?xi32>) -> tensor<8x?x16xf32>
  return %o : tensor<8x?x16xf32>
}
