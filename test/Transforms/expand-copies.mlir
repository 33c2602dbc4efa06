// RUN: attn-opt %s --attn-expand-copies --remarks-filter=attn --remark-format=emitRemark 2>&1 | FileCheck %s

// CHECK: remark: {{.*}}a buffer is copied
// CHECK-LABEL: func.func @copy
// CHECK: scf.for %[[ROW:.*]] = %{{.*}} to %{{.*}}
// CHECK:   %[[READ:.*]] = vector.transfer_read %{{.*}}[%[[ROW]], %{{.*}}], %{{.*}} {in_bounds = [true]} : {{.*}}, vector<8xf32>
// CHECK:   vector.transfer_write %[[READ]], %{{.*}}[%[[ROW]], %{{.*}}] {in_bounds = [true]}
func.func @copy(%a: memref<?x8xf32>, %b: memref<?x8xf32, strided<[?, 1], offset: ?>>) {
  memref.copy %a, %b : memref<?x8xf32> to memref<?x8xf32, strided<[?, 1], offset: ?>>
  return
}

// Rows of unknown length, and those whose elements do not lie side by side.

// CHECK-LABEL: func.func @others
// CHECK-COUNT-2: linalg.copy
func.func @others(%a: memref<8x?xf32>, %b: memref<8x?xf32>, %c: memref<8xf32, strided<[2]>>, %d: memref<8xf32>) {
  memref.copy %a, %b : memref<8x?xf32> to memref<8x?xf32>
  memref.copy %c, %d : memref<8xf32, strided<[2]>> to memref<8xf32>
  return
}
