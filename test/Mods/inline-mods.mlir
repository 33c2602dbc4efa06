// Regions that apply mods become the regions that one would write.
// RUN: attn-opt %s --attn-inline-mods --mlir-print-local-scope | FileCheck %s
// RUN: attn-opt %s --attn-inline-mods | FileCheck %s --check-prefix=ALL
// RUN: attn-opt %s --attn-import | FileCheck %s --check-prefix=ALL
// RUN: attn-opt %s --attn-fuse | FileCheck %s --check-prefix=ALL

// Entries stay, and what is private and no mod; mods go, also those that nothing applies.
// ALL-NOT: attn.apply
// ALL-NOT: @unused
// ALL-NOT: @even
// ALL: func.func private @no_mod
// ALL-NOT: @even

// The first mod of this name is the module's own: an entry is none.
// CHECK-LABEL: func.func @causal
// CHECK: mask(%[[B:.*]]: index, %[[H:.*]]: index, %[[I:.*]]: index, %[[J:.*]]: index) {
// CHECK-NEXT: %[[KEEP:.*]] = arith.cmpi sle, %[[J]], %[[I]] : index
// CHECK-NEXT: attn.yield %[[KEEP]] : i1
func.func @causal(%q: tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32> {
  %o = attn.attention query(%q) key(%q) value(%q) mask(@causal)
    : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32>
  return %o : tensor<?x8x?x64xf32>
}

// The lengths are read as they are captured, however static the mod calls them.
// CHECK-LABEL: func.func @parameters
// CHECK-SAME: %[[LENGTHS:[^:]*]]: tensor<4xi32>, %[[SLOPES:[^:]*]]: tensor<8xf32>
// CHECK-NOT: tensor.cast
// CHECK: score(%[[S:.*]]: f32, %{{.*}}: index, %[[H:.*]]: index, %[[I:.*]]: index, %[[J:.*]]: index) {
// CHECK-NEXT: %[[SLOPE:.*]] = tensor.extract %[[SLOPES]][%[[H]]] : tensor<8xf32>
// CHECK-NEXT: %[[D:.*]] = arith.subi %[[J]], %[[I]] : index
// CHECK: %[[BIAS:.*]] = arith.mulf %[[SLOPE]], %{{.*}} : f32
// CHECK-NEXT: %[[BIASED:.*]] = arith.addf %[[S]], %[[BIAS]] : f32
// CHECK-NEXT: %[[CAP:.*]] = arith.constant 3.0
// CHECK-NEXT: arith.divf %[[BIASED]], %[[CAP]] : f32
// CHECK: mask(
// CHECK: tensor.extract %[[LENGTHS]][%{{.*}}] : tensor<4xi32>
// CHECK: arith.andi
func.func @parameters(%q: tensor<4x8x?x64xf32>, %lengths: tensor<4xi32>, %slopes: tensor<8xf32>) -> tensor<4x8x?x64xf32> {
  %o = attn.attention query(%q) key(%q) value(%q)
    score(@alibi(%slopes : tensor<8xf32>), @softcap(30.0)) mask(@padding(%lengths : tensor<4xi32>), @causal)
    : (tensor<4x8x?x64xf32>, tensor<4x8x?x64xf32>, tensor<4x8x?x64xf32>) -> tensor<4x8x?x64xf32>
  return %o : tensor<4x8x?x64xf32>
}

// Of narrower numbers, what is read is extended.
// CHECK-LABEL: func.func @narrow
// CHECK: %[[X:.*]] = tensor.extract %{{.*}} : tensor<?x?xbf16>
// CHECK-NEXT: %[[WIDE:.*]] = arith.extf %[[X]] : bf16 to f32
// CHECK-NEXT: arith.addf %{{.*}}, %[[WIDE]] : f32
func.func @narrow(%q: tensor<?x8x?x64xbf16>, %bias: tensor<?x?xbf16>) -> tensor<?x8x?x64xbf16> {
  %o = attn.attention query(%q) key(%q) value(%q) score(@bias_ij(%bias : tensor<?x?xbf16>))
    : (tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>) -> tensor<?x8x?x64xbf16>
  return %o : tensor<?x8x?x64xbf16>
}

// Scores of f64 take mods of f64.
// CHECK-LABEL: func.func @double
// CHECK: %[[ONE:.*]] = arith.constant 1.0{{.*}} : f64
// CHECK: %[[T:.*]] = tensor.extract %{{.*}} : tensor<8xf64>
// CHECK: arith.divf %[[ONE]], %[[T]] : f64
func.func @double(%q: tensor<?x8x?x64xf64>, %t: tensor<8xf64>) -> tensor<?x8x?x64xf64> {
  %o = attn.attention query(%q) key(%q) value(%q) score(@temperature(%t : tensor<8xf64>))
    : (tensor<?x8x?x64xf64>, tensor<?x8x?x64xf64>, tensor<?x8x?x64xf64>) -> tensor<?x8x?x64xf64>
  return %o : tensor<?x8x?x64xf64>
}

// Tables keep their static sizes, which products of them need.
// CHECK-LABEL: func.func @products
// CHECK: tensor.dim %[[ROWS:.*]], %{{.*}} : tensor<129x64xf32>
// CHECK: attn.query_dot %[[ROWS]][%{{.*}}] : tensor<129x64xf32>
func.func @products(%q: tensor<?x8x?x64xf32>, %rows: tensor<129x64xf32>) -> tensor<?x8x?x64xf32> {
  %o = attn.attention query(%q) key(%q) value(%q) score(@shaw(%rows : tensor<129x64xf32>, 0.125))
    : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32>
  return %o : tensor<?x8x?x64xf32>
}

// Mods of the module before those of the library, in an expression, and by way of others.
// CHECK-LABEL: func.func @own
// CHECK: mask(%{{.*}}: index, %{{.*}}: index, %[[I:.*]]: index, %[[J:.*]]: index) {
// CHECK: %[[REST:.*]] = arith.remui %[[J]]
// CHECK: %[[EVEN:.*]] = arith.cmpi eq, %[[REST]]
// CHECK: %[[NEAR:.*]] = arith.andi
// CHECK: arith.ori %[[EVEN]], %[[NEAR]] : i1
func.func @own(%q: tensor<?x8x?x64xf32>, %reach: index) -> tensor<?x8x?x64xf32> {
  %o = attn.attention query(%q) key(%q) value(%q)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %even = attn.apply @prefix_lm(%b, %h, %i, %j) : (index, index, index, index) -> i1
      %near = attn.apply @window(%b, %h, %i, %j, %reach, %reach) : (index, index, index, index, index, index) -> i1
      %keep = arith.ori %even, %near : i1
      attn.yield %keep : i1
    }
    : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32>
  return %o : tensor<?x8x?x64xf32>
}

func.func private @even(%j: index) -> i1 {
  %c2 = arith.constant 2 : index
  %c0 = arith.constant 0 : index
  %rest = arith.remui %j, %c2 : index
  %keep = arith.cmpi eq, %rest, %c0 : index
  return %keep : i1
}

// What has nothing to do with mods stays.
func.func private @no_mod(%x: index) -> index {
  return %x : index
}

func.func private @prefix_lm(%b: index, %h: index, %i: index, %j: index) -> i1 {
  %keep = func.call @even(%j) : (index) -> i1
  return %keep : i1
}

func.func private @unused(%s: f32, %b: index, %h: index, %i: index, %j: index) -> f32 {
  %r = attn.apply @softcap(%s, %b, %h, %i, %j, %s) : (f32, index, index, index, index, f32) -> f32
  return %r : f32
}

// A mod that needs the tensor as it calls it gets a cast, in front of the attention.
// CHECK-LABEL: func.func @cast
// CHECK: %[[ANY:.*]] = tensor.cast %{{.*}} : tensor<4x8xf32> to tensor<?x?xf32>
// CHECK: attn.attention
// CHECK: tensor.collapse_shape %[[ANY]] {{.*}} : tensor<?x?xf32> into tensor<?xf32>
func.func @cast(%q: tensor<?x8x?x64xf32>, %t: tensor<4x8xf32>) -> tensor<?x8x?x64xf32> {
  %o = attn.attention query(%q) key(%q) value(%q) score(@flat(%t : tensor<4x8xf32>))
    : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32>
  return %o : tensor<?x8x?x64xf32>
}

func.func private @flat(%s: f32, %b: index, %h: index, %i: index, %j: index, %t: tensor<?x?xf32>) -> f32 {
  %flat = tensor.collapse_shape %t [[0, 1]] : tensor<?x?xf32> into tensor<?xf32>
  %x = tensor.extract %flat[%j] : tensor<?xf32>
  %r = arith.addf %s, %x : f32
  return %r : f32
}
