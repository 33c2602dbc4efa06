// RUN: attn-opt %s --attn-mask-reshaped-reads --canonicalize | FileCheck %s
// RUN: attn-opt %s --attn-mask-reshaped-reads --fold-memref-alias-ops --canonicalize | FileCheck %s --check-prefix=FOLDED

// Behind the second vector of row 0 lies row 1, which must not be read for the padding.

// CHECK-LABEL: func @halves
// CHECK-DAG:     %[[MASK:.*]] = vector.constant_mask [8] : vector<16xi1>
// CHECK-DAG:     vector.transfer_read %{{.*}}[%{{.*}}, %c0, %c0], %{{.*}} {in_bounds = [true]}
// CHECK-DAG:     vector.transfer_read %{{.*}}[%{{.*}}, %c0, %c16], %{{.*}}, %[[MASK]] {in_bounds = [true]}

// FOLDED-LABEL: func @halves
// FOLDED:         %[[MASK:.*]] = vector.constant_mask [8] : vector<16xi1>
// FOLDED:         vector.transfer_read %{{.*}}[%{{.*}}, %c16], %{{.*}}, %[[MASK]] {in_bounds = [true]} : memref<4x48xf32>
func.func @halves(%rows: memref<4x48xf32>, %i: index) -> (vector<16xf32>, vector<16xf32>) {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %c16 = arith.constant 16 : index
  %halves = memref.expand_shape %rows [[0], [1, 2]] output_shape [4, 2, 24] : memref<4x48xf32> into memref<4x2x24xf32>
  %a = vector.transfer_read %halves[%i, %c0, %c0], %zero {in_bounds = [true]} : memref<4x2x24xf32>, vector<16xf32>
  %b = vector.transfer_read %halves[%i, %c0, %c16], %zero : memref<4x2x24xf32>, vector<16xf32>
  return %a, %b : vector<16xf32>, vector<16xf32>
}

// Of other buffers, bounds are enough.

// CHECK-LABEL: func @rows
// CHECK-NOT:     mask
func.func @rows(%rows: memref<4x24xf32>, %i: index) -> vector<16xf32> {
  %zero = arith.constant 0.0 : f32
  %c16 = arith.constant 16 : index
  %a = vector.transfer_read %rows[%i, %c16], %zero : memref<4x24xf32>, vector<16xf32>
  return %a : vector<16xf32>
}
