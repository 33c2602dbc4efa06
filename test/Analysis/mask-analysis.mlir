// What is emitted instead of a look at every element. Ranges take b, h, iBegin,
// iEnd and the number of keys as %arg0 to %arg4; verdicts take b, h, iBegin,
// iEnd, jBegin and jEnd as %arg0 to %arg5.
// RUN: attn-opt %s --attn-test-mask-analysis --canonicalize --cse \
// RUN:   --split-input-file 2>/dev/null | FileCheck %s

!t = tensor<?x4x?x64xf32>

// CHECK-LABEL: func @causal_range(
// CHECK-DAG:     %[[BEGIN:.*]] = arith.constant 0
// CHECK-DAG:     %[[END:.*]] = arith.minsi %arg4, %arg3
// CHECK-NEXT:    return %[[BEGIN]], %[[END]]
// CHECK-LABEL: func @causal_verdict(
// CHECK-DAG:     %[[SOME:.*]] = arith.cmpi slt, %arg4, %arg3
// CHECK-DAG:     %[[JLAST:.*]] = arith.addi %arg5, %c-2
// CHECK:         %[[ALL:.*]] = arith.cmpi sgt, %arg2, %[[JLAST]]
// CHECK-NEXT:    return %[[SOME]], %[[ALL]]
func.func @causal(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %keep = arith.cmpi sle, %j, %i : index
      attn.yield %keep : i1
    } : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<?x4x?x64xf32>

// Aligned at the bottom right. Lengths are symbolic but known to be small, so
// nothing is checked for overflow.
// CHECK-LABEL: func @causal_br_range(
// CHECK-DAG:     %[[BEGIN:.*]] = arith.constant 0
// CHECK:         %[[OFFSET:.*]] = arith.subi %dim_0, %dim
// CHECK-NEXT:    %[[MOVED:.*]] = arith.addi %arg3, %[[OFFSET]]
// CHECK-NEXT:    %[[LAST:.*]] = arith.minsi %arg4, %[[MOVED]]
// CHECK-NEXT:    %[[END:.*]] = arith.maxsi %[[LAST]], %[[BEGIN]]
// CHECK-NEXT:    return %[[BEGIN]], %[[END]]
func.func @causal_br(%q: !t, %k: !t, %v: !t) -> !t {
  %c2 = arith.constant 2 : index
  %sq = tensor.dim %q, %c2 : !t
  %sk = tensor.dim %k, %c2 : !t
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %offset = arith.subi %sk, %sq : index
      %last = arith.addi %i, %offset : index
      %keep = arith.cmpi sle, %j, %last : index
      attn.yield %keep : i1
    } : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<?x4x?x64xf32>

// From max(iBegin - 256, 0) to min(iEnd + 256, keys).
// CHECK-LABEL: func @window_range(
// CHECK:         %[[I:.*]] = arith.maxsi %arg2, %c256
// CHECK-NEXT:    %[[AFTER:.*]] = arith.addi %arg3, %c256
// CHECK-NEXT:    %[[END:.*]] = arith.minsi %arg4, %[[AFTER]]
// CHECK-NEXT:    %[[LIMIT:.*]] = arith.addi %[[END]], %c256
// CHECK-NEXT:    %[[MIN:.*]] = arith.minsi %[[I]], %[[LIMIT]]
// CHECK-NEXT:    %[[BEGIN:.*]] = arith.addi %[[MIN]], %c-256
// CHECK-NEXT:    return %[[BEGIN]], %[[END]]
func.func @window(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %c256 = arith.constant 256 : index
      %d = arith.subi %i, %j : index
      %a = math.absi %d : index
      %keep = arith.cmpi sle, %a, %c256 : index
      attn.yield %keep : i1
    } : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<?x4x?x64xf32>

// A captured 64-bit width may be anything: it is clamped to just beyond what a
// distance can be.
// CHECK-LABEL: func @captured_window_range(
// CHECK-DAG:     %[[MOST:.*]] = arith.constant 2147483648
// CHECK-DAG:     %[[LEAST:.*]] = arith.constant -2147483648
// CHECK:         %[[W0:.*]] = arith.minsi %arg8, %[[MOST]]
// CHECK-NEXT:    %[[W:.*]] = arith.maxsi %[[W0]], %[[LEAST]]
// CHECK-NOT:     arith.minsi %arg8
// CHECK:         return
func.func @captured_window(%q: !t, %k: !t, %v: !t, %w: index) -> !t {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %d = arith.subi %i, %j : index
      %a = math.absi %d : index
      %keep = arith.cmpi sle, %a, %w : index
      attn.yield %keep : i1
    } : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<?x4x?x64xf32>

// In i + w the width has to be checked: a sum that wraps bounds nothing.
// CHECK-LABEL: func @captured_sum_range(
// CHECK-DAG:     %[[MOST:.*]] = arith.constant 2305843009213693952
// CHECK-DAG:     %[[LEAST:.*]] = arith.constant -2305843009213693952
// CHECK-DAG:     %[[MIN:.*]] = arith.cmpi sge, %arg8, %[[LEAST]]
// CHECK-DAG:     %[[MAX:.*]] = arith.cmpi sle, %arg8, %[[MOST]]
// CHECK:         %[[FITS:.*]] = arith.andi %[[MIN]], %[[MAX]]
// CHECK:         arith.select %[[FITS]], %{{.*}}, %c8589934592
// CHECK:         return
func.func @captured_sum(%q: !t, %k: !t, %v: !t, %w: index) -> !t {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %last = arith.addi %i, %w : index
      %keep = arith.cmpi sle, %j, %last : index
      attn.yield %keep : i1
    } : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<?x4x?x64xf32>

// CHECK-LABEL: func @lengths_range(
// CHECK:         %[[N:.*]] = tensor.extract %arg8[%arg0]
// CHECK-NEXT:    %[[LENGTH:.*]] = arith.index_cast %[[N]]
// CHECK-NEXT:    %[[LAST:.*]] = arith.minsi %arg4, %[[LENGTH]]
// CHECK-NEXT:    %[[END:.*]] = arith.maxsi %[[LAST]], %c0
// CHECK-NEXT:    return %c0, %[[END]]
// CHECK-LABEL: func @lengths_verdict(
// CHECK:         %[[N:.*]] = tensor.extract %arg9[%arg0]
// CHECK-NEXT:    %[[LENGTH:.*]] = arith.index_cast %[[N]]
// CHECK-NEXT:    %[[JEND:.*]] = arith.minsi %arg5, %[[LENGTH]]
// CHECK-NEXT:    %[[SOME:.*]] = arith.cmpi slt, %arg4, %[[JEND]]
// CHECK-NEXT:    %[[J:.*]] = arith.maxsi %arg4, %[[LENGTH]]
// CHECK-NEXT:    %[[ALL:.*]] = arith.cmpi sge, %[[J]], %arg5
// CHECK-NEXT:    return %[[SOME]], %[[ALL]]
func.func @lengths(%q: !t, %k: !t, %v: !t, %lengths: tensor<?xi32>) -> !t {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %n = tensor.extract %lengths[%b] : tensor<?xi32>
      %ni = arith.index_cast %n : i32 to index
      %keep = arith.cmpi slt, %j, %ni : index
      attn.yield %keep : i1
    } : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<?x4x?x64xf32>

// The union of two zones: as far as either goes.
// CHECK-LABEL: func @prefix_range(
// CHECK:         %[[CAUSAL:.*]] = arith.minsi %arg4, %arg3
// CHECK:         %[[PREFIX:.*]] = arith.select
// CHECK-NEXT:    %[[END:.*]] = arith.maxsi %[[CAUSAL]], %[[PREFIX]]
// CHECK-NEXT:    return %c0, %[[END]]
func.func @prefix(%q: !t, %k: !t, %v: !t, %n: index) -> !t {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %causal = arith.cmpi sle, %j, %i : index
      %prefix = arith.cmpi slt, %j, %n : index
      %keep = arith.ori %causal, %prefix : i1
      attn.yield %keep : i1
    } : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<?x4x?x64xf32>

// CHECK-LABEL: func @block_diagonal_range(
// CHECK-DAG:     %[[P:.*]] = arith.divsi %arg2, %c64
// CHECK-DAG:     %[[ILAST:.*]] = arith.addi %arg3, %c-1
// CHECK-DAG:     %[[Q:.*]] = arith.divsi %[[ILAST]], %c64
// CHECK-DAG:     %[[FIRST:.*]] = arith.muli %[[P]], %c64
// CHECK-DAG:     %[[LAST:.*]] = arith.muli %[[Q]], %c64
// CHECK:         %[[AFTER:.*]] = arith.addi %[[LAST]], %c64
// CHECK-NEXT:    %[[END:.*]] = arith.minsi %arg4, %[[AFTER]]
// CHECK-NEXT:    %[[BEGIN:.*]] = arith.minsi %[[FIRST]], %[[END]]
// CHECK-NEXT:    return %[[BEGIN]], %[[END]]
func.func @block_diagonal(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %c64 = arith.constant 64 : index
      %p = arith.divui %i, %c64 : index
      %r = arith.divui %j, %c64 : index
      %keep = arith.cmpi eq, %p, %r : index
      attn.yield %keep : i1
    } : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<?x4x?x64xf32>

// What does not depend on i and j is exact, whatever the ops.
// CHECK-LABEL: func @uniform_range(
// CHECK:         %[[X:.*]] = tensor.extract %arg8[%arg1]
// CHECK-NEXT:    %[[FLAG:.*]] = arith.cmpf ogt, %[[X]]
// CHECK-NEXT:    %[[END:.*]] = arith.select %[[FLAG]], %arg4, %c0
// CHECK-NEXT:    return %c0, %[[END]]
func.func @uniform(%q: !t, %k: !t, %v: !t, %gates: tensor<4xf32>) -> !t {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %zero = arith.constant 0.0 : f32
      %gate = tensor.extract %gates[%h] : tensor<4xf32>
      %keep = arith.cmpf ogt, %gate, %zero : f32
      attn.yield %keep : i1
    } : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<?x4x?x64xf32>

// CHECK-LABEL: func @no_mask_range(
// CHECK:         return %c0, %arg4
// CHECK-LABEL: func @no_mask_verdict(
// CHECK:         return %true, %true
func.func @no_mask(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attention query(%q) key(%k) value(%v) : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<?x4x?x64xf32>

// Boxes of 16 x 16. What a position picks from a table is the least and the largest of what the box's positions pick:
// of a row side by side where it goes on for long enough, and never outside of the table.
// CHECK-LABEL: func @documents_verdict(
// CHECK-SAME:    %[[IDS:[^:]*]]: tensor<?xi32>)
// CHECK:         %[[SIZE:.*]] = tensor.dim %[[IDS]]
// CHECK-NEXT:    %[[FINAL:.*]] = arith.addi %[[SIZE]], %c-1
// CHECK-NEXT:    %[[LO:.*]] = arith.minsi %arg2, %[[FINAL]]
// CHECK-NEXT:    %[[BEGIN:.*]] = arith.maxsi %[[LO]], %c0
// CHECK-NEXT:    %[[END:.*]] = arith.minsi %arg3, %[[SIZE]]
// CHECK-NEXT:    %[[SOME:.*]] = arith.cmpi sge, %[[SIZE]], %c1
// CHECK:         %[[FITS:.*]] = arith.cmpi sle, %{{.*}}, %[[SIZE]]
// CHECK-NEXT:    scf.if %[[FITS]] -> (i32, i32) {
// CHECK-NEXT:      %[[ENDS:.*]]:2 = scf.for %[[AT:.*]] = %[[BEGIN]] to %[[END]] step %c16 iter_args(%[[MIN:.*]] = %{{.*}}, %[[MAX:.*]] = %{{.*}}) -> (vector<16xi32>, vector<16xi32>)
// CHECK-NEXT:        %[[READ:.*]] = vector.transfer_read %[[IDS]][%[[AT]]], %c0_i32 {in_bounds = [true]} : tensor<?xi32>, vector<16xi32>
// CHECK-NEXT:        arith.minsi %[[MIN]], %[[READ]] : vector<16xi32>
// CHECK-NEXT:        arith.maxsi %[[MAX]], %[[READ]] : vector<16xi32>
// CHECK:           vector.reduction <minsi>, %[[ENDS]]#0
// CHECK-NEXT:      vector.reduction <maxsi>, %[[ENDS]]#1
// CHECK:         } else {
// CHECK-NEXT:      scf.for %[[AT:.*]] = %[[BEGIN]] to %[[END]] step %c1
// CHECK-NEXT:        tensor.extract %[[IDS]][%[[AT]]]
// CHECK:         arith.minsi %arg4, %[[FINAL]]
func.func @documents(%q: !t, %k: !t, %v: !t, %ids: tensor<?xi32>) -> !t {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %mine = tensor.extract %ids[%i] : tensor<?xi32>
      %its = tensor.extract %ids[%j] : tensor<?xi32>
      %keep = arith.cmpi eq, %mine, %its : i32
      attn.yield %keep : i1
    } : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<?x4x?x64xf32>

// Of words of bits, those that some have; shifted by each place of the box.
// CHECK-LABEL: func @bits_verdict(
// CHECK-SAME:    %[[WORDS:[^:]*]]: tensor<?x?xi32>)
// CHECK:         %[[UNION:.*]]:2 = scf.for
// CHECK-NEXT:      scf.for
// CHECK-NEXT:        %[[WORD:.*]] = tensor.extract %[[WORDS]]
// CHECK-NEXT:        arith.ori %{{.*}}, %[[WORD]]
// CHECK-NEXT:        arith.andi %{{.*}}, %[[WORD]]
// CHECK:         %[[SOME:.*]] = arith.index_castui %[[UNION]]#0 : i32 to index
// CHECK:         %[[FIRST:.*]] = arith.shrui %[[SOME]], %{{.*}}
// CHECK:         %[[MOVED:.*]] = arith.shrui %[[FIRST]], %{{.*}}
// CHECK-NEXT:    %[[BOTH:.*]] = arith.ori %[[FIRST]], %[[MOVED]]
// CHECK:         %[[MOVED2:.*]] = arith.shrui %[[BOTH]], %{{.*}}
// CHECK-NEXT:    arith.ori %[[BOTH]], %[[MOVED2]]
func.func @bits(%q: !t, %k: !t, %v: !t, %words: tensor<?x?xi32>) -> !t {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %c0 = arith.constant 0 : i32
      %c1 = arith.constant 1 : i32
      %c32 = arith.constant 32 : index
      %word = arith.divui %j, %c32 : index
      %place = arith.remui %j, %c32 : index
      %bits = tensor.extract %words[%i, %word] : tensor<?x?xi32>
      %shift = arith.index_cast %place : index to i32
      %moved = arith.shrui %bits, %shift : i32
      %one = arith.andi %moved, %c1 : i32
      %keep = arith.cmpi ne, %one, %c0 : i32
      attn.yield %keep : i1
    } : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<?x4x?x64xf32>

// More reads than a box is worth: an element for each pair that do not lie side by side.
// CHECK-LABEL: func @scattered_verdict(
// CHECK-NOT:     tensor.extract
// CHECK:         return %true, %false
func.func @scattered(%q: !t, %k: !t, %v: !t, %kinds: tensor<?x?xi32>) -> !t {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %c0 = arith.constant 0 : i32
      %far = arith.muli %i, %j : index
      %at = tensor.extract %kinds[%far, %j] : tensor<?x?xi32>
      %both = arith.cmpi ne, %at, %c0 : i32
      attn.yield %both : i1
    } : (!t, !t, !t) -> !t
  return %o : !t
}
