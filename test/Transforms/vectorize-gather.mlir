// Loads at positions that the analysis does not see as adjacent.
// RUN: attn-opt %s --attn-vectorize-linalg=vector-bits=512 --canonicalize --cse | FileCheck %s

#row = affine_map<(d) -> (d)>

// One scale for each 10 of 20 features: the lanes past the twentieth read no third scale.
// CHECK-LABEL: func @scales
// CHECK-SAME:  %[[X:.*]]: tensor<20xf32>, %[[S:[^:]*]]: tensor<2xf32>
// CHECK-NOT:   arith.constant 2 : index
// CHECK-COUNT-2: tensor.extract %[[S]]
// CHECK-NOT:   tensor.extract
// CHECK:       return
func.func @scales(%x: tensor<20xf32>, %s: tensor<2xf32>, %o: tensor<20xf32>) -> tensor<20xf32> {
  %0 = linalg.generic {indexing_maps = [#row, #row], iterator_types = ["parallel"]}
      ins(%x : tensor<20xf32>) outs(%o : tensor<20xf32>) {
  ^bb0(%e: f32, %old: f32):
    %d = linalg.index 0 : index
    %c10 = arith.constant 10 : index
    %g = arith.divui %d, %c10 : index
    %scale = tensor.extract %s[%g] : tensor<2xf32>
    %r = arith.mulf %e, %scale : f32
    linalg.yield %r : f32
  } -> tensor<20xf32>
  return %0 : tensor<20xf32>
}
