// RUN: attn-opt %s --attn-vectorize-linalg=vector-bits=512 --canonicalize | FileCheck %s

#left = affine_map<(r, c, g, d, p) -> (g, r, d * 2 + p)>
#right = affine_map<(r, c, g, d, p) -> (g, d, c * 2 + p)>
#pair = affine_map<(r, c, g, d, p) -> (p)>
#sums = affine_map<(r, c, g, d, p) -> (r, c)>

// 32 x 16 sums are two squares, carried through the groups and the depth, 16 pairs a step.
// CHECK-LABEL: func @groups
// CHECK-SAME: %[[A:.*]]: tensor<3x32x64xbf16>, %[[W:.*]]: tensor<3x32x32xbf16>
// CHECK: %[[ZERO:.*]] = arith.constant dense<0.000000e+00> : vector<16x16xf32>
// CHECK: scf.for %[[G:.*]] = %{{.*}} iter_args(%{{.*}} = %[[ZERO]], %{{.*}} = %[[ZERO]]) -> (vector<16x16xf32>, vector<16x16xf32>)
// CHECK:   scf.for %[[D:.*]] = %c0 to %c32 step %c16
// CHECK:     %[[L:.*]] = vector.transfer_read {{.*}} vector<16x32xbf16>
// CHECK:     vector.shape_cast %[[L]] : vector<16x32xbf16> to vector<16x16x2xbf16>
// CHECK-COUNT-2: vector.contract {{.*}} : vector<16x16x2xbf16>, vector<16x16x2xbf16> into vector<16x16xf32>
// CHECK-COUNT-2: vector.transfer_write {{.*}} : vector<16x16xf32>, tensor<32x16xf32>
func.func @groups(%a: tensor<3x32x64xbf16>, %w: tensor<3x32x32xbf16>) -> tensor<32x16xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<32x16xf32>
  %pair = tensor.empty() : tensor<2xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<32x16xf32>) -> tensor<32x16xf32>
  %sum = linalg.generic {indexing_maps = [#left, #right, #pair, #sums],
                         iterator_types = ["parallel", "parallel", "reduction", "reduction", "reduction"],
                         attn.matrix_tiles}
      ins(%a, %w, %pair : tensor<3x32x64xbf16>, tensor<3x32x32xbf16>, tensor<2xf32>) outs(%init : tensor<32x16xf32>) {
  ^bb0(%x: bf16, %y: bf16, %p: f32, %s: f32):
    %0 = arith.extf %x : bf16 to f32
    %1 = arith.extf %y : bf16 to f32
    %2 = arith.mulf %0, %1 : f32
    %3 = arith.addf %2, %s : f32
    linalg.yield %3 : f32
  } -> tensor<32x16xf32>
  return %sum : tensor<32x16xf32>
}
