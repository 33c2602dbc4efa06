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

#schedule = #attn.schedule<kind = "prefill", query_tile = 48, key_tile = 128, key_block = 8, lanes = 16, registers = 24>

// A pool belongs to all batches; a task has one row of the table.

// CHECK-LABEL: func @pages
// CHECK-SAME:  %[[Q:.*]]: tensor<?x8x?x64xf32>, %[[K:.*]]: tensor<?x2x16x64xi8>, %[[S:.*]]: tensor<?x2x16xf32>, %[[T:.*]]: tensor<?x?xi32>
// CHECK:       scf.forall (%[[B:.*]], %[[H:.*]], %[[I:.*]]) =
// CHECK-DAG:     %[[HKV:.*]] = affine.apply
// CHECK-DAG:     %[[KT:.*]] = tensor.extract_slice %[[K]][0, %[[HKV]], 0, 0] [%{{.*}}, 1, 16, 64]
// CHECK-DAG:     %[[ST:.*]] = tensor.extract_slice %[[S]][0, %[[HKV]], 0] [%{{.*}}, 1, 16]
// CHECK-DAG:     %[[TT:.*]] = tensor.extract_slice %[[T]][%[[B]], 0] [1, %{{.*}}]
// CHECK:         attn.attention {{.*}} key(%[[KT]]) value(%{{.*}}) key_scales(%[[ST]]) page_table(%[[TT]])
func.func @pages(%q: tensor<?x8x?x64xf32>, %k: tensor<?x2x16x64xi8>, %s: tensor<?x2x16xf32>, %t: tensor<?x?xi32>)
    -> tensor<?x8x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%k) key_scales(%s) page_table(%t) {schedule = #schedule}
      : (tensor<?x8x?x64xf32>, tensor<?x2x16x64xi8>, tensor<?x2x16x64xi8>, tensor<?x2x16xf32>, tensor<?x?xi32>)
      -> tensor<?x8x?x64xf32>
  return %o : tensor<?x8x?x64xf32>
}

// -----

#schedule = #attn.schedule<kind = "prefill", query_tile = 48, key_tile = 128, key_block = 8, lanes = 16, registers = 24>

// The tiles of packed sequences are listed; one task is one head of one of them, and sees the keys of its sequence.

// CHECK-DAG:   #[[$CAPACITY:.+]] = affine_map<(){{.*}} -> (s1 + s0 floordiv 48)>
// CHECK-LABEL: func @packed
// CHECK-SAME:  %[[Q:.*]]: tensor<?x8x64xf32>, %[[K:.*]]: tensor<?x2x64xf32>, %[[QS:.*]]: tensor<?xi32>, %[[KS:.*]]: tensor<?xi32>
// CHECK:       %[[SIZE:.*]] = affine.apply #[[$CAPACITY]]
// CHECK:       %[[EMPTY:.*]] = tensor.empty(%[[SIZE]]) : tensor<?x2xi32>
// CHECK:       %[[LIST:.*]]:2 = scf.for %[[N:.*]] = %c0 to %{{.*}} step %c1 iter_args(%{{.*}} = %[[EMPTY]], %{{.*}} = %c0)
// CHECK:         scf.for %[[FIRST:.*]] = %c0 to %{{.*}} step %c48
// CHECK:       scf.forall (%[[H:.*]], %[[TILE:.*]]) in (8, %[[LIST]]#1) shared_outs(%[[OUT:.*]] = %
// CHECK:         %[[N32:.*]] = tensor.extract %[[LIST]]#0[%[[TILE]], %c0]
// CHECK:         %[[SEQUENCE:.*]] = arith.index_cast %[[N32]]
// CHECK:         %[[I32:.*]] = tensor.extract %[[LIST]]#0[%[[TILE]], %c1]
// CHECK:         %[[I:.*]] = arith.index_cast %[[I32]]
// CHECK:         %[[BEGIN:.*]] = arith.index_cast
// CHECK:         %[[LIVE:.*]] = arith.minsi %{{.*}}, %c48
// CHECK:         %[[ROW:.*]] = arith.addi %[[BEGIN]], %[[I]]
// CHECK:         attn.attention {{.*}} offsets(%[[SEQUENCE]], %[[H]], %[[I]], %c0)
// CHECK:         tensor.parallel_insert_slice %{{.*}} into %[[OUT]][%[[ROW]], %[[H]], 0] [%[[LIVE]], 1, 64]
func.func @packed(%q: tensor<?x8x64xf32>, %k: tensor<?x2x64xf32>, %qs: tensor<?xi32>, %ks: tensor<?xi32>)
    -> tensor<?x8x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%k) query_starts(%qs) key_starts(%ks) {layout = "shd", schedule = #schedule}
      : (tensor<?x8x64xf32>, tensor<?x2x64xf32>, tensor<?x2x64xf32>, tensor<?xi32>, tensor<?xi32>) -> tensor<?x8x64xf32>
  return %o : tensor<?x8x64xf32>
}

// -----

func.func @no_schedule(%q: tensor<8x?x64xf32>) -> tensor<8x?x64xf32> {
  // expected-error @+1 {{'attn.attention' op has no schedule; run attn-choose-schedule first}}
  %o = attn.attention query(%q) key(%q) value(%q)
      : (tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?x64xf32>) -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}

// -----

#schedule = #attn.schedule<kind = "prefill", query_tile = 48, key_tile = 128, key_block = 8, lanes = 16, registers = 24>

// Scales and zero points are cut like the rows that they belong to, in every layout.

// CHECK-LABEL: func @scales
// CHECK-SAME:  %{{.*}}: tensor<2x?x8x64xf32>, %[[K:.*]]: tensor<2x?x2x64xi8>, %[[S:.*]]: tensor<2x?x2xf32>, %[[G:.*]]: tensor<2x?x2x4xf32>, %[[Z:[^:]*]]:
// CHECK:       scf.forall (%[[B:.*]], %[[H:.*]], %{{.*}}) =
// CHECK-DAG:     %[[ST:.*]] = tensor.extract_slice %[[S]][%[[B]], 0, %[[HKV:.*]]] [1, %{{.*}}, 1] [1, 1, 1]
// CHECK-DAG:     %[[GT:.*]] = tensor.extract_slice %[[G]][%[[B]], 0, %[[HKV]], 0] [1, %{{.*}}, 1, 4]
// CHECK-DAG:     %[[ZT:.*]] = tensor.extract_slice %[[Z]][%[[B]], 0, %[[HKV]], 0] [1, %{{.*}}, 1, 4]
// CHECK:         attn.attention {{.*}} key_scales(%[[ST]]) value_scales(%[[GT]]) value_zero_points(%[[ZT]]) offsets
func.func @scales(%q: tensor<2x?x8x64xf32>, %k: tensor<2x?x2x64xi8>, %s: tensor<2x?x2xf32>, %g: tensor<2x?x2x4xf32>,
                  %z: tensor<2x?x2x4xi8>) -> tensor<2x?x8x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%k) key_scales(%s) value_scales(%g) value_zero_points(%z)
      {layout = "bshd", schedule = #schedule}
      : (tensor<2x?x8x64xf32>, tensor<2x?x2x64xi8>, tensor<2x?x2x64xi8>, tensor<2x?x2xf32>, tensor<2x?x2x4xf32>,
         tensor<2x?x2x4xi8>) -> tensor<2x?x8x64xf32>
  return %o : tensor<2x?x8x64xf32>
}

// -----

#schedule = #attn.schedule<kind = "prefill", query_tile = 48, key_tile = 128, key_block = 8, lanes = 16, registers = 24>

// A task has one list: 32 queries divide the 64 that share it, and 48 do not.

// CHECK-DAG:   #[[$ROW:.*]] = affine_map<(d0) -> (d0 floordiv 64)>
// CHECK-LABEL: func @blocks
// CHECK-SAME:  %[[P:[a-z0-9]*]]: tensor<2x?xi32>, %[[E:[a-z0-9]*]]: tensor<2x?xi32>
// CHECK:       scf.forall (%[[B:.*]], %{{.*}}, %[[I:.*]]) = {{.*}} step (1, 1, 32)
// CHECK-DAG:     %[[ROW:.*]] = affine.apply #[[$ROW]](%[[I]])
// CHECK:         %[[P0:.*]] = tensor.extract %[[P]][%[[B]], %[[ROW]]]
// CHECK:         %[[BEGIN:.*]] = arith.index_cast %[[P0]]
// CHECK:         %[[END:.*]] = arith.index_cast
// CHECK:         %[[COUNT:.*]] = arith.subi %[[END]], %[[BEGIN]]
// CHECK:         %[[LIST:.*]] = tensor.extract_slice %[[E]][%[[B]], %[[BEGIN]]] [1, %[[COUNT]]] [1, 1] : tensor<2x?xi32> to tensor<?xi32>
// CHECK:         attn.attention {{.*}} blocks(%[[LIST]]) {{.*}}attn.every_entry_is_key
func.func @blocks(%q: tensor<2x8x?x64xf32>, %p: tensor<2x?xi32>, %e: tensor<2x?xi32>) -> tensor<2x8x?x64xf32> {
  %o = attn.attention query(%q) key(%q) value(%q) blocks(%p, %e) {block_sizes = array<i64: 64, 64>, schedule = #schedule}
      : (tensor<2x8x?x64xf32>, tensor<2x8x?x64xf32>, tensor<2x8x?x64xf32>, tensor<2x?xi32>, tensor<2x?xi32>)
      -> tensor<2x8x?x64xf32>
  return %o : tensor<2x8x?x64xf32>
}

// -----

#schedule = #attn.schedule<kind = "decode", query_tile = 4, key_tile = 32, key_block = 16, lanes = 16, registers = 24>

// The number of an entry counts from the first pointer; in the list of a task, it is the key's own.

// CHECK-LABEL: func @entries
// CHECK:       scf.forall
// CHECK-DAG:     %[[BEGIN:.*]] = arith.maxsi %{{.*}}, %c0
// CHECK:         %[[FIRST:.*]] = arith.minsi %[[BEGIN]], %{{.*}}
// CHECK:         attn.online_attention
// CHECK:           score(%{{.*}}: f32, %{{.*}}: index, %{{.*}}: index, %{{.*}}: index, %[[NUMBER:.*]]: index) {
// CHECK-NOT:         attn.entry
// CHECK:             %[[N:.*]] = arith.addi %[[NUMBER]], %[[FIRST]]
// CHECK:             tensor.extract %{{.*}}[%[[N]]] : tensor<?xf32>
func.func @entries(%q: tensor<8x?x64xf32>, %k: tensor<2x?x64xf32>, %p: tensor<?xi32>, %e: tensor<?xi32>,
                   %edges: tensor<?xf32>) -> tensor<8x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%k) csr(%p, %e)
      score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
        %n = attn.entry
        %x = tensor.extract %edges[%n] : tensor<?xf32>
        %r = arith.addf %s, %x : f32
        attn.yield %r : f32
      } {schedule = #schedule}
      : (tensor<8x?x64xf32>, tensor<2x?x64xf32>, tensor<2x?x64xf32>, tensor<?xi32>, tensor<?xi32>) -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}

// -----

#schedule = #attn.schedule<kind = "decode", query_tile = 4, key_tile = 32, key_block = 16, lanes = 16, registers = 24>

// Few queries to a list: a task for each, of a key head. Keys are found by their entries.

// CHECK-LABEL: func @csr
// CHECK-SAME:  %[[Q:[a-z0-9]*]]: tensor<8x?x64xf32>, %[[K:[a-z0-9]*]]: tensor<2x?x64xf32>
// CHECK:       scf.forall (%{{.*}}, %[[I:.*]]) in (2, %{{.*}})
// CHECK:         tensor.extract_slice %{{.*}}[%{{.*}}, %[[I]], 0] [4, 1, 64]
// CHECK:         attn.online_attention
// CHECK:           load_key(%[[KEY:.*]]: index, %[[D:.*]]: index) {
// CHECK:             %[[ENTRY:.*]] = tensor.extract %{{.*}}[%{{.*}}] : tensor<?xi32>
// CHECK:             %[[AT:.*]] = arith.index_cast %[[ENTRY]]
// CHECK:             tensor.extract %{{.*}}[%[[AT]], %[[D]]]
func.func @csr(%q: tensor<8x?x64xf32>, %k: tensor<2x?x64xf32>, %p: tensor<?xi32>, %e: tensor<?xi32>) -> tensor<8x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%k) csr(%p, %e) {schedule = #schedule}
      : (tensor<8x?x64xf32>, tensor<2x?x64xf32>, tensor<2x?x64xf32>, tensor<?xi32>, tensor<?xi32>) -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}
