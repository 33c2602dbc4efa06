// RUN: attn-opt %s --attn-emit-checks --canonicalize -split-input-file -verify-diagnostics | FileCheck %s

// Starts rise from 0 to the length.

// CHECK-LABEL: func @packed
// CHECK-SAME:    attn.checks = ["qs", "must have at least one element", "qs", "must be 0", "qs", "must not be less than the one before", "qs", "must be the number of queries", "arg3"
// CHECK-LABEL: func @packed_check
// CHECK-SAME:    -> i64 attributes {attn.check_of = @packed}
// CHECK:         scf.for
// CHECK:           arith.cmpi slt
// CHECK:         return %{{.*}} : i64
func.func @packed(%q: tensor<?x8x64xf32>, %k: tensor<?x2x64xf32>, %qs: tensor<?xi32> {attn.name = "qs"}, %ks: tensor<?xi32>)
    -> tensor<?x8x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%k) query_starts(%qs) key_starts(%ks) {layout = "shd"}
      : (tensor<?x8x64xf32>, tensor<?x2x64xf32>, tensor<?x2x64xf32>, tensor<?xi32>, tensor<?xi32>) -> tensor<?x8x64xf32>
  return %o : tensor<?x8x64xf32>
}

// -----

// Of a table, the part that the analysis leaves; what is no page is asked of the mask.

// CHECK-LABEL: func @paged
// CHECK-SAME:    attn.checks = ["table", "must be a page of the pool"]
// CHECK-LABEL: func @paged_check
// CHECK-SAME:    %[[T:[a-z0-9]*]]: tensor<?x?xi32>, %[[LENGTHS:[a-z0-9]*]]: tensor<?xi32>
// CHECK:         tensor.extract %[[LENGTHS]]
// CHECK:         scf.for
// CHECK:           %[[PAGE:.*]] = tensor.extract
// CHECK:           %[[INDEX:.*]] = arith.index_cast %[[PAGE]]
// CHECK:           %[[BAD:.*]] = arith.cmpi uge, %[[INDEX]]
// CHECK:           scf.if %[[BAD]]
// CHECK:             tensor.extract %[[LENGTHS]]
func.func @paged(%q: tensor<?x4x?x64xf32>, %k: tensor<?x2x16x64xf32>, %t: tensor<?x?xi32> {attn.name = "table"},
                 %lengths: tensor<?xi32>) -> tensor<?x4x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%k) page_table(%t)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %l = tensor.extract %lengths[%b] : tensor<?xi32>
      %n = arith.index_cast %l : i32 to index
      %keep = arith.cmpi slt, %j, %n : index
      attn.yield %keep : i1
    }
    : (tensor<?x4x?x64xf32>, tensor<?x2x16x64xf32>, tensor<?x2x16x64xf32>, tensor<?x?xi32>) -> tensor<?x4x?x64xf32>
  return %o : tensor<?x4x?x64xf32>
}

// -----

// Nothing to check, no function.

// CHECK-LABEL: func @plain
// CHECK-NOT:   func
func.func @plain(%q: tensor<8x?x64xf32>) -> tensor<8x?x64xf32> {
  %o = attn.attention query(%q) key(%q) value(%q)
      : (tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?x64xf32>) -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}

// -----

func.func @computed(%q: tensor<8x?x64xf32>, %all: tensor<?xi32>) -> tensor<8x?x64xf32> {
  %s = tensor.extract_slice %all[0] [5] [1] : tensor<?xi32> to tensor<5xi32>
  // expected-error @+1 {{query_starts that are no argument of the function 'computed' are not supported, as nothing checks them}}
  %o = attn.attention query(%q) key(%q) value(%q) query_starts(%s) key_starts(%s)
      : (tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<5xi32>, tensor<5xi32>) -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}
