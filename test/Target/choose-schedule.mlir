// RUN: attn-opt %s --pass-pipeline="builtin.module(attn-attach-target{target=x86-64-v4}, func.func(attn-choose-schedule))" \
// RUN:   | FileCheck %s --check-prefixes=CHECK,V4
// RUN: attn-opt %s --attn-attach-target=target=x86-64-v3 --attn-choose-schedule | FileCheck %s --check-prefixes=CHECK,V3
// RUN: attn-opt %s --attn-attach-target=target=x86-64-v2 --attn-choose-schedule | FileCheck %s --check-prefixes=CHECK,V2

// As many accumulators as the registers hold, and a key tile that the first-level cache holds.

// CHECK-LABEL: func @plain
// V4: schedule = #attn.schedule<kind = "prefill", query_tile = {{[0-9]+}}, key_tile = {{[0-9]+}}, key_block = 8, lanes = 16, registers = 24>
// V3: schedule = #attn.schedule<kind = "prefill", query_tile = {{[0-9]+}}, key_tile = {{[0-9]+}}, key_block = {{[0-9]+}}, lanes = 8, registers = {{[0-9]+}}>
// V2: schedule = #attn.schedule<kind = "prefill", query_tile = {{[0-9]+}}, key_tile = {{[0-9]+}}, key_block = {{[0-9]+}}, lanes = 4, registers = {{[0-9]+}}>
func.func @plain(%q: tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32> {
  %o = attn.attention query(%q) key(%q) value(%q)
      : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32>
  return %o : tensor<?x8x?x64xf32>
}

// Few keys are one tile.

// CHECK-LABEL: func @short
// CHECK: kind = "short"
func.func @short(%q: tensor<8x20x64xf32>) -> tensor<8x20x64xf32> {
  %o = attn.attention query(%q) key(%q) value(%q)
      : (tensor<8x20x64xf32>, tensor<8x20x64xf32>, tensor<8x20x64xf32>) -> tensor<8x20x64xf32>
  return %o : tensor<8x20x64xf32>
}

// Few queries: keys lie in the lanes, and rows are the queries of a group's heads.

// CHECK-LABEL: func @few
// V4: schedule = #attn.schedule<kind = "decode", query_tile = 8, key_tile = {{[0-9]+}}, key_block = 16, lanes = 16, registers = 24, split = {{[0-9]+}}>
// V3: schedule = #attn.schedule<kind = "decode", query_tile = 8, key_tile = {{[0-9]+}}, key_block = 8, lanes = 8, registers = 12
func.func @few(%q: tensor<8x2x64xf32>, %k: tensor<2x?x64xf32>) -> tensor<8x2x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%k)
      : (tensor<8x2x64xf32>, tensor<2x?x64xf32>, tensor<2x?x64xf32>) -> tensor<8x2x64xf32>
  return %o : tensor<8x2x64xf32>
}

// Perhaps few: both.

// CHECK-LABEL: func @perhaps
// CHECK: decode_schedule = #attn.schedule<kind = "decode", query_tile = 64,
// CHECK-SAME: schedule = #attn.schedule<kind = "prefill"
func.func @perhaps(%q: tensor<8x?x64xf32>, %k: tensor<2x?x64xf32>) -> tensor<8x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%k)
      : (tensor<8x?x64xf32>, tensor<2x?x64xf32>, tensor<2x?x64xf32>) -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}

// What a user wrote stays.

// CHECK-LABEL: func @mine
// CHECK: #attn.schedule<kind = "prefill", query_tile = 32, key_tile = 16, key_block = 4, lanes = 4, registers = 8>
func.func @mine(%q: tensor<8x20x64xf32>) -> tensor<8x20x64xf32> {
  %o = attn.attention query(%q) key(%q) value(%q)
      {schedule = #attn.schedule<kind = "prefill", query_tile = 32, key_tile = 16, key_block = 4, lanes = 4, registers = 8>}
      : (tensor<8x20x64xf32>, tensor<8x20x64xf32>, tensor<8x20x64xf32>) -> tensor<8x20x64xf32>
  return %o : tensor<8x20x64xf32>
}

// Queries that share a list are a tile, or some that divide it.

// CHECK-LABEL: func @blocks
// V4: schedule = #attn.schedule<kind = "prefill", query_tile = 32,
// V3: schedule = #attn.schedule<kind = "prefill", query_tile = 16,
func.func @blocks(%q: tensor<8x?x64xf32>, %k: tensor<2x?x64xf32>, %p: tensor<?xi32>) -> tensor<8x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%k) blocks(%p, %p) {block_sizes = array<i64: 64, 64>}
      : (tensor<8x?x64xf32>, tensor<2x?x64xf32>, tensor<2x?x64xf32>, tensor<?xi32>, tensor<?xi32>) -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}

// Of fewer than there are lanes, keys lie in the lanes: a row for each head of the group ...

// CHECK-LABEL: func @csr
// CHECK-NOT: decode_schedule
// CHECK: schedule = #attn.schedule<kind = "decode", query_tile = 4, {{.*}} split = 512
func.func @csr(%q: tensor<8x?x64xf32>, %k: tensor<2x?x64xf32>, %p: tensor<?xi32>) -> tensor<8x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%k) csr(%p, %p)
      : (tensor<8x?x64xf32>, tensor<2x?x64xf32>, tensor<2x?x64xf32>, tensor<?xi32>, tensor<?xi32>) -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}

// ... unless each head has lists of its own.

// CHECK-LABEL: func @heads
// CHECK: schedule = #attn.schedule<kind = "decode", query_tile = 2,
func.func @heads(%q: tensor<8x?x64xf32>, %k: tensor<2x?x64xf32>, %p: tensor<8x?xi32>) -> tensor<8x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%k) blocks(%p, %p) {block_sizes = array<i64: 2, 16>}
      : (tensor<8x?x64xf32>, tensor<2x?x64xf32>, tensor<2x?x64xf32>, tensor<8x?xi32>, tensor<8x?xi32>)
      -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}

// The same of packed sequences; there, one task has all keys of a list.

// CHECK-LABEL: func @packed
// CHECK: schedule = #attn.schedule<kind = "decode", query_tile = 4,
// CHECK-NOT: split
func.func @packed(%q: tensor<8x?x64xf32>, %k: tensor<2x?x64xf32>, %s: tensor<?xi32>, %p: tensor<?xi32>)
    -> tensor<8x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%k) csr(%p, %p) query_starts(%s) key_starts(%s)
      : (tensor<8x?x64xf32>, tensor<2x?x64xf32>, tensor<2x?x64xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>,
         tensor<?xi32>) -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}
