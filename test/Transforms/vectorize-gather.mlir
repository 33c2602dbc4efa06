// Loads at positions that the analysis does not see as adjacent.
// RUN: attn-opt %s --attn-vectorize-linalg=vector-bits=512 --canonicalize --cse | FileCheck %s

#row = affine_map<(d) -> (d)>

// One scale for each 10 of 20 features: the lanes past the twentieth read no third scale.
// CHECK-LABEL: func @scales
// CHECK-SAME:  %[[X:.*]]: tensor<20xf32>, %[[S:[^:]*]]: tensor<2xf32>
// CHECK-NOT:   arith.constant 2 : index
// CHECK-COUNT-2: tensor.extract %[[S]]
// CHECK-NOT:   tensor.extract
// CHECK:       return
func.func @scales(%x: tensor<20xf32>, %s: tensor<2xf32>, %o: tensor<20xf32>) -> tensor<20xf32> {
  %0 = linalg.generic {indexing_maps = [#row, #row], iterator_types = ["parallel"]}
      ins(%x : tensor<20xf32>) outs(%o : tensor<20xf32>) {
  ^bb0(%e: f32, %old: f32):
    %d = linalg.index 0 : index
    %c10 = arith.constant 10 : index
    %g = arith.divui %d, %c10 : index
    %scale = tensor.extract %s[%g] : tensor<2xf32>
    %r = arith.mulf %e, %scale : f32
    linalg.yield %r : f32
  } -> tensor<20xf32>
  return %0 : tensor<20xf32>
}

// Two features in a byte, one scale for four, one for all lanes: few elements are read, and stretched over the lanes.
// CHECK-LABEL: func @repeated
// CHECK:         %[[BYTES:.*]] = vector.transfer_read {{.*}} tensor<32xi8>, vector<8xi8>
// CHECK:         vector.interleave %[[BYTES]], %[[BYTES]] : vector<8xi8> -> vector<16xi8>
// CHECK:         %[[FOUR:.*]] = vector.transfer_read {{.*}} tensor<16xf32>, vector<4xf32>
// CHECK:         vector.shuffle %[[FOUR]], %[[FOUR]] [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3]
// CHECK:         tensor.extract {{.*}} : tensor<2xf32>
// CHECK-NEXT:    vector.broadcast
// CHECK-COUNT-1: tensor.extract {{.*}} : tensor<2xf32>
// CHECK-NOT:     tensor.extract
// CHECK:         return
func.func @repeated(%x: tensor<32xi8>, %s: tensor<16xf32>, %t: tensor<2xf32>, %o: tensor<64xf32>) -> tensor<64xf32> {
  %0 = linalg.generic {indexing_maps = [#row], iterator_types = ["parallel"]} outs(%o : tensor<64xf32>) {
  ^bb0(%old: f32):
    %d = linalg.index 0 : index
    %c2 = arith.constant 2 : index
    %c4 = arith.constant 4 : index
    %c32 = arith.constant 32 : index
    %byte = arith.divui %d, %c2 : index
    %four = arith.divui %d, %c4 : index
    %all = arith.divui %d, %c32 : index
    %b = tensor.extract %x[%byte] : tensor<32xi8>
    %f = arith.sitofp %b : i8 to f32
    %u = tensor.extract %s[%four] : tensor<16xf32>
    %v = tensor.extract %t[%all] : tensor<2xf32>
    %p = arith.mulf %f, %u : f32
    %r = arith.mulf %p, %v : f32
    linalg.yield %r : f32
  } -> tensor<64xf32>
  return %0 : tensor<64xf32>
}

// In a loop over the lanes, the divisor is a constant of its own: the body's is gone.
// CHECK-LABEL: func @repeated_in_loop
// CHECK:         scf.for
// CHECK:           vector.transfer_read {{.*}} vector<8xi8>
// CHECK:           vector.interleave
func.func @repeated_in_loop(%x: tensor<?xi8>, %o: tensor<?xf32>) -> tensor<?xf32> {
  %0 = linalg.generic {indexing_maps = [#row], iterator_types = ["parallel"]} outs(%o : tensor<?xf32>) {
  ^bb0(%old: f32):
    %d = linalg.index 0 : index
    %c2 = arith.constant 2 : index
    %byte = arith.divui %d, %c2 : index
    %b = tensor.extract %x[%byte] : tensor<?xi8>
    %f = arith.sitofp %b : i8 to f32
    linalg.yield %f : f32
  } -> tensor<?xf32>
  return %0 : tensor<?xf32>
}

// A bias of 8 keys and 16 queries, keys along its rows: a short vector of each row, and all transposed.
// CHECK-LABEL: func @transposed
// CHECK-SAME:  %[[X:[^:]*]]: tensor<?x?xf32>
// CHECK-NOT:   tensor.extract
// CHECK-COUNT-16: vector.transfer_read %[[X]]{{.*}} : tensor<?x?xf32>, vector<8xf32>
// CHECK-NOT:   vector.transfer_read %[[X]]
// CHECK-NOT:   tensor.extract
// CHECK-COUNT-24: vector.shuffle {{.*}} : vector<16xf32>, vector<16xf32>
// CHECK-NOT:   tensor.extract
// CHECK:       return
#identity = affine_map<(r, lane) -> (r, lane)>
func.func @transposed(%x: tensor<?x?xf32>, %i: index, %j: index, %o: tensor<8x16xf32>) -> tensor<8x16xf32> {
  %0 = linalg.generic {indexing_maps = [#identity], iterator_types = ["parallel", "parallel"]}
      outs(%o : tensor<8x16xf32>) {
  ^bb0(%old: f32):
    %r = linalg.index 0 : index
    %lane = linalg.index 1 : index
    %row = arith.addi %i, %lane : index
    %column = arith.addi %j, %r : index
    %e = tensor.extract %x[%row, %column] : tensor<?x?xf32>
    %s = arith.addf %e, %old : f32
    linalg.yield %s : f32
  } -> tensor<8x16xf32>
  return %0 : tensor<8x16xf32>
}

// Only a minimum that says so is a bound beyond which nothing is used: the one in @clipped is the user's.
// CHECK-LABEL: func @bounded
// CHECK:         vector.transfer_read {{.*}} : tensor<?xf32>, vector<16xf32>
// CHECK-LABEL: func @clipped
// CHECK-NOT:     vector.transfer_read {{.*}} tensor<?xf32>
// CHECK-COUNT-16: tensor.extract
#vector = affine_map<(lane) -> (lane)>
func.func @bounded(%x: tensor<?xf32>, %last: index, %o: tensor<16xf32>) -> tensor<16xf32> {
  %0 = linalg.generic {indexing_maps = [#vector], iterator_types = ["parallel"]} outs(%o : tensor<16xf32>)
      attrs = {attn.bounded_lanes} {
  ^bb0(%old: f32):
    %lane = linalg.index 0 : index
    %at = arith.minsi %lane, %last {attn.bound} : index
    %e = tensor.extract %x[%at] : tensor<?xf32>
    linalg.yield %e : f32
  } -> tensor<16xf32>
  return %0 : tensor<16xf32>
}
func.func @clipped(%x: tensor<?xf32>, %last: index, %o: tensor<16xf32>) -> tensor<16xf32> {
  %0 = linalg.generic {indexing_maps = [#vector], iterator_types = ["parallel"]} outs(%o : tensor<16xf32>)
      attrs = {attn.bounded_lanes} {
  ^bb0(%old: f32):
    %lane = linalg.index 0 : index
    %at = arith.minsi %lane, %last : index
    %e = tensor.extract %x[%at] : tensor<?xf32>
    linalg.yield %e : f32
  } -> tensor<16xf32>
  return %0 : tensor<16xf32>
}
