// RUN: attn-opt --attn-import %s | FileCheck %s

// A layer whose batch and length are known at run time, and are joined to the
// rows of one matrix: the sizes after each reshape are found to be the same. (Not
// yet behind the attention: the output projection stays a contraction.)

#qk = affine_map<(b, h, i, j, d) -> (b, h, i, j)>
#q = affine_map<(b, h, i, j, d) -> (b, i, h, d)>
#k = affine_map<(b, h, i, j, d) -> (b, j, h, d)>
#rows = affine_map<(m, n, c) -> (m, c)>
#weight = affine_map<(m, n, c) -> (n, c)>
#out = affine_map<(m, n, c) -> (m, n)>

// CHECK-LABEL: func.func @layer(
// CHECK-SAME: %[[X:[a-z0-9]*]]: tensor<?x?x12xf32>, %[[WQ:[a-z0-9]*]]: tensor<8x12xf32>, %[[WK:[a-z0-9]*]]: tensor<8x12xf32>, %[[WV:[a-z0-9]*]]: tensor<8x12xf32>, %[[WO:[a-z0-9]*]]: tensor<12x8xf32>
// CHECK: %[[P:.*]]:3 = attn.project_heads %[[X]] weights(%[[WQ]], %[[WK]], %[[WV]]) {heads = array<i64: 2, 2, 2>}
// CHECK: %[[A:.*]] = attn.attention query(%[[P]]#0) key(%[[P]]#1) value(%[[P]]#2) {scale
// CHECK: linalg.transpose ins(%[[A]]
func.func @layer(%x: tensor<?x?x12xf32>, %wq: tensor<8x12xf32>, %wk: tensor<8x12xf32>, %wv: tensor<8x12xf32>, %wo: tensor<12x8xf32>) -> tensor<?x?x12xf32> {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %x, %c0 : tensor<?x?x12xf32>
  %n = tensor.dim %x, %c1 : tensor<?x?x12xf32>
  %m = arith.muli %b, %n : index
  %xe = tensor.empty(%m) : tensor<?x8xf32>
  %x0 = linalg.fill ins(%zero : f32) outs(%xe : tensor<?x8xf32>) -> tensor<?x8xf32>
  %ye = tensor.empty(%m) : tensor<?x12xf32>
  %y0 = linalg.fill ins(%zero : f32) outs(%ye : tensor<?x12xf32>) -> tensor<?x12xf32>
  %se = tensor.empty(%b, %n, %n) : tensor<?x2x?x?xf32>
  %s0 = linalg.fill ins(%zero : f32) outs(%se : tensor<?x2x?x?xf32>) -> tensor<?x2x?x?xf32>
  %oe = tensor.empty(%b, %n) : tensor<?x?x2x4xf32>
  %o0 = linalg.fill ins(%zero : f32) outs(%oe : tensor<?x?x2x4xf32>) -> tensor<?x?x2x4xf32>
  %rows = tensor.collapse_shape %x [[0, 1], [2]] : tensor<?x?x12xf32> into tensor<?x12xf32>
  %qm = linalg.contract indexing_maps = [#rows, #weight, #out] ins(%rows, %wq : tensor<?x12xf32>, tensor<8x12xf32>) outs(%x0 : tensor<?x8xf32>) -> tensor<?x8xf32>
  %km = linalg.contract indexing_maps = [#rows, #weight, #out] ins(%rows, %wk : tensor<?x12xf32>, tensor<8x12xf32>) outs(%x0 : tensor<?x8xf32>) -> tensor<?x8xf32>
  %vm = linalg.contract indexing_maps = [#rows, #weight, #out] ins(%rows, %wv : tensor<?x12xf32>, tensor<8x12xf32>) outs(%x0 : tensor<?x8xf32>) -> tensor<?x8xf32>
  %q = tensor.expand_shape %qm [[0, 1], [2, 3]] output_shape [%b, %n, 2, 4] : tensor<?x8xf32> into tensor<?x?x2x4xf32>
  %k = tensor.expand_shape %km [[0, 1], [2, 3]] output_shape [%b, %n, 2, 4] : tensor<?x8xf32> into tensor<?x?x2x4xf32>
  %v = tensor.expand_shape %vm [[0, 1], [2, 3]] output_shape [%b, %n, 2, 4] : tensor<?x8xf32> into tensor<?x?x2x4xf32>
  %s = linalg.contract indexing_maps = [#q, #k, #qk] ins(%q, %k : tensor<?x?x2x4xf32>, tensor<?x?x2x4xf32>) outs(%s0 : tensor<?x2x?x?xf32>) -> tensor<?x2x?x?xf32>
  %p = linalg.softmax dimension(3) ins(%s : tensor<?x2x?x?xf32>) outs(%se : tensor<?x2x?x?xf32>) -> tensor<?x2x?x?xf32>
  %o = linalg.contract indexing_maps = [#qk, #k, #q] ins(%p, %v : tensor<?x2x?x?xf32>, tensor<?x?x2x4xf32>) outs(%o0 : tensor<?x?x2x4xf32>) -> tensor<?x?x2x4xf32>
  %merged = tensor.collapse_shape %o [[0, 1], [2, 3]] : tensor<?x?x2x4xf32> into tensor<?x8xf32>
  %y = linalg.contract indexing_maps = [#rows, #weight, #out] ins(%merged, %wo : tensor<?x8xf32>, tensor<12x8xf32>) outs(%y0 : tensor<?x12xf32>) -> tensor<?x12xf32>
  %r = tensor.expand_shape %y [[0, 1], [2]] output_shape [%b, %n, 12] : tensor<?x12xf32> into tensor<?x?x12xf32>
  return %r : tensor<?x?x12xf32>
}
