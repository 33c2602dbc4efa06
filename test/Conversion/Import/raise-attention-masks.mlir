// RUN: attn-opt --attn-import %s | FileCheck %s

// Masks and biases as regions.

#q = affine_map<(h, i, j, d) -> (h, i, d)>
#k = affine_map<(h, i, j, d) -> (h, j, d)>
#s = affine_map<(h, i, j, d) -> (h, i, j)>
#scores = affine_map<(h, i, j) -> (h, i, j)>
#keys = affine_map<(h, i, j) -> (j)>
#heads = affine_map<(h, i, j) -> (h)>
#pairs = affine_map<(h, i, j) -> (i, j)>

// A tensor of booleans, selected by.
// CHECK-LABEL: func.func @boolean_tensor(
// CHECK-SAME: %[[M:[a-z0-9]*]]: tensor<6xi1>
// CHECK-NEXT: attn.attention query({{.*}}) key({{.*}}) value({{.*}}) mask(%{{.*}}: index, %{{.*}}: index, %{{.*}}: index, %[[J:.*]]: index) {
// CHECK-NEXT: %[[X:.*]] = tensor.extract %[[M]][%[[J]]] : tensor<6xi1>
// CHECK-NEXT: attn.yield %[[X]]
func.func @boolean_tensor(%q: tensor<2x5x8xf32>, %k: tensor<2x6x8xf32>, %v: tensor<2x6x8xf32>, %m: tensor<6xi1>) -> tensor<2x5x8xf32> {
  %s0 = arith.constant dense<0.0> : tensor<2x5x6xf32>
  %o0 = arith.constant dense<0.0> : tensor<2x5x8xf32>
  %minf = arith.constant 0xFF800000 : f32
  %s = linalg.batch_matmul indexing_maps = [#q, #k, #s]
      ins(%q, %k : tensor<2x5x8xf32>, tensor<2x6x8xf32>) outs(%s0 : tensor<2x5x6xf32>) -> tensor<2x5x6xf32>
  %x = linalg.generic {indexing_maps = [#scores, #keys, #scores], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%s, %m : tensor<2x5x6xf32>, tensor<6xi1>) outs(%s0 : tensor<2x5x6xf32>) {
  ^bb0(%a: f32, %c: i1, %unused: f32):
    %r = arith.select %c, %a, %minf : f32
    linalg.yield %r : f32
  } -> tensor<2x5x6xf32>
  %p = linalg.softmax dimension(2) ins(%x : tensor<2x5x6xf32>) outs(%s0 : tensor<2x5x6xf32>) -> tensor<2x5x6xf32>
  %o = linalg.batch_matmul ins(%p, %v : tensor<2x5x6xf32>, tensor<2x6x8xf32>) outs(%o0 : tensor<2x5x8xf32>) -> tensor<2x5x8xf32>
  return %o : tensor<2x5x8xf32>
}

// A window |i - j| <= 2 in i32, and a length, added as 0 and -infinity before a
// bias: both go to the mask, the bias to the score.
// CHECK-LABEL: func.func @window_length_and_bias(
// CHECK-SAME: %[[N:[a-z0-9]*]]: tensor<2xi32>, %[[BIAS:[a-z0-9]*]]: tensor<5x6xf32>
// CHECK-DAG: %[[C2:.*]] = arith.constant 2 : index
// CHECK: attn.attention {{.*}} score(%[[S:.*]]: f32, %{{.*}}: index, %{{.*}}: index, %[[I:.*]]: index, %[[J:.*]]: index) {
// CHECK-NEXT: %[[X:.*]] = tensor.extract %[[BIAS]][%[[I]], %[[J]]]
// CHECK-NEXT: %[[R:.*]] = arith.addf %[[S]], %[[X]]
// CHECK-NEXT: attn.yield %[[R]]
// CHECK-NEXT: } mask(%{{.*}}: index, %[[H:.*]]: index, %[[I:.*]]: index, %[[J:.*]]: index) {
// CHECK-NEXT: %[[D:.*]] = arith.subi %[[I]], %[[J]] : index
// CHECK-NEXT: %[[A:.*]] = math.absi %[[D]] : index
// CHECK-NEXT: %[[NEAR:.*]] = arith.cmpi sle, %[[A]], %[[C2]] : index
// CHECK-NEXT: %[[X:.*]] = tensor.extract %[[N]][%[[H]]] : tensor<2xi32>
// CHECK-NEXT: %[[LENGTH:.*]] = arith.index_cast %[[X]] : i32 to index
// CHECK-NEXT: %[[LIVE:.*]] = arith.cmpi slt, %[[J]], %[[LENGTH]] : index
// CHECK-NEXT: %[[R:.*]] = arith.andi %[[NEAR]], %[[LIVE]]
// CHECK-NEXT: attn.yield %[[R]]
func.func @window_length_and_bias(%q: tensor<2x5x8xf32>, %k: tensor<2x6x8xf32>, %v: tensor<2x6x8xf32>, %n: tensor<2xi32>, %bias: tensor<5x6xf32>) -> tensor<2x5x8xf32> {
  %s0 = arith.constant dense<0.0> : tensor<2x5x6xf32>
  %o0 = arith.constant dense<0.0> : tensor<2x5x8xf32>
  %minf = arith.constant 0xFF800000 : f32
  %zero = arith.constant 0.0 : f32
  %c2 = arith.constant 2 : i32
  %s = linalg.batch_matmul indexing_maps = [#q, #k, #s]
      ins(%q, %k : tensor<2x5x8xf32>, tensor<2x6x8xf32>) outs(%s0 : tensor<2x5x6xf32>) -> tensor<2x5x6xf32>
  %w = linalg.generic {indexing_maps = [#heads, #scores], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%n : tensor<2xi32>) outs(%s0 : tensor<2x5x6xf32>) {
  ^bb0(%length: i32, %unused: f32):
    %i = linalg.index 1 : index
    %j = linalg.index 2 : index
    %i32 = arith.index_cast %i : index to i32
    %j32 = arith.index_cast %j : index to i32
    %d = arith.subi %i32, %j32 : i32
    %a = math.absi %d : i32
    %near = arith.cmpi sle, %a, %c2 : i32
    %live = arith.cmpi slt, %j32, %length : i32
    %keep = arith.andi %near, %live : i1
    %r = arith.select %keep, %zero, %minf : f32
    linalg.yield %r : f32
  } -> tensor<2x5x6xf32>
  %x = arith.addf %s, %w : tensor<2x5x6xf32>
  %y = linalg.generic {indexing_maps = [#scores, #pairs, #scores], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x, %bias : tensor<2x5x6xf32>, tensor<5x6xf32>) outs(%s0 : tensor<2x5x6xf32>) {
  ^bb0(%a: f32, %b: f32, %unused: f32):
    %r = arith.addf %a, %b : f32
    linalg.yield %r : f32
  } -> tensor<2x5x6xf32>
  %p = linalg.softmax dimension(2) ins(%y : tensor<2x5x6xf32>) outs(%s0 : tensor<2x5x6xf32>) -> tensor<2x5x6xf32>
  %o = linalg.batch_matmul ins(%p, %v : tensor<2x5x6xf32>, tensor<2x6x8xf32>) outs(%o0 : tensor<2x5x8xf32>) -> tensor<2x5x8xf32>
  return %o : tensor<2x5x8xf32>
}

// ALiBi: positions as numbers, slopes that are computed outside by a power.
// CHECK-LABEL: func.func @alibi(
// CHECK-SAME: %[[L:[a-z0-9]*]]: tensor<2xf32>
// CHECK: %[[SLOPES:.*]] = math.exp2 %[[L]] : tensor<2xf32>
// CHECK: attn.attention {{.*}} score(%[[S:.*]]: f32, %{{.*}}: index, %[[H:.*]]: index, %[[I:.*]]: index, %[[J:.*]]: index) {
// CHECK-NEXT: %[[SLOPE:.*]] = tensor.extract %[[SLOPES]][%[[H]]]
// CHECK-NEXT: %[[D:.*]] = arith.subi %[[J]], %[[I]] : index
// CHECK-NEXT: %[[D64:.*]] = arith.index_cast %[[D]] : index to i64
// CHECK-NEXT: %[[F:.*]] = arith.sitofp %[[D64]] : i64 to f32
// CHECK-NEXT: %[[B:.*]] = arith.mulf %[[SLOPE]], %[[F]]
// CHECK-NEXT: %[[R:.*]] = arith.addf %[[S]], %[[B]]
// CHECK-NEXT: attn.yield %[[R]]
func.func @alibi(%q: tensor<2x5x8xf32>, %k: tensor<2x6x8xf32>, %v: tensor<2x6x8xf32>, %l: tensor<2xf32>) -> tensor<2x5x8xf32> {
  %s0 = arith.constant dense<0.0> : tensor<2x5x6xf32>
  %o0 = arith.constant dense<0.0> : tensor<2x5x8xf32>
  %slopes = math.exp2 %l : tensor<2xf32>
  %s = linalg.batch_matmul indexing_maps = [#q, #k, #s]
      ins(%q, %k : tensor<2x5x8xf32>, tensor<2x6x8xf32>) outs(%s0 : tensor<2x5x6xf32>) -> tensor<2x5x6xf32>
  %x = linalg.generic {indexing_maps = [#scores, #heads, #scores], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%s, %slopes : tensor<2x5x6xf32>, tensor<2xf32>) outs(%s0 : tensor<2x5x6xf32>) {
  ^bb0(%a: f32, %slope: f32, %unused: f32):
    %i = linalg.index 1 : index
    %j = linalg.index 2 : index
    %d = arith.subi %j, %i : index
    %d64 = arith.index_cast %d : index to i64
    %f = arith.sitofp %d64 : i64 to f32
    %b = arith.mulf %slope, %f : f32
    %r = arith.addf %a, %b : f32
    linalg.yield %r : f32
  } -> tensor<2x5x6xf32>
  %p = linalg.softmax dimension(2) ins(%x : tensor<2x5x6xf32>) outs(%s0 : tensor<2x5x6xf32>) -> tensor<2x5x6xf32>
  %o = linalg.batch_matmul ins(%p, %v : tensor<2x5x6xf32>, tensor<2x6x8xf32>) outs(%o0 : tensor<2x5x8xf32>) -> tensor<2x5x8xf32>
  return %o : tensor<2x5x8xf32>
}

// (1 - mask) * -10000 is finite: rows without a live key are means of all
// values, so it stays an addition to the score.
// CHECK-LABEL: func.func @finite_mask(
// CHECK-SAME: %[[M:[a-z0-9]*]]: tensor<6xf32>
// CHECK: attn.attention {{.*}} score(%[[S:.*]]: f32, %{{.*}}: index, %{{.*}}: index, %{{.*}}: index, %[[J:.*]]: index) {
// CHECK-NEXT: %[[X:.*]] = tensor.extract %[[M]][%[[J]]]
// CHECK-NEXT: %[[D:.*]] = arith.subf %{{.*}}, %[[X]]
// CHECK-NEXT: %[[B:.*]] = arith.mulf %[[D]], %{{.*}}
// CHECK-NEXT: %[[R:.*]] = arith.addf %[[S]], %[[B]]
// CHECK-NEXT: attn.yield %[[R]]
// CHECK-NEXT: } {scale
func.func @finite_mask(%q: tensor<2x5x8xf32>, %k: tensor<2x6x8xf32>, %v: tensor<2x6x8xf32>, %m: tensor<6xf32>) -> tensor<2x5x8xf32> {
  %s0 = arith.constant dense<0.0> : tensor<2x5x6xf32>
  %o0 = arith.constant dense<0.0> : tensor<2x5x8xf32>
  %one = arith.constant dense<1.0> : tensor<6xf32>
  %far = arith.constant dense<-10000.0> : tensor<6xf32>
  %s = linalg.batch_matmul indexing_maps = [#q, #k, #s]
      ins(%q, %k : tensor<2x5x8xf32>, tensor<2x6x8xf32>) outs(%s0 : tensor<2x5x6xf32>) -> tensor<2x5x6xf32>
  %not = arith.subf %one, %m : tensor<6xf32>
  %add = arith.mulf %not, %far : tensor<6xf32>
  %b = linalg.broadcast ins(%add : tensor<6xf32>) outs(%s0 : tensor<2x5x6xf32>) dimensions = [0, 1]
  %x = arith.addf %s, %b : tensor<2x5x6xf32>
  %p = linalg.softmax dimension(2) ins(%x : tensor<2x5x6xf32>) outs(%s0 : tensor<2x5x6xf32>) -> tensor<2x5x6xf32>
  %o = linalg.batch_matmul ins(%p, %v : tensor<2x5x6xf32>, tensor<2x6x8xf32>) outs(%o0 : tensor<2x5x8xf32>) -> tensor<2x5x8xf32>
  return %o : tensor<2x5x8xf32>
}

// A mask that depends on the score itself can't be a mask region.
// CHECK-LABEL: func.func @threshold(
// CHECK: attn.attention {{.*}} score(%[[S:.*]]: f32, %{{.*}}: index, %{{.*}}: index, %{{.*}}: index, %{{.*}}: index) {
// CHECK-NEXT: %[[C:.*]] = arith.cmpf ogt, %[[S]], %{{.*}} : f32
// CHECK-NEXT: %[[R:.*]] = arith.select %[[C]], %[[S]], %{{.*}} : f32
// CHECK-NEXT: attn.yield %[[R]]
// CHECK-NEXT: } {scale
func.func @threshold(%q: tensor<2x5x8xf32>, %k: tensor<2x6x8xf32>, %v: tensor<2x6x8xf32>) -> tensor<2x5x8xf32> {
  %s0 = arith.constant dense<0.0> : tensor<2x5x6xf32>
  %o0 = arith.constant dense<0.0> : tensor<2x5x8xf32>
  %least = arith.constant dense<-2.0> : tensor<2x5x6xf32>
  %minf = arith.constant dense<0xFF800000> : tensor<2x5x6xf32>
  %s = linalg.batch_matmul indexing_maps = [#q, #k, #s]
      ins(%q, %k : tensor<2x5x8xf32>, tensor<2x6x8xf32>) outs(%s0 : tensor<2x5x6xf32>) -> tensor<2x5x6xf32>
  %c = arith.cmpf ogt, %s, %least : tensor<2x5x6xf32>
  %x = arith.select %c, %s, %minf : tensor<2x5x6xi1>, tensor<2x5x6xf32>
  %p = linalg.softmax dimension(2) ins(%x : tensor<2x5x6xf32>) outs(%s0 : tensor<2x5x6xf32>) -> tensor<2x5x6xf32>
  %o = linalg.batch_matmul ins(%p, %v : tensor<2x5x6xf32>, tensor<2x6x8xf32>) outs(%o0 : tensor<2x5x8xf32>) -> tensor<2x5x8xf32>
  return %o : tensor<2x5x8xf32>
}

// A hash of positions that is meant to wrap stays in its own type.
// CHECK-LABEL: func.func @hashed_mask(
// CHECK: mask(%{{.*}}: index, %{{.*}}: index, %[[I:.*]]: index, %[[J:.*]]: index) {
// CHECK-NEXT: %[[I32:.*]] = arith.index_cast %[[I]] : index to i32
// CHECK-NEXT: %[[P:.*]] = arith.muli %[[I32]], %{{.*}} : i32
// CHECK: arith.cmpi
func.func @hashed_mask(%q: tensor<2x5x8xf32>, %k: tensor<2x6x8xf32>, %v: tensor<2x6x8xf32>) -> tensor<2x5x8xf32> {
  %s0 = arith.constant dense<0.0> : tensor<2x5x6xf32>
  %o0 = arith.constant dense<0.0> : tensor<2x5x8xf32>
  %minf = arith.constant 0xFF800000 : f32
  %prime = arith.constant 1103515245 : i32
  %c0 = arith.constant 0 : i32
  %s = linalg.batch_matmul indexing_maps = [#q, #k, #s]
      ins(%q, %k : tensor<2x5x8xf32>, tensor<2x6x8xf32>) outs(%s0 : tensor<2x5x6xf32>) -> tensor<2x5x6xf32>
  %x = linalg.generic {indexing_maps = [#scores, #scores], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%s : tensor<2x5x6xf32>) outs(%s0 : tensor<2x5x6xf32>) {
  ^bb0(%a: f32, %unused: f32):
    %i = linalg.index 1 : index
    %j = linalg.index 2 : index
    %i32 = arith.index_cast %i : index to i32
    %j32 = arith.index_cast %j : index to i32
    %h = arith.muli %i32, %prime : i32
    %g = arith.muli %h, %prime : i32
    %y = arith.addi %g, %j32 : i32
    %keep = arith.cmpi sge, %y, %c0 : i32
    %r = arith.select %keep, %a, %minf : f32
    linalg.yield %r : f32
  } -> tensor<2x5x6xf32>
  %p = linalg.softmax dimension(2) ins(%x : tensor<2x5x6xf32>) outs(%s0 : tensor<2x5x6xf32>) -> tensor<2x5x6xf32>
  %o = linalg.batch_matmul ins(%p, %v : tensor<2x5x6xf32>, tensor<2x6x8xf32>) outs(%o0 : tensor<2x5x8xf32>) -> tensor<2x5x8xf32>
  return %o : tensor<2x5x8xf32>
}
