// The schedule, and how the mask was understood, are remarks.
// RUN: attn-opt %s --attn-attach-target=target=x86-64-v4 --attn-choose-schedule --remark-policy=all --remark-format=emitRemark \
// RUN:   --remarks-filter=attn 2>&1 | FileCheck %s

// CHECK: remark: {{.*}}schedule{{.*}}#attn.schedule<kind = "prefill"
// CHECK: remark: {{.*}}mask
func.func @causal(%q: tensor<8x?x64xf32>) -> tensor<8x?x64xf32> {
  %o = attn.attention query(%q) key(%q) value(%q)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %keep = arith.cmpi sle, %j, %i : index
      attn.yield %keep : i1
    }
    : (tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?x64xf32>) -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}
