// RUN: attn-opt %s --attn-attach-target=target=amx --attn-choose-schedule | FileCheck %s
// RUN: attn-opt %s --attn-attach-target=target=avx512-bf16 --attn-choose-schedule | FileCheck %s --check-prefix=PAIRS
// PAIRS-NOT: matrix =

// Four squares of sums, and a key tile whose probabilities fit the first-level cache twice.

// CHECK-LABEL: func @squares
// CHECK: query_tile = 32, key_tile = 256, key_block = 8, lanes = 16, registers = 24, dot = 2, matrix = 32>
func.func @squares(%q: tensor<?x8x480x64xbf16>) -> tensor<?x8x480x64xbf16> {
  %o = attn.attention query(%q) key(%q) value(%q)
      : (tensor<?x8x480x64xbf16>, tensor<?x8x480x64xbf16>, tensor<?x8x480x64xbf16>) -> tensor<?x8x480x64xbf16>
  return %o : tensor<?x8x480x64xbf16>
}

// No whole register of features, or a rest of columns of values.

// CHECK-LABEL: func @narrow
// CHECK: dot = 2>
func.func @narrow(%q: tensor<?x8x480x24xbf16>, %v: tensor<?x8x480x64xbf16>) -> tensor<?x8x480x64xbf16> {
  %o = attn.attention query(%q) key(%q) value(%v)
      : (tensor<?x8x480x24xbf16>, tensor<?x8x480x24xbf16>, tensor<?x8x480x64xbf16>) -> tensor<?x8x480x64xbf16>
  return %o : tensor<?x8x480x64xbf16>
}

// CHECK-LABEL: func @odd_values
// CHECK: dot = 2>
func.func @odd_values(%q: tensor<?x8x480x64xbf16>, %v: tensor<?x8x480x40xbf16>) -> tensor<?x8x480x40xbf16> {
  %o = attn.attention query(%q) key(%q) value(%v)
      : (tensor<?x8x480x64xbf16>, tensor<?x8x480x64xbf16>, tensor<?x8x480x40xbf16>) -> tensor<?x8x480x40xbf16>
  return %o : tensor<?x8x480x40xbf16>
}

// Few queries have keys in the lanes; and what the user wrote stays.

// CHECK-LABEL: func @few
// CHECK: kind = "decode"
// CHECK-NOT: matrix =
func.func @few(%q: tensor<8x2x64xbf16>, %k: tensor<8x?x64xbf16>) -> tensor<8x2x64xbf16> {
  %o = attn.attention query(%q) key(%k) value(%k)
      : (tensor<8x2x64xbf16>, tensor<8x?x64xbf16>, tensor<8x?x64xbf16>) -> tensor<8x2x64xbf16>
  return %o : tensor<8x2x64xbf16>
}

// CHECK-LABEL: func @vectors
// CHECK: query_tile = 48, key_tile = 256, key_block = 8, lanes = 16, registers = 24, dot = 2>
func.func @vectors(%q: tensor<8x480x64xbf16>) -> tensor<8x480x64xbf16> {
  %o = attn.attention query(%q) key(%q) value(%q)
      {schedule = #attn.schedule<kind = "prefill", query_tile = 48, key_tile = 256, key_block = 8, lanes = 16,
                                 registers = 24, dot = 2>}
      : (tensor<8x480x64xbf16>, tensor<8x480x64xbf16>, tensor<8x480x64xbf16>) -> tensor<8x480x64xbf16>
  return %o : tensor<8x480x64xbf16>
}

// bf16 holds bytes as they are, and what scales whole rows rides in scores and probabilities.

// CHECK-LABEL: func @bytes
// CHECK: kind = "prefill"{{.*}}, dot = 2, matrix = 32>
// PAIRS-LABEL: func @bytes
// PAIRS: kind = "prefill"{{.*}}, dot = 2>
func.func @bytes(%q: tensor<?x8x480x64xbf16>, %k: tensor<?x8x480x64xi8>, %s: tensor<?x8x480xf32>) -> tensor<?x8x480x64xbf16> {
  %o = attn.attention query(%q) key(%k) value(%k) key_scales(%s) value_scales(%s)
      : (tensor<?x8x480x64xbf16>, tensor<?x8x480x64xi8>, tensor<?x8x480x64xi8>, tensor<?x8x480xf32>, tensor<?x8x480xf32>)
      -> tensor<?x8x480x64xbf16>
  return %o : tensor<?x8x480x64xbf16>
}

// With scales of groups, or a row of a table added to the value, it does not.

// CHECK-LABEL: func @groups
// CHECK: registers = 24>
func.func @groups(%q: tensor<?x8x480x64xbf16>, %k: tensor<?x8x480x64xi8>, %s: tensor<?x8x480x4xf32>) -> tensor<?x8x480x64xbf16> {
  %o = attn.attention query(%q) key(%k) value(%k) key_scales(%s) value_scales(%s)
      : (tensor<?x8x480x64xbf16>, tensor<?x8x480x64xi8>, tensor<?x8x480x64xi8>, tensor<?x8x480x4xf32>, tensor<?x8x480x4xf32>)
      -> tensor<?x8x480x64xbf16>
  return %o : tensor<?x8x480x64xbf16>
}
