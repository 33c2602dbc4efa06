// What was chosen, how a mask was understood and what runs slowly is said where
// it is asked for, and only there.
// RUN: attnc %contract/window_lengths.mlir -o %t --remarks 2>&1 | FileCheck %s
// RUN: attnc %contract/window_lengths.mlir -o %t 2>&1 | count 0

// CHECK: window_lengths.mlir:4:8: remark: {{.*}}#attn.schedule<kind = "prefill"
// CHECK: window_lengths.mlir:4:8: remark: {{.*}}key range is closed form
