// RUN: attn-opt %s --attn-attach-target=target=x86-64-v4 --attn-expand-exp2 | FileCheck %s --check-prefixes=CHECK,V4
// RUN: attn-opt %s --attn-attach-target=target=x86-64-v3 --attn-expand-exp2 | FileCheck %s --check-prefixes=CHECK,V3

// Six coefficients, read through a pointer that the optimiser cannot see through.

// CHECK: llvm.mlir.global internal constant @attn_exp2_coefficients(dense<[{{[^]]*}}]> : tensor<6xf32>)
// CHECK-LABEL: func @lanes16
// V4:        llvm.call_intrinsic "llvm.x86.avx512.mask.reduce.ps.512"(%arg0
// CHECK:     %[[TABLE:.*]] = llvm.mlir.addressof @attn_exp2_coefficients
// CHECK:     %[[P:.*]] = llvm.inline_asm has_side_effects "", "=r,0" %[[TABLE]]
// V4-COUNT-5: arith.addf
// V4:        llvm.call_intrinsic "llvm.x86.avx512.mask.scalef.ps.512"
// V3-NOT:    avx512
// CHECK-NOT: math.exp2
func.func @lanes16(%x: vector<16xf32>) -> vector<16xf32> {
  %0 = math.exp2 %x : vector<16xf32>
  return %0 : vector<16xf32>
}

// Other widths: the integer part goes into the exponent bits.

// What is too large gives infinity, and does not reach the sign.

// CHECK-LABEL: func @lanes8
// CHECK:         %[[LOW:.*]] = arith.constant dense<-1.265000e+02>
// CHECK:         arith.cmpf olt, %{{.*}}, %[[LOW]]
// CHECK:         %[[HIGH:.*]] = arith.constant dense<1.285000e+02>
// CHECK:         arith.cmpf ogt, %{{.*}}, %[[HIGH]]
// CHECK:         arith.bitcast %{{.*}} : vector<8xf32> to vector<8xi32>
// CHECK:         arith.shli
// CHECK:         arith.bitcast %{{.*}} : vector<8xi32> to vector<8xf32>
func.func @lanes8(%x: vector<8xf32>) -> vector<8xf32> {
  %0 = math.exp2 %x : vector<8xf32>
  return %0 : vector<8xf32>
}

// Doubles have a polynomial of their own, and what is rounded to bf16 a shorter one.

// CHECK-LABEL: func @lengths
// CHECK:         llvm.mlir.addressof @attn_exp2_f64_coefficients
// V4:            "llvm.x86.avx512.mask.scalef.pd.512"
// CHECK:         llvm.mlir.addressof @attn_exp2_bf16_coefficients
func.func @lengths(%d: vector<8xf64>, %x: vector<16xf32>) -> (vector<8xf64>, vector<16xf32>) {
  %0 = math.exp2 %d : vector<8xf64>
  %1 = math.exp2 %x {attn.rounded_to_bf16} : vector<16xf32>
  return %0, %1 : vector<8xf64>, vector<16xf32>
}

// Scalars are left to libm.

// CHECK-LABEL: func @others
// CHECK-COUNT-2: math.exp2
func.func @others(%s: f32, %e: f64) -> (f32, f64) {
  %0 = math.exp2 %s : f32
  %2 = math.exp2 %e : f64
  return %0, %2 : f32, f64
}
