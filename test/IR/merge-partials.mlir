// RUN: attn-opt %s | attn-opt | FileCheck %s
// RUN: attn-opt %s --mlir-print-op-generic | attn-opt | FileCheck %s

// One shard and a stack of them, into fewer bits, with the LSE of all.
// CHECK-LABEL: func @mixed
// CHECK: attn.merge_partials outputs(%{{.*}}, %{{.*}}) lses(%{{.*}}, %{{.*}}) {aux = ["lse"]} : (tensor<?x8x?x64xf32>, tensor<?x?x8x?x64xf32>, tensor<?x8x?xf32>, tensor<?x?x8x?xf32>) -> (tensor<?x8x?x64xbf16>, tensor<?x8x?xf32>)
func.func @mixed(%mine: tensor<?x8x?x64xf32>, %others: tensor<?x?x8x?x64xf32>, %mine_lse: tensor<?x8x?xf32>,
                 %others_lse: tensor<?x?x8x?xf32>) -> tensor<?x8x?x64xbf16> {
  %o, %lse = attn.merge_partials outputs(%mine, %others) lses(%mine_lse, %others_lse) {aux = ["lse"]}
      : (tensor<?x8x?x64xf32>, tensor<?x?x8x?x64xf32>, tensor<?x8x?xf32>, tensor<?x?x8x?xf32>)
      -> (tensor<?x8x?x64xbf16>, tensor<?x8x?xf32>)
  return %o : tensor<?x8x?x64xbf16>
}

// Without a batch, heads last but one. A stack of rank 4 is none of rank 3.
// CHECK-LABEL: func @no_batch
// CHECK: attn.merge_partials outputs(%{{.*}}) lses(%{{.*}}) {layout = "shd"} : (tensor<3x?x8x64xf64>, tensor<3x8x?xf64>) -> tensor<?x8x64xf64>
func.func @no_batch(%o: tensor<3x?x8x64xf64>, %l: tensor<3x8x?xf64>) -> tensor<?x8x64xf64> {
  %0 = attn.merge_partials outputs(%o) lses(%l) {layout = "shd"}
      : (tensor<3x?x8x64xf64>, tensor<3x8x?xf64>) -> tensor<?x8x64xf64>
  return %0 : tensor<?x8x64xf64>
}
