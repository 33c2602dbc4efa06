// RUN: attn-opt %s --attn-expand-copies --remarks-filter=attn --remark-format=emitRemark 2>&1 | FileCheck %s

// CHECK: remark: {{.*}}a buffer is copied
// CHECK-LABEL: func.func @copy
// CHECK: linalg.copy
func.func @copy(%a: memref<?x8xf32>, %b: memref<?x8xf32, strided<[?, 1], offset: ?>>) {
  memref.copy %a, %b : memref<?x8xf32> to memref<?x8xf32, strided<[?, 1], offset: ?>>
  return
}
