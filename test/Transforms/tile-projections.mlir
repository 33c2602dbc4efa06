// RUN: attn-opt %s --attn-attach-target=target=x86-64-v4 --attn-tile-projections --canonicalize | FileCheck %s
// RUN: attn-opt %s --attn-attach-target=target=avx512-bf16 --attn-tile-projections --canonicalize \
// RUN:     | FileCheck %s --check-prefix=DOT

// RUN: attn-opt %s --attn-attach-target=target=amx --attn-tile-projections --canonicalize \
// RUN:     | FileCheck %s --check-prefix=AMX

// The weight is packed once: for each of 12 heads one block of 32 columns. A task is a run of 132 rows of a head, of
// which 12 fit the registers at a time; up to two blocks of 8 rows before the last that overlap little.
// CHECK: func @project_prepare(%{{.*}}: tensor<384x384xf32>) -> tensor<12x1x1x384x32xf32>
// CHECK-LABEL: func @project(
// CHECK-SAME: %[[X:.*]]: tensor<?x?x384xf32>
// CHECK-SAME: %[[PACKED:.*]]: tensor<12x1x1x384x32xf32> {attn.prepared}
// CHECK: scf.forall ({{.*}}) in (%{{.*}}, 12, %{{.*}}) shared_outs
// CHECK:   arith.remui %[[ROWS:.*]], %c12
// CHECK:   %[[IN:.*]] = tensor.extract_slice %[[X]]{{.*}} : tensor<?x?x384xf32> to tensor<12x384xf32>
// CHECK:   linalg.generic {{.*}} ins(%{{.*}} : tensor<32xf32>) outs(%{{.*}} : tensor<12x32xf32>)
// CHECK:   linalg.generic {{.*}}"reduction"]} ins(%[[IN]], %{{.*}} : tensor<12x384xf32>, tensor<384x32xf32>)
// CHECK:   tensor<8x384xf32>
// CHECK:   tensor<1x384xf32>
func.func @project(%x: tensor<?x?x384xf32>, %w: tensor<384x384xf32>, %bias: tensor<384xf32>) -> tensor<?x12x?x32xf32> {
  %y = attn.project_heads %x weights(%w) biases(%bias) {heads = array<i64: 12>}
      : tensor<?x?x384xf32>, (tensor<384x384xf32>), (tensor<384xf32>) -> tensor<?x12x?x32xf32>
  return %y : tensor<?x12x?x32xf32>
}

// Sums of bf16 are f32, rounded once behind the activation. Where the target multiplies pairs, they lie side by side in
// the weight; elsewhere both factors are converted before they meet.
// CHECK: func @pairs_prepare(%{{.*}}: tensor<64x48xbf16>) -> tensor<1x1x1x48x64xf32>
// CHECK-LABEL: func @pairs(
// CHECK:   arith.extf {{.*}} : bf16 to f32
// CHECK:   linalg.generic {{.*}} ins(%{{.*}} : tensor<6x48xf32>, tensor<48x64xf32>) outs(%{{.*}} : tensor<6x64xf32>)
// CHECK:   arith.truncf {{.*}} : f32 to bf16
// DOT: func @pairs_prepare(%{{.*}}: tensor<64x48xbf16>) -> tensor<1x1x1x24x128xbf16>
// DOT-LABEL: func @pairs(
// DOT:   linalg.generic {{.*}}"reduction", "reduction"]}
// DOT-SAME: ins(%{{.*}} : tensor<6x48xbf16>, tensor<24x128xbf16>, tensor<2xf32>) outs(%{{.*}} : tensor<6x64xf32>)
// DOT:   arith.truncf {{.*}} : f32 to bf16
func.func @pairs(%x: tensor<?x48xbf16>, %w: tensor<64x48xbf16>) -> tensor<1x?x64xbf16> {
  %y = attn.project_heads %x weights(%w) {heads = array<i64: 1>, activation = "relu"}
      : tensor<?x48xbf16>, (tensor<64x48xbf16>) -> tensor<1x?x64xbf16>
  return %y : tensor<1x?x64xbf16>
}

// Matrix registers take 32 or 16 rows times 32 columns, and a depth of whole registers; the rest of it, and rows too few
// for a register, are multiplied by vectors.
// AMX: func @pairs_prepare(%{{.*}}: tensor<64x48xbf16>) -> tensor<1x2x1x24x64xbf16>
// AMX-LABEL: func @pairs(
// AMX:   linalg.generic {{.*}} ins(%{{.*}} : tensor<32x32xbf16>, tensor<16x64xbf16>, tensor<2xf32>)
// AMX-SAME: outs(%{{.*}} : tensor<32x32xf32>) attrs = {{ *}}{attn.matrix_tiles}
// AMX:   linalg.generic {{.*}} ins(%{{.*}} : tensor<32x16xbf16>, tensor<8x64xbf16>, tensor<2xf32>)
// AMX-SAME: outs(%{{.*}} : tensor<32x32xf32>) {
// AMX:   tensor<16x32xf32>) attrs = {{ *}}{attn.matrix_tiles}
// AMX:   ins(%{{.*}} : tensor<12x48xbf16>, tensor<24x64xbf16>, tensor<2xf32>)

// An odd depth is no whole number of pairs.
// DOT: func @odd_prepare(%{{.*}}: tensor<16x33xbf16>) -> tensor<1x1x1x33x16xf32>
func.func @odd(%x: tensor<?x33xbf16>, %w: tensor<16x33xbf16>) -> tensor<1x?x16xbf16> {
  %y = attn.project_heads %x weights(%w) {heads = array<i64: 1>}
      : tensor<?x33xbf16>, (tensor<16x33xbf16>) -> tensor<1x?x16xbf16>
  return %y : tensor<1x?x16xbf16>
}

// Pairs do not reach from one head into the next: each is a group of the sum.
// DOT: func @merge_prepare(%{{.*}}: tensor<64x96xbf16>) -> tensor<1x1x2x24x128xbf16>
// DOT-LABEL: func @merge(
// DOT:   linalg.generic {{.*}}"reduction", "reduction", "reduction"]}
// DOT-SAME: ins(%{{.*}} : tensor<2x6x48xbf16>, tensor<2x24x128xbf16>, tensor<2xf32>)
func.func @merge(%a: tensor<2x?x48xbf16>, %w: tensor<64x96xbf16>) -> tensor<?x64xbf16> {
  %y = attn.merge_heads %a weight(%w) : tensor<2x?x48xbf16>, tensor<64x96xbf16> -> tensor<?x64xbf16>
  return %y : tensor<?x64xbf16>
}

// Eight lanes of f64, so that a block is twice as high.
// CHECK: func @doubles_prepare(%{{.*}}: tensor<16x33xf64>) -> tensor<1x1x1x33x16xf64>
// CHECK-LABEL: func @doubles(
// CHECK:   ins(%{{.*}} : tensor<12x33xf64>, tensor<33x16xf64>)
func.func @doubles(%x: tensor<?x33xf64>, %w: tensor<16x33xf64>) -> tensor<1x?x16xf64> {
  %y = attn.project_heads %x weights(%w) {heads = array<i64: 1>}
      : tensor<?x33xf64>, (tensor<16x33xf64>) -> tensor<1x?x16xf64>
  return %y : tensor<1x?x16xf64>
}
