// RUN: attn-opt %s --canonicalize | FileCheck %s

// A cast that only forgets sizes is read through, also without regions.
// CHECK-LABEL: @cast_of_keys
// CHECK-SAME: %[[K:[a-z0-9]+]]: tensor<5x16xf32>
// CHECK-NOT: tensor.cast
// CHECK: attn.online_attention query(%{{.*}}) key(%[[K]]) value(%[[K]])
func.func @cast_of_keys(%q: tensor<16x16xf32>, %k: tensor<5x16xf32>, %acc: tensor<16x16xf32>,
                        %m: tensor<16xf32>, %l: tensor<16xf32>) -> tensor<16x16xf32> {
  %c0 = arith.constant 0 : index
  %c5 = arith.constant 5 : index
  %cast = tensor.cast %k : tensor<5x16xf32> to tensor<?x16xf32>
  %a, %b, %c = attn.online_attention query(%q) key(%cast) value(%cast)
      offsets(%c0, %c0, %c0, %c0) live(%c5) state(%acc, %m, %l)
      {schedule = #attn.schedule<kind = "short", query_tile = 16, key_tile = 128, key_block = 8, lanes = 16, registers = 24>}
      : (tensor<16x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>, tensor<16x16xf32>, tensor<16xf32>, tensor<16xf32>)
      -> (tensor<16x16xf32>, tensor<16xf32>, tensor<16xf32>)
  return %a : tensor<16x16xf32>
}
