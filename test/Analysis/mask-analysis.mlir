// The code that replaces a look at every element: key ranges of a tile of
// queries, and verdicts on boxes.
// RUN: attn-opt %s --attn-test-mask-analysis --canonicalize --cse --split-input-file | FileCheck %s

!t = tensor<?x4x?x64xf32>

func.func @causal(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %keep = arith.cmpi sle, %j, %i : index
      attn.yield %keep : i1
    } : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<?x4x?x64xf32>

// Aligned at the bottom right: the lengths are symbolic, but known to be small.
func.func @causal_br(%q: !t, %k: !t, %v: !t) -> !t {
  %c2 = arith.constant 2 : index
  %sq = tensor.dim %q, %c2 : !t
  %sk = tensor.dim %k, %c2 : !t
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %offset = arith.subi %sk, %sq : index
      %last = arith.addi %i, %offset : index
      %keep = arith.cmpi sle, %j, %last : index
      attn.yield %keep : i1
    } : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<?x4x?x64xf32>

func.func @window(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %c256 = arith.constant 256 : index
      %d = arith.subi %i, %j : index
      %a = math.absi %d : index
      %keep = arith.cmpi sle, %a, %c256 : index
      attn.yield %keep : i1
    } : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<?x4x?x64xf32>

func.func @prefix(%q: !t, %k: !t, %v: !t, %n: index) -> !t {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %causal = arith.cmpi sle, %j, %i : index
      %prefix = arith.cmpi slt, %j, %n : index
      %keep = arith.ori %causal, %prefix : i1
      attn.yield %keep : i1
    } : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<?x4x?x64xf32>

func.func @lengths(%q: !t, %k: !t, %v: !t, %lengths: tensor<?xi32>) -> !t {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %n = tensor.extract %lengths[%b] : tensor<?xi32>
      %ni = arith.index_cast %n : i32 to index
      %keep = arith.cmpi slt, %j, %ni : index
      attn.yield %keep : i1
    } : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<?x4x?x64xf32>

func.func @window_of_head_and_length(%q: !t, %k: !t, %v: !t, %widths: tensor<4xi32>, %n: i32) -> !t {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %w = tensor.extract %widths[%h] : tensor<4xi32>
      %wi = arith.index_cast %w : i32 to index
      %d = arith.subi %i, %j : index
      %c0 = arith.constant 0 : index
      %past = arith.cmpi sge, %d, %c0 : index
      %near = arith.cmpi slt, %d, %wi : index
      %ni = arith.index_cast %n : i32 to index
      %live = arith.cmpi slt, %j, %ni : index
      %some = arith.andi %past, %near : i1
      %keep = arith.andi %some, %live : i1
      attn.yield %keep : i1
    } : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<?x4x?x64xf32>

func.func @block_diagonal(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %c64 = arith.constant 64 : index
      %p = arith.divui %i, %c64 : index
      %r = arith.divui %j, %c64 : index
      %keep = arith.cmpi eq, %p, %r : index
      attn.yield %keep : i1
    } : (!t, !t, !t) -> !t
  return %o : !t
}
