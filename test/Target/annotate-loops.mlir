// RUN: attn-opt %s --attn-annotate-loops | FileCheck %s

// The conversions leave the annotation of an scf.for where the translation to LLVM IR does not read it.

#rolled = #llvm.loop_annotation<unroll = <disable = true>>

// CHECK-LABEL: llvm.func @loop
// CHECK:         llvm.cond_br %{{.*}}, ^bb2, ^bb3 {loop_annotation = #loop_annotation}
// CHECK:         llvm.br ^bb1{{.*}} {loop_annotation = #loop_annotation}
llvm.func @loop(%count: i64) {
  %zero = llvm.mlir.constant(0 : i64) : i64
  %one = llvm.mlir.constant(1 : i64) : i64
  llvm.br ^bb1(%zero : i64)
^bb1(%i: i64):
  %more = llvm.icmp "slt" %i, %count : i64
  llvm.cond_br %more, ^bb2, ^bb3 {llvm.loop_annotation = #rolled}
^bb2:
  %next = llvm.add %i, %one : i64
  llvm.br ^bb1(%next : i64) {llvm.loop_annotation = #rolled}
^bb3:
  llvm.return
}
