// RUN: attn-opt %s --attn-expand-appends --verify-diagnostics

func.func @nibbles(%new: tensor<2x4x3x64xi4>, %cache: tensor<2x4x?x64xi4>, %at: tensor<2xi32>) -> tensor<2x4x?x64xi4> {
  // expected-error @below {{'attn.append' op to a cache of i4 is not supported; the program can write the bytes of the rows}}
  %c = attn.append rows(%new) cache(%cache) positions(%at)
      : (tensor<2x4x3x64xi4>, tensor<2x4x?x64xi4>, tensor<2xi32>) -> tensor<2x4x?x64xi4>
  return %c : tensor<2x4x?x64xi4>
}
