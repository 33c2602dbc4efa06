// RUN: attn-opt %s --attn-expand-appends | FileCheck %s
// RUN: attn-opt %s --attn-update-in-place --attn-expand-appends --attn-bufferize | FileCheck %s --check-prefix=BUFFERS

// All rows of a batch at once.

// CHECK-LABEL: func @contiguous
// CHECK-SAME:    %[[NEW:.*]]: tensor<?x2x?x64xf32>, %[[CACHE:.*]]: tensor<?x2x?x64xf32>, %[[AT:.*]]: tensor<?xi32>
// CHECK:         scf.for %[[B:[a-z0-9]+]] = {{.*}} iter_args(%[[C:[a-z0-9]+]] = %[[CACHE]])
// CHECK:           %[[P:.*]] = tensor.extract %[[AT]][%[[B]]]
// CHECK:           %[[I:.*]] = arith.index_cast %[[P]]
// CHECK:           %[[ROWS:.*]] = tensor.extract_slice %[[NEW]][%[[B]], 0, %{{.*}}, 0] [1, 2, %[[N:.*]], 64]
// CHECK:           tensor.insert_slice %[[ROWS]] into %[[C]][%[[B]], 0, %[[I]], 0] [1, 2, %[[N]], 64]

// The rows, into the caller's memory.
// BUFFERS-LABEL: func @contiguous
// BUFFERS-SAME:    %{{[a-z0-9]*}}: memref<{{[^%]*}}>, %[[CACHE:[a-z0-9]*]]: memref<{{[^%]*}}>, %{{[a-z0-9]*}}: memref<{{[^%]*}}>)
// BUFFERS-NOT:     memref.alloc
// BUFFERS:         vector.transfer_write %{{.*}}, %[[CACHE]]
func.func @contiguous(%new: tensor<?x2x?x64xf32>, %cache: tensor<?x2x?x64xf32>, %at: tensor<?xi32>) -> tensor<?x2x?x64xf32> {
  %0 = attn.append rows(%new) cache(%cache) positions(%at)
      : (tensor<?x2x?x64xf32>, tensor<?x2x?x64xf32>, tensor<?xi32>) -> tensor<?x2x?x64xf32>
  return %0 : tensor<?x2x?x64xf32>
}

// A page for each row.

// CHECK-LABEL: func @paged
// CHECK-SAME:    %[[NEW:.*]]: tensor<?x?x2xf32>, %[[CACHE:.*]]: tensor<?x16x2xf32>, %[[AT:.*]]: tensor<?xi32>, %[[T:.*]]: tensor<?x?xi32>
// CHECK:         scf.for %[[B:[a-z0-9]+]] =
// CHECK:           scf.for %[[R:[a-z0-9]+]] =
// CHECK:             arith.divui
// CHECK:             tensor.extract %[[T]][%[[B]], %{{.*}}]
// CHECK:             %[[ROW:.*]] = arith.remui
// CHECK:             tensor.extract_slice %[[NEW]][%[[B]], %[[R]], 0] [1, 1, 2]
// CHECK:             tensor.insert_slice %{{.*}}[%{{.*}}, %[[ROW]], 0] [1, 1, 2]
func.func @paged(%new: tensor<?x?x2xf32>, %cache: tensor<?x16x2xf32>, %at: tensor<?xi32>, %t: tensor<?x?xi32>) -> tensor<?x16x2xf32> {
  %0 = attn.append rows(%new) cache(%cache) positions(%at) page_table(%t) {layout = "bsh"}
      : (tensor<?x?x2xf32>, tensor<?x16x2xf32>, tensor<?xi32>, tensor<?x?xi32>) -> tensor<?x16x2xf32>
  return %0 : tensor<?x16x2xf32>
}
