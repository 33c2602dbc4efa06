// RUN: attn-opt %s --attn-vectorize-linalg=vector-bits=128 | FileCheck %s

// Features in the lanes; a tree of shuffles leaves a key in each lane.

// CHECK-LABEL: func @scores
// CHECK:         scf.for
// CHECK-COUNT-4: arith.addf {{.*}} fastmath<contract> : vector<4xf32>
// CHECK:         vector.shuffle %[[A:.*]], %[[B:.*]] [0, 4, 1, 5]
// CHECK-NEXT:    vector.shuffle %[[A]], %[[B]] [2, 6, 3, 7]
// CHECK:         vector.shuffle %[[AB:.*]], %[[CD:.*]] [0, 1, 4, 5]
// CHECK-NEXT:    vector.shuffle %[[AB]], %[[CD]] [2, 3, 6, 7]
// CHECK-NOT:     linalg.generic
func.func @scores(%q: tensor<2x64xf32>, %k: tensor<?x64xf32>) -> tensor<2x4xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<2x4xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x4xf32>) -> tensor<2x4xf32>
  %s = linalg.generic {attn.reduce_lanes,
      indexing_maps = [affine_map<(r, j, d) -> (r, d)>, affine_map<(r, j, d) -> (r, j)>],
      iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%q : tensor<2x64xf32>) outs(%init : tensor<2x4xf32>) {
  ^bb0(%x: f32, %acc: f32):
    %j = linalg.index 1 : index
    %d = linalg.index 2 : index
    %y = tensor.extract %k[%j, %d] : tensor<?x64xf32>
    %p = arith.mulf %x, %y fastmath<contract> : f32
    %sum = arith.addf %p, %acc fastmath<contract> : f32
    linalg.yield %sum : f32
  } -> tensor<2x4xf32>
  return %s : tensor<2x4xf32>
}

// CHECK-LABEL: func @maxima
// CHECK-COUNT-2: vector.reduction <maxnumf>
func.func @maxima(%s: tensor<2x4xf32>, %m: tensor<2xf32>) -> tensor<2xf32> {
  %o = linalg.generic {attn.reduce_lanes,
      indexing_maps = [affine_map<(r, j) -> (r, j)>, affine_map<(r, j) -> (r)>],
      iterator_types = ["parallel", "reduction"]}
      ins(%s : tensor<2x4xf32>) outs(%m : tensor<2xf32>) {
  ^bb0(%x: f32, %acc: f32):
    %above = arith.cmpf ogt, %x, %acc : f32
    %max = arith.select %above, %x, %acc : f32
    linalg.yield %max : f32
  } -> tensor<2xf32>
  return %o : tensor<2xf32>
}
