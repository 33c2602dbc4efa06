// RUN: attn-opt %s --attn-place-scratch -split-input-file -verify-diagnostics

func.func private @task(%n: index, %i: index, %scratch: memref<?xi8>) {
  // expected-error @+1 {{'memref.alloc' op of a task must have a static size}}
  %0 = memref.alloc(%n) : memref<?xf32>
  return
}
func.func private @launch(index, index, memref<?xi8>, !llvm.ptr) attributes {attn.task = @task}

// -----

func.func @branch(%c: i1, %n: index, %workspace: memref<?xi8>, %env: !llvm.ptr) {
  scf.if %c {
    // expected-error @+1 {{'memref.alloc' op inside control flow cannot be placed}}
    %0 = memref.alloc(%n) : memref<?xf32>
  }
  return
}

// -----

// expected-error @+1 {{does not end with its workspace and the environment; run attn-outline-parallel first}}
func.func @entry(%a: memref<4xf32>) {
  return
}

// -----

// expected-error @+1 {{names a task that is not there: @task}}
func.func private @launch(index, memref<?xi8>, !llvm.ptr) attributes {attn.task = @task}
