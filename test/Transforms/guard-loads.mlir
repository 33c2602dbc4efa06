// RUN: attn-opt %s --attn-guard-loads -split-input-file -verify-diagnostics | FileCheck %s

// An index of which nothing is known is kept between 0 and the last element, which
// there must be.

// CHECK-LABEL: func @computed
// CHECK:         %[[SIZE:.*]] = tensor.dim %[[TABLE:.*]], %{{.*}} : tensor<?xf32>
// CHECK:         %[[LAST:.*]] = arith.subi %[[SIZE]], %{{.*}}
// CHECK:         score(%{{.*}}: f32, %{{.*}}: index, %{{.*}}: index, %[[I:.*]]: index, %[[J:.*]]: index)
// CHECK:           %[[AT:.*]] = arith.subi
// CHECK:           %[[BELOW:.*]] = arith.minsi %[[AT]], %[[LAST]] {attn.guard}
// CHECK:           %[[INSIDE:.*]] = arith.maxsi %[[BELOW]], %{{.*}} {attn.guard}
// CHECK:           tensor.extract %[[TABLE]][%[[INSIDE]]] {attn.not_empty = array<i64: 0>}
func.func @computed(%q: tensor<?x8x?x64xf32>, %k: tensor<?x8x?x64xf32>, %table: tensor<?xf32>) -> tensor<?x8x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%k)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %c9 = arith.constant 9 : index
      %far = arith.muli %j, %c9 : index
      %at = arith.subi %far, %i : index
      %x = tensor.extract %table[%at] : tensor<?xf32>
      %r = arith.addf %s, %x : f32
      attn.yield %r : f32
    }
    : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32>
  return %o : tensor<?x8x?x64xf32>
}

// -----

// What the entry checks of arguments needs no guard: batches, queries and keys at
// exactly their positions; nor what ranges prove, here of heads and of a remainder.
// Of 32 rows, half a position may be too far, but is not negative.

// CHECK-LABEL: func @proved
// CHECK-NOT:     attn.guard
// CHECK:         arith.minsi {{.*}} {attn.guard}
// CHECK-NOT:     attn.guard
// CHECK:       return
func.func @proved(%q: tensor<?x8x?x64xf32>, %k: tensor<?x8x?x64xf32>, %lengths: tensor<?xi32>, %bias: tensor<8x?x?xf32>,
                  %table: tensor<32x8xf32>) -> tensor<?x8x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%k)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %c2 = arith.constant 2 : index
      %c32 = arith.constant 32 : index
      %x = tensor.extract %bias[%h, %i, %j] : tensor<8x?x?xf32>
      %rest = arith.remui %i, %c32 : index
      %y = tensor.extract %table[%rest, %h] : tensor<32x8xf32>
      %half = arith.divui %i, %c2 : index
      %z = tensor.extract %table[%half, %h] : tensor<32x8xf32>
      %0 = arith.addf %s, %x : f32
      %1 = arith.addf %0, %y : f32
      %2 = arith.addf %1, %z : f32
      attn.yield %2 : f32
    }
    mask(%b: index, %h: index, %i: index, %j: index) {
      %n = tensor.extract %lengths[%b] : tensor<?xi32>
      %length = arith.index_cast %n : i32 to index
      %keep = arith.cmpi slt, %j, %length : index
      attn.yield %keep : i1
    }
    : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32>
  return %o : tensor<?x8x?x64xf32>
}

// -----

// The user's own clamps are proofs, if the tensor is not empty: of T5's buckets, of a
// clipped distance, against a size that is known when it runs.

// CHECK-LABEL: func @clamped
// CHECK-NOT:     attn.guard
// CHECK-COUNT-1: attn.not_empty = array<i64: 1>
// CHECK-NOT:     attn.guard
// CHECK-NOT:     attn.not_empty
// CHECK:       return
func.func @clamped(%q: tensor<?x8x?x64xf32>, %k: tensor<?x8x?x64xf32>, %any: tensor<8x?xf32>, %table: tensor<8x33xf32>) -> tensor<?x8x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%k)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c8 = arith.constant 8 : index
      %c16 = arith.constant 16 : index
      %d = arith.subi %j, %i : index
      %size = tensor.dim %any, %c1 : tensor<8x?xf32>
      %last = arith.subi %size, %c1 : index
      %positive = arith.maxsi %d, %c0 : index
      %at = arith.minsi %positive, %last : index
      %x = tensor.extract %any[%h, %at] : tensor<8x?xf32>
      %far = math.absi %d : index
      %near = arith.minsi %far, %c16 : index
      %later = arith.cmpi sgt, %d, %c0 : index
      %side = arith.select %later, %c16, %c0 : index
      %bucket = arith.addi %near, %side : index
      %y = tensor.extract %table[%h, %bucket] : tensor<8x33xf32>
      %0 = arith.addf %s, %x : f32
      %1 = arith.addf %0, %y : f32
      attn.yield %1 : f32
    }
    : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32>
  return %o : tensor<?x8x?x64xf32>
}

// -----

// Nothing checks the arguments of a private function, or what a tensor computed by
// ops unknown is as large as; nor where the compiler says that the extents differ
// (as they do where only folding made an index the position).

// CHECK-LABEL: func private @private
// CHECK:         attn.guard
// CHECK-LABEL: func @computed_tensor
// CHECK:         attn.guard
// CHECK-LABEL: func @told
// CHECK-NOT:     attn.extents
// CHECK:         attn.guard
func.func private @private(%q: tensor<?x8x?x64xf32>, %n: tensor<?xi1>) -> tensor<?x8x?x64xf32> {
  %o = attn.attention query(%q) key(%q) value(%q)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %keep = tensor.extract %n[%j] : tensor<?xi1>
      attn.yield %keep : i1
    }
    : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32>
  return %o : tensor<?x8x?x64xf32>
}
func.func @computed_tensor(%q: tensor<?x8x?x64xf32>, %n: tensor<?xi1>, %size: index) -> tensor<?x8x?x64xf32> {
  %some = tensor.extract_slice %n[0][%size][1] : tensor<?xi1> to tensor<?xi1>
  %o = attn.attention query(%q) key(%q) value(%q)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %keep = tensor.extract %some[%j] : tensor<?xi1>
      attn.yield %keep : i1
    }
    : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32>
  return %o : tensor<?x8x?x64xf32>
}
func.func @told(%q: tensor<?x8x?x64xf32> {attn.extents = array<i64: 0, -9, 1, -65>}, %n: tensor<?xi1> {attn.extents = array<i64: 2>}) -> tensor<?x8x?x64xf32> {
  %o = attn.attention query(%q) key(%q) value(%q)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %keep = tensor.extract %n[%j] : tensor<?xi1>
      attn.yield %keep : i1
    }
    : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32>
  return %o : tensor<?x8x?x64xf32>
}

// -----

// Positions in one of several packed sequences, or among the keys of all pages, say
// nothing about another tensor. A shorter table of static size is no contradiction.

// CHECK-LABEL: func @packed
// CHECK:         attn.guard
// CHECK-LABEL: func @shorter
// CHECK:         arith.minsi %{{.*}}, %{{.*}} {attn.guard}
func.func @packed(%q: tensor<?x8x64xf32>, %starts: tensor<?xi32>, %n: tensor<?xi1>) -> tensor<?x8x64xf32> {
  %o = attn.attention query(%q) key(%q) value(%q) query_starts(%starts) key_starts(%starts)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %keep = tensor.extract %n[%j] : tensor<?xi1>
      attn.yield %keep : i1
    }
    {layout = "shd"}
    : (tensor<?x8x64xf32>, tensor<?x8x64xf32>, tensor<?x8x64xf32>, tensor<?xi32>, tensor<?xi32>) -> tensor<?x8x64xf32>
  return %o : tensor<?x8x64xf32>
}
func.func @shorter(%q: tensor<?x8x128x64xf32>, %n: tensor<100xi1>) -> tensor<?x8x128x64xf32> {
  %o = attn.attention query(%q) key(%q) value(%q)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %keep = tensor.extract %n[%j] : tensor<100xi1>
      attn.yield %keep : i1
    }
    : (tensor<?x8x128x64xf32>, tensor<?x8x128x64xf32>, tensor<?x8x128x64xf32>) -> tensor<?x8x128x64xf32>
  return %o : tensor<?x8x128x64xf32>
}

// -----

func.func @empty(%q: tensor<?x8x128x64xf32>, %n: tensor<0xi1>) -> tensor<?x8x128x64xf32> {
  // expected-error @+1 {{expects tensors that its regions read at computed indices not to be empty}}
  %o = attn.attention query(%q) key(%q) value(%q)
    mask(%b: index, %h: index, %i: index, %j: index) {
      // expected-note @+1 {{reads dimension 0 of 'tensor<0xi1>' here}}
      %keep = tensor.extract %n[%j] : tensor<0xi1>
      attn.yield %keep : i1
    }
    : (tensor<?x8x128x64xf32>, tensor<?x8x128x64xf32>, tensor<?x8x128x64xf32>) -> tensor<?x8x128x64xf32>
  return %o : tensor<?x8x128x64xf32>
}

// -----

// What says the row of a value reads as scores and masks do.

// CHECK-LABEL: func @row
// CHECK:         value_row
// CHECK:           arith.minsi {{.*}} {attn.guard}
// CHECK:           arith.maxsi {{.*}} {attn.guard}
func.func @row(%q: tensor<8x?x64xf32>, %table: tensor<9x64xf32>, %rows: tensor<?xi32>) -> tensor<8x?x64xf32> {
  %o = attn.attention query(%q) key(%q) value(%q) value_table(%table)
    value_row(%b: index, %h: index, %i: index, %j: index) {
      %d = arith.subi %j, %i : index
      %x = tensor.extract %rows[%d] : tensor<?xi32>
      %r = arith.index_cast %x : i32 to index
      attn.yield %r : index
    }
    : (tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<9x64xf32>) -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}

// -----

// A tensor that is read at exactly the number of an entry is as long as the entries; the
// next one may be beyond.

// CHECK-LABEL: func @entry
// CHECK:         mask
// CHECK:           %[[N:.*]] = attn.entry
// CHECK:           tensor.extract %{{.*}}[%[[N]]] : tensor<?xi1>
// CHECK:           %[[NEXT:.*]] = arith.addi %[[N]], %{{.*}}
// CHECK:           %[[BELOW:.*]] = arith.minsi %[[NEXT]], %{{.*}} {attn.guard}
// CHECK-NOT:       arith.maxsi
// CHECK:           tensor.extract %{{.*}}[%[[BELOW]]]
func.func @entry(%q: tensor<8x?x64xf32>, %p: tensor<?xi32>, %e: tensor<?xi32>, %exists: tensor<?xi1>) -> tensor<8x?x64xf32> {
  %o = attn.attention query(%q) key(%q) value(%q) csr(%p, %e)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %n = attn.entry
      %x = tensor.extract %exists[%n] : tensor<?xi1>
      %c1 = arith.constant 1 : index
      %next = arith.addi %n, %c1 : index
      %y = tensor.extract %exists[%next] : tensor<?xi1>
      %keep = arith.andi %x, %y : i1
      attn.yield %keep : i1
    }
    : (tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<?xi32>, tensor<?xi32>) -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}
