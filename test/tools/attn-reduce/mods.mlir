// What regions apply by name is reduced like what they hold.
// RUN: split-file %s %t
// RUN: attn-reduce %t/module.mlir -simplify-regions='test=%S/Inputs/has-remainder.sh mods=%t/own.mlir' | FileCheck %s
// RUN: not attn-reduce %t/module.mlir -simplify-regions='test=%S/Inputs/has-remainder.sh mods=%t/none.mlir' 2>&1 | FileCheck %s --check-prefix=NONE
// NONE: error: {{.*}}none.mlir

// CHECK-NOT:   private
// CHECK-LABEL: func.func @culprit
// CHECK:         score
// CHECK-NEXT:      attn.yield
// CHECK:         mask
// CHECK-NEXT:      arith.constant
// CHECK-NEXT:      arith.remui
// CHECK-NEXT:      arith.cmpi
// CHECK-NEXT:      attn.yield

//--- module.mlir
func.func @culprit(%q: tensor<4x8x16xf32>) -> tensor<4x8x16xf32> {
  %o = attn.attention query(%q) key(%q) value(%q)
    score(@softcap(30.0))
    mask(%b: index, %h: index, %i: index, %j: index) {
      %c3 = arith.constant 3 : index
      %every = attn.apply @own(%b, %h, %i, %j, %c3) : (index, index, index, index, index) -> i1
      %rest = arith.remui %i, %c3 : index
      %even = arith.cmpi ne, %rest, %j : index
      %keep = arith.ori %every, %even : i1
      attn.yield %keep : i1
    }
    : (tensor<4x8x16xf32>, tensor<4x8x16xf32>, tensor<4x8x16xf32>) -> tensor<4x8x16xf32>
  return %o : tensor<4x8x16xf32>
}
//--- own.mlir
func.func private @own(%b: index, %h: index, %i: index, %j: index, %n: index) -> i1 {
  %near = arith.addi %j, %n : index
  %keep = arith.cmpi sge, %near, %i : index
  return %keep : i1
}
