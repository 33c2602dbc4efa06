// RUN: attn-opt %s --attn-attach-target=target=x86-64-v2 --attn-expand-conversions | FileCheck %s --check-prefixes=CHECK,NONE
// RUN: attn-opt %s --attn-expand-conversions | FileCheck %s --check-prefixes=CHECK,NONE
// RUN: attn-opt %s --attn-attach-target=target=x86-64-v3 --attn-expand-conversions | FileCheck %s --check-prefixes=CHECK,F16
// RUN: attn-opt %s --attn-attach-target=target=avx512-bf16 --attn-expand-conversions | FileCheck %s --check-prefixes=CHECK,BF16

// bf16 is the upper half of f32, on every target.
// CHECK-LABEL: func.func @extend_bf16
// CHECK: %[[BITS:.+]] = arith.bitcast %{{.+}} : vector<16xbf16> to vector<16xi16>
// CHECK: %[[WIDE:.+]] = arith.extui %[[BITS]]
// CHECK: %[[HIGH:.+]] = arith.shli %[[WIDE]], %{{.+}} : vector<16xi32>
// CHECK: %[[Y:.+]] = arith.bitcast %[[HIGH]] : vector<16xi32> to vector<16xf32>
// CHECK: return %[[Y]]
func.func @extend_bf16(%x: vector<16xbf16>) -> vector<16xf32> {
  %y = arith.extf %x : vector<16xbf16> to vector<16xf32>
  return %y : vector<16xf32>
}

// CHECK-LABEL: func.func @truncate_bf16
// NONE-NOT: arith.truncf
// F16-NOT: arith.truncf
// BF16: arith.truncf %{{.+}} : vector<16xf32> to vector<16xbf16>
func.func @truncate_bf16(%x: vector<16xf32>) -> vector<16xbf16> {
  %y = arith.truncf %x : vector<16xf32> to vector<16xbf16>
  return %y : vector<16xbf16>
}

// A small integer needs no rounding: the upper half of its f32.
// CHECK-LABEL: func.func @from_i8
// CHECK: %[[F32:.+]] = arith.sitofp %{{.+}} : vector<16xi8> to vector<16xf32>
// CHECK: %[[HALVES:.+]] = vector.bitcast %[[F32]] : vector<16xf32> to vector<32xbf16>
// CHECK: %{{.+}}, %[[UPPER:.+]] = vector.deinterleave %[[HALVES]]
// CHECK: return %[[UPPER]]
func.func @from_i8(%x: vector<16xi8>) -> vector<16xbf16> {
  %y = arith.sitofp %x : vector<16xi8> to vector<16xf32>
  %z = arith.truncf %y : vector<16xf32> to vector<16xbf16>
  return %z : vector<16xbf16>
}

// Shifted down by 24, an i32 has eight bits; by 23, one too many.
// CHECK-LABEL: func.func @from_shifted
// CHECK: vector.deinterleave
// CHECK-NOT: vector.deinterleave
func.func @from_shifted(%x: vector<16xi32>) -> (vector<16xbf16>, vector<16xbf16>) {
  %c24 = arith.constant dense<24> : vector<16xi32>
  %c23 = arith.constant dense<23> : vector<16xi32>
  %a = arith.shrsi %x, %c24 : vector<16xi32>
  %b = arith.shrsi %x, %c23 : vector<16xi32>
  %c = arith.sitofp %a : vector<16xi32> to vector<16xf32>
  %d = arith.sitofp %b : vector<16xi32> to vector<16xf32>
  %e = arith.truncf %c : vector<16xf32> to vector<16xbf16>
  %f = arith.truncf %d : vector<16xf32> to vector<16xbf16>
  return %e, %f : vector<16xbf16>, vector<16xbf16>
}

// CHECK-LABEL: func.func @extend_f16
// NONE-NOT: arith.extf
// F16: arith.extf
// BF16: arith.extf
func.func @extend_f16(%x: f16) -> f32 {
  %y = arith.extf %x : f16 to f32
  return %y : f32
}

// f64 is rounded once. No target has an instruction from f64 to f16.
// CHECK-LABEL: func.func @truncate_f64
// CHECK: %[[NEAREST:.+]] = arith.truncf %[[X:.+]] : vector<8xf64> to vector<8xf32>
// CHECK: %[[BACK:.+]] = arith.extf %[[NEAREST]]
// CHECK: %[[INEXACT:.+]] = arith.cmpf one, %[[BACK]], %[[X]]
// CHECK: %[[ODD:.+]] = arith.select %[[INEXACT]]
// CHECK: arith.bitcast %[[ODD]] : vector<8xi32> to vector<8xf32>
// NONE-NOT: arith.truncf
// F16: arith.truncf %{{.+}} : vector<8xf32> to vector<8xf16>
func.func @truncate_f64(%x: vector<8xf64>) -> vector<8xf16> {
  %y = arith.truncf %x : vector<8xf64> to vector<8xf16>
  return %y : vector<8xf16>
}

// CHECK-LABEL: func.func @fma
// CHECK: math.fma %{{.+}} : vector<16xf32>
func.func @fma(%x: vector<16xbf16>) -> vector<16xbf16> {
  %y = math.fma %x, %x, %x : vector<16xbf16>
  return %y : vector<16xbf16>
}

// Another rounding, and other types, are not ours.
// CHECK-LABEL: func.func @others
// CHECK: arith.truncf %{{.+}} upward : f32 to bf16
// CHECK: arith.truncf %{{.+}} : f64 to f32
func.func @others(%x: f32, %z: f64) -> (bf16, f32) {
  %y = arith.truncf %x upward : f32 to bf16
  %w = arith.truncf %z : f64 to f32
  return %y, %w : bf16, f32
}
