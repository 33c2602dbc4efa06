// RUN: attn-opt %s --attn-outputs-to-arguments -split-input-file -verify-diagnostics | FileCheck %s

// Tensors become memory with a unit inner stride; the result is a parameter behind the inputs.

// CHECK-LABEL: func @add
// CHECK-SAME:  %[[A:.*]]: memref<?x8xf32, strided<[?, 1], offset: ?>> {attn.name = "a"}, %[[N:.*]]: index, %[[OUT:.*]]: memref<?x8xf32, strided<[?, 1], offset: ?>>) {
// CHECK:         %[[T:.*]] = bufferization.to_tensor %[[A]] restrict
// CHECK:         %[[SUM:.*]] = linalg.add ins(%[[T]], %[[T]]
// CHECK:         bufferization.materialize_in_destination %[[SUM]] in restrict writable %[[OUT]]
// CHECK:         return{{$}}
func.func @add(%a: tensor<?x8xf32> {attn.name = "a"}, %n: index) -> tensor<?x8xf32> {
  %0 = linalg.add ins(%a, %a : tensor<?x8xf32>, tensor<?x8xf32>) outs(%a : tensor<?x8xf32>) -> tensor<?x8xf32>
  return %0 : tensor<?x8xf32>
}

// Private functions and declarations are nobody's entries. A rank of zero has no inner stride.

// CHECK-LABEL: func private @helper(%{{.*}}: tensor<4xf32>) -> tensor<4xf32>
func.func private @helper(%a: tensor<4xf32>) -> tensor<4xf32> {
  return %a : tensor<4xf32>
}
// CHECK: func private @elsewhere(tensor<4xf32>) -> tensor<4xf32>
func.func private @elsewhere(%a: tensor<4xf32>) -> tensor<4xf32>
// CHECK: func @scalar(%{{.*}}: memref<f32, strided<[], offset: ?>>)
func.func @scalar(%a: tensor<f32>) {
  return
}

// -----

// Prepared weights share one block of bytes: 4 x 4 x f32 = 64 bytes, then the next.

// CHECK-LABEL: func @layer
// CHECK-SAME:  %{{.*}}: memref<4xf32, {{.*}}>, %[[OUT:.*]]: memref<4xf32, {{.*}}>, %[[BYTES:.*]]: memref<?xi8>)
// CHECK-SAME:  attn.prepared_bytes = 128 : i64
// CHECK-DAG:     memref.view %[[BYTES]][%c0][] : memref<?xi8> to memref<4x4xf32>
// CHECK-DAG:     memref.view %[[BYTES]][%c64][] : memref<?xi8> to memref<2xf32>
func.func @layer(%x: tensor<4xf32>, %p: tensor<4x4xf32> {attn.prepared}, %r: tensor<2xf32> {attn.prepared}) -> tensor<4xf32> {
  %0 = linalg.matvec ins(%p, %x : tensor<4x4xf32>, tensor<4xf32>) outs(%x : tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
// CHECK-LABEL: func @layer_prepare
// CHECK-SAME:  %[[W:.*]]: memref<4x4xf32, {{.*}}>, %[[BYTES:.*]]: memref<?xi8>)
// CHECK-DAG:     memref.view %[[BYTES]][%c0][] : memref<?xi8> to memref<4x4xf32>
// CHECK-DAG:     memref.view %[[BYTES]][%c64][] : memref<?xi8> to memref<2xf32>
func.func @layer_prepare(%w: tensor<4x4xf32>) -> (tensor<4x4xf32>, tensor<2xf32>) attributes {attn.prepare_of = @layer} {
  %0 = tensor.extract_slice %w[0, 0] [1, 2] [1, 1] : tensor<4x4xf32> to tensor<2xf32>
  return %w, %0 : tensor<4x4xf32>, tensor<2xf32>
}

// -----

// expected-error @+1 {{'func.func' op must have one block}}
func.func @blocks(%a: tensor<4xf32>) -> tensor<4xf32> {
  cf.br ^end
^end:
  return %a : tensor<4xf32>
}

// -----

func.func @number(%a: tensor<4xf32>, %n: index) -> (tensor<4xf32>, index) {
  // expected-error @+1 {{'func.return' op can return tensors only, got 'index'}}
  return %a, %n : tensor<4xf32>, index
}

// -----

func.func @no_return(%a: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{'ub.unreachable' op must be func.return to end a public function}}
  ub.unreachable
}

// -----

// A result that is an argument changed in place is no parameter of its own.

// CHECK-LABEL: func @changed
// CHECK-SAME:  %[[NEW:[a-z0-9]*]]: memref<1x8xf32, {{[^%]*}}>, %[[C:[a-z0-9]*]]: memref<?x8xf32, {{[^%]*}}> {attn.updated_by = 1 : i64}, %{{[a-z0-9]*}}: index, %[[OUT:[a-z0-9]*]]: memref<1x8xf32, {{[^%]*}}>)
// CHECK:         bufferization.to_tensor %[[C]] restrict writable
// CHECK:         %[[T:.*]] = tensor.insert_slice
// CHECK:         bufferization.materialize_in_destination %{{.*}} in restrict writable %[[OUT]]
// CHECK:         bufferization.materialize_in_destination %[[T]] in restrict writable %[[C]]
func.func @changed(%new: tensor<1x8xf32>, %c: tensor<?x8xf32> {attn.updated_by = 1 : i64}, %i: index) -> (tensor<1x8xf32>, tensor<?x8xf32>) {
  %0 = tensor.insert_slice %new into %c[%i, 0][1, 8][1, 1] : tensor<1x8xf32> into tensor<?x8xf32>
  return %new, %0 : tensor<1x8xf32>, tensor<?x8xf32>
}
