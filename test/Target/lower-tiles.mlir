// RUN: attn-opt %s --attn-attach-target=target=amx --attn-lower-tiles | FileCheck %s
// RUN: attn-opt %s --attn-attach-target=target=avx512-bf16 --attn-lower-tiles | FileCheck %s --check-prefix=OTHER

#left = affine_map<(row, column, pair, second) -> (row, pair, second)>
#right = affine_map<(row, column, pair, second) -> (pair, column, second)>
#sums = affine_map<(row, column, pair, second) -> (row, column)>

// Loops carry registers. Addresses and strides are in bytes; each square of sums has a zero of its own.

// CHECK-LABEL: func @product
// CHECK-SAME: %[[A:.*]]: memref<?x64xbf16, strided<[?, 1], offset: ?>>
// CHECK: scf.for
// CHECK:   %[[ZERO:.*]] = llvm.call_intrinsic "llvm.x86.tilezero.internal"(%{{.*}}, %{{.*}}) : (i16, i16) -> !llvm.x86_amx
// CHECK:   scf.for {{.*}} iter_args(%[[SUM:.*]] = %[[ZERO]]) -> (!llvm.x86_amx)
// CHECK:     memref.extract_aligned_pointer_as_index %[[A]]
// CHECK:     %[[L:.*]] = llvm.call_intrinsic "llvm.x86.tileloadd64.internal"(%{{.*}}) : (i16, i16, !llvm.ptr, i64) -> !llvm.x86_amx
// CHECK:     %[[R:.*]] = llvm.call_intrinsic "llvm.x86.tileloadd64.internal"
// CHECK:     llvm.call_intrinsic "llvm.x86.tdpbf16ps.internal"(%{{.*}}, %{{.*}}, %{{.*}}, %[[SUM]], %[[L]], %[[R]])
// CHECK:   llvm.call_intrinsic "llvm.x86.tilestored64.internal"(%{{.*}}) : (i16, i16, !llvm.ptr, i64, !llvm.x86_amx) -> ()
// CHECK-NOT: vector<
// OTHER: vector.contract
func.func @product(%a: memref<?x64xbf16, strided<[?, 1], offset: ?>>, %w: memref<32x32xbf16>, %out: memref<?x16xf32>,
                   %rows: index) {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %c16 = arith.constant 16 : index
  %c32 = arith.constant 32 : index
  %zero = arith.constant dense<0.0> : vector<16x16xf32>
  %none = arith.constant 0.0 : bf16
  scf.for %row = %c0 to %rows step %c16 {
    %sum = scf.for %d = %c0 to %c32 step %c16 iter_args(%s = %zero) -> vector<16x16xf32> {
      %depth = arith.muli %d, %c2 : index
      %l = vector.transfer_read %a[%row, %depth], %none {in_bounds = [true, true]}
          : memref<?x64xbf16, strided<[?, 1], offset: ?>>, vector<16x32xbf16>
      %r = vector.transfer_read %w[%d, %c0], %none {in_bounds = [true, true]} : memref<32x32xbf16>, vector<16x32xbf16>
      %lp = vector.shape_cast %l : vector<16x32xbf16> to vector<16x16x2xbf16>
      %rp = vector.shape_cast %r : vector<16x32xbf16> to vector<16x16x2xbf16>
      %n = vector.contract {indexing_maps = [#left, #right, #sums],
                            iterator_types = ["parallel", "parallel", "reduction", "reduction"],
                            kind = #vector.kind<add>} %lp, %rp, %s
          : vector<16x16x2xbf16>, vector<16x16x2xbf16> into vector<16x16xf32>
      scf.yield %n : vector<16x16xf32>
    }
    vector.transfer_write %sum, %out[%row, %c0] {in_bounds = [true, true]} : vector<16x16xf32>, memref<?x16xf32>
  }
  return
}
