// Schedules for registers that are not there, or do not fit, are refused.
// RUN: not attn-opt %s --attn-attach-target=target=avx512-bf16 --attn-choose-schedule 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: not attn-opt %s --attn-attach-target=target=amx --attn-choose-schedule 2>&1 | FileCheck %s

// NONE: error: 'attn.attention' op a schedule with matrix registers is not supported for target 'avx512-bf16', which has none
// CHECK: error: 'attn.attention' op a schedule with matrix registers is not supported for head sizes below 32 and value sizes that are no multiple of 16, got 64 and 40
func.func @odd_values(%q: tensor<8x480x64xbf16>, %v: tensor<8x480x40xbf16>) -> tensor<8x480x40xbf16> {
  %o = attn.attention query(%q) key(%q) value(%v)
      {schedule = #attn.schedule<kind = "prefill", query_tile = 32, key_tile = 256, key_block = 8, lanes = 16,
                                 registers = 24, dot = 2, matrix = 32>}
      : (tensor<8x480x64xbf16>, tensor<8x480x64xbf16>, tensor<8x480x40xbf16>) -> tensor<8x480x40xbf16>
  return %o : tensor<8x480x40xbf16>
}
