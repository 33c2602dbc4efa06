// RUN: attn-opt %s --attn-guard-arithmetic -split-input-file | FileCheck %s
// RUN: attn-opt %s --attn-guard-arithmetic -split-input-file --remarks-filter=.* -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// A divisor of zero counts as one. What is captured is looked at once.

// REMARK: :[[@LINE+13]]:1: remark: {{.*}}3 operations are guarded, as nothing proves that their operands have a result: division at {{.*}}.mlir:[[@LINE+16]]:16; division at

// CHECK-LABEL: func @divided
// CHECK-SAME:      %[[N:[^ ]*]]: index)
// CHECK-DAG:     %[[C1:.*]] = arith.constant 1 : index
// CHECK-DAG:     %[[BLOCK:.*]] = arith.maxui %[[N]], %[[C1]] {attn.guard} : index
// CHECK-DAG:     %[[ZERO:.*]] = arith.cmpi eq, %[[N]], %{{.*}} : index
// CHECK-DAG:     %[[STEP:.*]] = arith.select %[[ZERO]], %{{.*}}, %[[N]] : index
// CHECK:         mask(%{{.*}}: index, %{{.*}}: index, %[[I:.*]]: index, %[[J:.*]]: index)
// CHECK:           arith.divui %[[I]], %[[BLOCK]]
// CHECK:           arith.remsi %{{.*}}, %[[STEP]]
// CHECK:           %[[MORE:.*]] = arith.maxsi %[[J]], %{{.*}} {attn.guard}
// CHECK:           arith.ceildivsi %{{.*}}, %[[MORE]]
func.func @divided(%q: tensor<?x8x?x64xf32>, %k: tensor<?x8x?x64xf32>, %n: index) -> tensor<?x8x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%k)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %block = arith.divui %i, %n : index
      %d = arith.subi %i, %j : index
      %rest = arith.remsi %d, %n : index
      %few = arith.ceildivsi %rest, %j : index
      %keep = arith.cmpi sle, %few, %block : index
      attn.yield %keep : i1
    }
    : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32>
  return %o : tensor<?x8x?x64xf32>
}

// -----

// The least integer has no opposite: divided by -1 it is itself, as divided by 1.

// CHECK-LABEL: func @opposite
// CHECK:           %[[ZERO:.*]] = arith.cmpi eq, %[[Y:.*]], %{{.*}} : i32
// CHECK:           %[[LEAST:.*]] = arith.cmpi eq, %[[X:.*]], %c-2147483648_i32
// CHECK:           %[[MINUS:.*]] = arith.cmpi eq, %[[Y]], %c-1_i32
// CHECK:           %[[BOTH:.*]] = arith.andi %[[LEAST]], %[[MINUS]]
// CHECK:           %[[BAD:.*]] = arith.ori %[[ZERO]], %[[BOTH]]
// CHECK:           %[[BY:.*]] = arith.select %[[BAD]], %c1_i32, %[[Y]]
// CHECK:           arith.divsi %[[X]], %[[BY]]
func.func @opposite(%q: tensor<8x?x64xf32>, %k: tensor<8x?x64xf32>, %x: tensor<?xi32>, %y: tensor<?xi32>) -> tensor<8x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%k)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %xi = tensor.extract %x[%i] : tensor<?xi32>
      %yj = tensor.extract %y[%j] : tensor<?xi32>
      %d = arith.divsi %xi, %yj : i32
      %f = arith.sitofp %d : i32 to f32
      %r = arith.addf %s, %f : f32
      attn.yield %r : f32
    } {layout = "hsd"}
    : (tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?x64xf32>) -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}

// -----

// A shift by the width or more moves all bits out, or leaves the sign.

// CHECK-LABEL: func @shifted
// CHECK:           %[[LEFT:.*]] = arith.shli %[[WORD:.*]], %[[BY:.*]] : i32
// CHECK:           %[[INSIDE:.*]] = arith.cmpi ult, %[[BY]], %c32_i32
// CHECK:           %[[MOVED:.*]] = arith.select %[[INSIDE]], %[[LEFT]], %c0_i32{{.*}} {attn.guard}
// CHECK:           %[[MOST:.*]] = arith.minui %[[BY]], %c31_i32
// CHECK:           arith.shrsi %[[MOVED]], %[[MOST]]
func.func @shifted(%q: tensor<8x?x64xf32>, %k: tensor<8x?x64xf32>, %words: tensor<?xi32>) -> tensor<8x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%k)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %word = tensor.extract %words[%i] : tensor<?xi32>
      %by = arith.index_cast %j : index to i32
      %left = arith.shli %word, %by : i32
      %back = arith.shrsi %left, %by : i32
      %keep = arith.cmpi eq, %back, %word : i32
      attn.yield %keep : i1
    } {layout = "hsd"}
    : (tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?x64xf32>) -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}

// -----

// A float is kept in the range of the integer, NaN is zero; one of few bits is
// compared as f32.

// CHECK-LABEL: func @converted
// CHECK:           %[[INT:.*]] = arith.fptosi %[[S:.*]] : f32 to i32
// CHECK:           %[[LOW:.*]] = arith.constant -2.14748365E+9 : f32
// CHECK:           %[[IS_LOW:.*]] = arith.cmpf ole, %[[S]], %[[LOW]]
// CHECK:           %[[A:.*]] = arith.select %[[IS_LOW]], %c-2147483648_i32, %[[INT]]
// CHECK:           %[[FAR:.*]] = arith.constant 2.14748365E+9 : f32
// CHECK:           %[[IS_HIGH:.*]] = arith.cmpf oge, %[[S]], %[[FAR]]
// CHECK:           %[[B:.*]] = arith.select %[[IS_HIGH]], %c2147483647_i32, %[[A]]
// CHECK:           %[[IS_NAN:.*]] = arith.cmpf uno, %[[S]], %[[S]]
// CHECK:           %[[C:.*]] = arith.select %[[IS_NAN]], %c0_i32, %[[B]]
// CHECK:           arith.sitofp %[[C]]
// CHECK:           %[[WIDE:.*]] = arith.extf %{{.*}} : bf16 to f32
// CHECK:           arith.fptoui %[[WIDE]] : f32 to i8
func.func @converted(%q: tensor<8x?x64xf32>, %k: tensor<8x?x64xf32>, %x: tensor<?xbf16>) -> tensor<8x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%k)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %n = arith.fptosi %s : f32 to i32
      %f = arith.sitofp %n : i32 to f32
      %xi = tensor.extract %x[%i] : tensor<?xbf16>
      %few = arith.fptoui %xi : bf16 to i8
      %g = arith.uitofp %few : i8 to f32
      %r = arith.addf %f, %g : f32
      attn.yield %r : f32
    } {layout = "hsd"}
    : (tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?x64xf32>) -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}

// -----

// Constants, positions and types prove it, and intervals of floats: here buckets of
// distances, whose logarithm is that of a number of at least one.

// CHECK-LABEL: func @proved
// CHECK-NOT:     attn.guard
// CHECK-NOT:     arith.select
// CHECK:       return
func.func @proved(%q: tensor<8x?x64xf32>, %k: tensor<8x?x64xf32>, %words: tensor<?x?xi32>) -> tensor<8x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%k)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %c1 = arith.constant 1 : index
      %d = arith.subi %i, %j : index
      %a = math.absi %d : index
      %m = arith.maxsi %a, %c1 : index
      %mi = arith.index_cast %m : index to i32
      %f = arith.sitofp %mi : i32 to f32
      %c16 = arith.constant 16.0 : f32
      %x = arith.divf %f, %c16 : f32
      %l = math.log %x : f32
      %y = arith.mulf %l, %c16 : f32
      %z = arith.fptosi %y : f32 to i32
      %part = arith.divsi %z, %mi : i32
      %g = arith.sitofp %part : i32 to f32
      %r = arith.addf %s, %g : f32
      attn.yield %r : f32
    }
    mask(%b: index, %h: index, %i: index, %j: index) {
      %c32 = arith.constant 32 : index
      %c31 = arith.constant 31 : i32
      %at = arith.divui %j, %c32 : index
      %word = tensor.extract %words[%i, %at] : tensor<?x?xi32>
      %ji = arith.index_cast %j : index to i32
      %place = arith.andi %ji, %c31 : i32
      %bits = arith.shrui %word, %place : i32
      %keep = arith.trunci %bits : i32 to i1
      attn.yield %keep : i1
    } {layout = "hsd"}
    : (tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?x64xf32>) -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}

// -----

// What the program promises is not believed, in regions or elsewhere.

// CHECK-LABEL: func @promised
// CHECK:         arith.addi %{{.*}}, %{{.*}} : index
// CHECK:           arith.muli %{{.*}}, %{{.*}} : index
// CHECK:           arith.divui %{{.*}}, %{{.*}} : index
// CHECK:           arith.extf %{{.*}} : bf16 to f32
// CHECK:           arith.addf %{{.*}}, %{{.*}} fastmath<contract> : f32
func.func @promised(%q: tensor<8x?x64xf32>, %k: tensor<8x?x64xf32>, %x: tensor<?xbf16>, %n: index) -> tensor<8x?x64xf32> {
  %m = arith.addi %n, %n overflow<nsw, nuw> : index
  %o = attn.attention query(%q) key(%k) value(%k)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %c3 = arith.constant 3 : index
      %i3 = arith.muli %i, %m overflow<nsw> : index
      %at = arith.divui %i3, %c3 exact : index
      %narrow = tensor.extract %x[%at] : tensor<?xbf16>
      %y = arith.extf %narrow : bf16 to f32
      %r = arith.addf %s, %y fastmath<nnan, ninf, contract> : f32
      attn.yield %r : f32
    } {layout = "hsd"}
    : (tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?x64xf32>) -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}
