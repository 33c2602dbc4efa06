// Functions that do not show the "bug" (an attention with 7 heads) are removed.
// RUN: attn-reduce %s -reduction-tree='traversal-mode=0 test=%S/Inputs/has-seven-heads.sh' | FileCheck %s

// CHECK-NOT: @unrelated
func.func @unrelated(%q: tensor<2x4x8xf32>) -> tensor<2x4x8xf32> {
  %o = attn.attention query(%q) key(%q) value(%q)
      : (tensor<2x4x8xf32>, tensor<2x4x8xf32>, tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  return %o : tensor<2x4x8xf32>
}

// CHECK: func.func @culprit
func.func @culprit(%q: tensor<7x4x8xf32>) -> tensor<7x4x8xf32> {
  %o = attn.attention query(%q) key(%q) value(%q)
      : (tensor<7x4x8xf32>, tensor<7x4x8xf32>, tensor<7x4x8xf32>) -> tensor<7x4x8xf32>
  return %o : tensor<7x4x8xf32>
}
