// Regions lose all that the "bug" (a mask with a remainder) does not need.
// RUN: attn-reduce %s -simplify-regions='test=%S/Inputs/has-remainder.sh' | FileCheck %s

// RUN: not attn-reduce %s -simplify-regions='test=%S/Inputs/has-seven-heads.sh' 2>&1 | FileCheck %s --check-prefix=OTHER
// OTHER: error: the test does not find the whole module interesting

// CHECK-LABEL: func.func @culprit
// CHECK:         attn.attention
// CHECK:           score
// CHECK-NEXT:        attn.yield
// CHECK:           mask
// CHECK-COUNT-3:     arith.
// CHECK-NOT:         arith.
// CHECK:             attn.yield
func.func @culprit(%q: tensor<4x8x16xf32>, %table: tensor<?xf32>, %lengths: tensor<?xi32>, %width: index)
    -> tensor<4x8x16xf32> {
  %o = attn.attention query(%q) key(%q) value(%q)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %d = arith.subi %j, %i : index
      %far = math.absi %d : index
      %near = arith.minsi %far, %width : index
      %x = tensor.extract %table[%near] : tensor<?xf32>
      %y = arith.addf %s, %x : f32
      %cap = arith.constant 3.0 : f32
      %ratio = arith.divf %y, %cap : f32
      %bent = math.tanh %ratio : f32
      %z = arith.mulf %bent, %cap : f32
      attn.yield %z : f32
    }
    mask(%b: index, %h: index, %i: index, %j: index) {
      %c3 = arith.constant 3 : index
      %c16 = arith.constant 16 : index
      %d = arith.subi %i, %j : index
      %near = arith.cmpi sle, %d, %width : index
      %n = tensor.extract %lengths[%b] : tensor<?xi32>
      %length = arith.index_cast %n : i32 to index
      %exists = arith.cmpi slt, %j, %length : index
      %row = arith.divui %i, %c16 : index
      %sum = arith.addi %row, %j : index
      %rest = arith.remui %sum, %c3 : index
      %third = arith.cmpi eq, %rest, %h : index
      %a = arith.andi %near, %exists : i1
      %keep = arith.ori %a, %third : i1
      attn.yield %keep : i1
    }
    : (tensor<4x8x16xf32>, tensor<4x8x16xf32>, tensor<4x8x16xf32>) -> tensor<4x8x16xf32>
  return %o : tensor<4x8x16xf32>
}
