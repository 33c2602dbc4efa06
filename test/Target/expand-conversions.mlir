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
