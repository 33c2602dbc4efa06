// RUN: attn-opt %s --attn-attach-target=target=avx512-bf16 --attn-lower-dots | FileCheck %s
// RUN: not attn-opt %s --attn-attach-target=target=x86-64-v4 --attn-lower-dots 2>&1 | FileCheck %s --check-prefix=ERROR

#pairs = affine_map<(lane, second) -> (lane, second)>
#lanes = affine_map<(lane, second) -> (lane)>

// CHECK-LABEL: func @dot
// CHECK-SAME: %[[A:.*]]: vector<32xbf16>, %[[B:.*]]: vector<32xbf16>, %[[C:.*]]: vector<16xf32>
// CHECK: x86vector.avx512.dot %[[C]], %[[A]], %[[B]] : vector<32xbf16> -> vector<16xf32>
// ERROR: contracts pairs of bf16, which is not supported by target 'x86-64-v4'; use a schedule with dot = 1
func.func @dot(%a: vector<32xbf16>, %b: vector<32xbf16>, %c: vector<16xf32>) -> vector<16xf32> {
  %x = vector.shape_cast %a : vector<32xbf16> to vector<16x2xbf16>
  %y = vector.shape_cast %b : vector<32xbf16> to vector<16x2xbf16>
  %r = vector.contract {indexing_maps = [#pairs, #pairs, #lanes], iterator_types = ["parallel", "reduction"],
                        kind = #vector.kind<add>} %x, %y, %c
      : vector<16x2xbf16>, vector<16x2xbf16> into vector<16xf32>
  return %r : vector<16xf32>
}
