// RUN: attn-opt %s | attn-opt | FileCheck %s
// RUN: attn-opt %s --mlir-print-op-generic | attn-opt | FileCheck %s

// Several weights at once, with biases, into different numbers of heads.
// CHECK-LABEL: func @project_heads
// CHECK: attn.project_heads %{{.*}} weights(%{{.*}}, %{{.*}}) biases(%{{.*}}, %{{.*}}) {heads = array<i64: 12, 4>} : tensor<?x?x384xf32>, (tensor<384x384xf32>, tensor<128x384xf32>), (tensor<384xf32>, tensor<128xf32>) -> (tensor<?x12x?x32xf32>, tensor<?x4x?x32xf32>)
func.func @project_heads(%x: tensor<?x?x384xf32>, %wq: tensor<384x384xf32>, %wk: tensor<128x384xf32>,
                         %bq: tensor<384xf32>, %bk: tensor<128xf32>) {
  %q, %k = attn.project_heads %x weights(%wq, %wk) biases(%bq, %bk) {heads = array<i64: 12, 4>}
      : tensor<?x?x384xf32>, (tensor<384x384xf32>, tensor<128x384xf32>), (tensor<384xf32>, tensor<128xf32>)
      -> (tensor<?x12x?x32xf32>, tensor<?x4x?x32xf32>)
  return
}

// Without a batch, without a bias, heads last but one, with an activation.
// CHECK-LABEL: func @project_heads_variants
// CHECK: attn.project_heads %{{.*}} weights(%{{.*}}) {heads = array<i64: 12>} : tensor<7x384xf32>, (tensor<384x384xf32>) -> tensor<12x7x32xf32>
// CHECK: {activation = "gelu", heads = array<i64: 1>, layout = "shd"} : tensor<7x384xf32>, (tensor<384x384xf32>) -> tensor<7x1x384xf32>
func.func @project_heads_variants(%x: tensor<7x384xf32>, %w: tensor<384x384xf32>) {
  %0 = attn.project_heads %x weights(%w) {heads = array<i64: 12>}
      : tensor<7x384xf32>, (tensor<384x384xf32>) -> tensor<12x7x32xf32>
  %1 = attn.project_heads %x weights(%w) {heads = array<i64: 1>, layout = "shd", activation = "gelu"}
      : tensor<7x384xf32>, (tensor<384x384xf32>) -> tensor<7x1x384xf32>
  return
}

// CHECK-LABEL: func @merge_heads
// CHECK: attn.merge_heads %{{.*}} weight(%{{.*}}) bias(%{{.*}}) : tensor<?x12x?x32xf32>, tensor<100x384xf32>, tensor<100xf32> -> tensor<?x?x100xf32>
// CHECK: attn.merge_heads %{{.*}} weight(%{{.*}}) {activation = "relu", layout = "shd"} : tensor<?x12x32xf32>, tensor<100x384xf32> -> tensor<?x100xf32>
func.func @merge_heads(%a: tensor<?x12x?x32xf32>, %s: tensor<?x12x32xf32>, %w: tensor<100x384xf32>, %b: tensor<100xf32>) {
  %0 = attn.merge_heads %a weight(%w) bias(%b)
      : tensor<?x12x?x32xf32>, tensor<100x384xf32>, tensor<100xf32> -> tensor<?x?x100xf32>
  %1 = attn.merge_heads %s weight(%w) {layout = "shd", activation = "relu"}
      : tensor<?x12x32xf32>, tensor<100x384xf32> -> tensor<?x100xf32>
  return
}

// Results that are turned by their positions, with tables and places of their own.
// CHECK-LABEL: func @rotary
// CHECK: attn.project_heads %{{.*}} weights(%{{[^,]*}}, %{{.*}}) rotary(%[[C:.*]], %[[S:.*]]) {heads = array<i64: 4, 1>, rotated = array<i64: 0>} : tensor<2x?x32xf32>, (tensor<32x32xf32>, tensor<32x32xf32>) rotary(tensor<?x4xf32>, tensor<?x4xf32>) -> (tensor<2x4x?x8xf32>, tensor<2x1x?x32xf32>)
// CHECK: attn.project_heads %{{.*}} weights(%{{.*}}) biases(%{{.*}}) rotary(%[[C]], %[[S]]) positions(%{{.*}}) {heads = array<i64: 4>, pairs = "interleaved", rotated = array<i64: 0>} : tensor<2x?x32xf32>, (tensor<32x32xf32>), (tensor<32xf32>) rotary(tensor<?x4xf32>, tensor<?x4xf32>) positions tensor<2x?xi32> -> tensor<2x4x?x8xf32>
func.func @rotary(%x: tensor<2x?x32xf32>, %w: tensor<32x32xf32>, %b: tensor<32xf32>, %c: tensor<?x4xf32>, %s: tensor<?x4xf32>,
                  %p: tensor<2x?xi32>) {
  %0:2 = attn.project_heads %x weights(%w, %w) rotary(%c, %s) {heads = array<i64: 4, 1>, rotated = array<i64: 0>}
      : tensor<2x?x32xf32>, (tensor<32x32xf32>, tensor<32x32xf32>) rotary (tensor<?x4xf32>, tensor<?x4xf32>)
      -> (tensor<2x4x?x8xf32>, tensor<2x1x?x32xf32>)
  %1 = attn.project_heads %x weights(%w) biases(%b) rotary(%c, %s) positions(%p)
      {heads = array<i64: 4>, rotated = array<i64: 0>, pairs = "interleaved"}
      : tensor<2x?x32xf32>, (tensor<32x32xf32>), (tensor<32xf32>) rotary (tensor<?x4xf32>, tensor<?x4xf32>)
        positions tensor<2x?xi32> -> tensor<2x4x?x8xf32>
  return
}
