// RUN: attn-opt %s | attn-opt | FileCheck %s
// RUN: attn-opt %s --mlir-print-op-generic | attn-opt | FileCheck %s

// CHECK-LABEL: func @linear
// CHECK: attn.linear_attention query(%{{.*}}) key(%{{.*}}) value(%{{.*}}) : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32>
func.func @linear(%q: tensor<?x8x?x64xf32>, %k: tensor<?x8x?x64xf32>, %v: tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32> {
  %o = attn.linear_attention query(%q) key(%k) value(%v)
    : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32>
  return %o : tensor<?x8x?x64xf32>
}

// RetNet: a decay for each head. The output may be wider than the query.
// CHECK-LABEL: func @heads
// CHECK: attn.linear_attention query(%{{.*}}) key(%{{.*}}) value(%{{.*}}) decay(%{{.*}}) {layout = "bshd"} : (tensor<2x?x8x64xbf16>, tensor<2x?x2x64xf16>, tensor<2x?x2x32xf32>, tensor<2xf32>) -> tensor<2x?x8x32xf32>
func.func @heads(%q: tensor<2x?x8x64xbf16>, %k: tensor<2x?x2x64xf16>, %v: tensor<2x?x2x32xf32>, %g: tensor<2xf32>) -> tensor<2x?x8x32xf32> {
  %o = attn.linear_attention query(%q) key(%k) value(%v) decay(%g) {layout = "bshd"}
    : (tensor<2x?x8x64xbf16>, tensor<2x?x2x64xf16>, tensor<2x?x2x32xf32>, tensor<2xf32>) -> tensor<2x?x8x32xf32>
  return %o : tensor<2x?x8x32xf32>
}

// A decay for each feature; no batch.
// CHECK-LABEL: func @features
// CHECK: attn.linear_attention {{.*}} decay(%{{.*}}) {layout = "shd"} : (tensor<?x4x64xf64>, tensor<?x4x64xf64>, tensor<?x4x32xf64>, tensor<?x4x64xf64>) -> (tensor<?x4x32xf64>, tensor<4x64x32xf64>)
func.func @features(%q: tensor<?x4x64xf64>, %k: tensor<?x4x64xf64>, %v: tensor<?x4x32xf64>, %g: tensor<?x4x64xf64>) -> (tensor<?x4x32xf64>, tensor<4x64x32xf64>) {
  %o, %s = attn.linear_attention query(%q) key(%k) value(%v) decay(%g) {layout = "shd"}
    : (tensor<?x4x64xf64>, tensor<?x4x64xf64>, tensor<?x4x32xf64>, tensor<?x4x64xf64>) -> (tensor<?x4x32xf64>, tensor<4x64x32xf64>)
  return %o, %s : tensor<?x4x32xf64>, tensor<4x64x32xf64>
}

// The gated delta rule, with all there is.
// CHECK-LABEL: func @gated_delta
// CHECK: attn.linear_attention {{.*}} decay(%{{.*}}) beta(%{{.*}}) state(%{{.*}}) {scale = 1.000000e+00 : f64, schedule = #attn.chunks<tokens = 32, columns = 64, few = 4, lanes = 16, registers = 24>} :
func.func @gated_delta(%q: tensor<?x8x?x64xf32>, %k: tensor<?x4x?x64xf32>, %v: tensor<?x4x?x64xf32>, %g: tensor<?x4x?xf32>, %b: tensor<?x4x?xbf16>,
                       %s: tensor<?x4x64x64xf32>) -> (tensor<?x8x?x64xf32>, tensor<?x4x64x64xf32>) {
  %o, %l = attn.linear_attention query(%q) key(%k) value(%v) decay(%g) beta(%b) state(%s)
    {scale = 1.0 : f64, schedule = #attn.chunks<tokens = 32, columns = 64, few = 4, lanes = 16, registers = 24>}
    : (tensor<?x8x?x64xf32>, tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>, tensor<?x4x?xf32>, tensor<?x4x?xbf16>, tensor<?x4x64x64xf32>)
    -> (tensor<?x8x?x64xf32>, tensor<?x4x64x64xf32>)
  return %o, %l : tensor<?x8x?x64xf32>, tensor<?x4x64x64xf32>
}
