// RUN: attn-opt %s --attn-tile-queries -split-input-file -verify-diagnostics

#decode = #attn.schedule<kind = "decode", query_tile = 2, key_tile = 32, key_block = 16, lanes = 16, registers = 24>

func.func @rows(%q: tensor<8x?x64xf32>, %k: tensor<2x?x64xf32>, %s: tensor<?xi32>) -> tensor<8x?x64xf32> {
  // expected-error@below {{expects a decode schedule of a row for each of 4 heads that share keys, got a query_tile of 2}}
  %o = attn.attention query(%q) key(%k) value(%k) query_starts(%s) key_starts(%s) {schedule = #decode}
      : (tensor<8x?x64xf32>, tensor<2x?x64xf32>, tensor<2x?x64xf32>, tensor<?xi32>, tensor<?xi32>) -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}
