// RUN: attn-opt %s --attn-place-scratch --canonicalize -allow-unregistered-dialect | FileCheck %s

// A task's allocations are views of its worker's scratch, 64-byte aligned; branches share theirs.
// What is empty takes no place.

// CHECK-LABEL: func private @f_task0
// CHECK-SAME:  %[[C:.*]]: i1, %{{.*}}: index, %[[SCRATCH:.*]]: memref<?xi8>)
// CHECK-NOT:     memref.alloc
// CHECK:         memref.view %[[SCRATCH]][%c0][] : memref<?xi8> to memref<3xf32>
// CHECK:         scf.if
// CHECK:           memref.view %[[SCRATCH]][%c64][] : memref<?xi8> to memref<32xf32>
// CHECK:         else
// CHECK:           memref.view %[[SCRATCH]][%c64][] : memref<?xi8> to memref<48xf32>
// CHECK:         memref.view %[[SCRATCH]][%c256][%{{.*}}] : memref<?xi8> to memref<?x0xf32>
// CHECK:         memref.view %[[SCRATCH]][%c256][] : memref<?xi8> to memref<1xi8>
func.func private @f_task0(%c: i1, %i: index, %scratch: memref<?xi8>) {
  %0 = memref.alloc() : memref<3xf32>
  "test.use"(%0) : (memref<3xf32>) -> ()
  scf.if %c {
    %1 = memref.alloc() : memref<32xf32>
    "test.use"(%1) : (memref<32xf32>) -> ()
  } else {
    %1 = memref.alloc() : memref<48xf32>
    "test.use"(%1) : (memref<48xf32>) -> ()
  }
  %nothing = memref.alloc(%i) : memref<?x0xf32>
  "test.use"(%nothing) : (memref<?x0xf32>) -> ()
  %2 = memref.alloc() : memref<1xi8>
  "test.use"(%2) : (memref<1xi8>) -> ()
  return
}
// 256 + 64.
// CHECK: func private @f_parallel0(i1, index, memref<?xi8>, !llvm.ptr) attributes {attn.scratch_bytes = 320 : i64, attn.task = @f_task0}
func.func private @f_parallel0(i1, index, memref<?xi8>, !llvm.ptr) attributes {attn.task = @f_task0}

// Its size follows from the shapes: 8 x f32 = 32 bytes a row, and each worker's scratch.

// CHECK-LABEL: func @f_workspace_size(
// CHECK-SAME:  %[[A:.*]]: memref<?x8xf32>, %[[C:.*]]: i1, %[[WORKERS:.*]]: index) -> i64
// CHECK-SAME:  attn.workspace_size_of = @f
// CHECK-DAG:     %[[N:.*]] = memref.dim %[[A]], %c0
// CHECK-DAG:     %[[BYTES:.*]] = arith.muli %[[N]], %c32
// CHECK-DAG:     %[[SCRATCH:.*]] = arith.muli %[[WORKERS]], %c320
// CHECK:         arith.addi %{{.*}}, %[[SCRATCH]]

// An entry's are views of its workspace; what is left goes to the workers.

// CHECK-LABEL: func @f(
// CHECK-SAME:  %[[A:.*]]: memref<?x8xf32>, %[[C:.*]]: i1, %[[WORKSPACE:.*]]: memref<?xi8>, %[[ENV:.*]]: !llvm.ptr)
// CHECK-SAME:  llvm.emit_c_interface
// CHECK-NOT:     memref.alloc
// CHECK:         %[[N:.*]] = memref.dim %[[A]], %c0
// CHECK:         memref.view %[[WORKSPACE]][%c0][%[[N]]] : memref<?xi8> to memref<?x8xf32>
// CHECK:         %[[REST:.*]] = memref.view %[[WORKSPACE]][%[[TOTAL:.*]]][%{{.*}}] : memref<?xi8> to memref<?xi8>
// CHECK:         call @f_parallel0(%[[C]], %{{.*}}, %[[REST]], %[[ENV]])
func.func @f(%a: memref<?x8xf32>, %c: i1, %workspace: memref<?xi8>, %env: !llvm.ptr) {
  %c0 = arith.constant 0 : index
  %n = memref.dim %a, %c0 : memref<?x8xf32>
  %0 = memref.alloc(%n) : memref<?x8xf32>
  "test.use"(%0) : (memref<?x8xf32>) -> ()
  call @f_parallel0(%c, %n, %workspace, %env) : (i1, index, memref<?xi8>, !llvm.ptr) -> ()
  return
}

// Where an entry has control flow of its own: 64 bytes, whichever way it goes.

// CHECK-LABEL: func @branch(
// CHECK-SAME:  %{{.*}}: i1, %[[WORKSPACE:.*]]: memref<?xi8>, %{{.*}}: !llvm.ptr)
// CHECK:         %[[VIEW:.*]] = memref.view %[[WORKSPACE]][%c0][] : memref<?xi8> to memref<4xf32>
// CHECK:         scf.if
// CHECK:           "test.use"(%[[VIEW]])
func.func @branch(%c: i1, %workspace: memref<?xi8>, %env: !llvm.ptr) {
  scf.if %c {
    %0 = memref.alloc() : memref<4xf32>
    "test.use"(%0) : (memref<4xf32>) -> ()
  }
  return
}
