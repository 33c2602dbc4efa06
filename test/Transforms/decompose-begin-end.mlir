// A key tile that begins a state starts its products at zero, and one that ends it divides where it stores.
// RUN: attn-opt %s --attn-decompose-online-attention --canonicalize | FileCheck %s

// Blocks of 4 rows by 16 columns; the last one may have rows that do not exist, which stay in acc.

// CHECK-LABEL: func @tile
// CHECK-SAME:      %[[LIVE:[a-z0-9]+]]: index, %[[FIRST:[a-z0-9]+]]: i1, %[[LAST:[a-z0-9]+]]: i1
// CHECK-SAME:      %[[OUT:[a-z0-9]+]]: tensor<?x16xf16>
// CHECK:         %[[INVERSE:.*]] = linalg.generic
// CHECK:           arith.divf
// CHECK:         scf.for %[[ROW:.*]] = %c0 to %[[LIVE]] step %c4
// CHECK:           %[[BLOCK:.*]] = scf.if %[[FIRST]] -> (tensor<4x16xf32>) {
// CHECK:             linalg.yield %cst
// CHECK:           } else {
// CHECK:             tensor.extract_slice
// CHECK:           %[[PRODUCT:.*]] = linalg.generic {{.*}} outs(%[[BLOCK]] : tensor<4x16xf32>)
// CHECK:           %[[END:.*]] = arith.addi %[[ROW]], %c4
// CHECK:           %[[WHOLE:.*]] = arith.cmpi sle, %[[END]], %[[LIVE]]
// CHECK:           %[[NOW:.*]] = arith.andi %[[LAST]], %[[WHOLE]]
// CHECK:           scf.if %[[NOW]] -> (tensor<16x16xf32>, tensor<?x16xf16>) {
// CHECK:             linalg.generic {{.*}} ins(%[[PRODUCT]], %{{.*}} : tensor<4x16xf32>, tensor<4xf32>) outs(%{{.*}} : tensor<4x16xf16>)
// CHECK:               arith.mulf
// CHECK:               arith.truncf
// CHECK:           } else {
// CHECK:             tensor.insert_slice %[[PRODUCT]] into
// CHECK:         %[[TAIL:.*]] = arith.remui %[[LIVE]], %c4
// CHECK:         %[[SOME:.*]] = arith.cmpi ne, %[[TAIL]], %c0
// CHECK:         %[[REST:.*]] = arith.andi %[[LAST]], %[[SOME]]
// CHECK:         scf.if %[[REST]]
// CHECK:           linalg.generic {{.*}} outs(%{{.*}} : tensor<?x16xf16>)
func.func @tile(%q: tensor<64x16xf32>, %k: tensor<?x64xf32>, %v: tensor<?x16xf32>, %i: index, %live: index,
                %first: i1, %last: i1, %acc: tensor<16x16xf32>, %max: tensor<16xf32>, %sum: tensor<16xf32>,
                %out: tensor<?x16xf16>) -> tensor<?x16xf16> {
  %0:4 = attn.online_attention query(%q) key(%k) value(%v) offsets(%i, %i, %i, %i) live(%live)
      state(%acc, %max, %sum, %out) begin(%first) end(%last)
      {aux = ["output"], schedule = #attn.schedule<kind = "prefill", query_tile = 16, key_tile = 64, key_block = 4, lanes = 16,
                                 registers = 4>}
      : (tensor<64x16xf32>, tensor<?x64xf32>, tensor<?x16xf32>, tensor<16x16xf32>, tensor<16xf32>, tensor<16xf32>,
         tensor<?x16xf16>)
      -> (tensor<16x16xf32>, tensor<16xf32>, tensor<16xf32>, tensor<?x16xf16>)
  return %0#3 : tensor<?x16xf16>
}
