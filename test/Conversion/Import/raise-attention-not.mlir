// RUN: attn-opt --attn-import --split-input-file --remarks-filter=attn-import --remark-format=emitRemark %s -o %t 2>&1 | FileCheck %s
// RUN: FileCheck %s --check-prefix=IR < %t

// What is not raised, and the remark that says why.
// IR-NOT: attn.

#q = affine_map<(h, i, j, d) -> (h, i, d)>
#k = affine_map<(h, i, j, d) -> (h, j, d)>
#s = affine_map<(h, i, j, d) -> (h, i, j)>

// CHECK: Function=returned_probabilities
// CHECK-SAME: softmax not raised to attn.attention: its scores or probabilities have another use, see func.return in line
func.func @returned_probabilities(%q: tensor<2x5x8xf32>, %k: tensor<2x6x8xf32>, %v: tensor<2x6x8xf32>) -> (tensor<2x5x8xf32>, tensor<2x5x6xf32>) {
  %s0 = arith.constant dense<0.0> : tensor<2x5x6xf32>
  %o0 = arith.constant dense<0.0> : tensor<2x5x8xf32>
  %s = linalg.batch_matmul indexing_maps = [#q, #k, #s]
      ins(%q, %k : tensor<2x5x8xf32>, tensor<2x6x8xf32>) outs(%s0 : tensor<2x5x6xf32>) -> tensor<2x5x6xf32>
  %p = linalg.softmax dimension(2) ins(%s : tensor<2x5x6xf32>) outs(%s0 : tensor<2x5x6xf32>) -> tensor<2x5x6xf32>
  %o = linalg.batch_matmul ins(%p, %v : tensor<2x5x6xf32>, tensor<2x6x8xf32>) outs(%o0 : tensor<2x5x8xf32>) -> tensor<2x5x8xf32>
  return %o, %p : tensor<2x5x8xf32>, tensor<2x5x6xf32>
}

// -----

#q = affine_map<(h, i, j, d) -> (h, i, d)>
#k = affine_map<(h, i, j, d) -> (h, j, d)>
#s = affine_map<(h, i, j, d) -> (h, i, j)>

// CHECK: Function=returned_scores
// CHECK-SAME: its scores or probabilities have another use, see func.return in line
func.func @returned_scores(%q: tensor<2x5x8xf32>, %k: tensor<2x6x8xf32>, %v: tensor<2x6x8xf32>) -> (tensor<2x5x8xf32>, tensor<2x5xf32>) {
  %s0 = arith.constant dense<0.0> : tensor<2x5x6xf32>
  %o0 = arith.constant dense<0.0> : tensor<2x5x8xf32>
  %l0 = arith.constant dense<0.0> : tensor<2x5xf32>
  %s = linalg.batch_matmul indexing_maps = [#q, #k, #s]
      ins(%q, %k : tensor<2x5x8xf32>, tensor<2x6x8xf32>) outs(%s0 : tensor<2x5x6xf32>) -> tensor<2x5x6xf32>
  %sum = linalg.reduce { arith.addf } ins(%s : tensor<2x5x6xf32>) outs(%l0 : tensor<2x5xf32>) dimensions = [2]
  %p = linalg.softmax dimension(2) ins(%s : tensor<2x5x6xf32>) outs(%s0 : tensor<2x5x6xf32>) -> tensor<2x5x6xf32>
  %o = linalg.batch_matmul ins(%p, %v : tensor<2x5x6xf32>, tensor<2x6x8xf32>) outs(%o0 : tensor<2x5x8xf32>) -> tensor<2x5x8xf32>
  return %o, %sum : tensor<2x5x8xf32>, tensor<2x5xf32>
}

// -----

#q = affine_map<(h, i, j, d) -> (h, i, d)>
#k = affine_map<(h, i, j, d) -> (h, j, d)>
#s = affine_map<(h, i, j, d) -> (h, i, j)>

// Two values of one softmax.
// CHECK: Function=two_values
// CHECK-SAME: its scores or probabilities have another use, see func.return in line
func.func @two_values(%q: tensor<2x5x8xf32>, %k: tensor<2x6x8xf32>, %v: tensor<2x6x8xf32>, %w: tensor<2x6x8xf32>) -> (tensor<2x5x8xf32>, tensor<2x5x8xf32>) {
  %s0 = arith.constant dense<0.0> : tensor<2x5x6xf32>
  %o0 = arith.constant dense<0.0> : tensor<2x5x8xf32>
  %s = linalg.batch_matmul indexing_maps = [#q, #k, #s]
      ins(%q, %k : tensor<2x5x8xf32>, tensor<2x6x8xf32>) outs(%s0 : tensor<2x5x6xf32>) -> tensor<2x5x6xf32>
  %p = linalg.softmax dimension(2) ins(%s : tensor<2x5x6xf32>) outs(%s0 : tensor<2x5x6xf32>) -> tensor<2x5x6xf32>
  %o = linalg.batch_matmul ins(%p, %v : tensor<2x5x6xf32>, tensor<2x6x8xf32>) outs(%o0 : tensor<2x5x8xf32>) -> tensor<2x5x8xf32>
  %r = linalg.batch_matmul ins(%p, %w : tensor<2x5x6xf32>, tensor<2x6x8xf32>) outs(%o0 : tensor<2x5x8xf32>) -> tensor<2x5x8xf32>
  return %o, %r : tensor<2x5x8xf32>, tensor<2x5x8xf32>
}

// -----

#q = affine_map<(h, i, j, d) -> (h, i, d)>
#k = affine_map<(h, i, j, d) -> (h, j, d)>
#s = affine_map<(h, i, j, d) -> (h, i, j)>

// CHECK: Function=over_heads
// CHECK-SAME: the softmax normalizes over other dimensions than the ones that the multiplication with the values sums over
func.func @over_heads(%q: tensor<2x5x8xf32>, %k: tensor<2x6x8xf32>, %v: tensor<2x6x8xf32>) -> tensor<2x5x8xf32> {
  %s0 = arith.constant dense<0.0> : tensor<2x5x6xf32>
  %o0 = arith.constant dense<0.0> : tensor<2x5x8xf32>
  %s = linalg.batch_matmul indexing_maps = [#q, #k, #s]
      ins(%q, %k : tensor<2x5x8xf32>, tensor<2x6x8xf32>) outs(%s0 : tensor<2x5x6xf32>) -> tensor<2x5x6xf32>
  %p = linalg.softmax dimension(0) ins(%s : tensor<2x5x6xf32>) outs(%s0 : tensor<2x5x6xf32>) -> tensor<2x5x6xf32>
  %o = linalg.batch_matmul ins(%p, %v : tensor<2x5x6xf32>, tensor<2x6x8xf32>) outs(%o0 : tensor<2x5x8xf32>) -> tensor<2x5x8xf32>
  return %o : tensor<2x5x8xf32>
}

// -----

#q = affine_map<(h, i, j, d) -> (h, i, d)>
#k = affine_map<(h, i, j, d) -> (h, j, d)>
#s = affine_map<(h, i, j, d) -> (h, i, j)>

// The sum is that of other exponentials.
// CHECK: Function=other_sum
// CHECK-SAME: the exponentials are not divided by their own sum
func.func @other_sum(%q: tensor<2x5x8xf32>, %k: tensor<2x6x8xf32>, %v: tensor<2x6x8xf32>, %x: tensor<2x5x6xf32>) -> tensor<2x5x8xf32> {
  %s0 = arith.constant dense<0.0> : tensor<2x5x6xf32>
  %o0 = arith.constant dense<0.0> : tensor<2x5x8xf32>
  %l0 = arith.constant dense<0.0> : tensor<2x5xf32>
  %s = linalg.batch_matmul indexing_maps = [#q, #k, #s]
      ins(%q, %k : tensor<2x5x8xf32>, tensor<2x6x8xf32>) outs(%s0 : tensor<2x5x6xf32>) -> tensor<2x5x6xf32>
  %e = math.exp %s : tensor<2x5x6xf32>
  %f = math.exp %x : tensor<2x5x6xf32>
  %l = linalg.reduce { arith.addf } ins(%f : tensor<2x5x6xf32>) outs(%l0 : tensor<2x5xf32>) dimensions = [2]
  %lb = linalg.broadcast ins(%l : tensor<2x5xf32>) outs(%s0 : tensor<2x5x6xf32>) dimensions = [2]
  %p = arith.divf %e, %lb : tensor<2x5x6xf32>
  %o = linalg.batch_matmul ins(%p, %v : tensor<2x5x6xf32>, tensor<2x6x8xf32>) outs(%o0 : tensor<2x5x8xf32>) -> tensor<2x5x8xf32>
  return %o : tensor<2x5x8xf32>
}

// -----

// Scores that are given, not computed.
// CHECK: Function=given_scores
// CHECK-SAME: the scores are not computed from a multiplication of queries with keys
func.func @given_scores(%s: tensor<2x5x6xf32>, %v: tensor<2x6x8xf32>) -> tensor<2x5x8xf32> {
  %o0 = arith.constant dense<0.0> : tensor<2x5x8xf32>
  %p = linalg.softmax dimension(2) ins(%s : tensor<2x5x6xf32>) outs(%s : tensor<2x5x6xf32>) -> tensor<2x5x6xf32>
  %o = linalg.batch_matmul ins(%p, %v : tensor<2x5x6xf32>, tensor<2x6x8xf32>) outs(%o0 : tensor<2x5x8xf32>) -> tensor<2x5x8xf32>
  return %o : tensor<2x5x8xf32>
}

// -----

#q = affine_map<(h, i, j, d) -> (h, i, d)>
#k = affine_map<(h, i, j, d) -> (h, j, d)>
#s = affine_map<(h, i, j, d) -> (h, i, j)>

// CHECK: Function=accumulates
// CHECK-SAME: the multiplication with the values adds to a tensor, see linalg.batch_matmul
func.func @accumulates(%q: tensor<2x5x8xf32>, %k: tensor<2x6x8xf32>, %v: tensor<2x6x8xf32>, %o0: tensor<2x5x8xf32>) -> tensor<2x5x8xf32> {
  %s0 = arith.constant dense<0.0> : tensor<2x5x6xf32>
  %s = linalg.batch_matmul indexing_maps = [#q, #k, #s]
      ins(%q, %k : tensor<2x5x8xf32>, tensor<2x6x8xf32>) outs(%s0 : tensor<2x5x6xf32>) -> tensor<2x5x6xf32>
  %p = linalg.softmax dimension(2) ins(%s : tensor<2x5x6xf32>) outs(%s0 : tensor<2x5x6xf32>) -> tensor<2x5x6xf32>
  %o = linalg.batch_matmul ins(%p, %v : tensor<2x5x6xf32>, tensor<2x6x8xf32>) outs(%o0 : tensor<2x5x8xf32>) -> tensor<2x5x8xf32>
  return %o : tensor<2x5x8xf32>
}

// -----

#q = affine_map<(h, i, j, d) -> (h, i, d)>
#k = affine_map<(h, i, j, d) -> (h, j, d)>
#s = affine_map<(h, i, j, d) -> (h, i, j)>

// Probabilities that are weighted again (dropout, head masks).
// CHECK: Function=weighted
// CHECK-SAME: the probabilities are changed before they are multiplied with the values
func.func @weighted(%q: tensor<2x5x8xf32>, %k: tensor<2x6x8xf32>, %v: tensor<2x6x8xf32>, %w: tensor<2x5x6xf32>) -> tensor<2x5x8xf32> {
  %s0 = arith.constant dense<0.0> : tensor<2x5x6xf32>
  %o0 = arith.constant dense<0.0> : tensor<2x5x8xf32>
  %s = linalg.batch_matmul indexing_maps = [#q, #k, #s]
      ins(%q, %k : tensor<2x5x8xf32>, tensor<2x6x8xf32>) outs(%s0 : tensor<2x5x6xf32>) -> tensor<2x5x6xf32>
  %p = linalg.softmax dimension(2) ins(%s : tensor<2x5x6xf32>) outs(%s0 : tensor<2x5x6xf32>) -> tensor<2x5x6xf32>
  %pw = arith.mulf %p, %w : tensor<2x5x6xf32>
  %o = linalg.batch_matmul ins(%pw, %v : tensor<2x5x6xf32>, tensor<2x6x8xf32>) outs(%o0 : tensor<2x5x8xf32>) -> tensor<2x5x8xf32>
  return %o : tensor<2x5x8xf32>
}

// -----

#q = affine_map<(h, i, j, d) -> (h, i, d)>
#k = affine_map<(h, i, j, d) -> (h, j, d)>
#s = affine_map<(h, i, j, d) -> (h, i, j)>

// Probabilities that are dropped by another rule than safe softmax.
// CHECK: Function=dropped
// CHECK-SAME: probabilities are replaced for another reason than that no key is live
func.func @dropped(%q: tensor<2x5x8xf32>, %k: tensor<2x6x8xf32>, %v: tensor<2x6x8xf32>, %m: tensor<2x5x6xi1>) -> tensor<2x5x8xf32> {
  %s0 = arith.constant dense<0.0> : tensor<2x5x6xf32>
  %o0 = arith.constant dense<0.0> : tensor<2x5x8xf32>
  %s = linalg.batch_matmul indexing_maps = [#q, #k, #s]
      ins(%q, %k : tensor<2x5x8xf32>, tensor<2x6x8xf32>) outs(%s0 : tensor<2x5x6xf32>) -> tensor<2x5x6xf32>
  %p = linalg.softmax dimension(2) ins(%s : tensor<2x5x6xf32>) outs(%s0 : tensor<2x5x6xf32>) -> tensor<2x5x6xf32>
  %pd = arith.select %m, %p, %s0 : tensor<2x5x6xi1>, tensor<2x5x6xf32>
  %o = linalg.batch_matmul ins(%pd, %v : tensor<2x5x6xf32>, tensor<2x6x8xf32>) outs(%o0 : tensor<2x5x8xf32>) -> tensor<2x5x8xf32>
  return %o : tensor<2x5x8xf32>
}

// -----

#q = affine_map<(h, i, j, d) -> (h, i, d)>
#k = affine_map<(h, i, j, d) -> (h, j, d)>
#s = affine_map<(h, i, j, d) -> (h, i, j)>

// The head size must be static.
// CHECK: Function=dynamic_head_size
// CHECK-SAME: its head size is not static
func.func @dynamic_head_size(%q: tensor<2x5x?xf32>, %k: tensor<2x6x?xf32>, %v: tensor<2x6x8xf32>) -> tensor<2x5x8xf32> {
  %s0 = arith.constant dense<0.0> : tensor<2x5x6xf32>
  %o0 = arith.constant dense<0.0> : tensor<2x5x8xf32>
  %s = linalg.batch_matmul indexing_maps = [#q, #k, #s]
      ins(%q, %k : tensor<2x5x?xf32>, tensor<2x6x?xf32>) outs(%s0 : tensor<2x5x6xf32>) -> tensor<2x5x6xf32>
  %p = linalg.softmax dimension(2) ins(%s : tensor<2x5x6xf32>) outs(%s0 : tensor<2x5x6xf32>) -> tensor<2x5x6xf32>
  %o = linalg.batch_matmul ins(%p, %v : tensor<2x5x6xf32>, tensor<2x6x8xf32>) outs(%o0 : tensor<2x5x8xf32>) -> tensor<2x5x8xf32>
  return %o : tensor<2x5x8xf32>
}

// -----

#q = affine_map<(h, i, j, d) -> (h, i, d)>
#k = affine_map<(h, i, j, d) -> (h, j, d)>
#s = affine_map<(h, i, j, d) -> (h, i, j)>
#scores = affine_map<(h, i, j) -> (h, i, j)>
#rows = affine_map<(h, i, j) -> (h, i)>

// Exponentials that are shifted by the maximum so far are no softmax: what the
// accumulator of another result holds is not what it started with.
func.func @running_maximum(%q: tensor<2x5x8xf32>, %k: tensor<2x6x8xf32>, %v: tensor<2x6x8xf32>) -> tensor<2x5x8xf32> {
  %s0 = arith.constant dense<0.0> : tensor<2x5x6xf32>
  %l0 = arith.constant dense<0.0> : tensor<2x5xf32>
  %m0 = arith.constant dense<-1.0e30> : tensor<2x5xf32>
  %o0 = arith.constant dense<0.0> : tensor<2x5x8xf32>
  %s = linalg.batch_matmul indexing_maps = [#q, #k, #s]
      ins(%q, %k : tensor<2x5x8xf32>, tensor<2x6x8xf32>) outs(%s0 : tensor<2x5x6xf32>) -> tensor<2x5x6xf32>
  %m, %l = linalg.generic {indexing_maps = [#scores, #rows, #rows], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%s : tensor<2x5x6xf32>) outs(%m0, %l0 : tensor<2x5xf32>, tensor<2x5xf32>) {
  ^bb0(%x: f32, %max: f32, %acc: f32):
    %n = arith.maximumf %x, %max : f32
    %d = arith.subf %x, %max : f32
    %e = math.exp %d : f32
    %r = arith.addf %acc, %e : f32
    linalg.yield %n, %r : f32, f32
  } -> (tensor<2x5xf32>, tensor<2x5xf32>)
  %e = math.exp %s : tensor<2x5x6xf32>
  %lb = linalg.broadcast ins(%l : tensor<2x5xf32>) outs(%s0 : tensor<2x5x6xf32>) dimensions = [2]
  %p = arith.divf %e, %lb : tensor<2x5x6xf32>
  %o = linalg.batch_matmul ins(%p, %v : tensor<2x5x6xf32>, tensor<2x6x8xf32>) outs(%o0 : tensor<2x5x8xf32>) -> tensor<2x5x8xf32>
  return %o : tensor<2x5x8xf32>
}
