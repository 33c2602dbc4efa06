// What stands in the place of the softmax, and what is known of a row besides.

// Data: sinks=4
func.func @sinks(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>,
                  %sinks: tensor<4xf32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v) sinks(%sinks)
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>, tensor<4xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// Tolerance: 1e-4
func.func @normalizer_sigmoid(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>,
                  %v: tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    {normalizer = "sigmoid"}
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// Tolerance: 1e-4
func.func @normalizer_relu(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>,
                  %v: tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    {normalizer = "relu"}
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// Tolerance: 2e-4
func.func @normalizer_relu2(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>,
                  %v: tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    {normalizer = "relu2"}
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// Tolerance: 1e-4
func.func @normalizer_none(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>,
                  %v: tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    {normalizer = "none"}
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

func.func @lse(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>) -> (tensor<?x4x?x32xf32>,
                  tensor<?x4x?xf32>) {
  %o:2 = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %keep = arith.cmpi sle, %j, %i : index
      attn.yield %keep : i1
    }
    {aux = ["lse"]}
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> (tensor<?x4x?x32xf32>, tensor<?x4x?xf32>)
  return %o#0, %o#1 : tensor<?x4x?x32xf32>, tensor<?x4x?xf32>
}

func.func @row_max(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>,
                  %v: tensor<?x2x?x32xf32>) -> (tensor<?x4x?x32xf32>, tensor<?x4x?xf32>) {
  %o:2 = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %keep = arith.cmpi sle, %j, %i : index
      attn.yield %keep : i1
    }
    {aux = ["row_max"]}
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> (tensor<?x4x?x32xf32>, tensor<?x4x?xf32>)
  return %o#0, %o#1 : tensor<?x4x?x32xf32>, tensor<?x4x?xf32>
}

// A row without a live key sees its sink only.
// Data: sinks=4 lengths=2@0:0
func.func @only_sinks(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>,
                  %sinks: tensor<4xf32>, %lengths: tensor<?xi32>) -> (tensor<?x4x?x32xf32>, tensor<?x4x?xf32>,
                  tensor<?x4x?xf32>) {
  %o:3 = attn.attention query(%q) key(%k) value(%v) sinks(%sinks)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %n = tensor.extract %lengths[%b] : tensor<?xi32>
      %ni = arith.index_cast %n : i32 to index
      %keep = arith.cmpi slt, %j, %ni : index
      attn.yield %keep : i1
    }
    {aux = ["row_max", "lse"]}
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>, tensor<4xf32>) -> (tensor<?x4x?x32xf32>,
      tensor<?x4x?xf32>, tensor<?x4x?xf32>)
  return %o#0, %o#1, %o#2 : tensor<?x4x?x32xf32>, tensor<?x4x?xf32>, tensor<?x4x?xf32>
}

// Sinks far above and far below the scores.
// Data: sinks=4@-300:300
func.func @far_sinks(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>,
                  %sinks: tensor<4xf32>) -> (tensor<?x4x?x32xf32>, tensor<?x4x?xf32>) {
  %o:2 = attn.attention query(%q) key(%k) value(%v) sinks(%sinks)
    {aux = ["lse"]}
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>, tensor<4xf32>) -> (tensor<?x4x?x32xf32>,
      tensor<?x4x?xf32>)
  return %o#0, %o#1 : tensor<?x4x?x32xf32>, tensor<?x4x?xf32>
}

// With a bias, a window and a bound: the weights of dead pairs are zero whatever the normalizer.
// Data: width:9
// Tolerance: 2e-4
func.func @none_in_a_window(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>,
                  %width: index) -> (tensor<?x4x?x32xf32>, tensor<?x4x?xf32>) {
  %o:2 = attn.attention query(%q) key(%k) value(%v)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %one = arith.constant 1.0 : f32
      %r = arith.subf %s, %one : f32
      attn.yield %r : f32
    }
    mask(%b: index, %h: index, %i: index, %j: index) {
      %d = arith.subi %i, %j : index
      %far = math.absi %d : index
      %keep = arith.cmpi sle, %far, %width : index
      attn.yield %keep : i1
    }
    {aux = ["row_max"], normalizer = "none"}
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> (tensor<?x4x?x32xf32>, tensor<?x4x?xf32>)
  return %o#0, %o#1 : tensor<?x4x?x32xf32>, tensor<?x4x?xf32>
}
