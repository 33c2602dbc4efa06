// How each mask was understood.
// RUN: attn-opt %s --attn-test-mask-analysis --split-input-file --verify-diagnostics -o /dev/null

!t = tensor<?x4x?x64xf32>

func.func @no_mask(%q: !t, %k: !t, %v: !t) -> !t {
  // expected-remark @below {{no mask: every key is live}}
  %o = attn.attention query(%q) key(%k) value(%v) : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<?x4x?x64xf32>

func.func @causal_lengths(%q: !t, %k: !t, %v: !t, %lengths: tensor<?xi32>) -> !t {
  // expected-remark @below {{key range is closed form from 2 comparisons; partly masked blocks by interval arithmetic}}
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %causal = arith.cmpi sle, %j, %i : index
      %n = tensor.extract %lengths[%b] : tensor<?xi32>
      %ni = arith.index_cast %n : i32 to index
      %live = arith.cmpi slt, %j, %ni : index
      %keep = arith.andi %causal, %live : i1
      attn.yield %keep : i1
    } : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<?x4x?x64xf32>

// Positions are never negative.
func.func @always(%q: !t, %k: !t, %v: !t) -> !t {
  // expected-remark @below {{every key is live}}
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %c0 = arith.constant 0 : index
      %keep = arith.cmpi sge, %j, %c0 : index
      attn.yield %keep : i1
    } : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<?x4x?x64xf32>

func.func @never(%q: !t, %k: !t, %v: !t) -> !t {
  // expected-remark @below {{no key is live}}
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %keep = arith.constant false
      attn.yield %keep : i1
    } : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<?x4x?x64xf32>

// A disjunction with something unknown bounds nothing, a conjunction does.
func.func @causal_documents(%q: !t, %k: !t, %v: !t, %document: tensor<?xi32>) -> !t {
  // expected-remark @below {{closed form from 1 comparison; partly masked blocks by interval arithmetic; evaluated per element: tensor.extract at}}
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %mine = tensor.extract %document[%i] : tensor<?xi32>
      %its = tensor.extract %document[%j] : tensor<?xi32>
      %same = arith.cmpi eq, %mine, %its : i32
      %causal = arith.cmpi sle, %j, %i : index
      %keep = arith.andi %same, %causal : i1
      attn.yield %keep : i1
    } : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<?x4x?x64xf32>

func.func @bits(%q: !t, %k: !t, %v: !t, %live: tensor<?x?xi1>) -> !t {
  // expected-remark @below {{all keys are visited; evaluated per element: tensor.extract at}}
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %keep = tensor.extract %live[%i, %j] : tensor<?x?xi1>
      attn.yield %keep : i1
    } : (!t, !t, !t) -> !t
  return %o : !t
}
