// RUN: attn-opt %s --attn-vectorize-linalg=vector-bits=128 | FileCheck %s
// RUN: attn-opt %s --attn-vectorize-linalg=vector-bits=256 | FileCheck %s --check-prefix=EIGHT

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

// By halves, whose larger numbers are selected.

// CHECK-LABEL: func @maxima
// CHECK:         arith.select {{.*}} : vector<2xi1>, vector<2xf32>
// CHECK:         arith.select {{.*}} : vector<1xi1>, vector<1xf32>
// CHECK-NOT:     vector.reduction
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

// The largest element of a row in all lanes.

// CHECK-LABEL: func @maxima_everywhere
// CHECK:         arith.select {{.*}} : vector<1xi1>, vector<1xf32>
// CHECK:         vector.broadcast {{.*}} : f32 to vector<4xf32>
// CHECK-NOT:     linalg.generic
func.func @maxima_everywhere(%s: tensor<2x4xf32>, %m: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %o = linalg.generic {attn.reduce_lanes,
      indexing_maps = [affine_map<(r, l, j) -> (r, j)>, affine_map<(r, l, j) -> (r, l)>],
      iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%s : tensor<2x4xf32>) outs(%m : tensor<2x4xf32>) {
  ^bb0(%x: f32, %acc: f32):
    %above = arith.cmpf ogt, %x, %acc : f32
    %max = arith.select %above, %x, %acc : f32
    linalg.yield %max : f32
  } -> tensor<2x4xf32>
  return %o : tensor<2x4xf32>
}

// Keys beyond a bound are not used: groups of four that lie beyond it are left out.

// EIGHT-LABEL: func @some_scores
// EIGHT-SAME:    %[[BLOCK:[a-z0-9]*]]: index, %[[LAST:[a-z0-9]*]]: index
// EIGHT:         %[[MORE:.*]] = arith.subi %[[LAST]], %[[BLOCK]]
// EIGHT:         %[[COUNT:.*]] = arith.addi %[[MORE]], %c1
// EIGHT:         %[[GROUPS:.*]] = arith.ceildivsi %[[COUNT]], %c4
// EIGHT:         %[[END:.*]] = arith.minsi %[[GROUPS]], %c2
// EIGHT:         scf.for {{.*}} to %[[END]]
func.func @some_scores(%q: tensor<1x64xf32>, %k: tensor<?x64xf32>, %block: index, %last: index) -> tensor<1x8xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<1x8xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<1x8xf32>) -> tensor<1x8xf32>
  %s = linalg.generic {attn.reduce_lanes, attn.bounded_lanes,
      indexing_maps = [affine_map<(r, j, d) -> (r, d)>, affine_map<(r, j, d) -> (r, j)>],
      iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%q : tensor<1x64xf32>) outs(%init : tensor<1x8xf32>) {
  ^bb0(%x: f32, %acc: f32):
    %j = linalg.index 1 : index
    %d = linalg.index 2 : index
    %at = arith.addi %block, %j : index
    %key = arith.minsi %at, %last {attn.bound} : index
    %y = tensor.extract %k[%key, %d] : tensor<?x64xf32>
    %p = arith.mulf %x, %y fastmath<contract> : f32
    %sum = arith.addf %p, %acc fastmath<contract> : f32
    linalg.yield %sum : f32
  } -> tensor<1x8xf32>
  return %s : tensor<1x8xf32>
}

// Pairs that are converted on the way: both elements of every lane lie side by side in what is read.

// CHECK-LABEL: func @converted_pairs
// CHECK:         %[[ROW:.*]] = vector.transfer_read {{.*}} : tensor<?x32xi8>, vector<8xi8>
// CHECK:         %[[WIDE:.*]] = arith.sitofp %[[ROW]] : vector<8xi8> to vector<8xf32>
// CHECK:         %[[NARROW:.*]] = arith.truncf %[[WIDE]] : vector<8xf32> to vector<8xbf16>
// CHECK:         vector.shape_cast %[[NARROW]] : vector<8xbf16> to vector<4x2xbf16>
// CHECK-NOT:     vector.interleave
// CHECK-NOT:     linalg.generic
func.func @converted_pairs(%q: tensor<1x32xbf16>, %k: tensor<?x32xi8>) -> tensor<1x4xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<1x4xf32>
  %shape = tensor.empty() : tensor<16x2xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<1x4xf32>) -> tensor<1x4xf32>
  %s = linalg.generic {attn.reduce_lanes,
      indexing_maps = [affine_map<(r, j, d, p) -> (r, d * 2 + p)>, affine_map<(r, j, d, p) -> (d, p)>,
                       affine_map<(r, j, d, p) -> (r, j)>],
      iterator_types = ["parallel", "parallel", "reduction", "reduction"]}
      ins(%q, %shape : tensor<1x32xbf16>, tensor<16x2xf32>) outs(%init : tensor<1x4xf32>) {
  ^bb0(%x: bf16, %unused: f32, %acc: f32):
    %two = arith.constant 2 : index
    %j = linalg.index 1 : index
    %d = linalg.index 2 : index
    %p = linalg.index 3 : index
    %twice = arith.muli %d, %two : index
    %feature = arith.addi %twice, %p : index
    %y = tensor.extract %k[%j, %feature] : tensor<?x32xi8>
    %wide = arith.sitofp %y : i8 to f32
    %narrow = arith.truncf %wide : f32 to bf16
    %ye = arith.extf %narrow : bf16 to f32
    %xe = arith.extf %x : bf16 to f32
    %product = arith.mulf %ye, %xe : f32
    %sum = arith.addf %product, %acc : f32
    linalg.yield %sum : f32
  } -> tensor<1x4xf32>
  return %s : tensor<1x4xf32>
}

// Two halves of a row: both of one vector of bytes meet in the same sum.

// CHECK-LABEL: func @halves
// CHECK:         %[[BYTES:.*]] = vector.transfer_read {{.*}} : tensor<?x8xi8>, vector<4xi8>
// CHECK:         arith.shrsi
// CHECK:         arith.shrsi
// CHECK:         %[[NEXT:.*]] = vector.transfer_read {{.*}} : tensor<?x8xi8>, vector<4xi8>
// CHECK-NOT:     linalg.generic
func.func @halves(%q: tensor<1x2x8xf32>, %k: tensor<?x8xi8>) -> tensor<1x4xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<1x4xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<1x4xf32>) -> tensor<1x4xf32>
  %s = linalg.generic {attn.reduce_lanes,
      indexing_maps = [affine_map<(r, j, h, d) -> (r, h, d)>, affine_map<(r, j, h, d) -> (r, j)>],
      iterator_types = ["parallel", "parallel", "reduction", "reduction"]}
      ins(%q : tensor<1x2x8xf32>) outs(%init : tensor<1x4xf32>) {
  ^bb0(%x: f32, %acc: f32):
    %j = linalg.index 1 : index
    %h = linalg.index 2 : index
    %d = linalg.index 3 : index
    %byte = tensor.extract %k[%j, %d] : tensor<?x8xi8>
    %half = arith.index_cast %h : index to i8
    %bits = arith.shrsi %byte, %half : i8
    %y = arith.sitofp %bits : i8 to f32
    %p = arith.mulf %x, %y : f32
    %sum = arith.addf %p, %acc : f32
    linalg.yield %sum : f32
  } -> tensor<1x4xf32>
  return %s : tensor<1x4xf32>
}

// One feature has no index: read for every lane, it would count four times.

// CHECK-LABEL: func @one_feature
// CHECK-NOT:     vector.shuffle
// CHECK:         return
func.func @one_feature(%q: tensor<2x1xf32>, %k: tensor<?x1xf32>) -> tensor<2x4xf32> {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %empty = tensor.empty() : tensor<2x4xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x4xf32>) -> tensor<2x4xf32>
  %s = linalg.generic {attn.reduce_lanes,
      indexing_maps = [affine_map<(r, j, d) -> (r, d)>, affine_map<(r, j, d) -> (r, j)>],
      iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%q : tensor<2x1xf32>) outs(%init : tensor<2x4xf32>) {
  ^bb0(%x: f32, %acc: f32):
    %j = linalg.index 1 : index
    %y = tensor.extract %k[%j, %c0] : tensor<?x1xf32>
    %p = arith.mulf %x, %y fastmath<contract> : f32
    %sum = arith.addf %p, %acc fastmath<contract> : f32
    linalg.yield %sum : f32
  } -> tensor<2x4xf32>
  return %s : tensor<2x4xf32>
}
