// Terms of a score that depend on j - i alone are computed once for each distance of a tile of 48 queries and
// 128 keys, before the loop over its keys; the rest, for each pair.
// RUN: attn-opt %s --attn-decompose-online-attention | FileCheck %s

// CHECK-LABEL: func @distances
// CHECK-SAME:  %[[SLOPES:[^:]*]]: tensor<4xf32>, %[[TABLE:[^:]*]]: tensor<33xf32>, %[[KEYS:[^:]*]]: tensor<?xf32>
// CHECK:         %[[TERMS:.*]] = linalg.generic {{.*}} outs({{.*}} : tensor<176xf32>)
// CHECK:           tensor.extract %[[TABLE]]
// CHECK-NOT:       tensor.extract %[[KEYS]]
// CHECK:           linalg.yield
// CHECK:         scf.for
// CHECK-NOT:       tensor.extract %[[TABLE]]
// CHECK-DAG:       tensor.extract %[[KEYS]]
// CHECK-DAG:       tensor.extract %[[TERMS]]
// CHECK-NOT:       tensor.extract %[[TABLE]]
// CHECK:         return
func.func @distances(%slopes: tensor<4xf32>, %table: tensor<33xf32>, %keys: tensor<?xf32>, %q: tensor<64x48xf32>,
    %k: tensor<?x64xf32>, %v: tensor<?x64xf32>, %b: index, %h: index, %i: index, %j: index, %live: index,
    %acc: tensor<48x64xf32>, %max: tensor<48xf32>, %sum: tensor<48xf32>) -> tensor<48x64xf32> {
  %0:3 = attn.online_attention query(%q) key(%k) value(%v) offsets(%b, %h, %i, %j) live(%live) state(%acc, %max, %sum)
    score(%s: f32, %rb: index, %rh: index, %ri: index, %rj: index) {
      %low = arith.constant -16 : index
      %high = arith.constant 16 : index
      %d = arith.subi %rj, %ri : index
      %a = arith.maxsi %d, %low : index
      %c = arith.minsi %a, %high : index
      %at = arith.addi %c, %high : index
      %bias = tensor.extract %table[%at] : tensor<33xf32>
      %key = tensor.extract %keys[%rj] : tensor<?xf32>
      %t = arith.addf %bias, %key : f32
      %r = arith.addf %s, %t : f32
      attn.yield %r : f32
    }
    {schedule = #attn.schedule<kind = "prefill", query_tile = 48, key_tile = 128, key_block = 8, lanes = 16,
                               registers = 24>}
    : (tensor<64x48xf32>, tensor<?x64xf32>, tensor<?x64xf32>, tensor<48x64xf32>, tensor<48xf32>, tensor<48xf32>)
    -> (tensor<48x64xf32>, tensor<48xf32>, tensor<48xf32>)
  return %0#0 : tensor<48x64xf32>
}
