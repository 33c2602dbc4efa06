// RUN: attn-opt %s --attn-split-casts --canonicalize | FileCheck %s

// What wraps in few bits stays so when it is an index again; what fits may go.

// CHECK-LABEL: func @wraps
// CHECK:         mask(%{{.*}}: index, %{{.*}}: index, %[[I:.*]]: index, %[[J:.*]]: index)
// CHECK-NEXT:      %[[FEW:.*]] = arith.index_cast %[[I]] : index to i32
// CHECK-NEXT:      %[[FEWER:.*]] = arith.trunci %[[FEW]] : i32 to i8
// CHECK-NEXT:      %[[AGAIN:.*]] = arith.index_cast %[[FEWER]] : i8 to index
// CHECK-NEXT:      arith.cmpi sle, %[[J]], %[[AGAIN]]
func.func @wraps(%q: tensor<?x8x?x64xf32>, %k: tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%k)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %few = arith.index_cast %i : index to i8
      %larger = arith.maxsi %few, %few : i8
      %again = arith.index_cast %larger : i8 to index
      %word = arith.index_cast %j : index to i32
      %same = arith.index_cast %word : i32 to index
      %keep = arith.cmpi sle, %same, %again : index
      attn.yield %keep : i1
    }
    : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32>
  return %o : tensor<?x8x?x64xf32>
}

// CHECK-LABEL: func @outside
// CHECK-NEXT:    %[[WIDE:.*]] = arith.index_cast %{{.*}} : index to i64
// CHECK-NEXT:    %[[WORD:.*]] = arith.trunci %[[WIDE]] : i64 to i32
// CHECK-NEXT:    %[[AGAIN:.*]] = arith.index_castui %[[WORD]] : i32 to index
// CHECK-NEXT:    return %[[AGAIN]]
func.func @outside(%n: index) -> index {
  %word = arith.index_castui %n : index to i32
  %again = arith.index_castui %word : i32 to index
  return %again : index
}
