// What cannot be applied is refused where it is applied, with the mod beside it.
// RUN: attn-opt %s --attn-inline-mods -verify-diagnostics -split-input-file

func.func @unknown(%q: tensor<?x8x?x64xf32>) {
  %o = attn.attention query(%q) key(%q) value(%q)
    // expected-note @+2 {{the mods are causal, causal_after, }}
    // expected-error @+1 {{expects the name of a mod, got @casual; did you mean @causal?}}
    mask(@casual)
    : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32>
  return
}

// -----

func.func @nothing_like_it(%q: tensor<?x8x?x64xf32>) {
  %o = attn.attention query(%q) key(%q) value(%q)
    // expected-note @+2 {{the mods are mine, causal, }}
    // expected-error @+1 {{expects the name of a mod, got @everything_else}}
    mask(@everything_else)
    : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32>
  return
}

func.func private @mine(%b: index, %h: index, %i: index, %j: index) -> i1 {
  %keep = arith.constant true
  return %keep : i1
}

// -----

func.func @too_few(%q: tensor<?x8x?x64xf32>) {
  %o = attn.attention query(%q) key(%q) value(%q)
    // expected-note @+2 {{@window(%left: index, %right: index) is (index, index, index, index, index, index) -> i1}}
    // expected-error @+1 {{expects 2 parameters for @window(%left: index, %right: index), got 1}}
    mask(@window(3))
    : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32>
  return
}

// -----

func.func @too_many(%q: tensor<?x8x?x64xf32>) {
  %o = attn.attention query(%q) key(%q) value(%q)
    // expected-note @+2 {{@softcap(%cap: !score) is (f32, index, index, index, index, f32) -> f32}}
    // expected-error @+1 {{expects 1 parameter for @softcap(%cap: !score), got 2}}
    score(@softcap(3.0, 4.0))
    : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32>
  return
}

// -----

func.func @none_wanted(%q: tensor<?x8x?x64xf32>) {
  %o = attn.attention query(%q) key(%q) value(%q)
    // expected-note @+2 {{@causal is (index, index, index, index) -> i1}}
    // expected-error @+1 {{expects 0 parameters for @causal, got 1}}
    mask(@causal(3))
    : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32>
  return
}

// -----

func.func @wrong_type(%q: tensor<?x8x?x64xf32>, %n: tensor<?xi64>) {
  %o = attn.attention query(%q) key(%q) value(%q)
    // expected-note @+2 {{@padding(%lengths: tensor<?xi32>) is (}}
    // expected-error @+1 {{expects parameter 1 of @padding(%lengths: tensor<?xi32>) to be tensor<?xi32>, got tensor<?xi64>}}
    mask(@padding(%n : tensor<?xi64>))
    : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32>
  return
}

// -----

func.func @wrong_rank(%q: tensor<?x8x?x64xf32>, %t: tensor<8x1xf32>) {
  %o = attn.attention query(%q) key(%q) value(%q)
    // expected-note @+2 {{@alibi(%slopes: tensor<?x!score>) is (}}
    // expected-error @+1 {{expects parameter 1 of @alibi(%slopes: tensor<?x!score>) to be tensor<?xf32>, got tensor<8x1xf32>}}
    score(@alibi(%t : tensor<8x1xf32>))
    : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32>
  return
}

// -----

func.func @wider_numbers(%q: tensor<?x8x?x64xf32>, %t: tensor<8xf64>) {
  %o = attn.attention query(%q) key(%q) value(%q)
    // expected-note @+2 {{@alibi(%slopes: tensor<?x!score>) is (}}
    // expected-error @+1 {{expects parameter 1 of @alibi(%slopes: tensor<?x!score>) to be tensor<?xf32>, got tensor<8xf64>}}
    score(@alibi(%t : tensor<8xf64>))
    : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32>
  return
}

// -----

func.func @less_static(%q: tensor<?x8x?x64xf32>, %t: tensor<?x8xf32>) {
  %o = attn.attention query(%q) key(%q) value(%q)
    // expected-note @+2 {{@t5(%table: tensor<32x?x!score>) is (}}
    // expected-error @+1 {{expects parameter 1 of @t5(%table: tensor<32x?x!score>) to be tensor<32x?xf32>, got tensor<?x8xf32>}}
    score(@t5(%t : tensor<?x8xf32>))
    : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32>
  return
}

// -----

func.func @a_mask_as_score(%q: tensor<?x8x?x64xf32>) {
  %o = attn.attention query(%q) key(%q) value(%q)
    // expected-note @+2 {{@causal is (}}
    // expected-error @+1 {{expects a score mod, got the mask mod @causal}}
    score(@causal)
    : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32>
  return
}

// -----

func.func @a_score_as_mask(%q: tensor<?x8x?x64xf32>) {
  %o = attn.attention query(%q) key(%q) value(%q)
    // expected-note @+2 {{@softcap(%cap: !score) is (}}
    // expected-error @+1 {{expects a mask mod, got the score mod @softcap}}
    mask(@softcap(30.0))
    : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32>
  return
}

// -----

func.func @without_positions(%q: tensor<?x8x?x64xf32>) {
  %o = attn.attention query(%q) key(%q) value(%q)
    mask(%b: index, %h: index, %i: index, %j: index) {
      // expected-note @+2 {{@causal is (index, index, index, index) -> i1}}
      // expected-error @+1 {{expects 4 inputs for @causal, got 2}}
      %keep = attn.apply @causal(%i, %j) : (index, index) -> i1
      attn.yield %keep : i1
    }
    : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32>
  return
}

// -----

func.func @scores_of_another_type(%q: tensor<?x8x?x64xf64>) {
  %o = attn.attention query(%q) key(%q) value(%q)
    // expected-error @+1 {{expects scores of f32 for @mine, got f64; in a file of mods, !score is their type}}
    score(@mine)
    : (tensor<?x8x?x64xf64>, tensor<?x8x?x64xf64>, tensor<?x8x?x64xf64>) -> tensor<?x8x?x64xf64>
  return
}

// expected-note @+1 {{@mine is}}
func.func private @mine(%s: f32, %b: index, %h: index, %i: index, %j: index) -> f32 {
  return %s : f32
}

// -----

func.func @result(%q: tensor<?x8x?x64xf32>) {
  %o = attn.attention query(%q) key(%q) value(%q)
    mask(%b: index, %h: index, %i: index, %j: index) {
      // expected-error @+1 {{expects the result of @mine, i32, got i1}}
      %keep = attn.apply @mine(%j) : (index) -> i1
      attn.yield %keep : i1
    }
    : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32>
  return
}

// expected-note @+1 {{@mine is}}
func.func private @mine(%j: index) -> i32 {
  %c = arith.constant 1 : i32
  return %c : i32
}

// -----

func.func @public(%q: tensor<?x8x?x64xf32>) {
  %o = attn.attention query(%q) key(%q) value(%q)
    // expected-error @+1 {{expects the mod @mine to be private}}
    mask(@mine)
    : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32>
  return
}

// expected-note @+1 {{a public function is an entry of the library}}
func.func @mine(%b: index, %h: index, %i: index, %j: index) -> i1 {
  %c = arith.constant true
  return %c : i1
}

// -----

func.func @no_mod_at_all(%q: tensor<?x8x?x64xf32>) {
  %o = attn.attention query(%q) key(%q) value(%q)
    // expected-error @+1 {{expects the mod @others to be private}}
    mask(@others)
    : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32>
  return
}

// expected-note @+1 {{a public function is an entry of the library}}
func.func @others(%x: index) -> index {
  return %x : index
}

// -----

func.func @declared(%q: tensor<?x8x?x64xf32>) {
  %o = attn.attention query(%q) key(%q) value(%q)
    // expected-error @+1 {{expects the mod @mine to have a body}}
    mask(@mine)
    : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32>
  return
}

// expected-note @+1 {{is declared here}}
func.func private @mine(index, index, index, index) -> i1

// -----

func.func @writes(%q: tensor<?x8x?x64xf32>, %m: memref<1xi32>) {
  %o = attn.attention query(%q) key(%q) value(%q)
    // expected-error @+1 {{expects the mod @mine to be pure}}
    mask(@mine(%m : memref<1xi32>))
    : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32>
  return
}

func.func private @mine(%b: index, %h: index, %i: index, %j: index, %m: memref<1xi32>) -> i1 {
  %c0 = arith.constant 0 : index
  // expected-note @+1 {{this op may read or write memory}}
  %x = memref.load %m[%c0] : memref<1xi32>
  %c = arith.constant true
  return %c : i1
}

// -----

func.func @regions(%q: tensor<?x8x?x64xf32>) {
  %o = attn.attention query(%q) key(%q) value(%q)
    // expected-error @+1 {{expects the mod @mine to be a block of ops without regions}}
    mask(@mine)
    : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32>
  return
}

func.func private @mine(%b: index, %h: index, %i: index, %j: index) -> i1 {
  %c = arith.cmpi sle, %j, %i : index
  // expected-note @+1 {{this op has a region; arith.select chooses between values}}
  %r = scf.if %c -> i1 {
    scf.yield %c : i1
  } else {
    scf.yield %c : i1
  }
  return %r : i1
}

// -----

func.func @blocks(%q: tensor<?x8x?x64xf32>) {
  %o = attn.attention query(%q) key(%q) value(%q)
    // expected-error @+1 {{expects the mod @mine to be one block with one result}}
    mask(@mine)
    : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32>
  return
}

// expected-note @+1 {{has 2 blocks and 1 results}}
func.func private @mine(%b: index, %h: index, %i: index, %j: index) -> i1 {
  %c = arith.cmpi sle, %j, %i : index
  cf.br ^end
^end:
  return %c : i1
}

// -----

func.func @results(%q: tensor<?x8x?x64xf32>) {
  %o = attn.attention query(%q) key(%q) value(%q)
    mask(%b: index, %h: index, %i: index, %j: index) {
      // expected-error @+1 {{expects the mod @two to be one block with one result}}
      %keep = attn.apply @two(%j) : (index) -> i1
      attn.yield %keep : i1
    }
    : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32>
  return
}

// expected-note @+1 {{has 1 blocks and 2 results}}
func.func private @two(%j: index) -> (i1, i1) {
  %c = arith.constant true
  return %c, %c : i1, i1
}

// -----

// Errors within a mod are at its own ops, and say where it was applied.
func.func @recursion(%q: tensor<?x8x?x64xf32>) {
  %o = attn.attention query(%q) key(%q) value(%q)
    mask(@mine)
    : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32>
  return
}

// expected-note @+1 {{@mine applies @other applies @mine}}
func.func private @mine(%b: index, %h: index, %i: index, %j: index) -> i1 {
  %keep = attn.apply @other(%b, %h, %i, %j) : (index, index, index, index) -> i1
  return %keep : i1
}

func.func private @other(%b: index, %h: index, %i: index, %j: index) -> i1 {
  // expected-error @+1 {{expects mods that do not apply themselves}}
  %keep = attn.apply @mine(%b, %h, %i, %j) : (index, index, index, index) -> i1
  return %keep : i1
}

// -----

func.func @narrow_whole(%q: tensor<?x8x?x64xf32>, %t: tensor<4x8xbf16>) {
  %o = attn.attention query(%q) key(%q) value(%q)
    // expected-error @+1 {{expects a parameter of 'tensor<?x?xf32>', got 'tensor<4x8xbf16>'}}
    score(@mine(%t : tensor<4x8xbf16>))
    : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32>
  return
}

// expected-note @+1 {{the mod does more than read single numbers of it}}
func.func private @mine(%s: f32, %b: index, %h: index, %i: index, %j: index, %t: tensor<?x?xf32>) -> f32 {
  %flat = tensor.collapse_shape %t [[0, 1]] : tensor<?x?xf32> into tensor<?xf32>
  %x = tensor.extract %flat[%j] : tensor<?xf32>
  return %x : f32
}

// -----

// expected-note @+1 {{@entry is public, an entry of the library}}
func.func @entry(%i: index, %j: index) -> i1 {
  // expected-error @+1 {{expects to stand in a region of attention, or in a mod}}
  %keep = attn.apply @causal(%i, %i, %i, %j) : (index, index, index, index) -> i1
  return %keep : i1
}

// -----

func.func @entry(%s: f32, %i: index, %t: tensor<?x64xf32>) -> f32 {
  %x = call @called(%s, %i, %t) : (f32, index, tensor<?x64xf32>) -> f32
  return %x : f32
}

// expected-note @+1 {{@called is called, not applied}}
func.func private @called(%s: f32, %i: index, %t: tensor<?x64xf32>) -> f32 {
  // expected-error @+1 {{expects to stand in a region of attention, or in a mod}}
  %x = attn.query_dot %t[%i] : tensor<?x64xf32>
  return %x : f32
}

// -----

// A literal without a point is an index.
func.func @literal(%q: tensor<?x8x?x64xf32>) {
  %o = attn.attention query(%q) key(%q) value(%q)
    // expected-note @+2 {{@softcap(%cap: !score) is (}}
    // expected-error @+1 {{expects parameter 1 of @softcap(%cap: !score) to be f32, got index}}
    score(@softcap(30))
    : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32>
  return
}
