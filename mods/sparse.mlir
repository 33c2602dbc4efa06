// Masks that are read from tensors. The letters behind a name are the tensor's dimensions.

// Pairs that a tensor says: live[i, j].
func.func private @bool_ij(%b: index, %h: index, %i: index, %j: index, %live: tensor<?x?xi1>) -> i1 {
  %keep = tensor.extract %live[%i, %j] : tensor<?x?xi1>
  return %keep : i1
}

// Pairs that a tensor says, of each batch: live[b, i, j].
func.func private @bool_bij(%b: index, %h: index, %i: index, %j: index, %live: tensor<?x?x?xi1>) -> i1 {
  %keep = tensor.extract %live[%b, %i, %j] : tensor<?x?x?xi1>
  return %keep : i1
}

// Pairs that a tensor says, of each head: live[b, h, i, j]; one head stands for all.
func.func private @bool_bhij(%b: index, %h: index, %i: index, %j: index, %live: tensor<?x?x?x?xi1>) -> i1 {
  %keep = tensor.extract %live[%b, %h, %i, %j] : tensor<?x?x?x?xi1>
  return %keep : i1
}

// Keys that a tensor says, of each batch: live[b, j], padding anywhere.
func.func private @bool_bj(%b: index, %h: index, %i: index, %j: index, %live: tensor<?x?xi1>) -> i1 {
  %keep = tensor.extract %live[%b, %j] : tensor<?x?xi1>
  return %keep : i1
}

// Pairs by bits, 32 in a word, the lowest first: bit j mod 32 of words[i, j / 32].
func.func private @bits(%b: index, %h: index, %i: index, %j: index, %words: tensor<?x?xi32>) -> i1 {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c32 = arith.constant 32 : index
  %at = arith.divui %j, %c32 : index
  %place = arith.remui %j, %c32 : index
  %word = tensor.extract %words[%i, %at] : tensor<?x?xi32>
  %shift = arith.index_cast %place : index to i32
  %moved = arith.shrui %word, %shift : i32
  %bit = arith.andi %moved, %c1 : i32
  %keep = arith.cmpi ne, %bit, %c0 : i32
  return %keep : i1
}

// Blocks of `size` x `size` positions (at least 1) that a tensor says: live[i / size, j / size].
func.func private @blocks_ij(%b: index, %h: index, %i: index, %j: index, %size: index, %live: tensor<?x?xi1>) -> i1 {
  %c1 = arith.constant 1 : index
  %n = arith.maxsi %size, %c1 : index
  %mine = arith.divui %i, %n : index
  %its = arith.divui %j, %n : index
  %keep = tensor.extract %live[%mine, %its] : tensor<?x?xi1>
  return %keep : i1
}

// Bit `n` of a word, of 0 to 31; others count as the nearest.
func.func private @bit(%word: i32, %n: index) -> i1 {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %first = arith.constant 0 : index
  %last = arith.constant 31 : index
  %low = arith.maxsi %n, %first : index
  %place = arith.minsi %low, %last : index
  %shift = arith.index_cast %place : index to i32
  %moved = arith.shrui %word, %shift : i32
  %one = arith.andi %moved, %c1 : i32
  %set = arith.cmpi ne, %one, %c0 : i32
  return %set : i1
}

// A tree of at most 32 guesses behind `past` keys: j < past, or bit j - past of ancestors[i].
// Query i is guess i; its bits are those of the guesses that it follows, and its own.
// Speculative decoding (SpecInfer, Miao et al., 2024; Medusa, Cai et al., 2024).
func.func private @tree(%b: index, %h: index, %i: index, %j: index, %past: index, %ancestors: tensor<?xi32>) -> i1 {
  %shared = arith.cmpi slt, %j, %past : index
  %guess = arith.subi %j, %past : index
  %word = tensor.extract %ancestors[%i] : tensor<?xi32>
  %hit = attn.apply @bit(%word, %guess) : (i32, index) -> i1
  %keep = arith.ori %shared, %hit : i1
  return %keep : i1
}

// A tree for each batch, behind its own past: j < past[b], or bit j - past[b] of ancestors[b, i].
func.func private @trees(%b: index, %h: index, %i: index, %j: index, %past: tensor<?xi32>,
                         %ancestors: tensor<?x?xi32>) -> i1 {
  %n = tensor.extract %past[%b] : tensor<?xi32>
  %length = arith.index_cast %n : i32 to index
  %shared = arith.cmpi slt, %j, %length : index
  %guess = arith.subi %j, %length : index
  %word = tensor.extract %ancestors[%b, %i] : tensor<?x?xi32>
  %hit = attn.apply @bit(%word, %guess) : (i32, index) -> i1
  %keep = arith.ori %shared, %hit : i1
  return %keep : i1
}
