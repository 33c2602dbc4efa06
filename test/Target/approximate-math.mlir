// RUN: attn-opt %s --attn-approximate-math | FileCheck %s
// RUN: attn-opt %s --attn-approximate-math --remarks-filter=attn --remark-format=emitRemark 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// CHECK-LABEL: func.func @capped
// CHECK-NOT: math.tanh
func.func @capped(%x: vector<16xf32>) -> vector<16xf32> {
  %y = math.tanh %x : vector<16xf32>
  return %y : vector<16xf32>
}

// What has no polynomial stays, and says what it costs.
// CHECK-LABEL: func.func @power
// CHECK: math.powf
// REMARK: approximate-math.mlir:[[#@LINE+2]]:8: remark: {{.*}}math.powf is a library call for each lane
func.func @power(%x: vector<16xf32>) -> vector<16xf32> {
  %y = math.powf %x, %x : vector<16xf32>
  return %y : vector<16xf32>
}
