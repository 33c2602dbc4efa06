// RUN: attn-opt %s | attn-opt | FileCheck %s
// RUN: attn-opt %s --mlir-print-op-generic | attn-opt | FileCheck %s

// CHECK-LABEL: func @contiguous
// CHECK: attn.append rows(%{{.*}}) cache(%{{.*}}) positions(%{{.*}}) {layout = "bshd"} : (tensor<?x?x2x64xbf16>, tensor<?x?x2x64xbf16>, tensor<?xi32>) -> tensor<?x?x2x64xbf16>
func.func @contiguous(%new: tensor<?x?x2x64xbf16>, %cache: tensor<?x?x2x64xbf16>, %at: tensor<?xi32>) -> tensor<?x?x2x64xbf16> {
  %0 = attn.append rows(%new) cache(%cache) positions(%at) {layout = "bshd"}
      : (tensor<?x?x2x64xbf16>, tensor<?x?x2x64xbf16>, tensor<?xi32>) -> tensor<?x?x2x64xbf16>
  return %0 : tensor<?x?x2x64xbf16>
}

// Scales of one a row, in a pool.
// CHECK-LABEL: func @scales
// CHECK: attn.append rows(%{{.*}}) cache(%{{.*}}) positions(%{{.*}}) page_table(%{{.*}}) : (tensor<?x2x1xf32>, tensor<?x2x16xf32>, tensor<?xi32>, tensor<?x?xi32>) -> tensor<?x2x16xf32>
func.func @scales(%new: tensor<?x2x1xf32>, %pool: tensor<?x2x16xf32>, %at: tensor<?xi32>, %t: tensor<?x?xi32>) -> tensor<?x2x16xf32> {
  %0 = attn.append rows(%new) cache(%pool) positions(%at) page_table(%t)
      : (tensor<?x2x1xf32>, tensor<?x2x16xf32>, tensor<?xi32>, tensor<?x?xi32>) -> tensor<?x2x16xf32>
  return %0 : tensor<?x2x16xf32>
}
