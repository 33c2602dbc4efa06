// RUN: attn-opt --attn-tile-recurrences --canonicalize --cse -split-input-file %s | FileCheck %s

// Chunks, then the tokens behind the last one where they are few.
// CHECK-LABEL: func @linear
// CHECK: scf.forall (%[[B:.*]], %[[H:.*]]) in (%{{.*}}, 2)
// CHECK: %[[LEFT:.*]] = arith.remui %[[TOKENS:.*]], %c32
// CHECK: %[[MANY:.*]] = arith.cmpi sgt, %[[LEFT]], %c4
// CHECK: %[[END:.*]] = arith.select %[[MANY]], %[[TOKENS]]
// CHECK: %[[STATE:.*]] = linalg.fill {{.*}} -> tensor<64x64xf32>
// CHECK: scf.for %{{.*}} = %c0 to %[[END]] step %c32 iter_args(%{{.*}} = %{{.*}}, %[[S:.*]] = %[[STATE]])
// Keys with tokens in the lanes.
// CHECK: linalg.generic {{.*}} outs(%{{.*}} : tensor<64x32xf32>)
// Query heads of the group; pairs of tokens, of which later keys are none.
// CHECK: scf.for %{{.*}} = %c0 to %c4
// CHECK: linalg.generic {{.*}} ins(%{{.*}} : tensor<16x64xf32>, tensor<64x16xf32>) outs(%{{.*}} : tensor<16x16xf32>)
// CHECK: arith.cmpi sle
// CHECK: arith.select
// What the state holds, and the tokens of earlier blocks.
// CHECK: linalg.generic {{.*}} ins(%{{.*}}, %[[S]] : tensor<4x64xf32>, tensor<64x64xf32>) outs(%{{.*}} : tensor<4x64xf32>)
// CHECK: linalg.generic {{.*}} ins(%{{.*}} : tensor<4x?xf32>, tensor<?x64xf32>) outs(%{{.*}} : tensor<4x64xf32>)
// The new state.
// CHECK: linalg.generic {{.*}} ins(%{{.*}} : tensor<6x?xf32>, tensor<?x64xf32>) outs(%{{.*}} : tensor<6x64xf32>)
// CHECK: scf.for %{{.*}} = %[[END]] to %[[TOKENS]] step %c1
// CHECK: scf.forall.in_parallel
func.func @linear(%q: tensor<?x8x?x64xf32>, %k: tensor<?x2x?x64xf32>, %v: tensor<?x2x?x64xf32>) -> tensor<?x8x?x64xf32> {
  %o = attn.linear_attention query(%q) key(%k) value(%v)
    {schedule = #attn.chunks<tokens = 32, columns = 64, few = 4, lanes = 16, registers = 24>}
    : (tensor<?x8x?x64xf32>, tensor<?x2x?x64xf32>, tensor<?x2x?x64xf32>) -> tensor<?x8x?x64xf32>
  return %o : tensor<?x8x?x64xf32>
}

// -----

// A single token has no chunks; its state is the result's memory from the start, and is
// read by the queries and the key together.
// CHECK-LABEL: func @step
// CHECK: scf.forall {{.*}} shared_outs(%{{.*}} = %{{.*}}, %[[OUT:.*]] = %{{.*}})
// CHECK: tensor.extract_slice %[[OUT]]
// CHECK-NOT: step %c32
// CHECK: linalg.generic {{.*}} ins(%{{.*}} : tensor<5x64xf32>, tensor<64x64xf32>) outs(%{{.*}} : tensor<5x64xf32>)
// CHECK-NOT: step %c32
// CHECK: scf.forall.in_parallel
func.func @step(%q: tensor<1x8x1x64xf32>, %k: tensor<1x2x1x64xf32>, %v: tensor<1x2x1x64xf32>, %b: tensor<1x2x1xf32>,
                %s: tensor<1x2x64x64xf32>) -> (tensor<1x8x1x64xf32>, tensor<1x2x64x64xf32>) {
  %o, %l = attn.linear_attention query(%q) key(%k) value(%v) beta(%b) state(%s)
    {schedule = #attn.chunks<tokens = 32, columns = 64, few = 4, lanes = 16, registers = 32>}
    : (tensor<1x8x1x64xf32>, tensor<1x2x1x64xf32>, tensor<1x2x1x64xf32>, tensor<1x2x1xf32>, tensor<1x2x64x64xf32>)
    -> (tensor<1x8x1x64xf32>, tensor<1x2x64x64xf32>)
  return %o, %l : tensor<1x8x1x64xf32>, tensor<1x2x64x64xf32>
}

// -----

// Whole chunks are known to be whole. Columns that do not divide: two loops.
// CHECK-LABEL: func @columns
// CHECK: scf.forall (%{{.*}}, %{{.*}}) in (2, 2)
// CHECK: scf.for %{{.*}} = %c0 to %c64 step %c32
// CHECK-NOT: scf.for {{.*}} = %c64 to
// CHECK: scf.forall.in_parallel
// CHECK: scf.forall (%{{.*}}) in (2)
// CHECK: scf.for %{{.*}} = %c0 to %c64 step %c32
// CHECK: scf.forall.in_parallel
func.func @columns(%q: tensor<2x64x32xf32>, %k: tensor<2x64x32xf32>, %v: tensor<2x64x100xf32>) -> tensor<2x64x100xf32> {
  %o = attn.linear_attention query(%q) key(%k) value(%v)
    {schedule = #attn.chunks<tokens = 32, columns = 48, few = 4, lanes = 16, registers = 24>}
    : (tensor<2x64x32xf32>, tensor<2x64x32xf32>, tensor<2x64x100xf32>) -> tensor<2x64x100xf32>
  return %o : tensor<2x64x100xf32>
}
