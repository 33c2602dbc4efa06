// RUN: attn-opt %s | attn-opt | FileCheck %s
// RUN: attn-opt %s --mlir-print-op-generic | attn-opt | FileCheck %s

#schedule = #attn.schedule<kind = "prefill", query_tile = 32, key_tile = 64, key_block = 8, lanes = 16, registers = 16>

// CHECK-LABEL: func @dense
// CHECK: attn.online_attention query(%{{.*}}) key(%{{.*}}) value(%{{.*}}) offsets(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}) live(%{{.*}}) state(%{{.*}}, %{{.*}}, %{{.*}}) {schedule = #attn.schedule<{{.*}}>} : (tensor<64x32xf32>, tensor<?x64xf32>, tensor<?x40xf32>, tensor<32x40xf32>, tensor<32xf32>, tensor<32xf32>) -> (tensor<32x40xf32>, tensor<32xf32>, tensor<32xf32>)
func.func @dense(%q: tensor<64x32xf32>, %k: tensor<?x64xf32>, %v: tensor<?x40xf32>, %i: index,
                 %acc: tensor<32x40xf32>, %max: tensor<32xf32>, %sum: tensor<32xf32>) -> tensor<32x40xf32> {
  %0:3 = attn.online_attention query(%q) key(%k) value(%v) offsets(%i, %i, %i, %i) live(%i) state(%acc, %max, %sum)
      {schedule = #schedule}
      : (tensor<64x32xf32>, tensor<?x64xf32>, tensor<?x40xf32>, tensor<32x40xf32>, tensor<32xf32>, tensor<32xf32>)
      -> (tensor<32x40xf32>, tensor<32xf32>, tensor<32xf32>)
  return %0#0 : tensor<32x40xf32>
}

// The state begins and ends here, in an output of another type.
// CHECK-LABEL: func @begin_end
// CHECK: state(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}) begin(%{{.*}}) end(%{{.*}}) {aux = ["output"], schedule = {{.*}}} : ({{.*}}, tensor<32xf32>, tensor<?x40xf16>) -> (tensor<32x40xf32>, tensor<32xf32>, tensor<32xf32>, tensor<?x40xf16>)
func.func @begin_end(%q: tensor<64x32xf32>, %k: tensor<?x64xf32>, %v: tensor<?x40xf32>, %i: index, %first: i1,
                     %last: i1, %acc: tensor<32x40xf32>, %max: tensor<32xf32>, %sum: tensor<32xf32>,
                     %out: tensor<?x40xf16>) -> tensor<?x40xf16> {
  %0:4 = attn.online_attention query(%q) key(%k) value(%v) offsets(%i, %i, %i, %i) live(%i)
      state(%acc, %max, %sum, %out) begin(%first) end(%last) {schedule = #schedule, aux = ["output"]}
      : (tensor<64x32xf32>, tensor<?x64xf32>, tensor<?x40xf32>, tensor<32x40xf32>, tensor<32xf32>, tensor<32xf32>,
         tensor<?x40xf16>)
      -> (tensor<32x40xf32>, tensor<32xf32>, tensor<32xf32>, tensor<?x40xf16>)
  return %0#3 : tensor<?x40xf16>
}

// Pairs of bf16 side by side, of features in the query and of keys in the value; the state is in the accumulation type.
// CHECK-LABEL: func @regions
// CHECK: state(%{{.*}}, %{{.*}}, %{{.*}}) score(%[[S:.*]]: f32,
// CHECK:   attn.yield %[[S]] : f32
// CHECK: } mask(
// CHECK:   attn.yield %{{.*}} : i1
// CHECK: scale = 2.500000e-01 : f64, {{.*}} dot = 2>
func.func @regions(%q: tensor<32x32xbf16>, %k: tensor<7x64xbf16>, %v: tensor<4x128xbf16>, %i: index,
                   %acc: tensor<16x64xf32>, %max: tensor<16xf32>, %sum: tensor<16xf32>) -> tensor<16x64xf32> {
  %0:3 = attn.online_attention query(%q) key(%k) value(%v) offsets(%i, %i, %i, %i) live(%i) state(%acc, %max, %sum)
    score(%s: f32, %b: index, %h: index, %qi: index, %kj: index) {
      attn.yield %s : f32
    }
    mask(%b: index, %h: index, %qi: index, %kj: index) {
      %keep = arith.cmpi sle, %kj, %qi : index
      attn.yield %keep : i1
    }
    {scale = 0.25 : f64,
     schedule = #attn.schedule<kind = "prefill", query_tile = 16, key_tile = 64, key_block = 8, lanes = 16,
                               registers = 16, dot = 2>}
    : (tensor<32x32xbf16>, tensor<7x64xbf16>, tensor<4x128xbf16>, tensor<16x64xf32>, tensor<16xf32>, tensor<16xf32>)
    -> (tensor<16x64xf32>, tensor<16xf32>, tensor<16xf32>)
  return %0#0 : tensor<16x64xf32>
}

// Keys and values through regions; four heads of a group in the rows, keys in the lanes.
// CHECK-LABEL: func @loads
// CHECK: attn.online_attention query(%{{.*}}) keys(%[[N:.*]]) offsets
// CHECK: load_key(%[[J:.*]]: index, %[[D:.*]]: index) {
// CHECK: } load_value(
// CHECK: group = 4 : i64
func.func @loads(%q: tensor<4x64xf32>, %k: tensor<?x64xi8>, %v: tensor<?x64xf16>, %n: index, %i: index,
                 %acc: tensor<4x64xf32>, %max: tensor<4xf32>, %sum: tensor<4x16xf32>) -> tensor<4x64xf32> {
  %0:3 = attn.online_attention query(%q) keys(%n) offsets(%i, %i, %i, %i) live(%i) state(%acc, %max, %sum)
    load_key(%j: index, %d: index) {
      %x = tensor.extract %k[%j, %d] : tensor<?x64xi8>
      %f = arith.sitofp %x : i8 to f32
      attn.yield %f : f32
    }
    load_value(%j: index, %d: index) {
      %x = tensor.extract %v[%j, %d] : tensor<?x64xf16>
      %f = arith.extf %x : f16 to f32
      attn.yield %f : f32
    }
    {group = 4 : i64,
     schedule = #attn.schedule<kind = "decode", query_tile = 4, key_tile = 64, key_block = 16, lanes = 16,
                               registers = 16, split = 512>}
    : (tensor<4x64xf32>, tensor<4x64xf32>, tensor<4xf32>, tensor<4x16xf32>)
    -> (tensor<4x64xf32>, tensor<4xf32>, tensor<4x16xf32>)
  return %0#0 : tensor<4x64xf32>
}
