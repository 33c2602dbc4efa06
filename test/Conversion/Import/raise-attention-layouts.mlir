// RUN: attn-opt --attn-import %s | FileCheck %s

// Orders and groups of dimensions.

// Heads next to features: a layout, no transpose.
// CHECK-LABEL: func.func @heads_inside(
// CHECK-SAME: %[[Q:[a-z0-9]*]]: tensor<2x5x3x8xf32>, %[[K:[a-z0-9]*]]: tensor<2x6x3x8xf32>, %[[V:[a-z0-9]*]]: tensor<2x6x3x4xf32>
// CHECK-NEXT: %[[O:.*]] = attn.attention query(%[[Q]]) key(%[[K]]) value(%[[V]]) {layout = "bshd", scale = 1.000000e+00 : f64}
// CHECK-SAME: -> tensor<2x5x3x4xf32>
// CHECK-NEXT: return %[[O]]
func.func @heads_inside(%q: tensor<2x5x3x8xf32>, %k: tensor<2x6x3x8xf32>, %v: tensor<2x6x3x4xf32>) -> tensor<2x5x3x4xf32> {
  %s0 = arith.constant dense<0.0> : tensor<2x3x5x6xf32>
  %o0 = arith.constant dense<0.0> : tensor<2x5x3x4xf32>
  %s = linalg.contract indexing_maps = [affine_map<(b, h, i, j, d) -> (b, i, h, d)>, affine_map<(b, h, i, j, d) -> (b, j, h, d)>, affine_map<(b, h, i, j, d) -> (b, h, i, j)>]
      ins(%q, %k : tensor<2x5x3x8xf32>, tensor<2x6x3x8xf32>) outs(%s0 : tensor<2x3x5x6xf32>) -> tensor<2x3x5x6xf32>
  %p = linalg.softmax dimension(3) ins(%s : tensor<2x3x5x6xf32>) outs(%s0 : tensor<2x3x5x6xf32>) -> tensor<2x3x5x6xf32>
  %o = linalg.contract indexing_maps = [affine_map<(b, h, i, j, d) -> (b, h, i, j)>, affine_map<(b, h, i, j, d) -> (b, j, h, d)>, affine_map<(b, h, i, j, d) -> (b, i, h, d)>]
      ins(%p, %v : tensor<2x3x5x6xf32>, tensor<2x6x3x4xf32>) outs(%o0 : tensor<2x5x3x4xf32>) -> tensor<2x5x3x4xf32>
  return %o : tensor<2x5x3x4xf32>
}

// Batch and lengths known at run time.
// CHECK-LABEL: func.func @dynamic(
// CHECK-SAME: %[[Q:[a-z0-9]*]]: tensor<?x3x?x8xf32>, %[[K:[a-z0-9]*]]: tensor<?x3x?x8xf32>, %[[V:[a-z0-9]*]]: tensor<?x3x?x4xf32>
// CHECK-NEXT: %[[O:.*]] = attn.attention query(%[[Q]]) key(%[[K]]) value(%[[V]]) {scale = 1.000000e+00 : f64}
// CHECK-SAME: -> tensor<?x3x?x4xf32>
// CHECK-NEXT: return %[[O]]
func.func @dynamic(%q: tensor<?x3x?x8xf32>, %k: tensor<?x3x?x8xf32>, %v: tensor<?x3x?x4xf32>) -> tensor<?x3x?x4xf32> {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %b = tensor.dim %q, %c0 : tensor<?x3x?x8xf32>
  %m = tensor.dim %q, %c2 : tensor<?x3x?x8xf32>
  %n = tensor.dim %k, %c2 : tensor<?x3x?x8xf32>
  %se = tensor.empty(%b, %m, %n) : tensor<?x3x?x?xf32>
  %s0 = linalg.fill ins(%zero : f32) outs(%se : tensor<?x3x?x?xf32>) -> tensor<?x3x?x?xf32>
  %oe = tensor.empty(%b, %m) : tensor<?x3x?x4xf32>
  %o0 = linalg.fill ins(%zero : f32) outs(%oe : tensor<?x3x?x4xf32>) -> tensor<?x3x?x4xf32>
  %s = linalg.contract indexing_maps = [affine_map<(b, h, i, j, d) -> (b, h, i, d)>, affine_map<(b, h, i, j, d) -> (b, h, j, d)>, affine_map<(b, h, i, j, d) -> (b, h, i, j)>]
      ins(%q, %k : tensor<?x3x?x8xf32>, tensor<?x3x?x8xf32>) outs(%s0 : tensor<?x3x?x?xf32>) -> tensor<?x3x?x?xf32>
  %p = linalg.softmax dimension(3) ins(%s : tensor<?x3x?x?xf32>) outs(%se : tensor<?x3x?x?xf32>) -> tensor<?x3x?x?xf32>
  %o = linalg.contract indexing_maps = [affine_map<(b, h, i, j, d) -> (b, h, i, j)>, affine_map<(b, h, i, j, d) -> (b, h, j, d)>, affine_map<(b, h, i, j, d) -> (b, h, i, d)>]
      ins(%p, %v : tensor<?x3x?x?xf32>, tensor<?x3x?x4xf32>) outs(%o0 : tensor<?x3x?x4xf32>) -> tensor<?x3x?x4xf32>
  return %o : tensor<?x3x?x4xf32>
}

// A group dimension that keys lack: three query heads to each of two others.
// The result comes back in the dimensions it had.
// CHECK-LABEL: func.func @grouped(
// CHECK-SAME: %[[Q:[a-z0-9]*]]: tensor<4x2x3x5x8xf32>, %[[K:[a-z0-9]*]]: tensor<4x2x6x8xf32>, %[[V:[a-z0-9]*]]: tensor<4x2x6x8xf32>
// CHECK-NEXT: %[[QC:.*]] = tensor.collapse_shape %[[Q]] {{\[}}[0], [1, 2], [3], [4]]
// CHECK-NEXT: %[[O:.*]] = attn.attention query(%[[QC]]) key(%[[K]]) value(%[[V]])
// CHECK-SAME: (tensor<4x6x5x8xf32>, tensor<4x2x6x8xf32>, tensor<4x2x6x8xf32>)
// CHECK-NEXT: %[[R:.*]] = tensor.expand_shape %[[O]] {{\[}}[0], [1, 2], [3], [4]]
// CHECK-NEXT: return %[[R]]
func.func @grouped(%q: tensor<4x2x3x5x8xf32>, %k: tensor<4x2x6x8xf32>, %v: tensor<4x2x6x8xf32>) -> tensor<4x2x3x5x8xf32> {
  %s0 = arith.constant dense<0.0> : tensor<4x2x3x5x6xf32>
  %o0 = arith.constant dense<0.0> : tensor<4x2x3x5x8xf32>
  %s = linalg.contract indexing_maps = [affine_map<(b, h, g, i, j, d) -> (b, h, g, i, d)>, affine_map<(b, h, g, i, j, d) -> (b, h, j, d)>, affine_map<(b, h, g, i, j, d) -> (b, h, g, i, j)>]
      ins(%q, %k : tensor<4x2x3x5x8xf32>, tensor<4x2x6x8xf32>) outs(%s0 : tensor<4x2x3x5x6xf32>) -> tensor<4x2x3x5x6xf32>
  %p = linalg.softmax dimension(4) ins(%s : tensor<4x2x3x5x6xf32>) outs(%s0 : tensor<4x2x3x5x6xf32>) -> tensor<4x2x3x5x6xf32>
  %o = linalg.contract indexing_maps = [affine_map<(b, h, g, i, j, d) -> (b, h, g, i, j)>, affine_map<(b, h, g, i, j, d) -> (b, h, j, d)>, affine_map<(b, h, g, i, j, d) -> (b, h, g, i, d)>]
      ins(%p, %v : tensor<4x2x3x5x6xf32>, tensor<4x2x6x8xf32>) outs(%o0 : tensor<4x2x3x5x8xf32>) -> tensor<4x2x3x5x8xf32>
  return %o : tensor<4x2x3x5x8xf32>
}

// One key for all heads of a batch.
// CHECK-LABEL: func.func @multi_query(
// CHECK-SAME: %[[Q:[a-z0-9]*]]: tensor<4x3x5x8xf32>, %[[K:[a-z0-9]*]]: tensor<4x6x8xf32>, %[[V:[a-z0-9]*]]: tensor<4x6x8xf32>
// CHECK-DAG: %[[KE:.*]] = tensor.expand_shape %[[K]] {{\[}}[0, 1], [2], [3]] output_shape [4, 1, 6, 8]
// CHECK-DAG: %[[VE:.*]] = tensor.expand_shape %[[V]] {{\[}}[0, 1], [2], [3]] output_shape [4, 1, 6, 8]
// CHECK: %[[O:.*]] = attn.attention query(%[[Q]]) key(%[[KE]]) value(%[[VE]]) {scale
// CHECK-NEXT: return %[[O]]
func.func @multi_query(%q: tensor<4x3x5x8xf32>, %k: tensor<4x6x8xf32>, %v: tensor<4x6x8xf32>) -> tensor<4x3x5x8xf32> {
  %s0 = arith.constant dense<0.0> : tensor<4x3x5x6xf32>
  %o0 = arith.constant dense<0.0> : tensor<4x3x5x8xf32>
  %s = linalg.contract indexing_maps = [affine_map<(b, h, i, j, d) -> (b, h, i, d)>, affine_map<(b, h, i, j, d) -> (b, j, d)>, affine_map<(b, h, i, j, d) -> (b, h, i, j)>]
      ins(%q, %k : tensor<4x3x5x8xf32>, tensor<4x6x8xf32>) outs(%s0 : tensor<4x3x5x6xf32>) -> tensor<4x3x5x6xf32>
  %p = linalg.softmax dimension(3) ins(%s : tensor<4x3x5x6xf32>) outs(%s0 : tensor<4x3x5x6xf32>) -> tensor<4x3x5x6xf32>
  %o = linalg.contract indexing_maps = [affine_map<(b, h, i, j, d) -> (b, h, i, j)>, affine_map<(b, h, i, j, d) -> (b, j, d)>, affine_map<(b, h, i, j, d) -> (b, h, i, d)>]
      ins(%p, %v : tensor<4x3x5x6xf32>, tensor<4x6x8xf32>) outs(%o0 : tensor<4x3x5x8xf32>) -> tensor<4x3x5x8xf32>
  return %o : tensor<4x3x5x8xf32>
}

// Scores transposed, keys first, and a value that comes transposed.
// CHECK-LABEL: func.func @transposed_scores(
// CHECK-SAME: %[[Q:[a-z0-9]*]]: tensor<3x5x8xf32>, %[[K:[a-z0-9]*]]: tensor<3x6x8xf32>, %[[V:[a-z0-9]*]]: tensor<3x4x6xf32>
// CHECK: %[[VT:.*]] = linalg.transpose ins(%[[V]] : tensor<3x4x6xf32>) {{.*}} permutation = [0, 2, 1]
// CHECK-NEXT: %[[O:.*]] = attn.attention query(%[[Q]]) key(%[[K]]) value(%[[VT]])
// CHECK-SAME: -> tensor<3x5x4xf32>
// CHECK: %[[R:.*]] = linalg.transpose ins(%[[O]] : tensor<3x5x4xf32>) {{.*}} permutation = [0, 2, 1]
// CHECK-NEXT: return %[[R]]
func.func @transposed_scores(%q: tensor<3x5x8xf32>, %k: tensor<3x6x8xf32>, %v: tensor<3x4x6xf32>) -> tensor<3x4x5xf32> {
  %s0 = arith.constant dense<0.0> : tensor<3x6x5xf32>
  %o0 = arith.constant dense<0.0> : tensor<3x4x5xf32>
  %s = linalg.contract indexing_maps = [affine_map<(h, j, i, d) -> (h, j, d)>, affine_map<(h, j, i, d) -> (h, i, d)>, affine_map<(h, j, i, d) -> (h, j, i)>]
      ins(%k, %q : tensor<3x6x8xf32>, tensor<3x5x8xf32>) outs(%s0 : tensor<3x6x5xf32>) -> tensor<3x6x5xf32>
  %p = linalg.softmax dimension(1) ins(%s : tensor<3x6x5xf32>) outs(%s0 : tensor<3x6x5xf32>) -> tensor<3x6x5xf32>
  %o = linalg.batch_matmul ins(%v, %p : tensor<3x4x6xf32>, tensor<3x6x5xf32>) outs(%o0 : tensor<3x4x5xf32>) -> tensor<3x4x5xf32>
  return %o : tensor<3x4x5xf32>
}

// One head, no batch: a head of size 1 is added.
// CHECK-LABEL: func.func @matrices(
// CHECK: attn.attention {{.*}} : (tensor<1x5x8xf32>, tensor<1x6x8xf32>, tensor<1x6x8xf32>) -> tensor<1x5x8xf32>
func.func @matrices(%q: tensor<5x8xf32>, %k: tensor<6x8xf32>, %v: tensor<6x8xf32>) -> tensor<5x8xf32> {
  %s0 = arith.constant dense<0.0> : tensor<5x6xf32>
  %o0 = arith.constant dense<0.0> : tensor<5x8xf32>
  %ke = tensor.empty() : tensor<8x6xf32>
  %kt = linalg.transpose ins(%k : tensor<6x8xf32>) outs(%ke : tensor<8x6xf32>) permutation = [1, 0]
  %s = linalg.matmul ins(%q, %kt : tensor<5x8xf32>, tensor<8x6xf32>) outs(%s0 : tensor<5x6xf32>) -> tensor<5x6xf32>
  %p = linalg.softmax dimension(1) ins(%s : tensor<5x6xf32>) outs(%s0 : tensor<5x6xf32>) -> tensor<5x6xf32>
  %o = linalg.matmul ins(%p, %v : tensor<5x6xf32>, tensor<6x8xf32>) outs(%o0 : tensor<5x8xf32>) -> tensor<5x8xf32>
  return %o : tensor<5x8xf32>
}

// Queries that are the same for every batch (learned ones) are repeated.
// CHECK-LABEL: func.func @shared_queries(
// CHECK-SAME: %[[Q:[a-z0-9]*]]: tensor<3x5x8xf32>, %[[K:[a-z0-9]*]]: tensor<2x3x6x8xf32>
// CHECK: %[[QB:.*]] = linalg.broadcast ins(%[[Q]] : tensor<3x5x8xf32>) {{.*}} dimensions = [0]
// CHECK: attn.attention query(%[[QB]]) key(%[[K]])
func.func @shared_queries(%q: tensor<3x5x8xf32>, %k: tensor<2x3x6x8xf32>, %v: tensor<2x3x6x8xf32>) -> tensor<2x3x5x8xf32> {
  %s0 = arith.constant dense<0.0> : tensor<2x3x5x6xf32>
  %o0 = arith.constant dense<0.0> : tensor<2x3x5x8xf32>
  %s = linalg.contract indexing_maps = [affine_map<(b, h, i, j, d) -> (h, i, d)>, affine_map<(b, h, i, j, d) -> (b, h, j, d)>, affine_map<(b, h, i, j, d) -> (b, h, i, j)>]
      ins(%q, %k : tensor<3x5x8xf32>, tensor<2x3x6x8xf32>) outs(%s0 : tensor<2x3x5x6xf32>) -> tensor<2x3x5x6xf32>
  %p = linalg.softmax dimension(3) ins(%s : tensor<2x3x5x6xf32>) outs(%s0 : tensor<2x3x5x6xf32>) -> tensor<2x3x5x6xf32>
  %o = linalg.contract indexing_maps = [affine_map<(b, h, i, j, d) -> (b, h, i, j)>, affine_map<(b, h, i, j, d) -> (b, h, j, d)>, affine_map<(b, h, i, j, d) -> (b, h, i, d)>]
      ins(%p, %v : tensor<2x3x5x6xf32>, tensor<2x3x6x8xf32>) outs(%o0 : tensor<2x3x5x8xf32>) -> tensor<2x3x5x8xf32>
  return %o : tensor<2x3x5x8xf32>
}
