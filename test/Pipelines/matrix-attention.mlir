// Attention on matrix registers, in machine code. Loops of products hold their sums in registers and nothing on the
// stack: 32 queries have four squares of 16 x 16, and two registers are loaded of each factor for four products.
// Scores are multiplied alike from keys that are all there and from a copy of the last ones.

// RUN: attnc %s -o %t --target=amx --emit=asm
// RUN: python3 %S/../Inputs/loops.py %t.s --at-least=2 > %t.loops
// RUN: FileCheck %s --check-prefix=LOOPS --input-file=%t.loops --implicit-check-not=tmm
// LOOPS: attend_task1{{.*}}: tmm, 4 accumulators, 1 step: 4 products 0 broadcasts 4 loads, 0 stack
// LOOPS: attend_task1{{.*}}: tmm, 4 accumulators, 1 step: 4 products 0 broadcasts 4 loads, 0 stack
// LOOPS: attend_task1{{.*}}: tmm, 4 accumulators, 1 step: 4 products 0 broadcasts 4 loads, 0 stack

// Tiles are configured once a task and released at its end, and no register is spilled anywhere. Scores begin at zero
// in registers; what the values are added to comes from memory.

// RUN: FileCheck %s --input-file=%t.s --implicit-check-not="{{tile.*rsp}}"
// RUN: llvm-mc %t.s -triple=x86_64-unknown-linux-gnu -filetype=obj -o %t.o
// CHECK-LABEL: {{^}}attn.attend_task1{{.*}}:
// CHECK: ldtilecfg
// CHECK-NOT: ldtilecfg
// CHECK-COUNT-4: tilezero
// CHECK-COUNT-4: tdpbf16ps
// CHECK-COUNT-4: tilezero
// CHECK-COUNT-4: tdpbf16ps
// CHECK-COUNT-8: tilestored
// CHECK-NOT: tilezero
// CHECK-COUNT-4: tdpbf16ps
// CHECK-NOT: ldtilecfg
// CHECK: tilerelease
func.func @attend(%q: tensor<?x2x480x64xbf16>, %k: tensor<?x1x?x64xbf16>, %v: tensor<?x1x?x64xbf16>) -> tensor<?x2x480x64xbf16> {
  %o = attn.attention query(%q) key(%k) value(%v)
      : (tensor<?x2x480x64xbf16>, tensor<?x1x?x64xbf16>, tensor<?x1x?x64xbf16>) -> tensor<?x2x480x64xbf16>
  return %o : tensor<?x2x480x64xbf16>
}
