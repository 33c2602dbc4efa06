// RUN: attn-opt %s --attn-attach-target=target=avx512-bf16 --attn-tile-projections --remarks-filter-missed=.* -o /dev/null 2>&1 | FileCheck %s

// CHECK: multiplies bf16 as f32: a depth of 33 is no whole number of pairs
func.func @odd(%x: tensor<?x33xbf16>, %w: tensor<16x33xbf16>) -> tensor<1x?x16xbf16> {
  %y = attn.project_heads %x weights(%w) {heads = array<i64: 1>}
      : tensor<?x33xbf16>, (tensor<16x33xbf16>) -> tensor<1x?x16xbf16>
  return %y : tensor<1x?x16xbf16>
}
