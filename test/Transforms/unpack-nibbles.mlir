// RUN: attn-opt %s --attn-unpack-nibbles -split-input-file -verify-diagnostics | FileCheck %s

// A slice of rows is one of their bytes; an element is the top of an i32, shifted down.

// CHECK-LABEL: func @element(
// CHECK-SAME:    %[[BYTES:.*]]: tensor<?x8xi8>, %[[ROW:.*]]: index, %[[D:.*]]: index)
// CHECK:         %[[SLICE:.*]] = tensor.extract_slice %[[BYTES]][%[[ROW]], 0] [1, 8] [1, 1] : tensor<?x8xi8> to tensor<8xi8>
// CHECK-DAG:     %[[BYTE:.*]] = arith.divui %[[D]], %c2
// CHECK-DAG:     %[[HALF:.*]] = arith.remui %[[D]], %c2
// CHECK:         %[[READ:.*]] = tensor.extract %[[SLICE]][%[[BYTE]]]
// CHECK:         %[[WIDE:.*]] = arith.extsi %[[READ]] : i8 to i32
// CHECK:         %[[HALF32:.*]] = arith.index_cast %[[HALF]] : index to i32
// CHECK:         %[[LOWER:.*]] = arith.muli %[[HALF32]], %c4_i32
// CHECK:         %[[BY:.*]] = arith.subi %c28_i32{{.*}}, %[[LOWER]]
// CHECK:         %[[TOP:.*]] = arith.shli %[[WIDE]], %[[BY]]
// CHECK:         %[[BITS:.*]] = arith.shrsi %[[TOP]], %c28_i32
// CHECK:         arith.sitofp %[[BITS]] : i32 to f32
func.func @element(%x: tensor<?x16xi4>, %row: index, %d: index) -> f32 {
  %s = tensor.extract_slice %x[%row, 0] [1, 16] [1, 1] : tensor<?x16xi4> to tensor<16xi4>
  %e = tensor.extract %s[%d] : tensor<16xi4>
  %f = arith.sitofp %e : i4 to f32
  return %f : f32
}

// -----

// Features that are counted in pairs need no division.

// CHECK-LABEL: func @pairs(
// CHECK-SAME:    %[[BYTES:[a-z0-9]*]]: tensor<4x8xi8>
// CHECK:         %[[ROW:.*]] = linalg.index 0
// CHECK:         %[[BYTE:.*]] = linalg.index 1
// CHECK:         %[[HALF:.*]] = linalg.index 2
// CHECK-NOT:     arith.divui
// CHECK:         tensor.extract %[[BYTES]][%[[ROW]], %[[BYTE]]]
// CHECK:         arith.index_cast %[[HALF]] : index to i32
func.func @pairs(%x: tensor<4x16xi4>, %shape: tensor<8x2xf32>, %into: tensor<4x16xf32>) -> tensor<4x16xf32> {
  %r = linalg.generic {indexing_maps = [affine_map<(r, k, p) -> (k, p)>, affine_map<(r, k, p) -> (r, k * 2 + p)>],
                       iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%shape : tensor<8x2xf32>) outs(%into : tensor<4x16xf32>) {
  ^bb0(%in: f32, %out: f32):
    %two = arith.constant 2 : index
    %row = linalg.index 0 : index
    %byte = linalg.index 1 : index
    %half = linalg.index 2 : index
    %first = arith.muli %byte, %two : index
    %d = arith.addi %first, %half : index
    %e = tensor.extract %x[%row, %d] : tensor<4x16xi4>
    %f = arith.sitofp %e : i4 to f32
    linalg.yield %f : f32
  } -> tensor<4x16xf32>
  return %r : tensor<4x16xf32>
}

// -----

func.func @other_op(%x: tensor<4x16xi4>, %i: i4) -> tensor<4x16xf32> {
  %c0 = arith.constant 0 : index
  // expected-error @+1 {{on a tensor of i4 is not supported; only attn.attention reads them}}
  %y = arith.sitofp %x : tensor<4x16xi4> to tensor<4x16xf32>
  return %y : tensor<4x16xf32>
}

// -----

// expected-error @+1 {{results of i4 are not supported}}
func.func @result(%x: tensor<4x16xi4>) -> tensor<4x16xi4> {
  return %x : tensor<4x16xi4>
}

// -----

// expected-error @+1 {{i4 in rows of an odd or unknown size is not supported, got 'tensor<4x15xi4>'}}
func.func @odd(%x: tensor<4x15xi4>) -> index {
  %c0 = arith.constant 0 : index
  return %c0 : index
}

// -----

func.func @cut(%x: tensor<4x16xi4>) -> tensor<4x8xf32> {
  // expected-error @+1 {{of a part of the last dimension of i4 is not supported}}
  %s = tensor.extract_slice %x[0, 8] [4, 8] [1, 1] : tensor<4x16xi4> to tensor<4x8xi4>
  %y = arith.sitofp %s : tensor<4x8xi4> to tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}
