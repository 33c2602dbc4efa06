// Kinds of masks, each a region. `Data:` says what attn-run draws for captures.

func.func @causal(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>,
                  %v: tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %keep = arith.cmpi sle, %j, %i : index
      attn.yield %keep : i1
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

func.func @causal_bottom_right(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>,
                  %v: tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32> {
  %c2 = arith.constant 2 : index
  %nq = tensor.dim %q, %c2 : tensor<?x4x?x32xf32>
  %nk = tensor.dim %k, %c2 : tensor<?x2x?x32xf32>
  %more = arith.subi %nk, %nq : index
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %last = arith.addi %i, %more : index
      %keep = arith.cmpi sle, %j, %last : index
      attn.yield %keep : i1
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// Data: width:9
func.func @window_past(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>,
                  %width: index) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %d = arith.subi %i, %j : index
      %c0 = arith.constant 0 : index
      %past = arith.cmpi sge, %d, %c0 : index
      %near = arith.cmpi slt, %d, %width : index
      %keep = arith.andi %past, %near : i1
      attn.yield %keep : i1
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// Data: width:9
func.func @window_both(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>,
                  %width: index) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %d = arith.subi %i, %j : index
      %far = math.absi %d : index
      %keep = arith.cmpi sle, %far, %width : index
      attn.yield %keep : i1
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

func.func @dilated_window(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>,
                  %v: tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %c12 = arith.constant 12 : index
      %c3 = arith.constant 3 : index
      %c0 = arith.constant 0 : index
      %d = arith.subi %i, %j : index
      %far = math.absi %d : index
      %near = arith.cmpi sle, %far, %c12 : index
      %rest = arith.remui %far, %c3 : index
      %hit = arith.cmpi eq, %rest, %c0 : index
      %keep = arith.andi %near, %hit : i1
      attn.yield %keep : i1
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// Data: prefix=2@0:40
func.func @prefix_lm(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>,
                  %prefix: tensor<?xi32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %p = tensor.extract %prefix[%b] : tensor<?xi32>
      %pi = arith.index_cast %p : i32 to index
      %shared = arith.cmpi slt, %j, %pi : index
      %past = arith.cmpi sle, %j, %i : index
      %keep = arith.ori %shared, %past : i1
      attn.yield %keep : i1
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// Data: ids=2xSK@0:4
// Lengths: 70x70 3x3
func.func @documents(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>,
                  %ids: tensor<?x?xi32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %mine = tensor.extract %ids[%b, %i] : tensor<?x?xi32>
      %its = tensor.extract %ids[%b, %j] : tensor<?x?xi32>
      %same = arith.cmpi eq, %mine, %its : i32
      %past = arith.cmpi sle, %j, %i : index
      %keep = arith.andi %same, %past : i1
      attn.yield %keep : i1
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// Packed documents, each position knowing where its document begins.
// Data: starts=2xSK@0:40
// Lengths: 70x70 3x3
func.func @document_starts(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>,
                  %starts: tensor<?x?xi32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %s0 = tensor.extract %starts[%b, %i] : tensor<?x?xi32>
      %start = arith.index_cast %s0 : i32 to index
      %mine = arith.cmpi sge, %j, %start : index
      %past = arith.cmpi sle, %j, %i : index
      %keep = arith.andi %mine, %past : i1
      attn.yield %keep : i1
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// Data: lengths=2@0:60
func.func @padding(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>,
                  %lengths: tensor<?xi32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %n = tensor.extract %lengths[%b] : tensor<?xi32>
      %ni = arith.index_cast %n : i32 to index
      %keep = arith.cmpi slt, %j, %ni : index
      attn.yield %keep : i1
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// Longformer (Beltagy et al., 2020): everybody sees the first tokens, they see everybody,
// and neighbours see each other.
// Data: globals:3
func.func @global_window(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>,
                  %globals: index) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %c7 = arith.constant 7 : index
      %d = arith.subi %i, %j : index
      %far = math.absi %d : index
      %near = arith.cmpi sle, %far, %c7 : index
      %seen = arith.cmpi slt, %j, %globals : index
      %sees = arith.cmpi slt, %i, %globals : index
      %either = arith.ori %seen, %sees : i1
      %keep = arith.ori %near, %either : i1
      attn.yield %keep : i1
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// BigBird (Zaheer et al., 2020): blocks of 8; a window of blocks, the first block, and two blocks drawn for each.
// Data: random=12x2@0:11
func.func @big_bird(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>,
                  %random: tensor<?x2xi32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c8 = arith.constant 8 : index
      %bi = arith.divui %i, %c8 : index
      %bj = arith.divui %j, %c8 : index
      %d = arith.subi %bi, %bj : index
      %far = math.absi %d : index
      %near = arith.cmpi sle, %far, %c1 : index
      %seen = arith.cmpi eq, %bj, %c0 : index
      %sees = arith.cmpi eq, %bi, %c0 : index
      %r0 = tensor.extract %random[%bi, %c0] : tensor<?x2xi32>
      %r1 = tensor.extract %random[%bi, %c1] : tensor<?x2xi32>
      %x0 = arith.index_cast %r0 : i32 to index
      %x1 = arith.index_cast %r1 : i32 to index
      %hit0 = arith.cmpi eq, %bj, %x0 : index
      %hit1 = arith.cmpi eq, %bj, %x1 : index
      %a = arith.ori %near, %seen : i1
      %c = arith.ori %a, %sees : i1
      %e = arith.ori %hit0, %hit1 : i1
      %keep = arith.ori %c, %e : i1
      attn.yield %keep : i1
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// Neighbourhood attention (Hassani et al., 2023): always 7 keys, also at the border.
func.func @natten_1d(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>,
                  %v: tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32> {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %k, %c2 : tensor<?x2x?x32xf32>
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %c0 = arith.constant 0 : index
      %c3 = arith.constant 3 : index
      %c7 = arith.constant 7 : index
      %lo = arith.subi %i, %c3 : index
      %lomax = arith.subi %n, %c7 : index
      %st = arith.minsi %lo, %lomax : index
      %start = arith.maxsi %st, %c0 : index
      %end = arith.addi %start, %c7 : index
      %ge = arith.cmpi sge, %j, %start : index
      %lt = arith.cmpi slt, %j, %end : index
      %in = arith.andi %ge, %lt : i1
      attn.yield %in : i1
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// Data: rows:9 columns:10
func.func @natten_2d(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>, %rows: index,
                  %columns: index) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %c0 = arith.constant 0 : index
      %c3 = arith.constant 3 : index
      %c7 = arith.constant 7 : index
      %yi = arith.divui %i, %columns : index
      %xi = arith.remui %i, %columns : index
      %yj = arith.divui %j, %columns : index
      %xj = arith.remui %j, %columns : index
      %loy = arith.subi %yi, %c3 : index
      %lomaxy = arith.subi %rows, %c7 : index
      %sty = arith.minsi %loy, %lomaxy : index
      %starty = arith.maxsi %sty, %c0 : index
      %endy = arith.addi %starty, %c7 : index
      %gey = arith.cmpi sge, %yj, %starty : index
      %lty = arith.cmpi slt, %yj, %endy : index
      %iny = arith.andi %gey, %lty : i1
      %lox = arith.subi %xi, %c3 : index
      %lomaxx = arith.subi %columns, %c7 : index
      %stx = arith.minsi %lox, %lomaxx : index
      %startx = arith.maxsi %stx, %c0 : index
      %endx = arith.addi %startx, %c7 : index
      %gex = arith.cmpi sge, %xj, %startx : index
      %ltx = arith.cmpi slt, %xj, %endx : index
      %inx = arith.andi %gex, %ltx : i1
      %keep = arith.andi %iny, %inx : i1
      attn.yield %keep : i1
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// On a grid of 4 x 8 columns; any number of planes.
// Data: planes:3
func.func @natten_3d(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>,
                  %planes: index) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %c0 = arith.constant 0 : index
      %c3 = arith.constant 3 : index
      %c7 = arith.constant 7 : index
      %c4 = arith.constant 4 : index
      %c8 = arith.constant 8 : index
      %c32 = arith.constant 32 : index
      %zi = arith.divui %i, %c32 : index
      %zj = arith.divui %j, %c32 : index
      %ri = arith.remui %i, %c32 : index
      %rj = arith.remui %j, %c32 : index
      %yi = arith.divui %ri, %c8 : index
      %xi = arith.remui %ri, %c8 : index
      %yj = arith.divui %rj, %c8 : index
      %xj = arith.remui %rj, %c8 : index
      %loz = arith.subi %zi, %c3 : index
      %lomaxz = arith.subi %planes, %c7 : index
      %stz = arith.minsi %loz, %lomaxz : index
      %startz = arith.maxsi %stz, %c0 : index
      %endz = arith.addi %startz, %c7 : index
      %gez = arith.cmpi sge, %zj, %startz : index
      %ltz = arith.cmpi slt, %zj, %endz : index
      %inz = arith.andi %gez, %ltz : i1
      %loy = arith.subi %yi, %c3 : index
      %lomaxy = arith.subi %c4, %c7 : index
      %sty = arith.minsi %loy, %lomaxy : index
      %starty = arith.maxsi %sty, %c0 : index
      %endy = arith.addi %starty, %c7 : index
      %gey = arith.cmpi sge, %yj, %starty : index
      %lty = arith.cmpi slt, %yj, %endy : index
      %iny = arith.andi %gey, %lty : i1
      %lox = arith.subi %xi, %c3 : index
      %lomaxx = arith.subi %c8, %c7 : index
      %stx = arith.minsi %lox, %lomaxx : index
      %startx = arith.maxsi %stx, %c0 : index
      %endx = arith.addi %startx, %c7 : index
      %gex = arith.cmpi sge, %xj, %startx : index
      %ltx = arith.cmpi slt, %xj, %endx : index
      %inx = arith.andi %gex, %ltx : i1
      %yx = arith.andi %iny, %inx : i1
      %keep = arith.andi %yx, %inz : i1
      attn.yield %keep : i1
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// Swin (Liu et al., 2021): a batch of 7 x 7 windows with a relative bias of 13 x 13; in
// shifted windows, only pixels of one region see each other.
// Data: table=169x4 regions=2xSK@0:1
// Lengths: 49x49 3x3
func.func @swin(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>,
                  %table: tensor<169x4xf32>, %regions: tensor<?x?xi32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %c7 = arith.constant 7 : index
      %c6 = arith.constant 6 : index
      %c13 = arith.constant 13 : index
      %yi = arith.divui %i, %c7 : index
      %xi = arith.remui %i, %c7 : index
      %yj = arith.divui %j, %c7 : index
      %xj = arith.remui %j, %c7 : index
      %dy = arith.subi %yi, %yj : index
      %dx = arith.subi %xi, %xj : index
      %py = arith.addi %dy, %c6 : index
      %px = arith.addi %dx, %c6 : index
      %row = arith.muli %py, %c13 : index
      %at = arith.addi %row, %px : index
      %bias = tensor.extract %table[%at, %h] : tensor<169x4xf32>
      %r = arith.addf %s, %bias : f32
      attn.yield %r : f32
    }
    mask(%b: index, %h: index, %i: index, %j: index) {
      %mine = tensor.extract %regions[%b, %i] : tensor<?x?xi32>
      %its = tensor.extract %regions[%b, %j] : tensor<?x?xi32>
      %keep = arith.cmpi eq, %mine, %its : i32
      attn.yield %keep : i1
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// Data: size:12
func.func @block_diagonal(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>,
                  %size: index) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %bi = arith.divui %i, %size : index
      %bj = arith.divui %j, %size : index
      %keep = arith.cmpi eq, %bi, %bj : index
      attn.yield %keep : i1
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// Sparse Transformer (Child et al., 2019), strided: the last 8, and every eighth.
func.func @strided(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>,
                  %v: tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %c0 = arith.constant 0 : index
      %c8 = arith.constant 8 : index
      %d = arith.subi %i, %j : index
      %past = arith.cmpi sge, %d, %c0 : index
      %near = arith.cmpi slt, %d, %c8 : index
      %rest = arith.remsi %d, %c8 : index
      %hit = arith.cmpi eq, %rest, %c0 : index
      %either = arith.ori %near, %hit : i1
      %keep = arith.andi %past, %either : i1
      attn.yield %keep : i1
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// Sparse Transformer, fixed: the own block, and the last of each.
func.func @fixed_summary(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>,
                  %v: tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %c7 = arith.constant 7 : index
      %c8 = arith.constant 8 : index
      %bi = arith.divui %i, %c8 : index
      %bj = arith.divui %j, %c8 : index
      %rest = arith.remui %j, %c8 : index
      %same = arith.cmpi eq, %bi, %bj : index
      %hit = arith.cmpi eq, %rest, %c7 : index
      %past = arith.cmpi sle, %j, %i : index
      %either = arith.ori %same, %hit : i1
      %keep = arith.andi %past, %either : i1
      attn.yield %keep : i1
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// A tree of guesses behind a shared past (speculative decoding): each guess sees the past and
// its ancestors, bit n of whose number says that it descends from guess n.
// Data: past:60 ancestors=SQ@0:65535
// Lengths: 20x90 3x90 1x600
func.func @tree(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>, %past: index,
                  %ancestors: tensor<?xi32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %shared = arith.cmpi slt, %j, %past : index
      %c0 = arith.constant 0 : i32
      %c1 = arith.constant 1 : i32
      %c31 = arith.constant 31 : index
      %zero = arith.constant 0 : index
      %guess = arith.subi %j, %past : index
      %low = arith.maxsi %guess, %zero : index
      %bit = arith.minsi %low, %c31 : index
      %bits = tensor.extract %ancestors[%i] : tensor<?xi32>
      %shift = arith.index_cast %bit : index to i32
      %moved = arith.shrui %bits, %shift : i32
      %one = arith.andi %moved, %c1 : i32
      %hit = arith.cmpi ne, %one, %c0 : i32
      %keep = arith.ori %shared, %hit : i1
      attn.yield %keep : i1
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// A prompt that all share, and behind it each batch's own keys up to its length.
// Data: shared:20 firsts=2@20:50 lasts=2@50:90
func.func @shared_prefix(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>, %shared: index,
                  %firsts: tensor<?xi32>, %lasts: tensor<?xi32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %f = tensor.extract %firsts[%b] : tensor<?xi32>
      %l = tensor.extract %lasts[%b] : tensor<?xi32>
      %first = arith.index_cast %f : i32 to index
      %last = arith.index_cast %l : i32 to index
      %prompt = arith.cmpi slt, %j, %shared : index
      %after = arith.cmpi sge, %j, %first : index
      %before = arith.cmpi slt, %j, %last : index
      %own = arith.andi %after, %before : i1
      %keep = arith.ori %prompt, %own : i1
      attn.yield %keep : i1
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

func.func @cross(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}
