// RUN: attn-opt %s | attn-opt | FileCheck %s
// RUN: attn-opt %s --mlir-print-op-generic | attn-opt | FileCheck %s

#schedule = #attn.schedule<kind = "prefill", query_tile = 32, key_tile = 64, key_block = 8, lanes = 16, registers = 16>

// CHECK-LABEL: func @dense
// CHECK: attn.online_attention query(%{{.*}}) key(%{{.*}}) value(%{{.*}}) offsets(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}) live(%{{.*}}) state(%{{.*}}, %{{.*}}, %{{.*}}) {schedule = #attn.schedule<{{.*}}>} : (tensor<64x32xf32>, tensor<?x64xf32>, tensor<?x40xf32>, tensor<32x48xf32>, tensor<32xf32>, tensor<32xf32>) -> (tensor<32x48xf32>, tensor<32xf32>, tensor<32xf32>)
func.func @dense(%q: tensor<64x32xf32>, %k: tensor<?x64xf32>, %v: tensor<?x40xf32>, %i: index,
                 %acc: tensor<32x48xf32>, %max: tensor<32xf32>, %sum: tensor<32xf32>) -> tensor<32x48xf32> {
  %0:3 = attn.online_attention query(%q) key(%k) value(%v) offsets(%i, %i, %i, %i) live(%i) state(%acc, %max, %sum)
      {schedule = #schedule}
      : (tensor<64x32xf32>, tensor<?x64xf32>, tensor<?x40xf32>, tensor<32x48xf32>, tensor<32xf32>, tensor<32xf32>)
      -> (tensor<32x48xf32>, tensor<32xf32>, tensor<32xf32>)
  return %0#0 : tensor<32x48xf32>
}

// Half-precision operands; the state is in the accumulation type.
// CHECK-LABEL: func @regions
// CHECK: state(%{{.*}}, %{{.*}}, %{{.*}}) score(%[[S:.*]]: f32,
// CHECK:   attn.yield %[[S]] : f32
// CHECK: } mask(
// CHECK:   attn.yield %{{.*}} : i1
func.func @regions(%q: tensor<64x16xbf16>, %k: tensor<7x64xbf16>, %v: tensor<7x64xbf16>, %i: index,
                   %acc: tensor<16x64xf32>, %max: tensor<16xf32>, %sum: tensor<16xf32>) -> tensor<16x64xf32> {
  %0:3 = attn.online_attention query(%q) key(%k) value(%v) offsets(%i, %i, %i, %i) live(%i) state(%acc, %max, %sum)
    score(%s: f32, %b: index, %h: index, %qi: index, %kj: index) {
      attn.yield %s : f32
    }
    mask(%b: index, %h: index, %qi: index, %kj: index) {
      %keep = arith.cmpi sle, %kj, %qi : index
      attn.yield %keep : i1
    }
    {schedule = #schedule}
    : (tensor<64x16xbf16>, tensor<7x64xbf16>, tensor<7x64xbf16>, tensor<16x64xf32>, tensor<16xf32>, tensor<16xf32>)
    -> (tensor<16x64xf32>, tensor<16xf32>, tensor<16xf32>)
  return %0#0 : tensor<16x64xf32>
}
