// RUN: attn-opt %s --attn-expand-copies --split-input-file --verify-diagnostics --remarks-filter=attn --remark-format=emitRemark

// New rows are copied without a word.

func.func @rows(%a: memref<1x8xf32>, %c: memref<?x8xf32> {attn.updated_by = 0 : i64}, %i: index) {
  %row = memref.subview %c[%i, 0][1, 8][1, 1] : memref<?x8xf32> to memref<1x8xf32, strided<[8, 1], offset: ?>>
  memref.copy %a, %row : memref<1x8xf32> to memref<1x8xf32, strided<[8, 1], offset: ?>>
  return
}

// -----

func.func @whole(%a: memref<?x8xf32>, %c: memref<?x8xf32> {attn.updated_by = 0 : i64}) {
  // expected-error @+1 {{a copy of argument 1, which the function changes in place, would be needed here and is not supported}}
  memref.copy %a, %c : memref<?x8xf32> to memref<?x8xf32>
  return
}
