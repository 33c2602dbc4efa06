// RUN: attn-opt %s --attn-pack-values | FileCheck %s

#pairs = #attn.schedule<kind = "prefill", query_tile = 48, key_tile = 256, key_block = 8, lanes = 16, registers = 24,
                        dot = 2>
#single = #attn.schedule<kind = "prefill", query_tile = 48, key_tile = 128, key_block = 8, lanes = 16, registers = 24>

// One task packs 256 pairs of a head; the attention takes the result.
// CHECK-LABEL: func @pairs
// CHECK-SAME: %[[Q:.*]]: tensor<2x8x?x64xbf16>, %[[K:.*]]: tensor<2x2x?x64xbf16>, %[[V:.*]]: tensor<2x2x?x48xbf16>
// CHECK: %[[INTO:.*]] = tensor.empty(%{{.*}}) : tensor<2x2x?x96xbf16>
// CHECK: %[[PACKED:.*]] = scf.forall (%{{.*}}, %{{.*}}, %{{.*}}) in (2, 2, %{{.*}}) shared_outs(%{{.*}} = %[[INTO]])
// CHECK:   linalg.generic
// CHECK:     tensor.extract
// CHECK:   tensor.parallel_insert_slice
// CHECK: attn.attention query(%[[Q]]) key(%[[K]]) value(%[[V]]) value_pairs(%[[PACKED]])
func.func @pairs(%q: tensor<2x8x?x64xbf16>, %k: tensor<2x2x?x64xbf16>, %v: tensor<2x2x?x48xbf16>)
    -> tensor<2x8x?x48xbf16> {
  %o = attn.attention query(%q) key(%k) value(%v) {schedule = #pairs}
      : (tensor<2x8x?x64xbf16>, tensor<2x2x?x64xbf16>, tensor<2x2x?x48xbf16>) -> tensor<2x8x?x48xbf16>
  return %o : tensor<2x8x?x48xbf16>
}

// Other schedules read values as they lie.
// CHECK-LABEL: func @single
// CHECK-NOT: scf.forall
// CHECK-NOT: value_pairs
func.func @single(%q: tensor<8x?x64xbf16>) -> tensor<8x?x64xbf16> {
  %o = attn.attention query(%q) key(%q) value(%q) {schedule = #single}
      : (tensor<8x?x64xbf16>, tensor<8x?x64xbf16>, tensor<8x?x64xbf16>) -> tensor<8x?x64xbf16>
  return %o : tensor<8x?x64xbf16>
}
