// Positions in lanes have 32 bits where no length makes a difference, or the entry checks that none does.
// RUN: attn-opt %s --attn-fuse --attn-tile | FileCheck %s --check-prefix=CHECKS
// RUN: attn-opt %s --attn-fuse --attn-tile --attn-decompose | FileCheck %s

// CHECKS-LABEL: func.func @difference
// CHECKS-NOT:     attn.checks
// CHECK-LABEL:  func.func @difference
// CHECK-NOT:      wide_positions
func.func @difference(%q: tensor<?x2x3x8xf32>, %k: tensor<?x2x?x8xf32>) -> tensor<?x2x3x8xf32> {
  %o = attn.attention query(%q) key(%k) value(%k)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %c64 = arith.constant 64 : index
      %d = arith.subi %i, %j : index
      %keep = arith.cmpi sle, %d, %c64 : index
      attn.yield %keep : i1
    } : (tensor<?x2x3x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>) -> tensor<?x2x3x8xf32>
  return %o : tensor<?x2x3x8xf32>
}

// Three queries are few enough.

// CHECKS-LABEL: func.func @sum
// CHECKS-SAME:    attn.checks = ["arg1", "must have at most 1073741824 elements in dimension 2, as a region adds to positions in 32 bits"]
// CHECKS-LABEL: func.func @sum_check
// CHECKS:         %[[SIZE:.*]] = tensor.dim
// CHECKS:         arith.cmpi sgt, %[[SIZE]], %{{.*}} : index
// CHECK-LABEL:  func.func @sum
// CHECK-NOT:      wide_positions
func.func @sum(%q: tensor<?x2x3x8xf32>, %k: tensor<?x2x?x8xf32>) -> tensor<?x2x3x8xf32> {
  %o = attn.attention query(%q) key(%k) value(%k)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %c64 = arith.constant 64 : index
      %end = arith.addi %j, %c64 : index
      %keep = arith.cmpi sge, %end, %i : index
      attn.yield %keep : i1
    } : (tensor<?x2x3x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>) -> tensor<?x2x3x8xf32>
  return %o : tensor<?x2x3x8xf32>
}

// Nothing checks what a function inside of the module is called with.

// CHECK-LABEL:  func.func private @unchecked
// CHECK:          attn.wide_positions
func.func private @unchecked(%q: tensor<?x2x3x8xf32>, %k: tensor<?x2x?x8xf32>) -> tensor<?x2x3x8xf32> {
  %o = attn.attention query(%q) key(%k) value(%k)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %c64 = arith.constant 64 : index
      %end = arith.addi %j, %c64 : index
      %keep = arith.cmpi sge, %end, %i : index
      attn.yield %keep : i1
    } : (tensor<?x2x3x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>) -> tensor<?x2x3x8xf32>
  return %o : tensor<?x2x3x8xf32>
}

// CHECK-LABEL:  func.func @caller
func.func @caller(%q: tensor<?x2x3x8xf32>, %k: tensor<?x2x?x8xf32>) -> tensor<?x2x3x8xf32> {
  %o = func.call @unchecked(%q, %k) : (tensor<?x2x3x8xf32>, tensor<?x2x?x8xf32>) -> tensor<?x2x3x8xf32>
  return %o : tensor<?x2x3x8xf32>
}

// No length makes such a product small enough, nor are so many heads few.

// CHECKS-LABEL: func.func @product
// CHECKS-NOT:     attn.checks
// CHECK-LABEL:  func.func @product
// CHECK:          attn.wide_positions
func.func @product(%q: tensor<?x2x3x8xf32>, %k: tensor<?x2x?x8xf32>) -> tensor<?x2x3x8xf32> {
  %o = attn.attention query(%q) key(%k) value(%k)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %c64 = arith.constant 64 : index
      %end = arith.muli %j, %c64 : index
      %keep = arith.cmpi sge, %end, %i : index
      attn.yield %keep : i1
    } : (tensor<?x2x3x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>) -> tensor<?x2x3x8xf32>
  return %o : tensor<?x2x3x8xf32>
}

// CHECK-LABEL:  func.func @many_heads
// CHECK:          attn.wide_positions
func.func @many_heads(%q: tensor<?x131072x3x8xf32>, %k: tensor<?x2x?x8xf32>) -> tensor<?x131072x3x8xf32> {
  %o = attn.attention query(%q) key(%k) value(%k)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %c32768 = arith.constant 32768 : index
      %end = arith.muli %h, %c32768 : index
      %keep = arith.cmpi sge, %end, %j : index
      attn.yield %keep : i1
    } : (tensor<?x131072x3x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>) -> tensor<?x131072x3x8xf32>
  return %o : tensor<?x131072x3x8xf32>
}
