// What a target cannot convert is bits: nothing takes them apart and rounds them again.
// RUN: attn-opt %s --attn-attach-target=target=x86-64-v2 --attn-halves-to-integers | FileCheck %s --check-prefixes=CHECK,V2
// RUN: attn-opt %s --attn-attach-target=target=x86-64-v3 --attn-halves-to-integers | FileCheck %s --check-prefixes=CHECK,V3
// RUN: attn-opt %s --attn-attach-target=target=avx512-bf16 --attn-halves-to-integers | FileCheck %s --check-prefix=NATIVE

// CHECK:  llvm.mlir.global internal @table(dense<[16256, 16384]> : tensor<2xi16>) {{.*}} : !llvm.array<2 x i16>
// NATIVE: llvm.mlir.global internal @table(dense<[1.000000e+00, 2.000000e+00]> : tensor<2xbf16>)
llvm.mlir.global internal @table(dense<[1.0, 2.0]> : tensor<2xbf16>) : !llvm.array<2 x bf16>

// CHECK-LABEL: llvm.func @bf16
// CHECK:         %[[ONE:.*]] = llvm.mlir.constant(16256 : i16) : i16
// CHECK:         %[[ZEROS:.*]] = llvm.mlir.constant(dense<0> : vector<8xi16>) : vector<8xi16>
// CHECK:         %[[PLACE:.*]] = llvm.getelementptr %{{.*}}[%{{.*}}] : (!llvm.ptr, i64) -> !llvm.ptr, i16
// CHECK:         llvm.insertelement %[[ONE]], %[[ZEROS]]
// CHECK:         llvm.intr.masked.store %{{.*}}, %[[PLACE]], %{{.*}} : vector<8xi16>, vector<8xi1> into !llvm.ptr
// NATIVE-LABEL: llvm.func @bf16
// NATIVE:        llvm.intr.masked.store %{{.*}} : vector<8xbf16>
llvm.func @bf16(%p: !llvm.ptr, %n: i64, %m: vector<8xi1>) {
  %one = llvm.mlir.constant(1.0 : bf16) : bf16
  %zeros = llvm.mlir.constant(dense<0.0> : vector<8xbf16>) : vector<8xbf16>
  %place = llvm.getelementptr %p[%n] : (!llvm.ptr, i64) -> !llvm.ptr, bf16
  %x = llvm.insertelement %one, %zeros[%n : i64] : vector<8xbf16>
  llvm.intr.masked.store %x, %place, %m {alignment = 2 : i32} : vector<8xbf16>, vector<8xi1> into !llvm.ptr
  llvm.return
}

// CHECK-LABEL: llvm.func @f16
// V2:            llvm.load %{{.*}} : !llvm.ptr -> vector<8xi16>
// V3:            llvm.load %{{.*}} : !llvm.ptr -> vector<8xf16>
// NATIVE-LABEL: llvm.func @f16
// NATIVE:        llvm.load %{{.*}} : !llvm.ptr -> vector<8xf16>
llvm.func @f16(%p: !llvm.ptr, %to: !llvm.ptr) {
  %x = llvm.load %p : !llvm.ptr -> vector<8xf16>
  llvm.store %x, %to : vector<8xf16>, !llvm.ptr
  llvm.return
}
