// RUN: attn-opt %s --attn-tile-queries --canonicalize -split-input-file | FileCheck %s

#decode = #attn.schedule<kind = "decode", query_tile = 4, key_tile = 32, key_block = 16, lanes = 16, registers = 24, split = 512>

// A task is a split of one key head's keys, for all heads of its group; a second loop merges the splits.

// CHECK-LABEL: func @group
// CHECK:         scf.forall (%{{.*}}, %{{.*}}, %{{.*}}) in (%{{.*}}, 2, %{{.*}})
// CHECK:           scf.for %{{.*}} step %c32
// CHECK:             attn.online_attention {{.*}} live(%c4) {{.*}}{group = 4 : i64, schedule = #attn.schedule<kind = "decode"
// CHECK:         scf.forall (%{{.*}}, %{{.*}}) in (%{{.*}}, 2)
// CHECK:           math.exp2
// CHECK-NOT:     attn.attention
func.func @group(%q: tensor<?x8x1x64xf32>, %k: tensor<?x2x?x64xf32>) -> tensor<?x8x1x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%k) {schedule = #decode}
      : (tensor<?x8x1x64xf32>, tensor<?x2x?x64xf32>, tensor<?x2x?x64xf32>) -> tensor<?x8x1x64xf32>
  return %o : tensor<?x8x1x64xf32>
}

// -----

#prefill = #attn.schedule<kind = "prefill", query_tile = 16, key_tile = 128, key_block = 8, lanes = 16, registers = 24>
#decode = #attn.schedule<kind = "decode", query_tile = 64, key_tile = 32, key_block = 16, lanes = 16, registers = 24>

// Both, where the number of queries is known at run time only, and code of its own for one query: all but one of the
// loops have no task.

// CHECK-LABEL: func @either
// CHECK:         %[[FEW:.*]] = arith.cmpi sle, %{{.*}}, %c16 : index
// CHECK:         arith.select %[[FEW]], %c0, %{{.*}} : index
// CHECK:         %[[MANY:.*]] = scf.forall
// CHECK:           attn.attention
// CHECK:         %[[SEVERAL:.*]] = scf.forall {{.*}} shared_outs(%{{.*}} = %[[MANY]])
// CHECK:           attn.online_attention
// CHECK:         tensor.extract_slice %{{.*}} : tensor<8x?x64xf32> to tensor<8x1x64xf32>
// CHECK:         %[[ONE:.*]] = scf.forall {{.*}} shared_outs(%{{.*}} = %[[SEVERAL]])
// CHECK:           attn.online_attention
// CHECK:         return %[[ONE]]
func.func @either(%q: tensor<8x?x64xf32>, %k: tensor<2x?x64xf32>) -> tensor<8x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%k) {schedule = #prefill, decode_schedule = #decode}
      : (tensor<8x?x64xf32>, tensor<2x?x64xf32>, tensor<2x?x64xf32>) -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}

// -----

#decode = #attn.schedule<kind = "decode", query_tile = 8, key_tile = 32, key_block = 16, lanes = 16, registers = 24>

// Of packed sequences, a task is a few queries of one of them, for all heads of a group.

// CHECK-LABEL: func @packed
// CHECK-SAME:  %[[Q:[a-z0-9]*]]: tensor<8x?x64xf32>
// CHECK:         scf.for {{.*}} step %c2
// CHECK:         scf.forall (%{{.*}}, %{{.*}}) in (2, %{{.*}})
// CHECK:           tensor.extract_slice %{{.*}}[%{{.*}}, %{{.*}}, 0] [4, %{{.*}}, 64]
// CHECK:           attn.online_attention {{.*}}{group = 4 : i64, schedule = #attn.schedule<kind = "decode"
func.func @packed(%q: tensor<8x?x64xf32>, %k: tensor<2x?x64xf32>, %s: tensor<?xi32>) -> tensor<8x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%k) query_starts(%s) key_starts(%s) {schedule = #decode}
      : (tensor<8x?x64xf32>, tensor<2x?x64xf32>, tensor<2x?x64xf32>, tensor<?xi32>, tensor<?xi32>) -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}

// -----

#decode = #attn.schedule<kind = "decode", query_tile = 4, key_tile = 32, key_block = 16, lanes = 16, registers = 24, split = 512>

// Lists are split too: a task is a part of one. Nothing of the many that are not is kept for the second loop.

// CHECK-LABEL: func @csr
// CHECK:         %[[SEVERAL:.*]] = arith.cmpi sgt, %[[SPLITS:.*]], %c1
// CHECK:         %[[KEPT:.*]] = arith.select %[[SEVERAL]], %{{.*}}, %c0
// CHECK:         bufferization.alloc_tensor(%[[KEPT]]) : tensor<1x2x?x4x64xf32>
// CHECK:         %[[PARTS:.*]] = arith.muli %{{.*}}, %[[SPLITS]]
// CHECK:         scf.forall (%{{.*}}, %[[PART:.*]]) in (2, %[[PARTS]])
// CHECK:           arith.divui %[[PART]], %[[SPLITS]]
// CHECK:           %[[SPLIT:.*]] = arith.remui %[[PART]], %[[SPLITS]]
// CHECK:           arith.muli %[[SPLIT]],
// CHECK:           attn.online_attention
// CHECK:         scf.forall (%{{.*}}, %{{.*}}, %{{.*}}) in (%{{.*}}, 2, %{{.*}})
// CHECK:           math.exp2
func.func @csr(%q: tensor<8x?x64xf32>, %k: tensor<2x?x64xf32>, %p: tensor<?xi32>, %e: tensor<?xi32>) -> tensor<8x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%k) csr(%p, %e) {schedule = #decode}
      : (tensor<8x?x64xf32>, tensor<2x?x64xf32>, tensor<2x?x64xf32>, tensor<?xi32>, tensor<?xi32>) -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}

// -----

#decode = #attn.schedule<kind = "decode", query_tile = 10, key_tile = 32, key_block = 16, lanes = 16, registers = 24>

// More queries than there are rows for are several tasks.

// CHECK-LABEL: func @runs
// CHECK:         %[[RUNS:.*]] = arith.ceildivui %{{.*}}, %c2
// CHECK:         scf.forall (%{{.*}}, %[[I:.*]]) in (2, %[[RUNS]])
// CHECK:           %[[FIRST:.*]] = arith.muli %[[I]], %c2
// CHECK:           arith.minsi %{{.*}}, %c2
func.func @runs(%q: tensor<8x?x64xf32>, %k: tensor<2x?x64xf32>) -> tensor<8x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%k) {schedule = #decode}
      : (tensor<8x?x64xf32>, tensor<2x?x64xf32>, tensor<2x?x64xf32>) -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}

// -----

#decode = #attn.schedule<kind = "decode", query_tile = 4, key_tile = 32, key_block = 16, lanes = 16, registers = 24, split = 1024>

// Of a mask with holes, 1024 keys are judged together before any of them is looked at. A task without a live key leaves
// nothing but a mark.

// CHECK-LABEL: func @documents
// CHECK:         %[[ACC:.*]] = bufferization.alloc_tensor(%[[SPLITS:.*]]) : tensor<1x2x?x4x64xf32>
// CHECK:         %[[MARKS:.*]] = bufferization.alloc_tensor(%[[SPLITS]]) : tensor<1x2x?xf32>
// CHECK:         scf.forall
// CHECK:           %[[VISITED:.*]]:4 = scf.for {{.*}} step %c1024 iter_args(%{{.*}} = %false,
// CHECK:             vector.reduction <minsi>
// CHECK:             scf.if
// CHECK:               scf.while
// CHECK:               attn.online_attention
// CHECK:           scf.if %[[VISITED]]#0
// CHECK:           %[[MARK:.*]] = arith.select %[[VISITED]]#0
// CHECK:           tensor.insert %[[MARK]]
// CHECK:         scf.forall
// CHECK:           scf.for
// CHECK:             %[[KEPT:.*]] = tensor.extract %
// CHECK:             arith.cmpf une, %[[KEPT]],
// CHECK:             scf.if
// CHECK:               math.exp2
func.func @documents(%q: tensor<8x1x64xf32>, %k: tensor<2x?x64xf32>, %ids: tensor<?xi32>) -> tensor<8x1x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%k)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %x = tensor.extract %ids[%i] : tensor<?xi32>
      %y = tensor.extract %ids[%j] : tensor<?xi32>
      %keep = arith.cmpi eq, %x, %y : i32
      attn.yield %keep : i1
    } {schedule = #decode}
    : (tensor<8x1x64xf32>, tensor<2x?x64xf32>, tensor<2x?x64xf32>) -> tensor<8x1x64xf32>
  return %o : tensor<8x1x64xf32>
}
