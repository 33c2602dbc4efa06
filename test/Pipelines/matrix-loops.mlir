// A projection on matrix registers, in machine code: tiles are configured once a task and released at its end. Four
// squares of sums are zeroed, multiplied (two loads of the input and two of the weight to four products) and stored;
// none goes to the stack and back. The last rows are a block of 16, and fewer than that vectors.

// RUN: attnc %s -o %t --target=amx --emit=asm
// RUN: FileCheck %s --input-file=%t.s --implicit-check-not="{{tile.*rsp}}"
// RUN: llvm-mc %t.s -triple=x86_64-unknown-linux-gnu -filetype=obj -o %t.o

// CHECK-LABEL: {{^}}attn.project_task0{{.*}}:
// CHECK: ldtilecfg
// CHECK-NOT: ldtilecfg
// CHECK-COUNT-4: tilezero
// CHECK: [[LOOP:.LBB[0-9_]+]]:
// CHECK-NOT: {{rsp|tilestored|tilezero}}
// CHECK-COUNT-4: tileloadd
// CHECK-NEXT: tdpbf16ps
// CHECK-NEXT: tdpbf16ps
// CHECK-NEXT: tdpbf16ps
// CHECK-NEXT: tdpbf16ps
// CHECK-NOT: {{rsp|tilestored|tilezero}}
// CHECK: [[LOOP]]
// CHECK-COUNT-4: tilestored

// CHECK-COUNT-2: tilezero
// CHECK: [[LOOP:.LBB[0-9_]+]]:
// CHECK-NOT: {{rsp|tilestored|tilezero}}
// CHECK-COUNT-3: tileloadd
// CHECK-NEXT: tdpbf16ps
// CHECK-NEXT: tdpbf16ps
// CHECK-NOT: {{rsp|tilestored|tilezero}}
// CHECK: [[LOOP]]
// CHECK-COUNT-2: tilestored

// CHECK-NOT: ldtilecfg
// CHECK: vdpbf16ps
// CHECK-NOT: ldtilecfg
// CHECK: tilerelease
func.func @project(%x: tensor<?x?x384xbf16>, %w: tensor<384x384xbf16>, %b: tensor<384xbf16>) -> tensor<?x6x?x64xbf16> {
  %0 = attn.project_heads %x weights(%w) biases(%b) {heads = array<i64: 6>}
      : tensor<?x?x384xbf16>, (tensor<384x384xbf16>), (tensor<384xbf16>) -> tensor<?x6x?x64xbf16>
  return %0 : tensor<?x6x?x64xbf16>
}
