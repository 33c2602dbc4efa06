// RUN: attn-opt %s --attn-outline-parallel --canonicalize -split-input-file -verify-diagnostics | FileCheck %s

// The body becomes a task of what it captures, a linear index and a worker's scratch ...

// CHECK-LABEL: func private @f_task0
// CHECK-SAME:  %[[A:.*]]: memref<?x8xf32>, %[[N:.*]]: index, %[[LINEAR:.*]]: index, %[[SCRATCH:.*]]: memref<?xi8>) {
// CHECK-DAG:     %[[ZERO:.*]] = arith.constant 0.000000e+00 : f32
// The last dimension runs fastest.
// CHECK-DAG:     %[[J:.*]] = arith.remui %[[LINEAR]], %c8
// CHECK-DAG:     %[[I:.*]] = arith.divui %[[LINEAR]], %c8
// CHECK:         memref.store %[[ZERO]], %[[A]][%[[I]], %[[J]]]

// ... and the loop a call of a declared function, given the number of tasks, the workspace and the environment.

// CHECK:       func private @f_parallel0(memref<?x8xf32>, index, index, memref<?xi8>, !llvm.ptr) attributes {attn.task = @f_task0}
// CHECK-LABEL: func @f(
// CHECK-SAME:  %[[A:.*]]: memref<?x8xf32>, %[[N:.*]]: index, %[[WORKSPACE:.*]]: memref<?xi8>, %[[ENV:.*]]: !llvm.ptr)
// CHECK:         %[[TASKS:.*]] = arith.muli %[[N]], %c8
// CHECK:         call @f_parallel0(%[[A]], %[[N]], %[[TASKS]], %[[WORKSPACE]], %[[ENV]])
// CHECK-NOT:     scf.forall
func.func @f(%a: memref<?x8xf32>, %n: index) {
  %zero = arith.constant 0.0 : f32
  scf.forall (%i, %j) in (%n, 8) {
    memref.store %zero, %a[%i, %j] : memref<?x8xf32>
  }
  return
}

// -----

// Bounds and steps; a second loop is a second task.

// CHECK-LABEL: func private @g_task0
// CHECK:         arith.muli %{{.*}}, %c48
// CHECK-LABEL: func private @g_task1
// CHECK:         %[[AT:.*]] = arith.muli %{{.*}}, %c3
// CHECK:         arith.addi %[[AT]], %c5
// CHECK-LABEL: func @g(
// CHECK:         arith.ceildivsi %{{.*}}, %c48
// CHECK:         call @g_parallel0
// CHECK:         call @g_parallel1
func.func @g(%a: memref<?xf32>, %n: index) {
  %zero = arith.constant 0.0 : f32
  scf.forall (%i) = (0) to (%n) step (48) {
    memref.store %zero, %a[%i] : memref<?xf32>
  }
  scf.forall (%i) = (5) to (%n) step (3) {
    memref.store %zero, %a[%i] : memref<?xf32>
  }
  return
}

// -----

// Entries always end so; what is not an entry stays.

// CHECK-LABEL: func @nothing(
// CHECK-SAME:  %{{.*}}: memref<?xi8>, %{{.*}}: !llvm.ptr)
func.func @nothing() {
  return
}
// CHECK-LABEL: func @nothing_prepare(
// CHECK-SAME:  %{{.*}}: memref<4xf32>)
func.func @nothing_prepare(%w: memref<4xf32>) attributes {attn.prepare_of = @nothing} {
  return
}
// CHECK: func private @declared(memref<4xf32>)
func.func private @declared(%w: memref<4xf32>)

// -----

func.func @tensors(%a: tensor<4xf32>) {
  %zero = arith.constant dense<0.0> : tensor<1xf32>
  // expected-error @+1 {{'scf.forall' op must be bufferized before it is outlined}}
  %0 = scf.forall (%i) in (4) shared_outs(%o = %a) -> tensor<4xf32> {
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %zero into %o[%i] [1] [1] : tensor<1xf32> into tensor<4xf32>
    }
  }
  return
}
