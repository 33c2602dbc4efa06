// Masks and scores that are read from tensors: bits, graphs, selected blocks.

// Data: allowed=2xSQxSK
func.func @boolean(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>,
                  %allowed: tensor<?x?x?xi1>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %keep = tensor.extract %allowed[%b, %i, %j] : tensor<?x?x?xi1>
      attn.yield %keep : i1
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// One bit a pair, 32 in a word.
// Data: words=SQx19@-2147483648:2147483647
func.func @bits(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>,
                  %words: tensor<?x?xi32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %c0 = arith.constant 0 : i32
      %c1 = arith.constant 1 : i32
      %c32 = arith.constant 32 : index
      %word = arith.divui %j, %c32 : index
      %place = arith.remui %j, %c32 : index
      %bits = tensor.extract %words[%i, %word] : tensor<?x?xi32>
      %shift = arith.index_cast %place : index to i32
      %moved = arith.shrui %bits, %shift : i32
      %one = arith.andi %moved, %c1 : i32
      %keep = arith.cmpi ne, %one, %c0 : i32
      attn.yield %keep : i1
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// One bit a pair, 8 in a byte.
// Data: bytes=SQx75
func.func @bit_bytes(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>,
                  %bytes: tensor<?x?xi8>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %c0 = arith.constant 0 : i8
      %c1 = arith.constant 1 : i8
      %c8 = arith.constant 8 : index
      %byte = arith.divui %j, %c8 : index
      %place = arith.remui %j, %c8 : index
      %bits = tensor.extract %bytes[%i, %byte] : tensor<?x?xi8>
      %shift = arith.index_cast %place : index to i8
      %moved = arith.shrui %bits, %shift : i8
      %one = arith.andi %moved, %c1 : i8
      %keep = arith.cmpi ne, %one, %c0 : i8
      attn.yield %keep : i1
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// Blocks of 16 keys that were selected for each block of 16 queries (as top-k leaves them).
// Data: chosen=2x4x6x2@0:5
func.func @selected_blocks(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>,
                  %chosen: tensor<?x4x?x2xi32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c16 = arith.constant 16 : index
      %bi = arith.divui %i, %c16 : index
      %bj = arith.divui %j, %c16 : index
      %r0 = tensor.extract %chosen[%b, %h, %bi, %c0] : tensor<?x4x?x2xi32>
      %r1 = tensor.extract %chosen[%b, %h, %bi, %c1] : tensor<?x4x?x2xi32>
      %x0 = arith.index_cast %r0 : i32 to index
      %x1 = arith.index_cast %r1 : i32 to index
      %hit0 = arith.cmpi eq, %bj, %x0 : index
      %hit1 = arith.cmpi eq, %bj, %x1 : index
      %keep = arith.ori %hit0, %hit1 : i1
      attn.yield %keep : i1
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// A score for the kind of edge between two nodes, and none where there is none.
// Data: kinds=2xSQxSK weights=16x4
func.func @edge_features(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>,
                  %kinds: tensor<?x?x?xi8>, %weights: tensor<16x4xf32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %kind = tensor.extract %kinds[%b, %i, %j] : tensor<?x?x?xi8>
      %c15 = arith.constant 15 : i8
      %low = arith.andi %kind, %c15 : i8
      %at = arith.index_castui %low : i8 to index
      %w = tensor.extract %weights[%at, %h] : tensor<16x4xf32>
      %r = arith.addf %s, %w : f32
      attn.yield %r : f32
    }
    mask(%b: index, %h: index, %i: index, %j: index) {
      %kind = tensor.extract %kinds[%b, %i, %j] : tensor<?x?x?xi8>
      %c0 = arith.constant 0 : i8
      %keep = arith.cmpi sgt, %kind, %c0 : i8
      attn.yield %keep : i1
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}
