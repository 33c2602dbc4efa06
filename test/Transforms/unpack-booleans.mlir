// RUN: attn-opt %s --attn-unpack-booleans -split-input-file | FileCheck %s

// An element of a mask is true where its byte is not zero, also of a slice of it.

// CHECK-LABEL: func @element(
// CHECK-SAME:    %[[BYTES:.*]]: tensor<?x?xi8>, %[[I:.*]]: index, %[[J:.*]]: index, %[[N:.*]]: index)
// CHECK:         %[[SLICE:.*]] = tensor.extract_slice %[[BYTES]][%[[I]], 0] [1, %[[N]]] [1, 1] : tensor<?x?xi8> to tensor<?xi8>
// CHECK:         %[[BYTE:.*]] = tensor.extract %[[SLICE]][%[[J]]]
// CHECK:         %[[LIVE:.*]] = arith.cmpi ne, %[[BYTE]], %c0_i8
// CHECK:         tensor.dim %[[BYTES]]
// CHECK:         return %[[LIVE]]
func.func @element(%x: tensor<?x?xi1>, %i: index, %j: index, %n: index) -> (i1, index) {
  %c0 = arith.constant 0 : index
  %s = tensor.extract_slice %x[%i, 0] [1, %n] [1, 1] : tensor<?x?xi1> to tensor<?xi1>
  %e = tensor.extract %s[%j] : tensor<?xi1>
  %d = tensor.dim %x, %c0 : tensor<?x?xi1>
  return %e, %d : i1, index
}

// -----

// What is used as a whole stays as it is.

// CHECK-LABEL: func @whole(
// CHECK-SAME:    %{{.*}}: tensor<?xi1>
func.func @whole(%x: tensor<?xi1>) -> tensor<?xi1> {
  return %x : tensor<?xi1>
}

// -----

// CHECK-LABEL: func private @called(
// CHECK-SAME:    %{{.*}}: tensor<?xi1>
func.func private @called(%x: tensor<?xi1>, %i: index) -> i1 {
  %e = tensor.extract %x[%i] : tensor<?xi1>
  return %e : i1
}

// -----

// So is a vector; where it would be packed in memory instead, its elements are read one by one.

// CHECK-LABEL: func @vector(
// CHECK-SAME:    %[[BYTES:.*]]: tensor<?xi8>, %[[I:.*]]: index)
// CHECK:         %[[READ:.*]] = vector.transfer_read %[[BYTES]][%[[I]]], %{{.*}} {in_bounds = [true]} : tensor<?xi8>, vector<4xi8>
// CHECK:         arith.cmpi ne, %[[READ]], %{{.*}} : vector<4xi8>
func.func @vector(%x: tensor<?xi1>, %i: index) -> vector<4xi1> {
  %false = arith.constant false
  %r = vector.transfer_read %x[%i], %false {in_bounds = [true]} : tensor<?xi1>, vector<4xi1>
  return %r : vector<4xi1>
}

// -----

// CHECK-LABEL: func private @vector_of_packed(
// CHECK-SAME:    %[[BITS:.*]]: tensor<?xi1>, %[[I:.*]]: index)
// CHECK:         tensor.extract %[[BITS]]
// CHECK:         %[[ALL:.*]] = vector.from_elements
// CHECK:         return %[[ALL]]
func.func private @vector_of_packed(%x: tensor<?xi1>, %i: index) -> vector<4xi1> {
  %false = arith.constant false
  %r = vector.transfer_read %x[%i], %false {in_bounds = [true]} : tensor<?xi1>, vector<4xi1>
  return %r : vector<4xi1>
}
