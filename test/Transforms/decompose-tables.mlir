// The rows of tables that pairs of a tile ask for are tabulated by distance. Where they are one row, one row of
// products serves all keys, and the row of a value table is added to each query once.
// RUN: attn-opt %s --attn-decompose-online-attention -split-input-file -verify-diagnostics | FileCheck %s

#schedule = #attn.schedule<kind = "prefill", query_tile = 48, key_tile = 128, key_block = 8, lanes = 16, registers = 24>

// CHECK-LABEL: func @tables
// CHECK-SAME:    %[[PRODUCTS:[^:]*]]: tensor<40x48xf32>, %[[VALUES:[^:]*]]: tensor<9x64xf32>
//              A row for each distance, and whether they are the same.
// CHECK:       %[[ROWS:.*]] = linalg.generic {{.*}} outs(%{{.*}} : tensor<176xi32>)
// CHECK:       arith.cmpi ne
// CHECK:       %[[SINGLE:.*]] = arith.xori
// CHECK:       %[[KEYS:.*]] = arith.select %[[SINGLE]]
// CHECK:       %[[LAST:.*]] = arith.select %[[SINGLE]]
// CHECK:       %[[LOOKED:.*]] = scf.for %{{.*}} = %{{.*}} to %[[KEYS]]
// CHECK:         tensor.extract %[[ROWS]]
// CHECK:         tensor.extract %[[PRODUCTS]]
//              The blocks of keys read products as they lie.
// CHECK:       scf.for
// CHECK:         %[[KEY:.*]] = arith.minsi %{{.*}}, %[[LAST]]
// CHECK:         tensor.extract %[[LOOKED]][%[[KEY]], %{{.*}}]
// CHECK-NOT:     tensor.extract %[[PRODUCTS]]
// CHECK:       %[[ONE:.*]] = arith.xori
// CHECK:       scf.if %[[ONE]]
//                Each query's sum of probabilities, times the row.
// CHECK:         iterator_types = ["reduction", "parallel"]
// CHECK:         iterator_types = ["parallel", "parallel"]
// CHECK:           tensor.extract %[[VALUES]]
// CHECK:       } else {
//                A row for each pair.
// CHECK:         iterator_types = ["parallel", "parallel", "reduction"]
// CHECK:           tensor.extract %[[VALUES]]
func.func @tables(%products: tensor<40x48xf32>, %values: tensor<9x64xf32>, %table: tensor<33x64xf32>,
    %q: tensor<64x48xf32>, %k: tensor<?x64xf32>, %v: tensor<?x64xf32>, %b: index, %h: index, %i: index, %j: index,
    %live: index, %acc: tensor<48x64xf32>, %max: tensor<48xf32>, %sum: tensor<48xf32>) -> tensor<48x64xf32> {
  %0:3 = attn.online_attention query(%q) key(%k) value(%v) value_table(%values) offsets(%b, %h, %i, %j) live(%live)
      state(%acc, %max, %sum)
    score(%s: f32, %rb: index, %rh: index, %ri: index, %rj: index) {
      %d = arith.subi %rj, %ri : index
      %x = attn.query_dot %table[%d] products(%products : tensor<40x48xf32>) : tensor<33x64xf32>
      %r = arith.addf %s, %x : f32
      attn.yield %r : f32
    }
    value_row(%rb: index, %rh: index, %ri: index, %rj: index) {
      %d = arith.subi %rj, %ri : index
      attn.yield %d : index
    }
    {schedule = #schedule}
    : (tensor<64x48xf32>, tensor<?x64xf32>, tensor<?x64xf32>, tensor<9x64xf32>, tensor<48x64xf32>, tensor<48xf32>,
       tensor<48xf32>) -> (tensor<48x64xf32>, tensor<48xf32>, tensor<48xf32>)
  return %0#0 : tensor<48x64xf32>
}

// -----

#schedule = #attn.schedule<kind = "prefill", query_tile = 48, key_tile = 128, key_block = 8, lanes = 16, registers = 24>

func.func @incomplete(%table: tensor<33x64xf32>, %q: tensor<64x48xf32>, %k: tensor<?x64xf32>, %v: tensor<?x64xf32>,
    %i: index, %acc: tensor<48x64xf32>, %max: tensor<48xf32>, %sum: tensor<48xf32>) -> tensor<48x64xf32> {
  %0:3 = attn.online_attention query(%q) key(%k) value(%v) offsets(%i, %i, %i, %i) live(%i) state(%acc, %max, %sum)
    score(%s: f32, %rb: index, %rh: index, %ri: index, %rj: index) {
      // expected-error @+1 {{has neither products nor queries; run attn-tile-keys first}}
      %x = attn.query_dot %table[%rj] : tensor<33x64xf32>
      attn.yield %x : f32
    }
    {schedule = #schedule}
    : (tensor<64x48xf32>, tensor<?x64xf32>, tensor<?x64xf32>, tensor<48x64xf32>, tensor<48xf32>, tensor<48xf32>)
    -> (tensor<48x64xf32>, tensor<48xf32>, tensor<48xf32>)
  return %0#0 : tensor<48x64xf32>
}
