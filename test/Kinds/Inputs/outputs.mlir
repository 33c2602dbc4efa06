// Scores and probabilities as results.

// Of a window, so that some keys are never visited.
// Data: width:9
func.func @scores_in_a_window(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>,
                              %width: index) -> (tensor<?x4x?x32xf32>, tensor<?x4x?x?xf32>) {
  %o:2 = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %d = arith.subi %i, %j : index
      %far = math.absi %d : index
      %keep = arith.cmpi sle, %far, %width : index
      attn.yield %keep : i1
    }
    {aux = ["scores"]}
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>)
    -> (tensor<?x4x?x32xf32>, tensor<?x4x?x?xf32>)
  return %o#0, %o#1 : tensor<?x4x?x32xf32>, tensor<?x4x?x?xf32>
}

func.func @probabilities(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>)
    -> (tensor<?x4x?x32xf32>, tensor<?x4x?x?xf32>) {
  %o:2 = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %keep = arith.cmpi sle, %j, %i : index
      attn.yield %keep : i1
    }
    {aux = ["probabilities"]}
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>)
    -> (tensor<?x4x?x32xf32>, tensor<?x4x?x?xf32>)
  return %o#0, %o#1 : tensor<?x4x?x32xf32>, tensor<?x4x?x?xf32>
}

// All results, of capped scores beside a sink.
// Data: sinks=4
func.func @all_results(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>,
                       %sinks: tensor<4xf32>)
    -> (tensor<?x4x?x32xf32>, tensor<?x4x?x?xf32>, tensor<?x4x?xf32>, tensor<?x4x?x?xf32>, tensor<?x4x?xf32>) {
  %o:5 = attn.attention query(%q) key(%k) value(%v) sinks(%sinks)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %cap = arith.constant 2.0 : f32
      %ratio = arith.divf %s, %cap : f32
      %bent = math.tanh %ratio : f32
      %r = arith.mulf %bent, %cap : f32
      attn.yield %r : f32
    }
    {aux = ["probabilities", "lse", "scores", "row_max"]}
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>, tensor<4xf32>)
    -> (tensor<?x4x?x32xf32>, tensor<?x4x?x?xf32>, tensor<?x4x?xf32>, tensor<?x4x?x?xf32>, tensor<?x4x?xf32>)
  return %o#0, %o#1, %o#2, %o#3, %o#4
    : tensor<?x4x?x32xf32>, tensor<?x4x?x?xf32>, tensor<?x4x?xf32>, tensor<?x4x?x?xf32>, tensor<?x4x?xf32>
}

// Of weights that are no softmax, in sequences up to a length, which may be 0.
// Data: lengths=2@0:50
// Tolerance: 1e-4
func.func @weights_of_relu(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>,
                           %lengths: tensor<?xi32>) -> (tensor<?x4x?x32xf32>, tensor<?x4x?x?xf32>) {
  %o:2 = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %n = tensor.extract %lengths[%b] : tensor<?xi32>
      %ni = arith.index_cast %n : i32 to index
      %keep = arith.cmpi slt, %j, %ni : index
      attn.yield %keep : i1
    }
    {aux = ["probabilities"], normalizer = "relu"}
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>)
    -> (tensor<?x4x?x32xf32>, tensor<?x4x?x?xf32>)
  return %o#0, %o#1 : tensor<?x4x?x32xf32>, tensor<?x4x?x?xf32>
}

// One query of one head is one row.
func.func @of_each_head(%q: tensor<?x4x?x32xf32>, %k: tensor<?x4x?x32xf32>, %v: tensor<?x4x?x32xf32>)
    -> (tensor<?x4x?x32xf32>, tensor<?x4x?x?xf32>) {
  %o:2 = attn.attention query(%q) key(%k) value(%v) {aux = ["probabilities"]}
    : (tensor<?x4x?x32xf32>, tensor<?x4x?x32xf32>, tensor<?x4x?x32xf32>)
    -> (tensor<?x4x?x32xf32>, tensor<?x4x?x?xf32>)
  return %o#0, %o#1 : tensor<?x4x?x32xf32>, tensor<?x4x?x?xf32>
}

// All results where runs of live keys are looked for: between them scores are -inf.
// Data: chosen=6x4@0:6 sinks=4
func.func @all_results_of_chosen_blocks(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>,
                                        %chosen: tensor<6x4xi32>, %sinks: tensor<4xf32>)
    -> (tensor<?x4x?x32xf32>, tensor<?x4x?x?xf32>, tensor<?x4x?xf32>, tensor<?x4x?x?xf32>, tensor<?x4x?xf32>) {
  %o:5 = attn.attention query(%q) key(%k) value(%v) sinks(%sinks)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %c5 = arith.constant 5 : index
      %c16 = arith.constant 16 : index
      %bi = arith.divui %i, %c16 : index
      %bj = arith.divui %j, %c16 : index
      %row = arith.minui %bi, %c5 : index
      %n = tensor.extract %chosen[%row, %h] : tensor<6x4xi32>
      %ni = arith.index_cast %n : i32 to index
      %keep = arith.cmpi eq, %bj, %ni : index
      attn.yield %keep : i1
    }
    {aux = ["probabilities", "lse", "scores", "row_max"]}
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>, tensor<4xf32>)
    -> (tensor<?x4x?x32xf32>, tensor<?x4x?x?xf32>, tensor<?x4x?xf32>, tensor<?x4x?x?xf32>, tensor<?x4x?xf32>)
  return %o#0, %o#1, %o#2, %o#3, %o#4
    : tensor<?x4x?x32xf32>, tensor<?x4x?x?xf32>, tensor<?x4x?xf32>, tensor<?x4x?x?xf32>, tensor<?x4x?xf32>
}

// Data: chosen=6x4@0:6
// Tolerance: 1e-4
func.func @relu_of_chosen_blocks(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>,
                                 %chosen: tensor<6x4xi32>) -> (tensor<?x4x?x32xf32>, tensor<?x4x?x?xf32>) {
  %o:2 = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %c5 = arith.constant 5 : index
      %c16 = arith.constant 16 : index
      %bi = arith.divui %i, %c16 : index
      %bj = arith.divui %j, %c16 : index
      %row = arith.minui %bi, %c5 : index
      %n = tensor.extract %chosen[%row, %h] : tensor<6x4xi32>
      %ni = arith.index_cast %n : i32 to index
      %past = arith.cmpi sle, %j, %i : index
      %hit = arith.cmpi eq, %bj, %ni : index
      %keep = arith.andi %hit, %past : i1
      attn.yield %keep : i1
    }
    {aux = ["scores"], normalizer = "relu"}
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>)
    -> (tensor<?x4x?x32xf32>, tensor<?x4x?x?xf32>)
  return %o#0, %o#1 : tensor<?x4x?x32xf32>, tensor<?x4x?x?xf32>
}

// What the products were, before a cap and of unmasked pairs; and what became of them.
// Data: width:9
func.func @products_before_a_cap(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>,
                                 %width: index)
    -> (tensor<?x4x?x32xf32>, tensor<?x4x?x?xf32>, tensor<?x4x?xf32>, tensor<?x4x?x?xf32>) {
  %o:4 = attn.attention query(%q) key(%k) value(%v)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %cap = arith.constant 2.0 : f32
      %ratio = arith.divf %s, %cap : f32
      %bent = math.tanh %ratio : f32
      %r = arith.mulf %bent, %cap : f32
      attn.yield %r, %s : f32, f32
    }
    mask(%b: index, %h: index, %i: index, %j: index) {
      %d = arith.subi %i, %j : index
      %far = math.absi %d : index
      %keep = arith.cmpi sle, %far, %width : index
      attn.yield %keep : i1
    }
    {aux = ["scores", "row_max", "probabilities"]}
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>)
    -> (tensor<?x4x?x32xf32>, tensor<?x4x?x?xf32>, tensor<?x4x?xf32>, tensor<?x4x?x?xf32>)
  return %o#0, %o#1, %o#2, %o#3 : tensor<?x4x?x32xf32>, tensor<?x4x?x?xf32>, tensor<?x4x?xf32>, tensor<?x4x?x?xf32>
}

// Those of masked pairs as well: the mask is part of the score. The first row of queries
// sees no key.
func.func @products_of_all_pairs(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>)
    -> (tensor<?x4x?x32xf32>, tensor<?x4x?x?xf32>) {
  %o:2 = attn.attention query(%q) key(%k) value(%v)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %keep = arith.cmpi slt, %j, %i : index
      %dead = arith.constant 0xFF800000 : f32
      %r = arith.select %keep, %s, %dead : f32
      attn.yield %r, %s : f32, f32
    }
    {aux = ["scores"]}
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>)
    -> (tensor<?x4x?x32xf32>, tensor<?x4x?x?xf32>)
  return %o#0, %o#1 : tensor<?x4x?x32xf32>, tensor<?x4x?x?xf32>
}

// A number that is no score at all.
// Tolerance: 1e-4
func.func @distances_beside_sigmoid(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>)
    -> (tensor<?x4x?x32xf32>, tensor<?x4x?x?xf32>, tensor<?x4x?x?xf32>) {
  %o:3 = attn.attention query(%q) key(%k) value(%v)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %d = arith.subi %i, %j : index
      %n = arith.index_cast %d : index to i32
      %f = arith.sitofp %n : i32 to f32
      attn.yield %s, %f : f32, f32
    }
    {aux = ["probabilities", "scores"], normalizer = "sigmoid"}
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>)
    -> (tensor<?x4x?x32xf32>, tensor<?x4x?x?xf32>, tensor<?x4x?x?xf32>)
  return %o#0, %o#1, %o#2 : tensor<?x4x?x32xf32>, tensor<?x4x?x?xf32>, tensor<?x4x?x?xf32>
}
