// RUN: attn-opt %s --attn-emit-parallel-calls -split-input-file | FileCheck %s

// CHECK: llvm.func @attn_rt_parallel_for(!llvm.ptr, i64, !llvm.ptr, !llvm.ptr, !llvm.ptr, i64)

// CHECK: llvm.func internal @task
llvm.func @task(%a: !llvm.ptr, %n: i64, %linear: i64, %s0: !llvm.ptr, %s1: !llvm.ptr, %s2: i64, %s3: i64, %s4: i64) {
  llvm.return
}

// The callback loads what the loop captured; the scratch is one memref<?xi8>.

// CHECK: llvm.func internal @task_callback(%[[CONTEXT:.*]]: !llvm.ptr, %[[INDEX:.*]]: i64, %[[SCRATCH:.*]]: !llvm.ptr)
// CHECK:   %[[P0:.*]] = llvm.getelementptr %[[CONTEXT]][0, 0] : (!llvm.ptr) -> !llvm.ptr, !llvm.struct<(ptr, i64)>
// CHECK:   %[[A:.*]] = llvm.load %[[P0]] : !llvm.ptr -> !llvm.ptr
// CHECK:   %[[P1:.*]] = llvm.getelementptr %[[CONTEXT]][0, 1]
// CHECK:   %[[N:.*]] = llvm.load %[[P1]] : !llvm.ptr -> i64
// CHECK:   %[[BYTES:.*]] = llvm.mlir.constant(320 : i64)
// CHECK:   llvm.call @task(%[[A]], %[[N]], %[[INDEX]], %[[SCRATCH]], %[[SCRATCH]], %{{.*}}, %[[BYTES]], %{{.*}})

// The launch stores it on its stack.

// CHECK: llvm.func internal @launch(%[[A:.*]]: !llvm.ptr, %[[N:.*]]: i64, %[[COUNT:.*]]: i64, %{{.*}}: !llvm.ptr, %{{.*}}: !llvm.ptr, %{{.*}}: i64, %{{.*}}: i64, %{{.*}}: i64, %[[ENV:.*]]: !llvm.ptr)
// CHECK:   %[[CONTEXT:.*]] = llvm.alloca %{{.*}} x !llvm.struct<(ptr, i64)>
// CHECK:   llvm.store %[[A]], %{{.*}}
// CHECK:   llvm.store %[[N]], %{{.*}}
// CHECK:   %[[SCRATCH:.*]] = llvm.getelementptr
// CHECK:   %[[BODY:.*]] = llvm.mlir.addressof @task_callback
// CHECK:   %[[BYTES:.*]] = llvm.mlir.constant(320 : i64)
// CHECK:   llvm.call @attn_rt_parallel_for(%[[ENV]], %[[COUNT]], %[[BODY]], %[[CONTEXT]], %[[SCRATCH]], %[[BYTES]])
llvm.func @launch(!llvm.ptr, i64, i64, !llvm.ptr, !llvm.ptr, i64, i64, i64, !llvm.ptr)
    attributes {attn.task = @task, attn.scratch_bytes = 320 : i64}

// -----

// Without a parallel loop nothing is declared.

// CHECK: module {
// CHECK-NEXT: llvm.func @alone()
llvm.func @alone() {
  llvm.return
}
