// Loads at indices that nothing bounds: beyond a tensor is its nearest element.

// Data: table=33
func.func @product(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>,
                  %table: tensor<?xf32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %c = arith.constant 10000000 : index
      %c7 = arith.constant 7 : index
      %d = arith.subi %j, %c7 : index
      %at = arith.muli %d, %c : index
      %x = tensor.extract %table[%at] : tensor<?xf32>
      %r = arith.addf %s, %x : f32
      attn.yield %r : f32
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// Of j - i, in a table for each head that is too short.
// Data: table=4x40
func.func @distance(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>,
                  %table: tensor<?x?xf32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %c9 = arith.constant 9 : index
      %d = arith.subi %j, %i : index
      %at = arith.addi %d, %c9 : index
      %x = tensor.extract %table[%h, %at] : tensor<?x?xf32>
      %r = arith.addf %s, %x : f32
      attn.yield %r : f32
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// Rows and columns beside the pairs, as a window of a larger bias is read.
// Data: bias=30x50 shift:-11
func.func @shifted(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>,
                  %bias: tensor<?x?xf32>, %shift: index) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %row = arith.addi %i, %shift : index
      %column = arith.addi %j, %shift : index
      %x = tensor.extract %bias[%row, %column] : tensor<?x?xf32>
      %r = arith.addf %s, %x : f32
      attn.yield %r : f32
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// Indices from a tensor, in scores and in masks, on both sides of another.
// Data: at=2xSK@-40:200 table=19 live=2x23@0:1
func.func @looked_up(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>,
                  %at: tensor<?x?xi32>, %table: tensor<?xf32>, %live: tensor<?x?xi32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %a = tensor.extract %at[%b, %j] : tensor<?x?xi32>
      %place = arith.index_cast %a : i32 to index
      %x = tensor.extract %table[%place] : tensor<?xf32>
      %r = arith.addf %s, %x : f32
      attn.yield %r : f32
    }
    mask(%b: index, %h: index, %i: index, %j: index) {
      %a = tensor.extract %at[%b, %j] : tensor<?x?xi32>
      %place = arith.index_cast %a : i32 to index
      %sum = arith.addi %place, %i : index
      %one = tensor.extract %live[%b, %sum] : tensor<?x?xi32>
      %c0 = arith.constant 0 : i32
      %keep = arith.cmpi ne, %one, %c0 : i32
      attn.yield %keep : i1
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// Lengths in a tensor that has too few of them, and an end that no 32 bits hold.
// Data: lengths=1@3:60 width:9000000000
func.func @few_lengths(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>,
                  %lengths: tensor<?xi32>, %width: index) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %c2 = arith.constant 2 : index
      %twice = arith.muli %b, %c2 : index
      %n = tensor.extract %lengths[%twice] : tensor<?xi32>
      %length = arith.index_cast %n : i32 to index
      %many = arith.muli %length, %width : index
      %reach = arith.addi %i, %many : index
      %near = arith.cmpi slt, %j, %reach : index
      %live = arith.cmpi slt, %j, %length : index
      %keep = arith.andi %near, %live : i1
      attn.yield %keep : i1
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}
