// The module's measured schedules are used where they fit, the first that does.
// RUN: attn-opt %s --pass-pipeline="builtin.module(attn-attach-target{target=x86-64-v4}, func.func(attn-choose-schedule))" | FileCheck %s

module attributes {attn.schedules = [
  {head_size = 32 : i64, query = "bf16", schedule = #attn.schedule<kind = "prefill", query_tile = 16, key_tile = 8, key_block = 8, lanes = 16, registers = 8>},
  {head_size = 64 : i64, kind_is_not_a_fact = true, schedule = #attn.schedule<kind = "prefill", query_tile = 16, key_tile = 16, key_block = 8, lanes = 16, registers = 8>},
  {head_size = 64 : i64, schedule = #attn.schedule<kind = "short", query_tile = 16, key_tile = 32, key_block = 8, lanes = 16, registers = 8>},
  {head_size = 64 : i64, cpu = "x86-64-v4", mask = false, group = 4 : i64, schedule = #attn.schedule<kind = "prefill", query_tile = 16, key_tile = 64, key_block = 8, lanes = 16, registers = 8>},
  {head_size = 64 : i64, schedule = #attn.schedule<kind = "prefill", query_tile = 16, key_tile = 256, key_block = 8, lanes = 16, registers = 8>}
]} {

// CHECK-LABEL: func.func @every_fact_fits
// CHECK: key_tile = 64,
func.func @every_fact_fits(%q: tensor<?x8x?x64xf32>, %k: tensor<?x2x?x64xf32>) -> tensor<?x8x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%k) : (tensor<?x8x?x64xf32>, tensor<?x2x?x64xf32>, tensor<?x2x?x64xf32>) -> tensor<?x8x?x64xf32>
  return %o : tensor<?x8x?x64xf32>
}

// CHECK-LABEL: func.func @fewer_facts
// CHECK: key_tile = 256,
func.func @fewer_facts(%q: tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32> {
  %o = attn.attention query(%q) key(%q) value(%q) : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32>
  return %o : tensor<?x8x?x64xf32>
}

// The target's own, and the user's.
// CHECK-LABEL: func.func @nothing_fits
// CHECK: query_tile = 48,
func.func @nothing_fits(%q: tensor<?x8x?x32xf32>) -> tensor<?x8x?x32xf32> {
  %o = attn.attention query(%q) key(%q) value(%q) : (tensor<?x8x?x32xf32>, tensor<?x8x?x32xf32>, tensor<?x8x?x32xf32>) -> tensor<?x8x?x32xf32>
  return %o : tensor<?x8x?x32xf32>
}

// CHECK-LABEL: func.func @written
// CHECK: query_tile = 32, key_tile = 8,
func.func @written(%q: tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32> {
  %o = attn.attention query(%q) key(%q) value(%q)
    {schedule = #attn.schedule<kind = "prefill", query_tile = 32, key_tile = 8, key_block = 8, lanes = 16, registers = 16>}
    : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32>
  return %o : tensor<?x8x?x64xf32>
}
}
