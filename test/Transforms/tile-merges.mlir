// RUN: attn-opt %s --attn-tile-merges | FileCheck %s
// RUN: attn-opt %s --attn-fuse --attn-tile --attn-decompose --attn-vectorize --attn-bufferize | FileCheck %s --check-prefix=BUFFERS

// A task of 32 queries of a head reads every shard of a stack, and then the one beside it.

// CHECK-LABEL: func @mixed
// CHECK-SAME:    %[[ONE:[a-z0-9]*]]: tensor<?x8x?x64xbf16>, %[[STACK:[a-z0-9]*]]: tensor<?x?x8x?x64xf32>, %[[LSE:[a-z0-9]*]]: tensor<?x8x?xf32>, %[[LSES:[a-z0-9]*]]: tensor<?x?x8x?xf32>
// CHECK:         scf.forall (%{{.*}}, %{{.*}}, %{{.*}}) in (%{{.*}}, 8, %{{.*}})
// CHECK:           linalg.fill ins(%{{.*}} : f32)
// CHECK:           tensor.extract_slice %[[LSE]]
// CHECK:           scf.for
// CHECK:             tensor.extract_slice %[[LSES]]
// CHECK:             arith.cmpf ogt
// The one shard: weights on vectors, then each row that has live keys.
// CHECK:           math.exp2
// CHECK:           tensor.extract_slice %[[ONE]]
// CHECK:           scf.for
// CHECK:             scf.if
// CHECK:               arith.extf
// The stack.
// CHECK:           scf.for
// CHECK:             math.exp2
// CHECK:             tensor.extract_slice %[[STACK]]
// CHECK:             scf.for
// CHECK:               scf.if
// CHECK:           arith.divf
// CHECK:           math.log
// CHECK-NOT:     attn.merge_partials

// No copies, and nothing in a task whose size is not known.
// BUFFERS-LABEL: func @mixed
// BUFFERS-NOT:     linalg
// BUFFERS-NOT:     memref.copy
// BUFFERS-NOT:     memref.alloc({{.+}})
func.func @mixed(%one: tensor<?x8x?x64xbf16>, %stack: tensor<?x?x8x?x64xf32>, %lse: tensor<?x8x?xf32>, %lses: tensor<?x?x8x?xf32>)
    -> (tensor<?x8x?x64xbf16>, tensor<?x8x?xf32>) {
  %0, %1 = attn.merge_partials outputs(%one, %stack) lses(%lse, %lses) {aux = ["lse"]}
      : (tensor<?x8x?x64xbf16>, tensor<?x?x8x?x64xf32>, tensor<?x8x?xf32>, tensor<?x?x8x?xf32>)
      -> (tensor<?x8x?x64xbf16>, tensor<?x8x?xf32>)
  return %0, %1 : tensor<?x8x?x64xbf16>, tensor<?x8x?xf32>
}
