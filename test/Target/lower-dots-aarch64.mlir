// RUN: attn-opt %s --attn-attach-target=target=aarch64+bf16 --attn-lower-dots | FileCheck %s

#pairs = affine_map<(lane, second) -> (lane, second)>
#lanes = affine_map<(lane, second) -> (lane)>

// AArch64 has the same product, of four lanes.
// CHECK-LABEL: func @dot
// CHECK-SAME: %[[A:.*]]: vector<8xbf16>, %[[B:.*]]: vector<8xbf16>, %[[C:.*]]: vector<4xf32>
// CHECK: llvm.call_intrinsic "llvm.aarch64.neon.bfdot"(%[[C]], %[[A]], %[[B]])
func.func @dot(%a: vector<8xbf16>, %b: vector<8xbf16>, %c: vector<4xf32>) -> vector<4xf32> {
  %x = vector.shape_cast %a : vector<8xbf16> to vector<4x2xbf16>
  %y = vector.shape_cast %b : vector<8xbf16> to vector<4x2xbf16>
  %r = vector.contract {indexing_maps = [#pairs, #pairs, #lanes], iterator_types = ["parallel", "reduction"],
                        kind = #vector.kind<add>} %x, %y, %c
      : vector<4x2xbf16>, vector<4x2xbf16> into vector<4xf32>
  return %r : vector<4xf32>
}
