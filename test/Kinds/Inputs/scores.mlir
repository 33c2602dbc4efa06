// Kinds of scores and weights.

func.func @scale(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    {scale = 2.500000e-01 : f64}
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

func.func @soft_cap(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>,
                  %v: tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %cap = arith.constant 5.0 : f32
      %ratio = arith.divf %s, %cap : f32
      %bent = math.tanh %ratio : f32
      %r = arith.mulf %bent, %cap : f32
      attn.yield %r : f32
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// Data: slopes=4@0:0.5
// Tolerance: 5e-5
func.func @alibi(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>,
                  %slopes: tensor<4xf32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %slope = tensor.extract %slopes[%h] : tensor<4xf32>
      %d = arith.subi %j, %i : index
      %di = arith.index_cast %d : index to i32
      %df = arith.sitofp %di : i32 to f32
      %bias = arith.mulf %slope, %df : f32
      %r = arith.addf %s, %bias : f32
      attn.yield %r : f32
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// Data: table=32x4
func.func @t5(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>,
                  %table: tensor<32x4xf32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %signed = arith.subi %j, %i : index
      %far = math.absi %signed : index
      %c8 = arith.constant 8 : index
      %near = arith.minsi %far, %c8 : index
      %c12 = arith.constant 12 : index
      %past12 = arith.cmpi sge, %far, %c12 : index
      %one12 = arith.extui %past12 : i1 to i32
      %step12 = arith.index_cast %one12 : i32 to index
      %bucket12 = arith.addi %near, %step12 : index
      %c16 = arith.constant 16 : index
      %past16 = arith.cmpi sge, %far, %c16 : index
      %one16 = arith.extui %past16 : i1 to i32
      %step16 = arith.index_cast %one16 : i32 to index
      %bucket16 = arith.addi %bucket12, %step16 : index
      %c23 = arith.constant 23 : index
      %past23 = arith.cmpi sge, %far, %c23 : index
      %one23 = arith.extui %past23 : i1 to i32
      %step23 = arith.index_cast %one23 : i32 to index
      %bucket23 = arith.addi %bucket16, %step23 : index
      %c32 = arith.constant 32 : index
      %past32 = arith.cmpi sge, %far, %c32 : index
      %one32 = arith.extui %past32 : i1 to i32
      %step32 = arith.index_cast %one32 : i32 to index
      %bucket32 = arith.addi %bucket23, %step32 : index
      %c46 = arith.constant 46 : index
      %past46 = arith.cmpi sge, %far, %c46 : index
      %one46 = arith.extui %past46 : i1 to i32
      %step46 = arith.index_cast %one46 : i32 to index
      %bucket46 = arith.addi %bucket32, %step46 : index
      %c64 = arith.constant 64 : index
      %past64 = arith.cmpi sge, %far, %c64 : index
      %one64 = arith.extui %past64 : i1 to i32
      %step64 = arith.index_cast %one64 : i32 to index
      %bucket64 = arith.addi %bucket46, %step64 : index
      %c91 = arith.constant 91 : index
      %past91 = arith.cmpi sge, %far, %c91 : index
      %one91 = arith.extui %past91 : i1 to i32
      %step91 = arith.index_cast %one91 : i32 to index
      %bucket91 = arith.addi %bucket64, %step91 : index
      %c0 = arith.constant 0 : index
      %half = arith.constant 16 : index
      %later = arith.cmpi sgt, %j, %i : index
      %side = arith.select %later, %half, %c0 : index
      %bucket = arith.addi %bucket91, %side : index
      %bias = tensor.extract %table[%bucket, %h] : tensor<32x4xf32>
      %r = arith.addf %s, %bias : f32
      attn.yield %r : f32
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// A learned bias for each distance, clipped at 16.
// Data: table=4x33
func.func @clipped_distance(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>,
                  %table: tensor<4x33xf32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %low = arith.constant -16 : index
      %high = arith.constant 16 : index
      %d = arith.subi %j, %i : index
      %a = arith.maxsi %d, %low : index
      %c = arith.minsi %a, %high : index
      %at = arith.addi %c, %high : index
      %bias = tensor.extract %table[%h, %at] : tensor<4x33xf32>
      %r = arith.addf %s, %bias : f32
      attn.yield %r : f32
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// Graphormer (Ying et al., 2021): a bias for the length of the shortest path between two
// nodes, and one for its edges.
// Data: paths=2xSQxSK@0:31 spatial=32x4 edges=2x4xSQxSK
func.func @graphormer(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>,
                  %paths: tensor<?x?x?xi32>, %spatial: tensor<32x4xf32>,
                  %edges: tensor<?x4x?x?xf32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %path = tensor.extract %paths[%b, %i, %j] : tensor<?x?x?xi32>
      %at = arith.index_cast %path : i32 to index
      %x = tensor.extract %spatial[%at, %h] : tensor<32x4xf32>
      %y = tensor.extract %edges[%b, %h, %i, %j] : tensor<?x4x?x?xf32>
      %a = arith.addf %s, %x : f32
      %r = arith.addf %a, %y : f32
      attn.yield %r : f32
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// Sandwich (Chi et al., 2022): a sum of cosines of the distance.
func.func @sandwich(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>,
                  %v: tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %d = arith.subi %i, %j : index
      %di = arith.index_cast %d : index to i32
      %df = arith.sitofp %di : i32 to f32
      %f0 = arith.constant 1.0 : f32
      %f1 = arith.constant 0.1 : f32
      %f2 = arith.constant 0.01 : f32
      %a0 = arith.mulf %df, %f0 : f32
      %a1 = arith.mulf %df, %f1 : f32
      %a2 = arith.mulf %df, %f2 : f32
      %c0 = math.cos %a0 : f32
      %c1 = math.cos %a1 : f32
      %c2 = math.cos %a2 : f32
      %t0 = arith.addf %c0, %c1 : f32
      %t1 = arith.addf %t0, %c2 : f32
      %r = arith.addf %s, %t1 : f32
      attn.yield %r : f32
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// Data: bias=2x4xSQxSK
func.func @bias_full(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>,
                  %bias: tensor<?x4x?x?xf32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %x = tensor.extract %bias[%b, %h, %i, %j] : tensor<?x4x?x?xf32>
      %r = arith.addf %s, %x : f32
      attn.yield %r : f32
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// Data: bias=1x4xSQxSK
func.func @bias_heads(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>,
                  %bias: tensor<1x4x?x?xf32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %c0 = arith.constant 0 : index
      %x = tensor.extract %bias[%c0, %h, %i, %j] : tensor<1x4x?x?xf32>
      %r = arith.addf %s, %x : f32
      attn.yield %r : f32
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// Data: bias=SQxSK
func.func @bias_pairs(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>,
                  %bias: tensor<?x?xf32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %x = tensor.extract %bias[%i, %j] : tensor<?x?xf32>
      %r = arith.addf %s, %x : f32
      attn.yield %r : f32
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// Data: bias=2x1x1xSK
func.func @bias_keys(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>,
                  %bias: tensor<?x1x1x?xf32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %c0 = arith.constant 0 : index
      %x = tensor.extract %bias[%b, %c0, %c0, %j] : tensor<?x1x1x?xf32>
      %r = arith.addf %s, %x : f32
      attn.yield %r : f32
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// Data: bias=4xSQ
func.func @bias_queries(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>,
                  %bias: tensor<?x?xf32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %x = tensor.extract %bias[%h, %i] : tensor<?x?xf32>
      %r = arith.addf %s, %x : f32
      attn.yield %r : f32
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// -inf where a pair is not live, as exported models have it.
// Data: bias=SQxSK
func.func @additive_mask(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>,
                  %bias: tensor<?x?xf32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %x = tensor.extract %bias[%i, %j] : tensor<?x?xf32>
      %r = arith.addf %s, %x : f32
      attn.yield %r : f32
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// Data: temperatures=4@0.5:2
func.func @temperature(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>,
                  %temperatures: tensor<4xf32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %t = tensor.extract %temperatures[%h] : tensor<4xf32>
      %r = arith.mulf %s, %t : f32
      attn.yield %r : f32
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// Llama 4: queries further on attend more sharply.
func.func @length_temperature(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>,
                  %v: tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %ii = arith.index_cast %i : index to i32
      %f = arith.sitofp %ii : i32 to f32
      %eighth = arith.constant 0.125 : f32
      %one = arith.constant 1.0 : f32
      %tenth = arith.constant 0.1 : f32
      %x = arith.mulf %f, %eighth : f32
      %y = math.floor %x : f32
      %z = arith.addf %y, %one : f32
      %l = math.log %z : f32
      %m = arith.mulf %l, %tenth : f32
      %t = arith.addf %m, %one : f32
      %r = arith.mulf %s, %t : f32
      attn.yield %r : f32
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// A bias for each of the first 32 positions, and one for all others: the bound is the user's own.
// Data: table=32
func.func @bounded_position(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>,
                            %table: tensor<32xf32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %c31 = arith.constant 31 : index
      %at = arith.minsi %j, %c31 : index
      %bias = tensor.extract %table[%at] : tensor<32xf32>
      %r = arith.addf %s, %bias : f32
      attn.yield %r : f32
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// Powers far beyond the largest number, and back.
func.func @powers(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %c = arith.constant 300.0 : f32
      %most = arith.constant 3.0 : f32
      %x = arith.mulf %s, %c : f32
      %p = math.exp2 %x : f32
      %e = math.exp %x : f32
      %t = arith.addf %p, %e : f32
      %l = arith.minimumf %t, %most : f32
      %r = arith.addf %s, %l : f32
      attn.yield %r : f32
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// Distances by other ways than one subtraction, and what is no distance: 2j - i.
// Data: table=1024 far=64
func.func @ways_of_distance(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>,
                            %table: tensor<1024xf32>, %far: tensor<64xf32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %c31 = arith.constant 31 : i32
      %c300 = arith.constant 300 : i32
      %i32 = arith.index_cast %i : index to i32
      %j32 = arith.index_cast %j : index to i32
      %ahead = arith.addi %j32, %c300 : i32
      %apart = arith.subi %ahead, %i32 : i32
      %at = arith.index_cast %apart : i32 to index
      %one = tensor.extract %table[%at] : tensor<1024xf32>
      %later = arith.cmpi sgt, %j32, %i32 : i32
      %bent = math.tanh %one : f32
      %side = arith.select %later, %one, %bent : f32
      %more = arith.addi %apart, %j32 : i32
      %low = arith.andi %more, %c31 : i32
      %place = arith.index_cast %low : i32 to index
      %other = tensor.extract %far[%place] : tensor<64xf32>
      %t = arith.addf %side, %other : f32
      %r = arith.addf %s, %t : f32
      attn.yield %r : f32
    }
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}
