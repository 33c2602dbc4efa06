// Masks as people use them, for benchmarks/masks.py: 4 heads of 64, blocks of 64. `Data:` names
// what is drawn for a capture; N is the number of keys.

func.func @cross(%q: tensor<?x4x?x64xf32>, %k: tensor<?x4x?x64xf32>, %v: tensor<?x4x?x64xf32>) -> tensor<?x4x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    : (tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>) -> tensor<?x4x?x64xf32>
  return %o : tensor<?x4x?x64xf32>
}

func.func @causal(%q: tensor<?x4x?x64xf32>, %k: tensor<?x4x?x64xf32>,
                  %v: tensor<?x4x?x64xf32>) -> tensor<?x4x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %keep = arith.cmpi sle, %j, %i : index
      attn.yield %keep : i1
    }
    : (tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>) -> tensor<?x4x?x64xf32>
  return %o : tensor<?x4x?x64xf32>
}

// Data: width:256
func.func @window_past(%q: tensor<?x4x?x64xf32>, %k: tensor<?x4x?x64xf32>, %v: tensor<?x4x?x64xf32>,
                  %width: index) -> tensor<?x4x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %d = arith.subi %i, %j : index
      %c0 = arith.constant 0 : index
      %past = arith.cmpi sge, %d, %c0 : index
      %near = arith.cmpi slt, %d, %width : index
      %keep = arith.andi %past, %near : i1
      attn.yield %keep : i1
    }
    : (tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>) -> tensor<?x4x?x64xf32>
  return %o : tensor<?x4x?x64xf32>
}

// Data: prefix:lengths(N//4)
func.func @prefix_lm(%q: tensor<?x4x?x64xf32>, %k: tensor<?x4x?x64xf32>, %v: tensor<?x4x?x64xf32>,
                  %prefix: tensor<?xi32>) -> tensor<?x4x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %p = tensor.extract %prefix[%b] : tensor<?xi32>
      %pi = arith.index_cast %p : i32 to index
      %shared = arith.cmpi slt, %j, %pi : index
      %past = arith.cmpi sle, %j, %i : index
      %keep = arith.ori %shared, %past : i1
      attn.yield %keep : i1
    }
    : (tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>) -> tensor<?x4x?x64xf32>
  return %o : tensor<?x4x?x64xf32>
}

// Data: ids:documents(256)
func.func @documents(%q: tensor<?x4x?x64xf32>, %k: tensor<?x4x?x64xf32>, %v: tensor<?x4x?x64xf32>,
                  %ids: tensor<?x?xi32>) -> tensor<?x4x?x64xf32> {
  %c2 = arith.constant 2 : index
  %nq = tensor.dim %q, %c2 : tensor<?x4x?x64xf32>
  %nk = tensor.dim %k, %c2 : tensor<?x4x?x64xf32>
  %more = arith.subi %nk, %nq : index
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %at = arith.addi %i, %more : index
      %mine = tensor.extract %ids[%b, %at] : tensor<?x?xi32>
      %its = tensor.extract %ids[%b, %j] : tensor<?x?xi32>
      %same = arith.cmpi eq, %mine, %its : i32
      %past = arith.cmpi sle, %j, %at : index
      %keep = arith.andi %same, %past : i1
      attn.yield %keep : i1
    }
    : (tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>) -> tensor<?x4x?x64xf32>
  return %o : tensor<?x4x?x64xf32>
}

// Data: lengths:lengths(3*N//4)
func.func @padding(%q: tensor<?x4x?x64xf32>, %k: tensor<?x4x?x64xf32>, %v: tensor<?x4x?x64xf32>,
                  %lengths: tensor<?xi32>) -> tensor<?x4x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %n = tensor.extract %lengths[%b] : tensor<?xi32>
      %ni = arith.index_cast %n : i32 to index
      %keep = arith.cmpi slt, %j, %ni : index
      attn.yield %keep : i1
    }
    : (tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>) -> tensor<?x4x?x64xf32>
  return %o : tensor<?x4x?x64xf32>
}

// Data: globals:64
func.func @global_window(%q: tensor<?x4x?x64xf32>, %k: tensor<?x4x?x64xf32>, %v: tensor<?x4x?x64xf32>,
                  %globals: index) -> tensor<?x4x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %c128 = arith.constant 128 : index
      %d = arith.subi %i, %j : index
      %far = math.absi %d : index
      %near = arith.cmpi sle, %far, %c128 : index
      %seen = arith.cmpi slt, %j, %globals : index
      %sees = arith.cmpi slt, %i, %globals : index
      %either = arith.ori %seen, %sees : i1
      %keep = arith.ori %near, %either : i1
      attn.yield %keep : i1
    }
    : (tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>) -> tensor<?x4x?x64xf32>
  return %o : tensor<?x4x?x64xf32>
}

// Data: random:blocks(64,2)
func.func @big_bird(%q: tensor<?x4x?x64xf32>, %k: tensor<?x4x?x64xf32>, %v: tensor<?x4x?x64xf32>,
                  %random: tensor<?x2xi32>) -> tensor<?x4x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c64 = arith.constant 64 : index
      %bi = arith.divui %i, %c64 : index
      %bj = arith.divui %j, %c64 : index
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
    : (tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>) -> tensor<?x4x?x64xf32>
  return %o : tensor<?x4x?x64xf32>
}

// Data: chosen:heads(64,4)
func.func @selected_blocks(%q: tensor<?x4x?x64xf32>, %k: tensor<?x4x?x64xf32>, %v: tensor<?x4x?x64xf32>,
                  %chosen: tensor<?x4x?x4xi32>) -> tensor<?x4x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c2 = arith.constant 2 : index
      %c3 = arith.constant 3 : index
      %c64 = arith.constant 64 : index
      %bi = arith.divui %i, %c64 : index
      %bj = arith.divui %j, %c64 : index
      %r0 = tensor.extract %chosen[%b, %h, %bi, %c0] : tensor<?x4x?x4xi32>
      %r1 = tensor.extract %chosen[%b, %h, %bi, %c1] : tensor<?x4x?x4xi32>
      %r2 = tensor.extract %chosen[%b, %h, %bi, %c2] : tensor<?x4x?x4xi32>
      %r3 = tensor.extract %chosen[%b, %h, %bi, %c3] : tensor<?x4x?x4xi32>
      %x0 = arith.index_cast %r0 : i32 to index
      %x1 = arith.index_cast %r1 : i32 to index
      %x2 = arith.index_cast %r2 : i32 to index
      %x3 = arith.index_cast %r3 : i32 to index
      %hit0 = arith.cmpi eq, %bj, %x0 : index
      %hit1 = arith.cmpi eq, %bj, %x1 : index
      %hit2 = arith.cmpi eq, %bj, %x2 : index
      %hit3 = arith.cmpi eq, %bj, %x3 : index
      %a = arith.ori %hit0, %hit1 : i1
      %c = arith.ori %hit2, %hit3 : i1
      %keep = arith.ori %a, %c : i1
      attn.yield %keep : i1
    }
    : (tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>) -> tensor<?x4x?x64xf32>
  return %o : tensor<?x4x?x64xf32>
}

// Data: shared:N//4 firsts:lengths(N//2) lasts:lengths(3*N//4)
func.func @shared_prefix(%q: tensor<?x4x?x64xf32>, %k: tensor<?x4x?x64xf32>, %v: tensor<?x4x?x64xf32>, %shared: index,
                  %firsts: tensor<?xi32>, %lasts: tensor<?xi32>) -> tensor<?x4x?x64xf32> {
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
    : (tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>) -> tensor<?x4x?x64xf32>
  return %o : tensor<?x4x?x64xf32>
}

// Data: past:N-32 ancestors:words
func.func @tree(%q: tensor<?x4x?x64xf32>, %k: tensor<?x4x?x64xf32>, %v: tensor<?x4x?x64xf32>, %past: index,
                  %ancestors: tensor<?xi32>) -> tensor<?x4x?x64xf32> {
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
    : (tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>) -> tensor<?x4x?x64xf32>
  return %o : tensor<?x4x?x64xf32>
}

func.func @dilated_window(%q: tensor<?x4x?x64xf32>, %k: tensor<?x4x?x64xf32>,
                  %v: tensor<?x4x?x64xf32>) -> tensor<?x4x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %c256 = arith.constant 256 : index
      %c3 = arith.constant 3 : index
      %c0 = arith.constant 0 : index
      %d = arith.subi %i, %j : index
      %far = math.absi %d : index
      %near = arith.cmpi sle, %far, %c256 : index
      %rest = arith.remui %far, %c3 : index
      %hit = arith.cmpi eq, %rest, %c0 : index
      %keep = arith.andi %near, %hit : i1
      attn.yield %keep : i1
    }
    : (tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>) -> tensor<?x4x?x64xf32>
  return %o : tensor<?x4x?x64xf32>
}

// Data: rows:N//64 columns:64
func.func @natten_2d(%q: tensor<?x4x?x64xf32>, %k: tensor<?x4x?x64xf32>, %v: tensor<?x4x?x64xf32>, %rows: index,
                  %columns: index) -> tensor<?x4x?x64xf32> {
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
    : (tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>) -> tensor<?x4x?x64xf32>
  return %o : tensor<?x4x?x64xf32>
}

// Data: planes:N//256
func.func @natten_3d(%q: tensor<?x4x?x64xf32>, %k: tensor<?x4x?x64xf32>, %v: tensor<?x4x?x64xf32>,
                  %planes: index) -> tensor<?x4x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %c0 = arith.constant 0 : index
      %c3 = arith.constant 3 : index
      %c7 = arith.constant 7 : index
      %height = arith.constant 16 : index
      %width = arith.constant 16 : index
      %plane = arith.constant 256 : index
      %zi = arith.divui %i, %plane : index
      %zj = arith.divui %j, %plane : index
      %ri = arith.remui %i, %plane : index
      %rj = arith.remui %j, %plane : index
      %yi = arith.divui %ri, %width : index
      %xi = arith.remui %ri, %width : index
      %yj = arith.divui %rj, %width : index
      %xj = arith.remui %rj, %width : index
      %loz = arith.subi %zi, %c3 : index
      %lomaxz = arith.subi %planes, %c7 : index
      %stz = arith.minsi %loz, %lomaxz : index
      %startz = arith.maxsi %stz, %c0 : index
      %endz = arith.addi %startz, %c7 : index
      %gez = arith.cmpi sge, %zj, %startz : index
      %ltz = arith.cmpi slt, %zj, %endz : index
      %inz = arith.andi %gez, %ltz : i1
      %loy = arith.subi %yi, %c3 : index
      %lomaxy = arith.subi %height, %c7 : index
      %sty = arith.minsi %loy, %lomaxy : index
      %starty = arith.maxsi %sty, %c0 : index
      %endy = arith.addi %starty, %c7 : index
      %gey = arith.cmpi sge, %yj, %starty : index
      %lty = arith.cmpi slt, %yj, %endy : index
      %iny = arith.andi %gey, %lty : i1
      %lox = arith.subi %xi, %c3 : index
      %lomaxx = arith.subi %width, %c7 : index
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
    : (tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>) -> tensor<?x4x?x64xf32>
  return %o : tensor<?x4x?x64xf32>
}

func.func @strided(%q: tensor<?x4x?x64xf32>, %k: tensor<?x4x?x64xf32>,
                  %v: tensor<?x4x?x64xf32>) -> tensor<?x4x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %c0 = arith.constant 0 : index
      %c128 = arith.constant 128 : index
      %d = arith.subi %i, %j : index
      %past = arith.cmpi sge, %d, %c0 : index
      %near = arith.cmpi slt, %d, %c128 : index
      %rest = arith.remsi %d, %c128 : index
      %hit = arith.cmpi eq, %rest, %c0 : index
      %either = arith.ori %near, %hit : i1
      %keep = arith.andi %past, %either : i1
      attn.yield %keep : i1
    }
    : (tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>) -> tensor<?x4x?x64xf32>
  return %o : tensor<?x4x?x64xf32>
}

func.func @fixed_summary(%q: tensor<?x4x?x64xf32>, %k: tensor<?x4x?x64xf32>,
                  %v: tensor<?x4x?x64xf32>) -> tensor<?x4x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %c127 = arith.constant 127 : index
      %c128 = arith.constant 128 : index
      %bi = arith.divui %i, %c128 : index
      %bj = arith.divui %j, %c128 : index
      %rest = arith.remui %j, %c128 : index
      %same = arith.cmpi eq, %bi, %bj : index
      %hit = arith.cmpi eq, %rest, %c127 : index
      %past = arith.cmpi sle, %j, %i : index
      %either = arith.ori %same, %hit : i1
      %keep = arith.andi %past, %either : i1
      attn.yield %keep : i1
    }
    : (tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>) -> tensor<?x4x?x64xf32>
  return %o : tensor<?x4x?x64xf32>
}

// Data: allowed:live(0.5)
func.func @boolean(%q: tensor<?x4x?x64xf32>, %k: tensor<?x4x?x64xf32>, %v: tensor<?x4x?x64xf32>,
                  %allowed: tensor<?x?x?xi1>) -> tensor<?x4x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %keep = tensor.extract %allowed[%b, %i, %j] : tensor<?x?x?xi1>
      attn.yield %keep : i1
    }
    : (tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>) -> tensor<?x4x?x64xf32>
  return %o : tensor<?x4x?x64xf32>
}

// Data: words:packed(32)
func.func @bits(%q: tensor<?x4x?x64xf32>, %k: tensor<?x4x?x64xf32>, %v: tensor<?x4x?x64xf32>,
                  %words: tensor<?x?xi32>) -> tensor<?x4x?x64xf32> {
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
    : (tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>) -> tensor<?x4x?x64xf32>
  return %o : tensor<?x4x?x64xf32>
}

// Data: bytes:packed(8)
func.func @bit_bytes(%q: tensor<?x4x?x64xf32>, %k: tensor<?x4x?x64xf32>, %v: tensor<?x4x?x64xf32>,
                  %bytes: tensor<?x?xi8>) -> tensor<?x4x?x64xf32> {
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
    : (tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>) -> tensor<?x4x?x64xf32>
  return %o : tensor<?x4x?x64xf32>
}
