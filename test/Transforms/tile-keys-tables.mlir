// Queries that a score region multiplies with rows of a table: a task multiplies them with all rows, of its head,
// before the loop over keys; the score is scaled by the region, since products are not.
// RUN: attn-opt %s --attn-tile-queries --attn-tile-keys --canonicalize -split-input-file | FileCheck %s

#schedule = #attn.schedule<kind = "prefill", query_tile = 16, key_tile = 128, key_block = 8, lanes = 16, registers = 24>

// CHECK-LABEL: func @products
// CHECK-SAME:    %[[TABLE:[^:]*]]: tensor<8x33x64xf32>
// CHECK:       scf.forall (%{{.*}}, %[[H:.*]], %{{.*}}) =
// CHECK:         %[[POSITIVE:.*]] = arith.maxsi %[[H]], %c0
// CHECK:         %[[OWN:.*]] = arith.minsi %[[POSITIVE]], %c7
//                33 rows, in blocks of 8.
// CHECK:         %[[PRODUCTS:.*]] = scf.for %{{.*}} = %c0 to %c40 step %c8 iter_args(%{{.*}}) -> (tensor<40x16xf32>) {
// CHECK:           linalg.generic {{.*}} outs(%{{.*}} : tensor<8x16xf32>)
// CHECK:             tensor.extract %[[TABLE]][%[[OWN]], %{{.*}}, %{{.*}}]
// CHECK:         scf.for
// CHECK:           attn.online_attention
// CHECK:           score(%[[S:.*]]: f32,
// CHECK:             %[[SCALED:.*]] = arith.mulf %[[S]], %cst{{.*}}
// CHECK:             attn.query_dot %[[TABLE]][%{{.*}}, %{{.*}}] products(%[[PRODUCTS]] : tensor<40x16xf32>)
// CHECK:             arith.addf %[[SCALED]]
func.func @products(%q: tensor<?x8x?x64xf32>, %k: tensor<?x8x?x64xf32>, %table: tensor<8x33x64xf32>)
    -> tensor<?x8x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%k)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %row = arith.subi %j, %i : index
      %x = attn.query_dot %table[%h, %row] : tensor<8x33x64xf32>
      %r = arith.addf %s, %x : f32
      attn.yield %r : f32
    }
    {schedule = #schedule}
    : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32>
  return %o : tensor<?x8x?x64xf32>
}

// -----

#schedule = #attn.schedule<kind = "prefill", query_tile = 16, key_tile = 128, key_block = 8, lanes = 16, registers = 24>

// Of a table with an unknown number of rows, they are multiplied pair by pair.

// CHECK-LABEL: func @unknown
// CHECK:       attn.query_dot %{{.*}}[%{{.*}}] queries(%{{.*}} : tensor<16x64xf32>) : tensor<?x64xf32>
func.func @unknown(%q: tensor<?x8x?x64xf32>, %k: tensor<?x8x?x64xf32>, %table: tensor<?x64xf32>)
    -> tensor<?x8x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%k)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %row = arith.subi %j, %i : index
      %x = attn.query_dot %table[%row] : tensor<?x64xf32>
      %r = arith.addf %s, %x : f32
      attn.yield %r : f32
    }
    {schedule = #schedule}
    : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32>
  return %o : tensor<?x8x?x64xf32>
}
