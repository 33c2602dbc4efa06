// What only vectors were written to is no memory, across branches and where it is inserted.
// RUN: attn-opt %s --attn-vectorize-linalg=vector-bits=512 --canonicalize --cse | FileCheck %s

#id = affine_map<(r, c) -> (r, c)>

// Zeros in one branch, memory in the other: the other reads, and vectors leave the branch. What is made of them is
// written where it is inserted, and nowhere before.

// CHECK-LABEL: func @accumulator
// CHECK-SAME:      %[[FIRST:[a-z0-9]+]]: i1, %[[AT:[a-z0-9]+]]: index, %[[ACC:[a-z0-9]+]]: tensor<48x20xf32>
// CHECK:         %[[BLOCK:.*]]:4 = scf.if %[[FIRST]] -> (vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>)
// CHECK-NEXT:      scf.yield
// CHECK:         } else {
// CHECK:           %[[SLICE:.*]] = tensor.extract_slice %[[ACC]][%[[AT]], 0] [2, 20] [1, 1]
// CHECK-COUNT-4:   vector.transfer_read %[[SLICE]]
// CHECK:           scf.yield
// CHECK-NOT:     tensor.empty
// CHECK-COUNT-4: arith.addf {{.*}} : vector<16xf32>
// CHECK:         %[[INTO:.*]] = tensor.extract_slice %[[ACC]][%[[AT]], 0] [2, 20] [1, 1]
// CHECK:         %[[W0:.*]] = vector.transfer_write %{{.*}}, %[[INTO]][%c0, %c0]
// CHECK:         %[[W1:.*]] = vector.transfer_write %{{.*}}, %[[W0]][%c0, %c16]
// CHECK:         %[[W2:.*]] = vector.transfer_write %{{.*}}, %[[W1]][%c1, %c0]
// CHECK:         %[[W3:.*]] = vector.transfer_write %{{.*}}, %[[W2]][%c1, %c16]
// CHECK:         tensor.insert_slice %[[W3]] into %[[ACC]][%[[AT]], 0] [2, 20] [1, 1]
func.func @accumulator(%first: i1, %at: index, %acc: tensor<48x20xf32>, %x: tensor<2x20xf32>) -> tensor<48x20xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<2x20xf32>
  %block = scf.if %first -> tensor<2x20xf32> {
    %zeros = linalg.generic {indexing_maps = [#id], iterator_types = ["parallel", "parallel"]}
        outs(%empty : tensor<2x20xf32>) {
    ^bb0(%old: f32):
      linalg.yield %zero : f32
    } -> tensor<2x20xf32>
    scf.yield %zeros : tensor<2x20xf32>
  } else {
    %slice = tensor.extract_slice %acc[%at, 0] [2, 20] [1, 1] : tensor<48x20xf32> to tensor<2x20xf32>
    scf.yield %slice : tensor<2x20xf32>
  }
  %sum = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<2x20xf32>) outs(%block : tensor<2x20xf32>) {
  ^bb0(%a: f32, %b: f32):
    %s = arith.addf %a, %b : f32
    linalg.yield %s : f32
  } -> tensor<2x20xf32>
  %result = tensor.insert_slice %sum into %acc[%at, 0] [2, 20] [1, 1] : tensor<2x20xf32> into tensor<48x20xf32>
  return %result : tensor<48x20xf32>
}

// A loop walks over memory: what it starts with stays there.

// CHECK-LABEL: func @loop_over_rows
// CHECK:         %[[ROWS:.*]] = scf.if %{{.*}} -> (tensor<2x3xf32>)
// CHECK-COUNT-2:   vector.transfer_write
// CHECK:         } else {
// CHECK-COUNT-2:   vector.transfer_write
// CHECK:         scf.for {{.*}} iter_args(%{{.*}} = %[[ROWS]])
func.func @loop_over_rows(%first: i1, %x: tensor<2x3xf32>, %n: index) -> tensor<2x3xf32> {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %empty = tensor.empty() : tensor<2x3xf32>
  %rows = scf.if %first -> tensor<2x3xf32> {
    %zeros = linalg.generic {indexing_maps = [#id], iterator_types = ["parallel", "parallel"]}
        outs(%empty : tensor<2x3xf32>) {
    ^bb0(%old: f32):
      linalg.yield %zero : f32
    } -> tensor<2x3xf32>
    scf.yield %zeros : tensor<2x3xf32>
  } else {
    %twice = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
        ins(%x : tensor<2x3xf32>) outs(%empty : tensor<2x3xf32>) {
    ^bb0(%a: f32, %old: f32):
      %s = arith.addf %a, %a : f32
      linalg.yield %s : f32
    } -> tensor<2x3xf32>
    scf.yield %twice : tensor<2x3xf32>
  }
  %result = scf.for %i = %c0 to %n step %c1 iter_args(%now = %rows) -> tensor<2x3xf32> {
    %row = tensor.extract_slice %now[%i, 0] [1, 3] [1, 1] : tensor<2x3xf32> to tensor<1x3xf32>
    %next = tensor.insert_slice %row into %now[%c0, 0] [1, 3] [1, 1] : tensor<1x3xf32> into tensor<2x3xf32>
    scf.yield %next : tensor<2x3xf32>
  }
  return %result : tensor<2x3xf32>
}
