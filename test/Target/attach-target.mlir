// RUN: attn-opt %s --attn-attach-target=target=x86-64-v3 | FileCheck %s --check-prefix=V3
// RUN: attn-opt %s --attn-attach-target | FileCheck %s --check-prefix=V4
// RUN: attn-opt %s --attn-attach-target=target=x86-64-v3 --attn-attach-target | FileCheck %s --check-prefix=V3
// RUN: attn-opt %s --attn-attach-target=target=x86-64-v3 --attn-attach-target=target=x86-64-v2 | FileCheck %s --check-prefix=V2
// RUN: attn-opt %s --attn-attach-target=target=host | FileCheck %s --check-prefix=HOST
// RUN: attn-opt %s --attn-attach-target=target=avx512-bf16 | FileCheck %s --check-prefix=BF16
// RUN: attn-opt %s --attn-attach-target=target=amx | FileCheck %s --check-prefix=AMX
// RUN: attn-opt %s --attn-attach-target=target=aarch64+sve2 | FileCheck %s --check-prefix=SVE
// RUN: not attn-opt %s --attn-attach-target=target=x86-64-v5 2>&1 | FileCheck %s --check-prefix=UNKNOWN

// The facts of the target become facts of the module.

// V3: module attributes {dlti.target_system_spec = #dlti.target_system_spec<"CPU" = #dlti.target_device_spec<
// V3-SAME: "name" = "x86-64-v3"
// V3-SAME: "triple" = "x86_64-unknown-linux-gnu"
// V3-SAME: "cpu" = "x86-64-v3"
// V3-SAME: "features" = "{{.*}}+sse4.2,{{.*}}+avx2,{{.*}}+fma
// V3-SAME: "vector_bits" = 256
// V3-SAME: "vector_registers" = 16
// V3-SAME: "scalable_registers" = false
// V3-SAME: "fused_multiply_add" = true
// V3-SAME: "bf16_dot_pack" = 1
// V3-SAME: "l1_cache_bytes" = 32768
// V3-SAME: "l2_cache_bytes" = 262144
// V3-SAME: "last_level_cache_bytes" = 2097152

// A module that has a target keeps it, unless another is named; the default is x86-64-v4.

// V4: "name" = "x86-64-v4"
// V4-SAME: +avx512vl
// V4-SAME: "vector_bits" = 512
// V4-SAME: "vector_registers" = 32
// V2: "name" = "x86-64-v2"
// V2-NOT: avx
// V2: "vector_bits" = 128
// V2-SAME: "fused_multiply_add" = false
// HOST: "name" = "host"

// One that multiplies pairs of bf16 says so.

// BF16: "name" = "avx512-bf16"
// BF16-SAME: "cpu" = "x86-64-v4"
// BF16-SAME: +avx512vl,+avx512bf16,+avx512vnni
// BF16-SAME: "bf16_dot_pack" = 2
// BF16-SAME: "matrix_tiles" = false
// AMX: "matrix_tiles" = true

// Registers of several widths are used at one.

// SVE: "name" = "aarch64+sve2"
// SVE-SAME: "triple" = "aarch64-unknown-linux-gnu"
// SVE-SAME: "features" = "+neon,+sve,+sve2"
// SVE-SAME: "vector_bits" = 256
// SVE-SAME: "scalable_registers" = true

// UNKNOWN: error: unknown target 'x86-64-v5'; known are: host, x86-64-v2, x86-64-v3, x86-64-v4, avx512-bf16, amx, aarch64, aarch64+bf16, aarch64+sve2, riscv64+v
module {}
