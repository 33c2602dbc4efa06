// Names of mods stand for regions that apply them; regions are what is printed.
// RUN: attn-opt %s | FileCheck %s
// RUN: attn-opt %s | attn-opt | FileCheck %s
// RUN: attn-opt %s --mlir-print-op-generic | attn-opt | FileCheck %s

// CHECK-LABEL: func @one
// CHECK: mask(%[[B:.*]]: index, %[[H:.*]]: index, %[[I:.*]]: index, %[[J:.*]]: index) {
// CHECK-NEXT: %[[KEEP:.*]] = attn.apply @causal(%[[B]], %[[H]], %[[I]], %[[J]]) : (index, index, index, index) -> i1
// CHECK-NEXT: attn.yield %[[KEEP]] : i1
func.func @one(%q: tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32> {
  %o = attn.attention query(%q) key(%q) value(%q) mask(@causal)
    : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32>
  return %o : tensor<?x8x?x64xf32>
}

// A mask is live where all of them say so, a score goes through them in turn.
// CHECK-LABEL: func @several
// CHECK-SAME: %[[LENGTHS:[^:]*]]: tensor<?xi32>, %[[SLOPES:[^:]*]]: tensor<8xf32>
// CHECK: score(%[[S:.*]]: f32, %[[B:.*]]: index, %[[H:.*]]: index, %[[I:.*]]: index, %[[J:.*]]: index) {
// CHECK-NEXT: %[[X:.*]] = attn.apply @alibi(%[[S]], %[[B]], %[[H]], %[[I]], %[[J]], %[[SLOPES]]) : (f32, index, index, index, index, tensor<8xf32>) -> f32
// CHECK-NEXT: %[[CAP:.*]] = arith.constant 3.000000e+01 : f32
// CHECK-NEXT: %[[Y:.*]] = attn.apply @softcap(%[[X]], %[[B]], %[[H]], %[[I]], %[[J]], %[[CAP]]) : (f32, index, index, index, index, f32) -> f32
// CHECK-NEXT: attn.yield %[[Y]] : f32
// CHECK: mask(%[[B:.*]]: index, %[[H:.*]]: index, %[[I:.*]]: index, %[[J:.*]]: index) {
// CHECK-NEXT: %[[ONE:.*]] = attn.apply @causal(
// CHECK-NEXT: %[[TWO:.*]] = attn.apply @padding(%[[B]], %[[H]], %[[I]], %[[J]], %[[LENGTHS]])
// CHECK-NEXT: %[[BOTH:.*]] = arith.andi %[[ONE]], %[[TWO]] : i1
// CHECK-NEXT: %[[LEFT:.*]] = arith.constant 256 : index
// CHECK-NEXT: %[[RIGHT:.*]] = arith.constant 0 : index
// CHECK-NEXT: %[[THREE:.*]] = attn.apply @window(%[[B]], %[[H]], %[[I]], %[[J]], %[[LEFT]], %[[RIGHT]])
// CHECK-NEXT: %[[ALL:.*]] = arith.andi %[[BOTH]], %[[THREE]] : i1
// CHECK-NEXT: attn.yield %[[ALL]] : i1
func.func @several(%q: tensor<?x8x?x64xbf16>, %lengths: tensor<?xi32>, %slopes: tensor<8xf32>)
    -> tensor<?x8x?x64xbf16> {
  %o = attn.attention query(%q) key(%q) value(%q)
    score(@alibi(%slopes : tensor<8xf32>), @softcap(30.0))
    mask(@causal, @padding(%lengths : tensor<?xi32>), @window(256, 0))
    : (tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>) -> tensor<?x8x?x64xbf16>
  return %o : tensor<?x8x?x64xbf16>
}

// Names beside a region, literals with types, and scores of f64.
// CHECK-LABEL: func @literals
// CHECK: score(%[[S:.*]]: f64, %{{.*}}: index) {
// CHECK-NEXT: %[[CAP:.*]] = arith.constant 1.000000e-01 : f64
// CHECK-NEXT: %[[N:.*]] = arith.constant -3 : i32
// CHECK-NEXT: %[[X:.*]] = arith.constant 5.000000e-01 : f32
// CHECK-NEXT: attn.apply @own({{.*}}, %[[CAP]], %[[N]], %[[X]]) : (f64, index, index, index, index, f64, i32, f32) -> f64
// CHECK: mask(
// CHECK-NEXT: %[[LIVE:.*]] = arith.cmpi
// CHECK-NEXT: attn.yield %[[LIVE]] : i1
func.func @literals(%q: tensor<8x?x64xf64>) -> tensor<8x?x64xf64> {
  %o = attn.attention query(%q) key(%q) value(%q)
    score(@own(0.1, -3 : i32, 0.5 : f32))
    mask(%b: index, %h: index, %i: index, %j: index) {
      %live = arith.cmpi sle, %j, %i : index
      attn.yield %live : i1
    }
    : (tensor<8x?x64xf64>, tensor<8x?x64xf64>, tensor<8x?x64xf64>) -> tensor<8x?x64xf64>
  return %o : tensor<8x?x64xf64>
}

// A mod of one's own, which applies another one and multiplies the query.
// CHECK-LABEL: func private @content
// CHECK: attn.query_dot %{{.*}}[%{{.*}}] : tensor<?x64xf32>
// CHECK: attn.apply @scaled(%{{.*}}) : (f32) -> f32
func.func private @content(%s: f32, %b: index, %h: index, %i: index, %j: index, %t: tensor<?x64xf32>) -> f32 {
  %x = attn.query_dot %t[%j] : tensor<?x64xf32>
  %y = attn.apply @scaled(%x) : (f32) -> f32
  %r = arith.addf %s, %y : f32
  return %r : f32
}
