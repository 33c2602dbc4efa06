// RUN: attn-opt --attn-import %s | FileCheck %s

// Where the scale is, and what else may happen to a score.

#q = affine_map<(h, i, j, d) -> (h, i, d)>
#k = affine_map<(h, i, j, d) -> (h, j, d)>
#s = affine_map<(h, i, j, d) -> (h, i, j)>

// Half of it on the query, a division of the key, and some on the scores.
// CHECK-LABEL: func.func @everywhere(
// CHECK-SAME: %[[Q:.*]]: tensor<2x5x8xf32>, %[[K:.*]]: tensor<2x6x8xf32>, %[[V:.*]]: tensor<2x6x8xf32>
// CHECK-NEXT: attn.attention query(%[[Q]]) key(%[[K]]) value(%[[V]]) {scale = 7.500000e-01 : f64}
// CHECK-NEXT: return
func.func @everywhere(%q: tensor<2x5x8xf32>, %k: tensor<2x6x8xf32>, %v: tensor<2x6x8xf32>) -> tensor<2x5x8xf32> {
  %s0 = arith.constant dense<0.0> : tensor<2x5x6xf32>
  %o0 = arith.constant dense<0.0> : tensor<2x5x8xf32>
  %half = arith.constant dense<0.5> : tensor<2x5x8xf32>
  %two = arith.constant dense<2.0> : tensor<2x6x8xf32>
  %three = arith.constant dense<3.0> : tensor<2x5x6xf32>
  %qs = arith.mulf %q, %half : tensor<2x5x8xf32>
  %ks = arith.divf %k, %two : tensor<2x6x8xf32>
  %s = linalg.batch_matmul indexing_maps = [#q, #k, #s]
      ins(%qs, %ks : tensor<2x5x8xf32>, tensor<2x6x8xf32>) outs(%s0 : tensor<2x5x6xf32>) -> tensor<2x5x6xf32>
  %ss = arith.mulf %three, %s : tensor<2x5x6xf32>
  %p = linalg.softmax dimension(2) ins(%ss : tensor<2x5x6xf32>) outs(%s0 : tensor<2x5x6xf32>) -> tensor<2x5x6xf32>
  %o = linalg.batch_matmul ins(%p, %v : tensor<2x5x6xf32>, tensor<2x6x8xf32>) outs(%o0 : tensor<2x5x8xf32>) -> tensor<2x5x8xf32>
  return %o : tensor<2x5x8xf32>
}

// A factor that is known at run time only stays in the score region.
// CHECK-LABEL: func.func @scalar_argument(
// CHECK-SAME: %[[T:[a-z0-9]*]]: f32
// CHECK: attn.attention {{.*}} score(%[[S:.*]]: f32, %{{.*}}: index, %{{.*}}: index, %{{.*}}: index, %{{.*}}: index) {
// CHECK-NEXT: %[[R:.*]] = arith.mulf %[[S]], %[[T]] : f32
// CHECK-NEXT: attn.yield %[[R]]
// CHECK-NEXT: } {scale = 1.000000e+00 : f64}
func.func @scalar_argument(%q: tensor<2x5x8xf32>, %k: tensor<2x6x8xf32>, %v: tensor<2x6x8xf32>, %t: f32) -> tensor<2x5x8xf32> {
  %s0 = arith.constant dense<0.0> : tensor<2x5x6xf32>
  %o0 = arith.constant dense<0.0> : tensor<2x5x8xf32>
  %s = linalg.batch_matmul indexing_maps = [#q, #k, #s]
      ins(%q, %k : tensor<2x5x8xf32>, tensor<2x6x8xf32>) outs(%s0 : tensor<2x5x6xf32>) -> tensor<2x5x6xf32>
  %ts = tensor.splat %t : tensor<2x5x6xf32>
  %ss = arith.mulf %s, %ts : tensor<2x5x6xf32>
  %p = linalg.softmax dimension(2) ins(%ss : tensor<2x5x6xf32>) outs(%s0 : tensor<2x5x6xf32>) -> tensor<2x5x6xf32>
  %o = linalg.batch_matmul ins(%p, %v : tensor<2x5x6xf32>, tensor<2x6x8xf32>) outs(%o0 : tensor<2x5x8xf32>) -> tensor<2x5x8xf32>
  return %o : tensor<2x5x8xf32>
}

// Soft-capping: the inner factor is the scale, the outer one part of the score.
// CHECK-LABEL: func.func @softcap(
// CHECK: %[[C:.*]] = arith.constant 4.000000e+00 : f32
// CHECK: attn.attention {{.*}} score(%[[S:.*]]: f32, %{{.*}}: index, %{{.*}}: index, %{{.*}}: index, %{{.*}}: index) {
// CHECK-NEXT: %[[T:.*]] = math.tanh %[[S]] : f32
// CHECK-NEXT: %[[R:.*]] = arith.mulf %[[T]], %[[C]] : f32
// CHECK-NEXT: attn.yield %[[R]]
// CHECK-NEXT: } {scale = 2.500000e-01 : f64}
func.func @softcap(%q: tensor<2x5x8xf32>, %k: tensor<2x6x8xf32>, %v: tensor<2x6x8xf32>) -> tensor<2x5x8xf32> {
  %s0 = arith.constant dense<0.0> : tensor<2x5x6xf32>
  %o0 = arith.constant dense<0.0> : tensor<2x5x8xf32>
  %cap = arith.constant dense<4.0> : tensor<2x5x6xf32>
  %s = linalg.batch_matmul indexing_maps = [#q, #k, #s]
      ins(%q, %k : tensor<2x5x8xf32>, tensor<2x6x8xf32>) outs(%s0 : tensor<2x5x6xf32>) -> tensor<2x5x6xf32>
  %sd = arith.divf %s, %cap : tensor<2x5x6xf32>
  %st = math.tanh %sd : tensor<2x5x6xf32>
  %sm = arith.mulf %st, %cap : tensor<2x5x6xf32>
  %p = linalg.softmax dimension(2) ins(%sm : tensor<2x5x6xf32>) outs(%s0 : tensor<2x5x6xf32>) -> tensor<2x5x6xf32>
  %o = linalg.batch_matmul ins(%p, %v : tensor<2x5x6xf32>, tensor<2x6x8xf32>) outs(%o0 : tensor<2x5x8xf32>) -> tensor<2x5x8xf32>
  return %o : tensor<2x5x8xf32>
}
