// RUN: attn-opt %s --attn-tile-queries --canonicalize -split-input-file -verify-diagnostics | FileCheck %s

#schedule = #attn.schedule<kind = "prefill", query_tile = 48, key_tile = 128, key_block = 8, lanes = 16, registers = 24>

// One task is one head of one batch, and at most 48 queries; the op knows where it starts.

// CHECK-LABEL: func @plain
// CHECK-SAME:  %[[Q:.*]]: tensor<?x8x?x64xf32>, %[[K:.*]]: tensor<?x8x?x64xf32>, %[[V:[^:]*]]:
// CHECK:       scf.forall (%[[B:.*]], %[[H:.*]], %[[I:.*]]) = (0, 0, 0) to (%{{.*}}, 8, %{{.*}}) step (1, 1, 48) shared_outs(%[[OUT:.*]] = %
// CHECK:         %[[LIVE:.*]] = affine.min
// CHECK-DAG:     %[[QT:.*]] = tensor.extract_slice %[[Q]][%[[B]], %[[H]], %[[I]], 0] [1, 1, %[[LIVE]], 64]
// CHECK-DAG:     %[[KT:.*]] = tensor.extract_slice %[[K]][%[[B]], %[[H]], 0, 0] [1, 1, %{{.*}}, 64]
// CHECK-DAG:     %[[VT:.*]] = tensor.extract_slice %[[V]][%[[B]], %[[H]], 0, 0] [1, 1, %{{.*}}, 64]
// CHECK:         %[[O:.*]] = attn.attention query(%[[QT]]) key(%[[KT]]) value(%[[VT]]) offsets(%[[B]], %[[H]], %[[I]], %c0)
// CHECK-SAME:      scale = 1.250000e-01
// CHECK:         tensor.parallel_insert_slice %[[O]] into %[[OUT]][%[[B]], %[[H]], %[[I]], 0] [1, 1, %[[LIVE]], 64]
func.func @plain(%q: tensor<?x8x?x64xf32>, %k: tensor<?x8x?x64xf32>, %v: tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v) {schedule = #schedule}
      : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32>
  return %o : tensor<?x8x?x64xf32>
}

// -----

#schedule = #attn.schedule<kind = "prefill", query_tile = 48, key_tile = 128, key_block = 8, lanes = 16, registers = 24>

// Four query heads share a key head. Statistics have the default order in every layout.

// CHECK-DAG:   #[[$GROUP:.*]] = affine_map<(d0) -> (d0 floordiv 4)>
// CHECK-LABEL: func @groups
// CHECK-SAME:  %[[Q:.*]]: tensor<2x100x8x64xf32>, %[[K:[^:]*]]:
// CHECK:       scf.forall (%[[B:.*]], %[[H:.*]], %[[I:.*]]) = (0, 0, 0) to (2, 8, 100) step (1, 1, 48)
// CHECK-DAG:     tensor.extract_slice %[[Q]][%[[B]], %[[I]], %[[H]], 0]
// CHECK-DAG:     %[[HKV:.*]] = affine.apply #[[$GROUP]](%[[H]])
// CHECK:         tensor.extract_slice %[[K]][%[[B]], 0, %[[HKV]], 0]
// CHECK:         %[[R:.*]]:2 = attn.attention
// CHECK-DAG:     tensor.parallel_insert_slice %[[R]]#0 into %{{.*}}[%[[B]], %[[I]], %[[H]], 0]
// CHECK-DAG:     tensor.parallel_insert_slice %[[R]]#1 into %{{.*}}[%[[B]], %[[H]], %[[I]]]
func.func @groups(%q: tensor<2x100x8x64xf32>, %k: tensor<2x30x2x64xf32>) -> (tensor<2x100x8x64xf32>, tensor<2x8x100xf32>) {
  %o, %lse = attn.attention query(%q) key(%k) value(%k) {aux = ["lse"], layout = "bshd", schedule = #schedule}
      : (tensor<2x100x8x64xf32>, tensor<2x30x2x64xf32>, tensor<2x30x2x64xf32>) -> (tensor<2x100x8x64xf32>, tensor<2x8x100xf32>)
  return %o, %lse : tensor<2x100x8x64xf32>, tensor<2x8x100xf32>
}

// -----

#schedule = #attn.schedule<kind = "prefill", query_tile = 48, key_tile = 128, key_block = 8, lanes = 16, registers = 24>

// Without a batch there are two loops, and batch 0. Regions come along as they are.

// CHECK-LABEL: func @one_batch
// CHECK:       scf.forall (%[[H:.*]], %[[I:.*]]) = (0, 0) to (8, %{{.*}}) step (1, 48)
// CHECK:         attn.attention {{.*}} offsets(%c0, %[[H]], %[[I]], %c0) mask(
// CHECK-NEXT:      arith.cmpi sle, %{{.*}}, %{{.*}} : index
// CHECK-NEXT:      attn.yield
func.func @one_batch(%q: tensor<8x?x64xf32>) -> tensor<8x?x64xf32> {
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

#schedule = #attn.schedule<kind = "prefill", query_tile = 48, key_tile = 128, key_block = 8, lanes = 16, registers = 24>

// What has offsets is a task already.

// CHECK-LABEL: func @task
// CHECK-NOT:   scf.forall
// CHECK:       attn.attention
func.func @task(%q: tensor<1x20x64xf32>, %i: index) -> tensor<1x20x64xf32> {
  %o = attn.attention query(%q) key(%q) value(%q) offsets(%i, %i, %i, %i) {schedule = #schedule}
      : (tensor<1x20x64xf32>, tensor<1x20x64xf32>, tensor<1x20x64xf32>) -> tensor<1x20x64xf32>
  return %o : tensor<1x20x64xf32>
}

// -----

func.func @no_schedule(%q: tensor<8x?x64xf32>) -> tensor<8x?x64xf32> {
  // expected-error @+1 {{'attn.attention' op has no schedule; run attn-choose-schedule first}}
  %o = attn.attention query(%q) key(%q) value(%q)
      : (tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?x64xf32>) -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}
