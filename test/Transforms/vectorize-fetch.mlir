// A contraction fetches what comes next, some lines every few steps.
// RUN: attn-opt %s --attn-vectorize-linalg=vector-bits=512 --canonicalize --cse | FileCheck %s

#query = affine_map<(r, lane, d) -> (d, lane)>
#none = affine_map<(r, lane, d) -> (0, 0)>
#out = affine_map<(r, lane, d) -> (r, lane)>

// 64 steps in eighths; each fetches an eighth of 8 rows of 4 lines and of 4 rows of 2 lines. A tensor that may have
// fewer rows is never left; one that has as many needs no test.

// CHECK-LABEL: func @scores
// CHECK-SAME:      %[[NEXT:[a-z0-9]+]]: tensor<?x64xf32>, %[[FEW:[a-z0-9]+]]: tensor<4x20xf32>
// CHECK-DAG:     %[[MEMORY:.*]] = bufferization.to_buffer %[[NEXT]] read_only
// CHECK-DAG:     %[[FEWER:.*]] = bufferization.to_buffer %[[FEW]] read_only
// CHECK-DAG:     %[[ROWS:.*]] = tensor.dim %[[NEXT]]
// CHECK:         scf.for %[[FIRST:.*]] = %c0 to %c64 step %c8 iter_args
// CHECK:           %[[PART:.*]] = arith.divui %[[FIRST]], %c8
// CHECK:           %[[LAST:.*]] = arith.minsi
// CHECK:           memref.prefetch %[[MEMORY]][%[[LAST]], %{{.*}}], read, locality<3>, data
// CHECK-COUNT-3:   memref.prefetch %[[MEMORY]]
// CHECK:           memref.prefetch %[[FEWER]]
// CHECK-NOT:       memref.prefetch
// CHECK:           %[[END:.*]] = arith.addi %[[FIRST]], %c8
// CHECK:           scf.for %{{.*}} = %[[FIRST]] to %[[END]] step %c1 iter_args
// CHECK-COUNT-2:     math.fma
// CHECK:             scf.yield {{.*}} vector<16xf32>, vector<16xf32>
func.func @scores(%next: tensor<?x64xf32>, %few: tensor<4x20xf32>, %q: tensor<64x16xf32>, %k: tensor<2x64xf32>,
                  %c: tensor<2x16xf32>) -> tensor<2x16xf32> {
  %0 = linalg.generic {indexing_maps = [#query, #none, #none, #out],
                       iterator_types = ["parallel", "parallel", "reduction"], attn.fetch = array<i64: 8, 4>}
      ins(%q, %next, %few : tensor<64x16xf32>, tensor<?x64xf32>, tensor<4x20xf32>) outs(%c : tensor<2x16xf32>) {
  ^bb0(%x: f32, %no: f32, %none: f32, %acc: f32):
    %r = linalg.index 0 : index
    %d = linalg.index 2 : index
    %y = tensor.extract %k[%r, %d] : tensor<2x64xf32>
    %s = math.fma %y, %x, %acc : f32
    linalg.yield %s : f32
  } -> tensor<2x16xf32>
  return %0 : tensor<2x16xf32>
}

// Without the attribute, or with a number of steps that has no small divisor, nothing is fetched.

// CHECK-LABEL: func @forgotten
// CHECK-NOT:     memref.prefetch
func.func @forgotten(%next: tensor<?x64xf32>, %q: tensor<64x16xf32>, %c: tensor<1x16xf32>) -> tensor<1x16xf32> {
  %0 = linalg.generic {indexing_maps = [#query, #none, #out], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%q, %next : tensor<64x16xf32>, tensor<?x64xf32>) outs(%c : tensor<1x16xf32>) {
  ^bb0(%x: f32, %no: f32, %acc: f32):
    %s = arith.addf %x, %acc : f32
    linalg.yield %s : f32
  } -> tensor<1x16xf32>
  return %0 : tensor<1x16xf32>
}

// CHECK-LABEL: func @prime
// CHECK-NOT:     memref.prefetch
func.func @prime(%next: tensor<?x67xf32>, %q: tensor<67x16xf32>, %c: tensor<1x16xf32>) -> tensor<1x16xf32> {
  %0 = linalg.generic {indexing_maps = [#query, #none, #out], iterator_types = ["parallel", "parallel", "reduction"],
                       attn.fetch = array<i64: 8>}
      ins(%q, %next : tensor<67x16xf32>, tensor<?x67xf32>) outs(%c : tensor<1x16xf32>) {
  ^bb0(%x: f32, %no: f32, %acc: f32):
    %s = arith.addf %x, %acc : f32
    linalg.yield %s : f32
  } -> tensor<1x16xf32>
  return %0 : tensor<1x16xf32>
}
