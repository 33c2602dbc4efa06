// RUN: attn-opt %s --attn-attach-target=target=x86-64-v4 --attn-lower-nibbles | FileCheck %s --check-prefixes=CHECK,AVX512
// RUN: attn-opt %s --attn-attach-target=target=x86-64-v3 --attn-lower-nibbles | FileCheck %s --check-prefixes=CHECK,NONE

// What attn-unpack-nibbles leaves of the low and the high halves of 16 bytes: positions in a table of 16 f32, of which the
// lowest four bits count.

// CHECK-LABEL: func.func @f32
// CHECK-SAME:    %[[BYTES:.+]]: vector<16xi8>
// AVX512-NOT:    arith.sitofp
// AVX512:        %[[LOW:.+]] = arith.extui %[[BYTES]] : vector<16xi8> to vector<16xi32>
// AVX512-NEXT:   %[[TABLE:.+]] = arith.constant dense<[0.000000e+00, 1.000000e+00, {{.*}}7.000000e+00, -8.000000e+00, -7.000000e+00, {{.*}}-1.000000e+00]> : vector<16xf32>
// AVX512-NEXT:   llvm.call_intrinsic "llvm.x86.avx512.permvar.sf.512"(%[[TABLE]], %[[LOW]])
// AVX512:        %[[BOTH:.+]] = arith.extui %[[BYTES]] : vector<16xi8> to vector<16xi32>
// AVX512-NEXT:   %[[FOUR:.+]] = arith.constant dense<4> : vector<16xi32>
// AVX512-NEXT:   %[[HIGH:.+]] = arith.shrui %[[BOTH]], %[[FOUR]] : vector<16xi32>
// AVX512:        llvm.call_intrinsic "llvm.x86.avx512.permvar.sf.512"(%{{.+}}, %[[HIGH]])
// NONE-COUNT-2:  arith.sitofp
func.func @f32(%bytes: vector<16xi8>) -> (vector<16xf32>, vector<16xf32>) {
  %c24 = arith.constant dense<24> : vector<16xi32>
  %c28 = arith.constant dense<28> : vector<16xi32>
  %wide = arith.extsi %bytes : vector<16xi8> to vector<16xi32>
  %a = arith.shli %wide, %c28 : vector<16xi32>
  %b = arith.shrsi %a, %c28 : vector<16xi32>
  %low = arith.sitofp %b : vector<16xi32> to vector<16xf32>
  %c = arith.shli %wide, %c24 : vector<16xi32>
  %d = arith.shrsi %c, %c28 : vector<16xi32>
  %high = arith.sitofp %d : vector<16xi32> to vector<16xf32>
  return %low, %high : vector<16xf32>, vector<16xf32>
}

// 32 of bf16, with a rounding or without: the table twice, as the fifth bit counts too.
// CHECK-LABEL: func.func @bf16
// AVX512:        arith.constant dense<[0.000000e+00, {{.*}}-1.000000e+00, 0.000000e+00, {{.*}}-1.000000e+00]> : vector<32xbf16>
// AVX512:        llvm.call_intrinsic "llvm.x86.avx512.permvar.hi.512"
// AVX512:        llvm.call_intrinsic "llvm.x86.avx512.permvar.hi.512"
// AVX512-NOT:    arith.sitofp
func.func @bf16(%bytes: vector<32xi8>) -> (vector<32xbf16>, vector<32xbf16>) {
  %c28 = arith.constant dense<28> : vector<32xi32>
  %wide = arith.extsi %bytes : vector<32xi8> to vector<32xi32>
  %a = arith.shli %wide, %c28 : vector<32xi32>
  %b = arith.shrsi %a, %c28 : vector<32xi32>
  %f32 = arith.sitofp %b : vector<32xi32> to vector<32xf32>
  %x = arith.truncf %f32 : vector<32xf32> to vector<32xbf16>
  %y = arith.sitofp %b : vector<32xi32> to vector<32xbf16>
  return %x, %y : vector<32xbf16>, vector<32xbf16>
}

// Not a half of a byte; not a whole register; not of bytes.
// CHECK-LABEL: func.func @others
// CHECK-COUNT-3: arith.sitofp
func.func @others(%bytes: vector<16xi8>, %few: vector<8xi8>, %words: vector<16xi16>) -> (vector<16xf32>, vector<8xf32>, vector<16xf32>) {
  %c26 = arith.constant dense<26> : vector<16xi32>
  %c28 = arith.constant dense<28> : vector<16xi32>
  %d28 = arith.constant dense<28> : vector<8xi32>
  %a = arith.extsi %bytes : vector<16xi8> to vector<16xi32>
  %b = arith.shli %a, %c26 : vector<16xi32>
  %c = arith.shrsi %b, %c28 : vector<16xi32>
  %x = arith.sitofp %c : vector<16xi32> to vector<16xf32>
  %d = arith.extsi %few : vector<8xi8> to vector<8xi32>
  %e = arith.shli %d, %d28 : vector<8xi32>
  %f = arith.shrsi %e, %d28 : vector<8xi32>
  %y = arith.sitofp %f : vector<8xi32> to vector<8xf32>
  %g = arith.extsi %words : vector<16xi16> to vector<16xi32>
  %h = arith.shli %g, %c28 : vector<16xi32>
  %i = arith.shrsi %h, %c28 : vector<16xi32>
  %z = arith.sitofp %i : vector<16xi32> to vector<16xf32>
  return %x, %y, %z : vector<16xf32>, vector<8xf32>, vector<16xf32>
}
