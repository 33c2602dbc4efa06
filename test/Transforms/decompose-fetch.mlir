// While the scores of a block of keys are computed, the next block and the values of this one are fetched.
// RUN: attn-opt %s --attn-tile-queries --attn-tile-keys --canonicalize --attn-decompose-online-attention -split-input-file | FileCheck %s

#schedule = #attn.schedule<kind = "prefill", query_tile = 16, key_tile = 128, key_block = 8, lanes = 16, registers = 24>

// Both from the whole of keys and values, not from the tile alone, and never from beyond their end.

// CHECK-LABEL: func @plain
// CHECK:         scf.for %[[J:.*]] = %{{.*}} to %{{.*}} step %c128
// CHECK:           scf.for %[[ROW:.*]] = %c0{{.*}} step %c8
// CHECK:             %[[NEXT:.*]] = arith.addi %[[ROW]], %c8
// CHECK:             %[[AT:.*]] = arith.addi %[[J]], %[[NEXT]]
// CHECK:             %[[FIRST:.*]] = arith.minsi %[[AT]], %{{.*}}
// CHECK:             %[[KEYS:.*]] = tensor.extract_slice %{{.*}}[%[[FIRST]], 0] [%{{.*}}, 64] [1, 1]
// CHECK:             %[[HERE:.*]] = arith.addi %[[J]], %[[ROW]]
// CHECK:             %[[VALUE:.*]] = arith.minsi %[[HERE]], %{{.*}}
// CHECK:             %[[VALUES:.*]] = tensor.extract_slice %{{.*}}[%[[VALUE]], 0] [%{{.*}}, 32] [1, 1]
// CHECK:             linalg.generic
// CHECK-SAME:          ins(%{{.*}}, %[[KEYS]], %[[VALUES]] : tensor<64x16xf32>, tensor<?x64xf32>, tensor<?x32xf32>)
// CHECK-SAME:          attrs = {attn.fetch = array<i64: 8, 8>}
func.func @plain(%q: tensor<1x?x64xf32>, %k: tensor<1x?x64xf32>, %v: tensor<1x?x32xf32>) -> tensor<1x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v) {schedule = #schedule}
      : (tensor<1x?x64xf32>, tensor<1x?x64xf32>, tensor<1x?x32xf32>) -> tensor<1x?x32xf32>
  return %o : tensor<1x?x32xf32>
}

// -----

#schedule = #attn.schedule<kind = "prefill", query_tile = 16, key_tile = 128, key_block = 8, lanes = 16, registers = 24>

// What is converted first is not fetched.

// CHECK-LABEL: func @converted
// CHECK-NOT:     attn.fetch
func.func @converted(%q: tensor<1x?x64xf32>, %k: tensor<1x?x64xf16>, %v: tensor<1x?x64xf16>) -> tensor<1x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v) {schedule = #schedule}
      : (tensor<1x?x64xf32>, tensor<1x?x64xf16>, tensor<1x?x64xf16>) -> tensor<1x?x64xf32>
  return %o : tensor<1x?x64xf32>
}
