// Runs of live keys, where a mask leaves holes in the range of a query tile.
// RUN: attn-opt %s --attn-tile-queries --attn-tile-keys --canonicalize --cse -split-input-file | FileCheck %s

#schedule = #attn.schedule<kind = "prefill", query_tile = 32, key_tile = 128, key_block = 8, lanes = 16, registers = 24>

// A table says which block of keys each block of queries sees. A round looks for the next run, then attends to the one
// before, whose tile begins the state if none did, and ends it if there is no other.

// CHECK-LABEL: func @chosen_blocks
// CHECK-SAME:    %[[Q:[^:]*]]: tensor<?x4x?x64xf32>, %[[K:[^:]*]]: tensor<?x4x?x64xf32>, %{{[^:]*}}: tensor<?x4x?x64xf32>, %[[TABLE:[^:]*]]: tensor<?xi32>
// CHECK:         scf.for {{.*}} iter_args(%[[BEGIN:.*]] = %{{.*}}, %[[END:[^ ]*]] = %{{.*}}, %[[NEXT:[^ ]*]] = %{{.*}}, %[[FINE:[^ ]*]] = %{{.*}}, %[[BEGUN:[^ ]*]] = %false, %[[ACC:[^ ]*]] =
// CHECK:           %[[FOUND:.*]]:4 = scf.while (%{{.*}} = %[[NEXT]], %{{.*}} = %[[NEXT]], %{{.*}} = %[[NEXT]], %{{.*}} = %[[FINE]])
// CHECK:             scf.condition
//                    Strips of 16 queries and 16 keys: one load, of the table's block that they lie in.
// CHECK:             scf.for %{{.*}} step %c1 iter_args(%{{.*}} = %false)
// CHECK:               tensor.extract %[[TABLE]]
// CHECK:               arith.minsi
// CHECK:               arith.maxsi
// CHECK:             tensor.extract %[[TABLE]]
// CHECK:           %[[SOME:.*]] = arith.cmpi slt, %[[BEGIN]], %[[END]]
// CHECK:           %[[LAST:.*]] = arith.cmpi sge, %[[FOUND]]#0, %[[FOUND]]#1
// CHECK:           arith.ori %[[BEGUN]], %[[SOME]]
// CHECK:           scf.if %[[SOME]]
// CHECK:             %[[FIRST:.*]] = arith.xori %[[BEGUN]], %true
// CHECK:             attn.online_attention {{.*}} begin(%[[FIRST]]) end(%[[LAST]])
//                  Zeros, where there was no run.
// CHECK:         scf.if
// CHECK:           linalg.fill
func.func @chosen_blocks(%q: tensor<?x4x?x64xf32>, %k: tensor<?x4x?x64xf32>, %v: tensor<?x4x?x64xf32>, %table: tensor<?xi32>) -> tensor<?x4x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %c64 = arith.constant 64 : index
      %bi = arith.divui %i, %c64 : index
      %bj = arith.divui %j, %c64 : index
      %n = tensor.extract %table[%bi] : tensor<?xi32>
      %ni = arith.index_cast %n : i32 to index
      %keep = arith.cmpi eq, %bj, %ni : index
      attn.yield %keep : i1
    } {schedule = #schedule}
    : (tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>) -> tensor<?x4x?x64xf32>
  return %o : tensor<?x4x?x64xf32>
}

// -----

#schedule = #attn.schedule<kind = "prefill", query_tile = 32, key_tile = 128, key_block = 8, lanes = 16, registers = 24>

// What has none pays for none: a window of documents of known length.

// CHECK-LABEL: func @window
// CHECK-NOT:     scf.while
// CHECK:         attn.online_attention
func.func @window(%q: tensor<?x4x?x64xf32>, %k: tensor<?x4x?x64xf32>, %v: tensor<?x4x?x64xf32>, %lengths: tensor<?xi32>) -> tensor<?x4x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %c256 = arith.constant 256 : index
      %d = arith.subi %i, %j : index
      %far = math.absi %d : index
      %near = arith.cmpi sle, %far, %c256 : index
      %n = tensor.extract %lengths[%b] : tensor<?xi32>
      %ni = arith.index_cast %n : i32 to index
      %in = arith.cmpi slt, %j, %ni : index
      %keep = arith.andi %near, %in : i1
      attn.yield %keep : i1
    } {schedule = #schedule}
    : (tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>) -> tensor<?x4x?x64xf32>
  return %o : tensor<?x4x?x64xf32>
}

// -----

#schedule = #attn.schedule<kind = "prefill", query_tile = 32, key_tile = 128, key_block = 8, lanes = 16, registers = 24>

// Prefix or past: both begin at the first key, so that no gap is between them.

// CHECK-LABEL: func @prefix
// CHECK-NOT:     scf.while
// CHECK:         attn.online_attention
func.func @prefix(%q: tensor<?x4x?x64xf32>, %k: tensor<?x4x?x64xf32>, %v: tensor<?x4x?x64xf32>, %prefix: index) -> tensor<?x4x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %past = arith.cmpi sle, %j, %i : index
      %shared = arith.cmpi slt, %j, %prefix : index
      %keep = arith.ori %past, %shared : i1
      attn.yield %keep : i1
    } {schedule = #schedule}
    : (tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>) -> tensor<?x4x?x64xf32>
  return %o : tensor<?x4x?x64xf32>
}

// -----

#schedule = #attn.schedule<kind = "prefill", query_tile = 32, key_tile = 128, key_block = 8, lanes = 16, registers = 24>

// First keys or neighbours: there may be a gap, and where all scores are a result, it is -inf.

// CHECK-LABEL: func @globals
// CHECK:         %[[DEAD:.*]] = arith.constant 0xFF800000 : f32
// CHECK:         linalg.fill ins(%[[DEAD]] : f32) outs(%{{.*}} : tensor<1x?x?xf32>)
// CHECK:         scf.while
// CHECK:         scf.if
// CHECK:           %[[TILE:.*]]:5 = attn.online_attention
// CHECK:           tensor.insert_slice %[[TILE]]#4
func.func @globals(%q: tensor<?x4x?x64xf32>, %k: tensor<?x4x?x64xf32>, %v: tensor<?x4x?x64xf32>) -> (tensor<?x4x?x64xf32>, tensor<?x4x?x?xf32>) {
  %o, %scores = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %c16 = arith.constant 16 : index
      %c256 = arith.constant 256 : index
      %d = arith.subi %i, %j : index
      %far = math.absi %d : index
      %near = arith.cmpi sle, %far, %c256 : index
      %seen = arith.cmpi slt, %j, %c16 : index
      %keep = arith.ori %near, %seen : i1
      attn.yield %keep : i1
    } {aux = ["scores"], schedule = #schedule}
    : (tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>) -> (tensor<?x4x?x64xf32>, tensor<?x4x?x?xf32>)
  return %o, %scores : tensor<?x4x?x64xf32>, tensor<?x4x?x?xf32>
}
