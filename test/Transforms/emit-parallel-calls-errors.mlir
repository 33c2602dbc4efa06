// RUN: attn-opt %s --attn-emit-parallel-calls -split-input-file -verify-diagnostics

// expected-error @+1 {{has no task or no attn.scratch_bytes; run attn-place-scratch first}}
llvm.func @launch(!llvm.ptr, i64, i64, !llvm.ptr, !llvm.ptr, i64, i64, i64, !llvm.ptr) attributes {attn.task = @task}

// -----

llvm.func @task(%linear: i64, %s0: !llvm.ptr, %s1: !llvm.ptr, %s2: i64, %s3: i64, %s4: i64) {
  llvm.return
}
llvm.func @launch(i64, !llvm.ptr, !llvm.ptr, i64, i64, i64, !llvm.ptr) attributes {attn.task = @task, attn.scratch_bytes = 0}
// expected-error @+1 {{has the name of the runtime's parallel loop}}
llvm.func @attn_rt_parallel_for() {
  llvm.return
}
