// RUN: attn-opt --attn-import %s | FileCheck %s

// The spellings of a softmax.

#scores = affine_map<(h, i, j) -> (h, i, j)>
#rows = affine_map<(h, i, j) -> (h, i)>
#q = affine_map<(h, i, j, d) -> (h, i, d)>
#k = affine_map<(h, i, j, d) -> (h, j, d)>
#s = affine_map<(h, i, j, d) -> (h, i, j)>

// CHECK-LABEL: func.func @named_dynamic(
// CHECK-SAME: %[[Q:.*]]: tensor<4x?x8xf32>, %[[K:.*]]: tensor<4x?x8xf32>, %[[V:.*]]: tensor<4x?x8xf32>
// CHECK-NEXT: %[[O:.*]] = attn.attention query(%[[Q]]) key(%[[K]]) value(%[[V]]) {scale = 1.000000e+00 : f64}
// CHECK-NEXT: return %[[O]]
func.func @named_dynamic(%q: tensor<4x?x8xf32>, %k: tensor<4x?x8xf32>, %v: tensor<4x?x8xf32>) -> tensor<4x?x8xf32> {
  %zero = arith.constant 0.0 : f32
  %c1 = arith.constant 1 : index
  %m = tensor.dim %q, %c1 : tensor<4x?x8xf32>
  %n = tensor.dim %k, %c1 : tensor<4x?x8xf32>
  %se = tensor.empty(%m, %n) : tensor<4x?x?xf32>
  %s0 = linalg.fill ins(%zero : f32) outs(%se : tensor<4x?x?xf32>) -> tensor<4x?x?xf32>
  %s = linalg.batch_matmul indexing_maps = [#q, #k, #s]
      ins(%q, %k : tensor<4x?x8xf32>, tensor<4x?x8xf32>) outs(%s0 : tensor<4x?x?xf32>) -> tensor<4x?x?xf32>
  %p = linalg.softmax dimension(2) ins(%s : tensor<4x?x?xf32>) outs(%se : tensor<4x?x?xf32>) -> tensor<4x?x?xf32>
  %oe = tensor.empty(%m) : tensor<4x?x8xf32>
  %o0 = linalg.fill ins(%zero : f32) outs(%oe : tensor<4x?x8xf32>) -> tensor<4x?x8xf32>
  %o = linalg.batch_matmul ins(%p, %v : tensor<4x?x?xf32>, tensor<4x?x8xf32>) outs(%o0 : tensor<4x?x8xf32>) -> tensor<4x?x8xf32>
  return %o : tensor<4x?x8xf32>
}

// Subtraction and exponential in one op, computed again for the sum; the
// product with the reciprocal in place of the quotient.
// CHECK-LABEL: func.func @fused_reciprocal(
// CHECK-SAME: %[[Q:.*]]: tensor<2x5x8xf32>, %[[K:.*]]: tensor<2x6x8xf32>, %[[V:.*]]: tensor<2x6x8xf32>
// CHECK-NEXT: %[[O:.*]] = attn.attention query(%[[Q]]) key(%[[K]]) value(%[[V]]) {scale = 1.000000e+00 : f64}
// CHECK-NEXT: return %[[O]]
func.func @fused_reciprocal(%q: tensor<2x5x8xf32>, %k: tensor<2x6x8xf32>, %v: tensor<2x6x8xf32>) -> tensor<2x5x8xf32> {
  %s0 = arith.constant dense<0.0> : tensor<2x5x6xf32>
  %l0 = arith.constant dense<0.0> : tensor<2x5xf32>
  %m0 = arith.constant dense<0xFF800000> : tensor<2x5xf32>
  %o0 = arith.constant dense<0.0> : tensor<2x5x8xf32>
  %one = arith.constant 1.0 : f32
  %s = linalg.batch_matmul indexing_maps = [#q, #k, #s]
      ins(%q, %k : tensor<2x5x8xf32>, tensor<2x6x8xf32>) outs(%s0 : tensor<2x5x6xf32>) -> tensor<2x5x6xf32>
  %m = linalg.generic {indexing_maps = [#scores, #rows], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%s : tensor<2x5x6xf32>) outs(%m0 : tensor<2x5xf32>) {
  ^bb0(%x: f32, %acc: f32):
    %r = arith.maxnumf %acc, %x : f32
    linalg.yield %r : f32
  } -> tensor<2x5xf32>
  %l = linalg.generic {indexing_maps = [#scores, #rows, #rows], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%s, %m : tensor<2x5x6xf32>, tensor<2x5xf32>) outs(%l0 : tensor<2x5xf32>) {
  ^bb0(%x: f32, %max: f32, %acc: f32):
    %d = arith.subf %x, %max : f32
    %e = math.exp %d : f32
    %r = arith.addf %acc, %e : f32
    linalg.yield %r : f32
  } -> tensor<2x5xf32>
  %p = linalg.generic {indexing_maps = [#scores, #rows, #rows, #scores], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%s, %m, %l : tensor<2x5x6xf32>, tensor<2x5xf32>, tensor<2x5xf32>) outs(%s0 : tensor<2x5x6xf32>) {
  ^bb0(%x: f32, %max: f32, %sum: f32, %unused: f32):
    %d = arith.subf %x, %max : f32
    %e = math.exp %d : f32
    %i = arith.divf %one, %sum : f32
    %r = arith.mulf %e, %i : f32
    linalg.yield %r : f32
  } -> tensor<2x5x6xf32>
  %o = linalg.batch_matmul ins(%p, %v : tensor<2x5x6xf32>, tensor<2x6x8xf32>) outs(%o0 : tensor<2x5x8xf32>) -> tensor<2x5x8xf32>
  return %o : tensor<2x5x8xf32>
}

// Powers of two of scores in base 2, and nothing subtracted.
// CHECK-LABEL: func.func @base_two(
// CHECK-NEXT: attn.attention {{.*}} {scale = 2.500000e-01 : f64}
// CHECK-NEXT: return
func.func @base_two(%q: tensor<2x5x8xf32>, %k: tensor<2x6x8xf32>, %v: tensor<2x6x8xf32>) -> tensor<2x5x8xf32> {
  %s0 = arith.constant dense<0.0> : tensor<2x5x6xf32>
  %l0 = arith.constant dense<0.0> : tensor<2x5xf32>
  %o0 = arith.constant dense<0.0> : tensor<2x5x8xf32>
  %quarter = arith.constant dense<0.25> : tensor<2x5x6xf32>
  %log2e = arith.constant dense<1.44269502> : tensor<2x5x6xf32>
  %s = linalg.batch_matmul indexing_maps = [#q, #k, #s]
      ins(%q, %k : tensor<2x5x8xf32>, tensor<2x6x8xf32>) outs(%s0 : tensor<2x5x6xf32>) -> tensor<2x5x6xf32>
  %scaled = arith.mulf %s, %quarter : tensor<2x5x6xf32>
  %s2 = arith.mulf %scaled, %log2e : tensor<2x5x6xf32>
  %e = math.exp2 %s2 : tensor<2x5x6xf32>
  %l = linalg.reduce { arith.addf } ins(%e : tensor<2x5x6xf32>) outs(%l0 : tensor<2x5xf32>) dimensions = [2]
  %lb = linalg.broadcast ins(%l : tensor<2x5xf32>) outs(%s0 : tensor<2x5x6xf32>) dimensions = [2]
  %p = linalg.div ins(%e, %lb : tensor<2x5x6xf32>, tensor<2x5x6xf32>) outs(%s0 : tensor<2x5x6xf32>) -> tensor<2x5x6xf32>
  %o = linalg.batch_matmul ins(%p, %v : tensor<2x5x6xf32>, tensor<2x6x8xf32>) outs(%o0 : tensor<2x5x8xf32>) -> tensor<2x5x8xf32>
  return %o : tensor<2x5x8xf32>
}

// exp(s - log(sum(exp(s)))): a logarithmic softmax.
// CHECK-LABEL: func.func @log_softmax(
// CHECK-NEXT: attn.attention {{.*}} {scale = 1.000000e+00 : f64}
// CHECK-NEXT: return
func.func @log_softmax(%q: tensor<2x5x8xf32>, %k: tensor<2x6x8xf32>, %v: tensor<2x6x8xf32>) -> tensor<2x5x8xf32> {
  %s0 = arith.constant dense<0.0> : tensor<2x5x6xf32>
  %l0 = arith.constant dense<0.0> : tensor<2x5xf32>
  %o0 = arith.constant dense<0.0> : tensor<2x5x8xf32>
  %s = linalg.batch_matmul indexing_maps = [#q, #k, #s]
      ins(%q, %k : tensor<2x5x8xf32>, tensor<2x6x8xf32>) outs(%s0 : tensor<2x5x6xf32>) -> tensor<2x5x6xf32>
  %e = math.exp %s : tensor<2x5x6xf32>
  %l = linalg.reduce { arith.addf } ins(%e : tensor<2x5x6xf32>) outs(%l0 : tensor<2x5xf32>) dimensions = [2]
  %log = math.log %l : tensor<2x5xf32>
  %lb = linalg.broadcast ins(%log : tensor<2x5xf32>) outs(%s0 : tensor<2x5x6xf32>) dimensions = [2]
  %d = arith.subf %s, %lb : tensor<2x5x6xf32>
  %p = math.exp %d : tensor<2x5x6xf32>
  %o = linalg.batch_matmul ins(%p, %v : tensor<2x5x6xf32>, tensor<2x6x8xf32>) outs(%o0 : tensor<2x5x8xf32>) -> tensor<2x5x8xf32>
  return %o : tensor<2x5x8xf32>
}
