// RUN: attn-opt --attn-import --split-input-file --remarks-filter-missed=attn-import --remark-format=emitRemark %s 2>%t | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK < %t

#qk = affine_map<(b, h, i, j, d) -> (b, h, i, j)>
#q = affine_map<(b, h, i, j, d) -> (b, i, h, d)>
#k = affine_map<(b, h, i, j, d) -> (b, j, h, d)>

// Cross-attention: the query comes from x, key and value from y. The weights
// lie [in, out] and have no bias; the merge neither.
// CHECK-LABEL: func.func @cross(
// CHECK-SAME: %[[X:[a-z0-9]*]]: tensor<2x5x12xf32>, %[[Y:[a-z0-9]*]]: tensor<2x6x10xf32>, %[[WQ:[a-z0-9]*]]: tensor<12x8xf32>, %[[WK:[a-z0-9]*]]: tensor<10x8xf32>, %[[WV:[a-z0-9]*]]: tensor<10x8xf32>, %[[WO:[a-z0-9]*]]: tensor<8x12xf32>
// CHECK-DAG: %[[WQT:.*]] = linalg.transpose ins(%[[WQ]] : tensor<12x8xf32>)
// CHECK-DAG: %[[WKT:.*]] = linalg.transpose ins(%[[WK]] : tensor<10x8xf32>)
// CHECK-DAG: %[[WVT:.*]] = linalg.transpose ins(%[[WV]] : tensor<10x8xf32>)
// CHECK-DAG: %[[Q:.*]] = attn.project_heads %[[X]] weights(%[[WQT]]) {heads = array<i64: 2>}
// CHECK-DAG: %[[KV:.*]]:2 = attn.project_heads %[[Y]] weights(%[[WKT]], %[[WVT]]) {heads = array<i64: 2, 2>}
// CHECK: %[[A:.*]] = attn.attention query(%[[Q]]) key(%[[KV]]#0) value(%[[KV]]#1) {scale
// CHECK: %[[WOT:.*]] = linalg.transpose ins(%[[WO]] : tensor<8x12xf32>)
// CHECK: %[[R:.*]] = attn.merge_heads %[[A]] weight(%[[WOT]]) :
// CHECK: return %[[R]]
func.func @cross(%x: tensor<2x5x12xf32>, %y: tensor<2x6x10xf32>, %wq: tensor<12x8xf32>, %wk: tensor<10x8xf32>, %wv: tensor<10x8xf32>, %wo: tensor<8x12xf32>) -> tensor<2x5x12xf32> {
  %q0 = arith.constant dense<0.0> : tensor<2x5x8xf32>
  %k0 = arith.constant dense<0.0> : tensor<2x6x8xf32>
  %s0 = arith.constant dense<0.0> : tensor<2x2x5x6xf32>
  %o0 = arith.constant dense<0.0> : tensor<2x5x2x4xf32>
  %r0 = arith.constant dense<0.0> : tensor<2x5x12xf32>
  %qm = linalg.contract indexing_maps = [affine_map<(b, s, n, c) -> (b, s, c)>, affine_map<(b, s, n, c) -> (c, n)>, affine_map<(b, s, n, c) -> (b, s, n)>]
      ins(%x, %wq : tensor<2x5x12xf32>, tensor<12x8xf32>) outs(%q0 : tensor<2x5x8xf32>) -> tensor<2x5x8xf32>
  %km = linalg.contract indexing_maps = [affine_map<(b, s, n, c) -> (b, s, c)>, affine_map<(b, s, n, c) -> (c, n)>, affine_map<(b, s, n, c) -> (b, s, n)>]
      ins(%y, %wk : tensor<2x6x10xf32>, tensor<10x8xf32>) outs(%k0 : tensor<2x6x8xf32>) -> tensor<2x6x8xf32>
  %vm = linalg.contract indexing_maps = [affine_map<(b, s, n, c) -> (b, s, c)>, affine_map<(b, s, n, c) -> (c, n)>, affine_map<(b, s, n, c) -> (b, s, n)>]
      ins(%y, %wv : tensor<2x6x10xf32>, tensor<10x8xf32>) outs(%k0 : tensor<2x6x8xf32>) -> tensor<2x6x8xf32>
  %q = tensor.expand_shape %qm [[0], [1], [2, 3]] output_shape [2, 5, 2, 4] : tensor<2x5x8xf32> into tensor<2x5x2x4xf32>
  %k = tensor.expand_shape %km [[0], [1], [2, 3]] output_shape [2, 6, 2, 4] : tensor<2x6x8xf32> into tensor<2x6x2x4xf32>
  %v = tensor.expand_shape %vm [[0], [1], [2, 3]] output_shape [2, 6, 2, 4] : tensor<2x6x8xf32> into tensor<2x6x2x4xf32>
  %s = linalg.contract indexing_maps = [#q, #k, #qk]
      ins(%q, %k : tensor<2x5x2x4xf32>, tensor<2x6x2x4xf32>) outs(%s0 : tensor<2x2x5x6xf32>) -> tensor<2x2x5x6xf32>
  %p = linalg.softmax dimension(3) ins(%s : tensor<2x2x5x6xf32>) outs(%s0 : tensor<2x2x5x6xf32>) -> tensor<2x2x5x6xf32>
  %o = linalg.contract indexing_maps = [#qk, #k, #q]
      ins(%p, %v : tensor<2x2x5x6xf32>, tensor<2x6x2x4xf32>) outs(%o0 : tensor<2x5x2x4xf32>) -> tensor<2x5x2x4xf32>
  %m = tensor.collapse_shape %o [[0], [1], [2, 3]] : tensor<2x5x2x4xf32> into tensor<2x5x8xf32>
  %r = linalg.contract indexing_maps = [affine_map<(b, s, n, c) -> (b, s, c)>, affine_map<(b, s, n, c) -> (c, n)>, affine_map<(b, s, n, c) -> (b, s, n)>]
      ins(%m, %wo : tensor<2x5x8xf32>, tensor<8x12xf32>) outs(%r0 : tensor<2x5x12xf32>) -> tensor<2x5x12xf32>
  return %r : tensor<2x5x12xf32>
}

// -----

#qk = affine_map<(b, h, i, j, d) -> (b, h, i, j)>
#q = affine_map<(b, h, i, j, d) -> (b, i, h, d)>
#k = affine_map<(b, h, i, j, d) -> (b, j, h, d)>
#x = affine_map<(b, s, n, c) -> (b, s, c)>
#w = affine_map<(b, s, n, c) -> (n, c)>
#y = affine_map<(b, s, n, c) -> (b, s, n)>

// Keys that are also returned (a cache) are not computed twice; the others are
// projections in the layout that the keys lie in. Batch and length are dynamic.
// REMARK: Function=cached_keys
// REMARK-SAME: projection not raised to attn.project_heads: its result has another use, see func.return
// CHECK-LABEL: func.func @cached_keys(
// CHECK-SAME: %[[X:[a-z0-9]*]]: tensor<?x?x12xf32>, %[[WQ:[a-z0-9]*]]: tensor<8x12xf32>, %[[WK:[a-z0-9]*]]: tensor<8x12xf32>, %[[WV:[a-z0-9]*]]: tensor<8x12xf32>
// CHECK: %[[K:.*]] = linalg.contract
// CHECK: %[[KE:.*]] = tensor.expand_shape %[[K]]
// CHECK: %[[QV:.*]]:2 = attn.project_heads %[[X]] weights(%[[WQ]], %[[WV]]) {heads = array<i64: 2, 2>, layout = "bshd"}
// CHECK: attn.attention query(%[[QV]]#0) key(%[[KE]]) value(%[[QV]]#1) {layout = "bshd"
// CHECK-NOT: linalg.contract
func.func @cached_keys(%x: tensor<?x?x12xf32>, %wq: tensor<8x12xf32>, %wk: tensor<8x12xf32>, %wv: tensor<8x12xf32>) -> (tensor<?x?x2x4xf32>, tensor<?x?x8xf32>) {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %x, %c0 : tensor<?x?x12xf32>
  %n = tensor.dim %x, %c1 : tensor<?x?x12xf32>
  %xe = tensor.empty(%b, %n) : tensor<?x?x8xf32>
  %x0 = linalg.fill ins(%zero : f32) outs(%xe : tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  %se = tensor.empty(%b, %n, %n) : tensor<?x2x?x?xf32>
  %s0 = linalg.fill ins(%zero : f32) outs(%se : tensor<?x2x?x?xf32>) -> tensor<?x2x?x?xf32>
  %oe = tensor.empty(%b, %n) : tensor<?x?x2x4xf32>
  %o0 = linalg.fill ins(%zero : f32) outs(%oe : tensor<?x?x2x4xf32>) -> tensor<?x?x2x4xf32>
  %qm = linalg.contract indexing_maps = [#x, #w, #y] ins(%x, %wq : tensor<?x?x12xf32>, tensor<8x12xf32>) outs(%x0 : tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  %km = linalg.contract indexing_maps = [#x, #w, #y] ins(%x, %wk : tensor<?x?x12xf32>, tensor<8x12xf32>) outs(%x0 : tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  %vm = linalg.contract indexing_maps = [#x, #w, #y] ins(%x, %wv : tensor<?x?x12xf32>, tensor<8x12xf32>) outs(%x0 : tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  %q = tensor.expand_shape %qm [[0], [1], [2, 3]] output_shape [%b, %n, 2, 4] : tensor<?x?x8xf32> into tensor<?x?x2x4xf32>
  %k = tensor.expand_shape %km [[0], [1], [2, 3]] output_shape [%b, %n, 2, 4] : tensor<?x?x8xf32> into tensor<?x?x2x4xf32>
  %v = tensor.expand_shape %vm [[0], [1], [2, 3]] output_shape [%b, %n, 2, 4] : tensor<?x?x8xf32> into tensor<?x?x2x4xf32>
  %s = linalg.contract indexing_maps = [#q, #k, #qk] ins(%q, %k : tensor<?x?x2x4xf32>, tensor<?x?x2x4xf32>) outs(%s0 : tensor<?x2x?x?xf32>) -> tensor<?x2x?x?xf32>
  %p = linalg.softmax dimension(3) ins(%s : tensor<?x2x?x?xf32>) outs(%se : tensor<?x2x?x?xf32>) -> tensor<?x2x?x?xf32>
  %o = linalg.contract indexing_maps = [#qk, #k, #q] ins(%p, %v : tensor<?x2x?x?xf32>, tensor<?x?x2x4xf32>) outs(%o0 : tensor<?x?x2x4xf32>) -> tensor<?x?x2x4xf32>
  return %o, %km : tensor<?x?x2x4xf32>, tensor<?x?x8xf32>
}

// -----

// The product of one head's features only is no merge of heads.
// CHECK-LABEL: func.func @per_head_product(
// CHECK: attn.attention
// CHECK-NOT: attn.merge_heads
// CHECK: linalg.batch_matmul
func.func @per_head_product(%q: tensor<2x5x8xf32>, %k: tensor<2x6x8xf32>, %v: tensor<2x6x8xf32>, %w: tensor<2x8x3xf32>) -> tensor<2x5x3xf32> {
  %r0 = arith.constant dense<0.0> : tensor<2x5x3xf32>
  %a = attn.attention query(%q) key(%k) value(%v) : (tensor<2x5x8xf32>, tensor<2x6x8xf32>, tensor<2x6x8xf32>) -> tensor<2x5x8xf32>
  %r = linalg.batch_matmul ins(%a, %w : tensor<2x5x8xf32>, tensor<2x8x3xf32>) outs(%r0 : tensor<2x5x3xf32>) -> tensor<2x5x3xf32>
  return %r : tensor<2x5x3xf32>
}
