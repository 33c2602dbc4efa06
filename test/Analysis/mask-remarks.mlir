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

// What a box reads of a tensor is a bound like any other.
func.func @causal_documents(%q: !t, %k: !t, %v: !t, %document: tensor<?xi32>) -> !t {
  // expected-remark-re @below {{closed form from {{.*}}; partly masked blocks by interval arithmetic; runs of live keys are looked for at run time, with 2 loads over a box; {{[0-9]+}} operations for a box of 16 x 16}}
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

func.func @booleans(%q: !t, %k: !t, %v: !t, %live: tensor<?x?xi1>) -> !t {
  // expected-remark-re @below {{runs of live keys are looked for at run time, with 1 load over a box; {{[0-9]+}} operations}}
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %keep = tensor.extract %live[%i, %j] : tensor<?x?xi1>
      attn.yield %keep : i1
    } : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<?x4x?x64xf32>

// Nothing is known of numbers. A disjunction with something unknown bounds nothing, whatever else is read for it; a
// conjunction does.
func.func @numbers(%q: !t, %k: !t, %v: !t, %weights: tensor<?xf32>, %kinds: tensor<?x?xi32>) -> !t {
  // expected-remark @below {{closed form from 1 comparison; partly masked blocks by interval arithmetic; evaluated per element: arith.cmpf at}}
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %zero = arith.constant 0.0 : f32
      %weight = tensor.extract %weights[%j] : tensor<?xf32>
      %some = arith.cmpf ogt, %weight, %zero : f32
      %c0 = arith.constant 0 : i32
      %kind = tensor.extract %kinds[%j, %i] : tensor<?x?xi32>
      %known = arith.cmpi ne, %kind, %c0 : i32
      %either = arith.ori %some, %known : i1
      %causal = arith.cmpi sle, %j, %i : index
      %keep = arith.andi %either, %causal : i1
      attn.yield %keep : i1
    } : (!t, !t, !t) -> !t
  return %o : !t
}
