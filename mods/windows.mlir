// Masks by distance, and by blocks of positions.

// At most `left` keys before the query and `right` behind it: i - left <= j <= i + right.
// `@window(255, 0)` is a causal window of 256 keys, the query's own among them.
func.func private @window(%b: index, %h: index, %i: index, %j: index, %left: index, %right: index) -> i1 {
  %back = arith.subi %i, %j : index
  %ahead = arith.subi %j, %i : index
  %after = arith.cmpi sle, %back, %left : index
  %before = arith.cmpi sle, %ahead, %right : index
  %keep = arith.andi %after, %before : i1
  return %keep : i1
}

// Every `step`-th key of a window: |i - j| <= reach, and a multiple of `step` (at least 1).
func.func private @dilated_window(%b: index, %h: index, %i: index, %j: index, %reach: index, %step: index) -> i1 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %by = arith.maxsi %step, %c1 : index
  %d = arith.subi %i, %j : index
  %far = math.absi %d : index
  %near = arith.cmpi sle, %far, %reach : index
  %rest = arith.remui %far, %by : index
  %hit = arith.cmpi eq, %rest, %c0 : index
  %keep = arith.andi %near, %hit : i1
  return %keep : i1
}

// A window, and the first `globals` positions, which see all and are seen by all: |i - j| <= reach, i < globals or j < globals.
// Longformer (Beltagy et al., 2020).
func.func private @global_window(%b: index, %h: index, %i: index, %j: index, %globals: index, %reach: index) -> i1 {
  %d = arith.subi %i, %j : index
  %far = math.absi %d : index
  %near = arith.cmpi sle, %far, %reach : index
  %seen = arith.cmpi slt, %j, %globals : index
  %sees = arith.cmpi slt, %i, %globals : index
  %either = arith.ori %seen, %sees : i1
  %keep = arith.ori %near, %either : i1
  return %keep : i1
}

// The first `sinks` keys, and the last `window` up to the query: j <= i, and j < sinks or i - j < window.
// Streaming (Xiao et al., 2024).
func.func private @streaming(%b: index, %h: index, %i: index, %j: index, %sinks: index, %window: index) -> i1 {
  %d = arith.subi %i, %j : index
  %near = arith.cmpi slt, %d, %window : index
  %first = arith.cmpi slt, %j, %sinks : index
  %past = arith.cmpi sle, %j, %i : index
  %either = arith.ori %near, %first : i1
  %keep = arith.andi %past, %either : i1
  return %keep : i1
}

// The keys of the query's block of `size` positions (at least 1): i / size = j / size.
// With `@causal`, chunked attention (Llama 4).
func.func private @block_diagonal(%b: index, %h: index, %i: index, %j: index, %size: index) -> i1 {
  %c1 = arith.constant 1 : index
  %n = arith.maxsi %size, %c1 : index
  %mine = arith.divui %i, %n : index
  %its = arith.divui %j, %n : index
  %keep = arith.cmpi eq, %mine, %its : index
  return %keep : i1
}

// The blocks of `size` positions (at least 1) up to the query's: j / size <= i / size.
// Block diffusion (Arriola et al., 2025), frames of videos.
func.func private @block_causal(%b: index, %h: index, %i: index, %j: index, %size: index) -> i1 {
  %c1 = arith.constant 1 : index
  %n = arith.maxsi %size, %c1 : index
  %mine = arith.divui %i, %n : index
  %its = arith.divui %j, %n : index
  %keep = arith.cmpi sle, %its, %mine : index
  return %keep : i1
}

// The last `stride` keys up to the query, and every `stride`-th before (at least 1).
// Sparse Transformer (Child et al., 2019), "strided", both heads in one.
func.func private @strided(%b: index, %h: index, %i: index, %j: index, %stride: index) -> i1 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = arith.maxsi %stride, %c1 : index
  %d = arith.subi %i, %j : index
  %past = arith.cmpi sge, %d, %c0 : index
  %near = arith.cmpi slt, %d, %n : index
  %rest = arith.remsi %d, %n : index
  %hit = arith.cmpi eq, %rest, %c0 : index
  %either = arith.ori %near, %hit : i1
  %keep = arith.andi %past, %either : i1
  return %keep : i1
}

// The query's block of `size` positions (at least 1), and the last of each block before, up to the query.
// Sparse Transformer (Child et al., 2019), "fixed" with c = 1, both heads in one.
func.func private @fixed(%b: index, %h: index, %i: index, %j: index, %size: index) -> i1 {
  %c1 = arith.constant 1 : index
  %n = arith.maxsi %size, %c1 : index
  %top = arith.subi %n, %c1 : index
  %mine = arith.divui %i, %n : index
  %its = arith.divui %j, %n : index
  %rest = arith.remui %j, %n : index
  %same = arith.cmpi eq, %mine, %its : index
  %hit = arith.cmpi eq, %rest, %top : index
  %past = arith.cmpi sle, %j, %i : index
  %either = arith.ori %same, %hit : i1
  %keep = arith.andi %past, %either : i1
  return %keep : i1
}
