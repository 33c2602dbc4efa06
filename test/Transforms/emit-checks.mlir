// RUN: attn-opt %s --attn-emit-checks --canonicalize -split-input-file -verify-diagnostics | FileCheck %s

// Starts rise from 0 to the length.

// CHECK-LABEL: func @packed
// CHECK-SAME:    attn.checks = ["qs", "must have at least one element", "qs", "must be 0", "qs", "must not be less than the one before", "qs", "must be the number of queries", "arg3"
// CHECK-LABEL: func @packed_check
// CHECK-SAME:    -> i64 attributes {attn.check_of = @packed}
// CHECK:         scf.for
// CHECK:           arith.cmpi slt
// CHECK:         return %{{.*}} : i64
func.func @packed(%q: tensor<?x8x64xf32>, %k: tensor<?x2x64xf32>, %qs: tensor<?xi32> {attn.name = "qs"}, %ks: tensor<?xi32>)
    -> tensor<?x8x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%k) query_starts(%qs) key_starts(%ks) {layout = "shd"}
      : (tensor<?x8x64xf32>, tensor<?x2x64xf32>, tensor<?x2x64xf32>, tensor<?xi32>, tensor<?xi32>) -> tensor<?x8x64xf32>
  return %o : tensor<?x8x64xf32>
}

// -----

// A table has no more pages than keys can be counted. Of it, the part that the analysis leaves is looked at; what is no page is asked of the mask.

// CHECK-LABEL: func @paged
// CHECK-SAME:    attn.checks = ["table", "must have at most 134217727 elements in dimension 1, as keys are counted in 31 bits", "table", "must be a page of the pool"]
// CHECK-LABEL: func @paged_check
// CHECK-SAME:    %[[T:[a-z0-9]*]]: tensor<?x?xi32>, %[[LENGTHS:[a-z0-9]*]]: tensor<?xi32>
// CHECK:         tensor.extract %[[LENGTHS]]
// CHECK:         scf.for
// CHECK:           %[[PAGE:.*]] = tensor.extract
// CHECK:           %[[INDEX:.*]] = arith.index_cast %[[PAGE]]
// CHECK:           %[[BAD:.*]] = arith.cmpi uge, %[[INDEX]]
// CHECK:           scf.if %[[BAD]]
// CHECK:             tensor.extract %[[LENGTHS]]
func.func @paged(%q: tensor<?x4x?x64xf32>, %k: tensor<?x2x16x64xf32>, %t: tensor<?x?xi32> {attn.name = "table"},
                 %lengths: tensor<?xi32>) -> tensor<?x4x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%k) page_table(%t)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %l = tensor.extract %lengths[%b] : tensor<?xi32>
      %n = arith.index_cast %l : i32 to index
      %keep = arith.cmpi slt, %j, %n : index
      attn.yield %keep : i1
    }
    : (tensor<?x4x?x64xf32>, tensor<?x2x16x64xf32>, tensor<?x2x16x64xf32>, tensor<?x?xi32>) -> tensor<?x4x?x64xf32>
  return %o : tensor<?x4x?x64xf32>
}

// -----

// Pointers rise within the entries, and entries are keys; those of lists of one length may be none.

// CHECK-LABEL: func @csr
// CHECK-SAME:    attn.checks = ["p", "must have a pointer for every query, and one more", "p", "must not be less than the one before, nor beyond the entries", "e", "must be a key"]
// CHECK-LABEL: func @csr_check
// CHECK:         scf.for
// CHECK-DAG:       arith.cmpi slt
// CHECK-DAG:       arith.cmpi sgt
// CHECK:         scf.for
// CHECK:           arith.cmpi uge
func.func @csr(%q: tensor<8x?x64xf32>, %p: tensor<?xi32> {attn.name = "p"}, %e: tensor<?xi32> {attn.name = "e"})
    -> tensor<8x?x64xf32> {
  %o = attn.attention query(%q) key(%q) value(%q) csr(%p, %e)
      : (tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<?xi32>, tensor<?xi32>) -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}

// CHECK-LABEL: func @lists
// CHECK-SAME:    attn.checks = ["e", "must have a list for every 32 queries", "e", "must be a run of 16 keys"]
// CHECK-LABEL: func @lists_check
// CHECK:         arith.cmpi sge
func.func @lists(%q: tensor<8x?x64xf32>, %e: tensor<8x?x4xi32> {attn.name = "e"}) -> tensor<8x?x64xf32> {
  %o = attn.attention query(%q) key(%q) value(%q) blocks(%e) {block_sizes = array<i64: 32, 16>}
      : (tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?x4xi32>) -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}

// -----

// Tables that pairs take rows of have some, where there are queries.

// CHECK-LABEL: func @tables
// CHECK-SAME:    attn.checks = ["t", "must not be empty where there are queries"]
// CHECK-LABEL: func @tables_check
// CHECK:         %[[ROWS:.*]] = tensor.dim %arg1, %c1
// CHECK:         arith.cmpi eq, %[[ROWS]], %c0
func.func @tables(%q: tensor<8x?x64xf32>, %t: tensor<8x?x64xf32> {attn.name = "t"}) -> tensor<8x?x64xf32> {
  %o = attn.attention query(%q) key(%q) value(%q)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %r = attn.key_dot %t[%h, %j] : tensor<8x?x64xf32>
      attn.yield %r : f32
    }
    : (tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?x64xf32>) -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}

// -----

// Positions have a row in the rotary tables; what the function computes is not looked at.

// CHECK-LABEL: func @rotary
// CHECK-SAME:    attn.checks = ["p", "must be a row of the rotary tables"]
// CHECK-LABEL: func @rotary_check
// CHECK:         scf.for
// CHECK:           scf.for
// CHECK:             arith.cmpi uge
func.func @rotary(%x: tensor<2x?x32xf32>, %w: tensor<32x32xf32>, %c: tensor<?x4xf32>, %p: tensor<2x?xi32> {attn.name = "p"})
    -> tensor<2x4x?x8xf32> {
  %0 = attn.project_heads %x weights(%w) rotary(%c, %c) positions(%p) {heads = array<i64: 4>, rotated = array<i64: 0>}
      : tensor<2x?x32xf32>, (tensor<32x32xf32>) rotary (tensor<?x4xf32>, tensor<?x4xf32>) positions tensor<2x?xi32>
      -> tensor<2x4x?x8xf32>
  return %0 : tensor<2x4x?x8xf32>
}

// -----

// New rows lie in the cache, on pages of the pool.

// CHECK-LABEL: func @append
// CHECK-SAME:    attn.checks = ["at", "must leave room for the new rows in the cache", "arg3", "must be a page of the pool"]
// CHECK-LABEL: func @append_check
// CHECK:         scf.for
// CHECK:           arith.addi
// CHECK-DAG:       arith.cmpi slt
// CHECK-DAG:       arith.cmpi sgt
// CHECK:           scf.if
// CHECK:             scf.for
// CHECK:               arith.cmpi uge
func.func @append(%new: tensor<?x2x?x64xf32>, %pool: tensor<?x2x16x64xf32>, %at: tensor<?xi32> {attn.name = "at"},
                  %t: tensor<?x?xi32>) -> tensor<?x2x16x64xf32> {
  %0 = attn.append rows(%new) cache(%pool) positions(%at) page_table(%t)
      : (tensor<?x2x?x64xf32>, tensor<?x2x16x64xf32>, tensor<?xi32>, tensor<?x?xi32>) -> tensor<?x2x16x64xf32>
  return %0 : tensor<?x2x16x64xf32>
}

// -----

// A slice lies in the argument that it changes, and is as large as what is put there.

// CHECK-LABEL: func @insert
// CHECK-SAME:    attn.checks = ["cache", "must have room for what is put into it"]
// CHECK-LABEL: func @insert_check
// CHECK-NOT:     tensor.insert_slice
func.func @insert(%new: tensor<2x?x64xf32>, %cache: tensor<2x?x64xf32> {attn.name = "cache", attn.updated_by = 0 : i64}, %i: index, %n: index)
    -> tensor<2x?x64xf32> {
  %0 = tensor.insert_slice %new into %cache[0, %i, 0][2, %n, 64][1, 1, 1] : tensor<2x?x64xf32> into tensor<2x?x64xf32>
  return %0 : tensor<2x?x64xf32>
}

// -----

// Scales, where the module asks for it: a look at all that the entry reads, and at
// each only if some is odd.

// CHECK-LABEL: func @scales
// CHECK-SAME:    attn.checks = ["ks", "must be finite and not 0"]
// CHECK-LABEL: func @scales_check
// CHECK:         linalg.generic
// CHECK:           arith.cmpf ueq
// CHECK:           arith.subf
// CHECK:           arith.cmpf uno
// CHECK:         scf.if
module attributes {attn.check_scales} {
func.func @scales(%q: tensor<2x4x1x64xf32>, %k: tensor<2x2x?x64xi8>, %ks: tensor<2x2x?xf32> {attn.name = "ks"}) -> tensor<2x4x1x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%k) key_scales(%ks)
      : (tensor<2x4x1x64xf32>, tensor<2x2x?x64xi8>, tensor<2x2x?x64xi8>, tensor<2x2x?xf32>) -> tensor<2x4x1x64xf32>
  return %o : tensor<2x4x1x64xf32>
}
}

// -----

// What a region reads at a computed index has an element, if there are queries; what
// is computed of an argument is as large as ops say.

// CHECK-LABEL: func @captured
// CHECK-SAME:    attn.checks = ["table", "must not be empty in dimension 1, where a region reads it at a computed index", "table", "must not leave a tensor that is empty in dimension 0, where a region reads it at a computed index"]
// CHECK-NOT:     attn.not_empty
// CHECK-LABEL: func @captured_check
// CHECK-SAME:    %[[Q:[a-z0-9]*]]: tensor<?x8x?x64xf32>, %[[TABLE:[a-z0-9]*]]: tensor<?x?xf32>, %[[N:[a-z0-9]*]]: index)
// CHECK-DAG:     %[[SIZE:.*]] = tensor.dim %[[TABLE]], %c1
// CHECK-DAG:     %[[NONE:.*]] = arith.cmpi eq, %[[SIZE]], %c0
// CHECK-DAG:     tensor.dim %[[Q]], %c2
// CHECK-DAG:     tensor.dim %[[Q]], %c0
// CHECK:         tensor.extract_slice %[[TABLE]]
func.func @captured(%q: tensor<?x8x?x64xf32>, %table: tensor<?x?xf32> {attn.name = "table"}, %n: index) -> tensor<?x8x?x64xf32> {
  %some = tensor.extract_slice %table[0, 0][1, %n][1, 1] : tensor<?x?xf32> to tensor<?xf32>
  %o = attn.attention query(%q) key(%q) value(%q)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %x = tensor.extract %table[%b, %j] {attn.not_empty = array<i64: 1>} : tensor<?x?xf32>
      %y = tensor.extract %some[%j] {attn.not_empty = array<i64: 0>} : tensor<?xf32>
      %0 = arith.addf %s, %x : f32
      %1 = arith.addf %0, %y : f32
      attn.yield %1 : f32
    }
    : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32>
  return %o : tensor<?x8x?x64xf32>
}

// -----

func.func @unknown_size(%q: tensor<8x?x64xf32>, %n: tensor<?xindex>) -> tensor<8x?x64xf32> {
  %c0 = arith.constant 0 : index
  %size = scf.execute_region -> index {
    %first = tensor.extract %n[%c0] : tensor<?xindex>
    scf.yield %first : index
  }
  // expected-note @+1 {{this tensor, in dimension 0}}
  %some = tensor.extract_slice %n[0][%size][1] : tensor<?xindex> to tensor<?xindex>
  // expected-error @+1 {{reads a tensor at a computed index whose size takes more than scalar arithmetic to compute, which is not supported}}
  %o = attn.attention query(%q) key(%q) value(%q)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %x = tensor.extract %some[%j] {attn.not_empty = array<i64: 0>} : tensor<?xindex>
      %keep = arith.cmpi slt, %x, %i : index
      attn.yield %keep : i1
    }
    : (tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?x64xf32>) -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}

// -----

// Nothing to check, no function.

// CHECK-LABEL: func @plain
// CHECK-NOT:   func
func.func @plain(%q: tensor<8x?x64xf32>) -> tensor<8x?x64xf32> {
  %o = attn.attention query(%q) key(%q) value(%q)
      : (tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?x64xf32>) -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}

// -----

func.func @computed(%q: tensor<8x?x64xf32>, %all: tensor<?xi32>) -> tensor<8x?x64xf32> {
  %s = tensor.extract_slice %all[0] [5] [1] : tensor<?xi32> to tensor<5xi32>
  // expected-error @+1 {{query_starts that are no argument of the function 'computed' are not supported, as nothing checks them}}
  %o = attn.attention query(%q) key(%q) value(%q) query_starts(%s) key_starts(%s)
      : (tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<5xi32>, tensor<5xi32>) -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}

// -----

func.func @computed_positions(%new: tensor<2x2x1x64xf32>, %cache: tensor<2x2x9x64xf32>, %all: tensor<5xi32>) -> tensor<2x2x9x64xf32> {
  %at = tensor.extract_slice %all[0] [2] [1] : tensor<5xi32> to tensor<2xi32>
  // expected-error @+1 {{with positions, a page_table or a cache that are no arguments of the function 'computed_positions' is not supported, as nothing checks them}}
  %0 = attn.append rows(%new) cache(%cache) positions(%at)
      : (tensor<2x2x1x64xf32>, tensor<2x2x9x64xf32>, tensor<2xi32>) -> tensor<2x2x9x64xf32>
  return %0 : tensor<2x2x9x64xf32>
}

// -----

func.func @computed(%q: tensor<8x?x64xf32>, %p: tensor<?xi32>, %e: tensor<?xi32>) -> tensor<8x?x64xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %p, %c0 : tensor<?xi32>
  %some = tensor.extract_slice %p[0] [%n] [1] : tensor<?xi32> to tensor<?xi32>
  // expected-error @+1 {{csr of queries, keys or lists that are no argument of the function 'computed' is not supported, as nothing checks them}}
  %o = attn.attention query(%q) key(%q) value(%q) csr(%some, %e)
      : (tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<?xi32>, tensor<?xi32>) -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}
