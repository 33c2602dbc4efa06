// Elements side by side: transposed in, contracted, and rounded out.
// RUN: attn-opt %s --attn-vectorize-linalg=vector-bits=512 --canonicalize --cse | FileCheck %s

#query = affine_map<(r, lane, d, p) -> (d, lane * 2 + p)>
#out = affine_map<(r, lane, d, p) -> (r, lane)>
#second = affine_map<(r, lane, d, p) -> (p)>

// A contraction of pairs carries its accumulators through the loop over pairs of features; the key's pair is one number
// for all lanes.
// CHECK-LABEL: func @scores
// CHECK: scf.for
// CHECK:   vector.transfer_read {{.*}} vector<32xbf16>
// CHECK:   vector.transfer_read {{.*}} vector<2xbf16>
// CHECK:   vector.bitcast {{.*}} vector<2xbf16> to vector<1xi32>
// CHECK:   vector.broadcast {{.*}} i32 to vector<16xi32>
// CHECK:   vector.contract {{.*}} vector<16x2xbf16>, vector<16x2xbf16> into vector<16xf32>
// CHECK:   scf.yield {{.*}} vector<16xf32>, vector<16xf32>
func.func @scores(%q: tensor<32x32xbf16>, %k: tensor<2x64xbf16>, %c: tensor<2x16xf32>) -> tensor<2x16xf32> {
  %two = tensor.empty() : tensor<2xf32>
  %0 = linalg.generic {indexing_maps = [#query, #second, #out],
                       iterator_types = ["parallel", "parallel", "reduction", "reduction"]}
      ins(%q, %two : tensor<32x32xbf16>, tensor<2xf32>) outs(%c : tensor<2x16xf32>) {
  ^bb0(%x: bf16, %shape: f32, %acc: f32):
    %r = linalg.index 0 : index
    %d = linalg.index 2 : index
    %p = linalg.index 3 : index
    %c2 = arith.constant 2 : index
    %twice = arith.muli %d, %c2 : index
    %f = arith.addi %twice, %p : index
    %y = tensor.extract %k[%r, %f] : tensor<2x64xbf16>
    %ye = arith.extf %y : bf16 to f32
    %xe = arith.extf %x : bf16 to f32
    %m = arith.mulf %ye, %xe : f32
    %s = arith.addf %m, %acc : f32
    linalg.yield %s : f32
  } -> tensor<2x16xf32>
  return %0 : tensor<2x16xf32>
}

#rows = affine_map<(k, lane, p) -> (k * 2 + p, lane)>
#pairs = affine_map<(k, lane, p) -> (k, lane * 2 + p)>
#last = affine_map<(k, lane, p) -> (p)>

// Two rows become one of pairs.
// CHECK-LABEL: func @pack
// CHECK-DAG: %[[A:.*]] = vector.transfer_read %arg0[%c0, %c0]
// CHECK-DAG: %[[B:.*]] = vector.transfer_read %arg0[%c1, %c0]
// CHECK-DAG: %[[X:.*]] = arith.truncf %[[A]] : vector<16xf32> to vector<16xbf16>
// CHECK-DAG: %[[Y:.*]] = arith.truncf %[[B]] : vector<16xf32> to vector<16xbf16>
// CHECK: %[[P:.*]] = vector.interleave %[[X]], %[[Y]]
// CHECK: vector.transfer_write %[[P]], {{.*}} vector<32xbf16>, tensor<1x32xbf16>
func.func @pack(%a: tensor<2x16xf32>, %out: tensor<1x32xbf16>) -> tensor<1x32xbf16> {
  %two = tensor.empty() : tensor<2xbf16>
  %0 = linalg.generic {indexing_maps = [#rows, #last, #pairs], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%a, %two : tensor<2x16xf32>, tensor<2xbf16>) outs(%out : tensor<1x32xbf16>) {
  ^bb0(%x: f32, %shape: bf16, %o: bf16):
    %t = arith.truncf %x : f32 to bf16
    linalg.yield %t : bf16
  } -> tensor<1x32xbf16>
  return %0 : tensor<1x32xbf16>
}

#element = affine_map<(h, lane) -> (h, lane)>

// Every other element of a row: both are read, and one kept.
// CHECK-LABEL: func @every_other
// CHECK: %[[BOTH:.*]] = vector.transfer_read %arg0[%c0], {{.*}} : tensor<32xf32>, vector<32xf32>
// CHECK: %[[EVEN:.*]], %[[ODD:.*]] = vector.deinterleave %[[BOTH]]
// CHECK-DAG: vector.transfer_write %[[EVEN]], {{.*}}[%c0, %c0]
// CHECK-DAG: vector.transfer_write %[[ODD]], {{.*}}[%c1, %c0]
func.func @every_other(%a: tensor<32xf32>, %out: tensor<2x16xf32>) -> tensor<2x16xf32> {
  %0 = linalg.generic {indexing_maps = [#element], iterator_types = ["parallel", "parallel"]}
      outs(%out : tensor<2x16xf32>) {
  ^bb0(%o: f32):
    %h = linalg.index 0 : index
    %lane = linalg.index 1 : index
    %c2 = arith.constant 2 : index
    %twice = arith.muli %lane, %c2 : index
    %at = arith.addi %twice, %h : index
    %x = tensor.extract %a[%at] : tensor<32xf32>
    linalg.yield %x : f32
  } -> tensor<2x16xf32>
  return %0 : tensor<2x16xf32>
}
