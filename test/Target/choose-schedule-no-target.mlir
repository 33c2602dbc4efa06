// RUN: attn-opt %s --attn-choose-schedule -verify-diagnostics

// expected-error @+1 {{its module has no known target; run attn-attach-target first}}
func.func @plain(%q: tensor<8x?x64xf32>) -> tensor<8x?x64xf32> {
  return %q : tensor<8x?x64xf32>
}
