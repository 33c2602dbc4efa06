// RUN: attn-opt %s --attn-attach-target=target=x86-64-v4 --attn-choose-schedule | FileCheck %s --check-prefixes=CHECK,V4
// RUN: attn-opt %s --attn-attach-target=target=x86-64-v3 --attn-choose-schedule | FileCheck %s --check-prefixes=CHECK,V3
// RUN: attn-opt %s --attn-attach-target=target=x86-64-v2 --attn-choose-schedule | FileCheck %s --check-prefixes=CHECK,V2

// CHECK-LABEL: func @heads
// V4: schedule = #attn.chunks<tokens = 16, columns = 64, few = {{[0-9]+}}, lanes = 16, registers = 24>
// V3: schedule = #attn.chunks<tokens = 16, columns = 64, few = {{[0-9]+}}, lanes = 8, registers = 12>
// V2: schedule = #attn.chunks<tokens = 16, columns = 64, few = {{[0-9]+}}, lanes = 4, registers = 8>
func.func @heads(%q: tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32> {
  %o = attn.linear_attention query(%q) key(%q) value(%q)
    : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32>
  return %o : tensor<?x8x?x64xf32>
}

// Few heads share the columns of their states among several tasks.
// CHECK-LABEL: func @one_head
// V4: columns = 64,
func.func @one_head(%q: tensor<?x1x?x128xbf16>) -> tensor<?x1x?x128xbf16> {
  %o = attn.linear_attention query(%q) key(%q) value(%q)
    : (tensor<?x1x?x128xbf16>, tensor<?x1x?x128xbf16>, tensor<?x1x?x128xbf16>) -> tensor<?x1x?x128xbf16>
  return %o : tensor<?x1x?x128xbf16>
}

// What a user wrote stays.
// CHECK-LABEL: func @written
// CHECK: #attn.chunks<tokens = 32, columns = 8, few = 0, lanes = 4, registers = 8>
func.func @written(%q: tensor<?x1x?x16xf32>) -> tensor<?x1x?x16xf32> {
  %o = attn.linear_attention query(%q) key(%q) value(%q) {schedule = #attn.chunks<tokens = 32, columns = 8, few = 0, lanes = 4, registers = 8>}
    : (tensor<?x1x?x16xf32>, tensor<?x1x?x16xf32>, tensor<?x1x?x16xf32>) -> tensor<?x1x?x16xf32>
  return %o : tensor<?x1x?x16xf32>
}
