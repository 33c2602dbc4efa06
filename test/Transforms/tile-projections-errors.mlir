// RUN: attn-opt %s --attn-attach-target=target=x86-64-v4 --attn-tile-projections -split-input-file -verify-diagnostics

func.func @narrow(%x: tensor<?x16xf8E4M3FN>, %w: tensor<16x16xf8E4M3FN>) -> tensor<1x?x16xf8E4M3FN> {
  // expected-error @+1 {{'attn.project_heads' op of 'f8E4M3FN' is not supported on the CPU; supported: f32, bf16, f16, f64}}
  %y = attn.project_heads %x weights(%w) {heads = array<i64: 1>}
      : tensor<?x16xf8E4M3FN>, (tensor<16x16xf8E4M3FN>) -> tensor<1x?x16xf8E4M3FN>
  return %y : tensor<1x?x16xf8E4M3FN>
}

// -----

func.func @merge(%a: tensor<2x?x8xf80>, %w: tensor<16x16xf80>) -> tensor<?x16xf80> {
  // expected-error @+1 {{'attn.merge_heads' op of 'f80' is not supported on the CPU}}
  %y = attn.merge_heads %a weight(%w) : tensor<2x?x8xf80>, tensor<16x16xf80> -> tensor<?x16xf80>
  return %y : tensor<?x16xf80>
}
