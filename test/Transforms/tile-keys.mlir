// RUN: attn-opt %s --attn-tile-queries --attn-tile-keys --canonicalize -split-input-file | FileCheck %s

#schedule = #attn.schedule<kind = "prefill", query_tile = 16, key_tile = 128, key_block = 8, lanes = 16, registers = 24>

// A query tile becomes: pack, loop over key tiles. The first tile begins the state and the last one ends it in the
// output, which is zero where there is no key.

// CHECK-LABEL: func @plain
// CHECK-DAG:   %[[SCALE:.*]] = arith.constant 0.180336878 : f32
// CHECK-DAG:   %[[LOWEST:.*]] = arith.constant -1.000000e+30 : f32
// CHECK:       scf.forall (%[[B:.*]], %[[H:.*]], %[[I:.*]]) =
// CHECK:         %[[OUTPUT:.*]] = tensor.extract_slice
//                The query lies across the lanes, scaled by log2(e) / sqrt(64).
// CHECK:         %[[PACKED:.*]] = linalg.generic {{.*}} outs(%{{.*}} : tensor<64x16xf32>)
// CHECK:           arith.mulf %{{.*}}, %[[SCALE]]
// CHECK:         %[[ACC0:.*]] = tensor.empty() : tensor<16x64xf32>
// CHECK:         %[[MAX:.*]] = linalg.fill ins(%[[LOWEST]] : f32) outs(%{{.*}} : tensor<16xf32>)
// CHECK:         %[[NONE:.*]] = arith.cmpi sle, %[[KEYS:.*]], %c0
// CHECK:         %[[OUT0:.*]] = scf.if %[[NONE]]
// CHECK:           linalg.fill {{.*}} outs(%[[OUTPUT]]
// CHECK:         scf.for %[[J:.*]] = %c0 to %[[KEYS]] step %c128 iter_args(%[[ACC:.*]] = %[[ACC0]], %[[M:.*]] = %[[MAX]], %[[L:.*]] = %{{.*}}, %[[OUT:.*]] = %[[OUT0]])
// CHECK-DAG:       %[[FIRST:.*]] = arith.cmpi eq, %[[J]], %c0
// CHECK-DAG:       %[[END:.*]] = arith.addi %[[J]], %{{.*}}
// CHECK-DAG:       %[[LAST:.*]] = arith.cmpi eq, %[[END]], %[[KEYS]]
// CHECK:           %[[STATE:.*]]:4 = attn.online_attention query(%[[PACKED]])
// CHECK-SAME:        offsets(%[[B]], %[[H]], %[[I]], %[[J]]) live(%{{.*}}) state(%[[ACC]], %[[M]], %[[L]], %[[OUT]]) begin(%[[FIRST]]) end(%[[LAST]])
// CHECK-NEXT:      scf.yield %[[STATE]]#0, %[[STATE]]#1, %[[STATE]]#2, %[[STATE]]#3
// CHECK-NOT:     attn.attention
func.func @plain(%q: tensor<?x8x?x64xf32>, %k: tensor<?x8x?x64xf32>, %v: tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v) {schedule = #schedule}
      : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32>
  return %o : tensor<?x8x?x64xf32>
}

// -----

#schedule = #attn.schedule<kind = "prefill", query_tile = 48, key_tile = 128, key_block = 8, lanes = 16, registers = 24>

// A copy for each number of query vectors, chosen at run time ...

// CHECK-LABEL: func @ragged
// CHECK:         scf.if
// CHECK:           attn.online_attention {{.*}} query_tile = 48
// CHECK:           scf.if
// CHECK:             attn.online_attention {{.*}} query_tile = 32
// CHECK:             attn.online_attention {{.*}} query_tile = 16
func.func @ragged(%q: tensor<8x?x64xf32>) -> tensor<8x?x64xf32> {
  %o = attn.attention query(%q) key(%q) value(%q) {schedule = #schedule}
      : (tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?x64xf32>) -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}

// ... or one, where there are never fewer.

// CHECK-LABEL: func @whole
// CHECK-NOT:     scf.if
// CHECK:         attn.online_attention {{.*}} query_tile = 48
// CHECK-NOT:     attn.online_attention
func.func @whole(%q: tensor<8x96x64xf32>) -> tensor<8x96x64xf32> {
  %o = attn.attention query(%q) key(%q) value(%q) {schedule = #schedule}
      : (tensor<8x96x64xf32>, tensor<8x96x64xf32>, tensor<8x96x64xf32>) -> tensor<8x96x64xf32>
  return %o : tensor<8x96x64xf32>
}

// -----

#schedule = #attn.schedule<kind = "prefill", query_tile = 16, key_tile = 128, key_block = 8, lanes = 16, registers = 24>

// The mask's bounds cut the loop: keys after the last query of the tile are never read.

// CHECK-LABEL: func @causal
// CHECK:         %[[LAST:.*]] = affine.min
// CHECK:         %[[END:.*]] = arith.minsi
// CHECK:         scf.for %{{.*}} = %c0 to %{{.*}} step %c128
// CHECK:           attn.online_attention
// CHECK-SAME:        mask(
func.func @causal(%q: tensor<8x?x64xf32>) -> tensor<8x?x64xf32> {
  %o = attn.attention query(%q) key(%q) value(%q)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %keep = arith.cmpi sle, %j, %i : index
      attn.yield %keep : i1
    }
    {schedule = #schedule}
    : (tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?x64xf32>) -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}

// -----

#schedule = #attn.schedule<kind = "prefill", query_tile = 16, key_tile = 128, key_block = 8, lanes = 16, registers = 24>

// A score region sees the score in natural units: log2(e) is not folded into the query.

// CHECK-LABEL: func @score
// CHECK:         arith.constant 1.250000e-01 : f32
// CHECK:         attn.online_attention
// CHECK-SAME:      score(
func.func @score(%q: tensor<8x?x64xf32>) -> tensor<8x?x64xf32> {
  %o = attn.attention query(%q) key(%q) value(%q)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %t = math.tanh %s : f32
      attn.yield %t : f32
    }
    {schedule = #schedule}
    : (tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?x64xf32>) -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}

// -----

#schedule = #attn.schedule<kind = "prefill", query_tile = 16, key_tile = 128, key_block = 8, lanes = 16, registers = 24>

// The log-sum-exp is ln(2) * (max + log2(sum)): -inf for a sum of zero.

// CHECK-LABEL: func @lse
// CHECK-DAG:     %[[LN2:.*]] = arith.constant 0.693147182 : f32
// CHECK:         math.log2
// CHECK:         arith.addf
// CHECK:         arith.mulf %{{.*}}, %[[LN2]]
func.func @lse(%q: tensor<8x?x64xf32>) -> (tensor<8x?x64xf32>, tensor<8x?xf32>) {
  %o, %lse = attn.attention query(%q) key(%q) value(%q) {aux = ["lse"], schedule = #schedule}
      : (tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?x64xf32>) -> (tensor<8x?x64xf32>, tensor<8x?xf32>)
  return %o, %lse : tensor<8x?x64xf32>, tensor<8x?xf32>
}

// -----

#schedule = #attn.schedule<kind = "prefill", query_tile = 16, key_tile = 128, key_block = 8, lanes = 16, registers = 24>

// Probabilities are divided by the sum of what was not rounded on its way to the values.

// CHECK-LABEL: func @probabilities
// CHECK:         attn.online_attention
// CHECK:           attn.exact_sum
func.func @probabilities(%q: tensor<8x?x64xbf16>) -> (tensor<8x?x64xbf16>, tensor<8x?x?xf32>) {
  %o, %p = attn.attention query(%q) key(%q) value(%q) {aux = ["probabilities"], schedule = #schedule}
      : (tensor<8x?x64xbf16>, tensor<8x?x64xbf16>, tensor<8x?x64xbf16>) -> (tensor<8x?x64xbf16>, tensor<8x?x?xf32>)
  return %o, %p : tensor<8x?x64xbf16>, tensor<8x?x?xf32>
}

// -----

#schedule = #attn.schedule<kind = "prefill", query_tile = 16, key_tile = 128, key_block = 8, lanes = 16, registers = 24>

// A loop over the runs of keys that the list names, as far as they exist, around the one over key tiles.

// CHECK-LABEL: func @blocks
// CHECK:         %[[LIST:.*]] = tensor.extract_slice %{{.*}} to tensor<?xi32>
// CHECK:         scf.for %[[N:.*]] = %c0 to %{{.*}} step %c1 iter_args(%[[ACC:.*]] = %{{.*}}, %[[M:.*]] = %{{.*}}, %[[L:.*]] = %{{.*}})
// CHECK:           %[[ENTRY:.*]] = tensor.extract %[[LIST]][%[[N]]]
// CHECK:           %[[ROW:.*]] = arith.index_cast %[[ENTRY]]
// CHECK:           arith.muli %[[ROW]], %c64
// CHECK:           scf.for {{.*}} step %c128 iter_args(
// CHECK:             attn.online_attention
// CHECK-NOT:           begin(
func.func @blocks(%q: tensor<8x?x64xf32>, %e: tensor<?x?xi32>) -> tensor<8x?x64xf32> {
  %o = attn.attention query(%q) key(%q) value(%q) blocks(%e) {block_sizes = array<i64: 32, 64>, schedule = #schedule}
      : (tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<?x?xi32>) -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}
