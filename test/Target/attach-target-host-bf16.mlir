// REQUIRES: avx512_bf16, avx512_vnni
// RUN: attn-opt %s --attn-attach-target=target=host | FileCheck %s

// A machine that multiplies pairs of bf16 is found to do so.

// CHECK: "name" = "host"
// CHECK-SAME: +avx512bf16
// CHECK-SAME: "bf16_dot_pack" = 2
module {}
