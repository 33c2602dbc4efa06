// What scores.py times: the same heads with another score each, beside `plain`. It knows the arguments by name.

// No score region.
func.func @plain(%q: tensor<?x4x?x64xf32>, %k: tensor<?x4x?x64xf32>, %v: tensor<?x4x?x64xf32>) -> tensor<?x4x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    : (tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>) -> tensor<?x4x?x64xf32>
  return %o : tensor<?x4x?x64xf32>
}

// Gemma 2.
func.func @softcap(%q: tensor<?x4x?x64xf32>, %k: tensor<?x4x?x64xf32>, %v: tensor<?x4x?x64xf32>) -> tensor<?x4x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    score(@softcap(30.0))
    : (tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>) -> tensor<?x4x?x64xf32>
  return %o : tensor<?x4x?x64xf32>
}

// Press et al. (2022).
func.func @alibi(%q: tensor<?x4x?x64xf32>, %k: tensor<?x4x?x64xf32>, %v: tensor<?x4x?x64xf32>, %slopes: tensor<4xf32>) -> tensor<?x4x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    score(@alibi(%slopes : tensor<4xf32>))
    : (tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>) -> tensor<?x4x?x64xf32>
  return %o : tensor<?x4x?x64xf32>
}

// Raffel et al. (2020): 32 buckets of distances, both ways.
func.func @t5(%q: tensor<?x4x?x64xf32>, %k: tensor<?x4x?x64xf32>, %v: tensor<?x4x?x64xf32>, %buckets: tensor<32x4xf32>) -> tensor<?x4x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    score(@t5(%buckets : tensor<32x4xf32>))
    : (tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>) -> tensor<?x4x?x64xf32>
  return %o : tensor<?x4x?x64xf32>
}

// A number for each pair.
func.func @bias(%q: tensor<?x4x?x64xf32>, %k: tensor<?x4x?x64xf32>, %v: tensor<?x4x?x64xf32>, %bias: tensor<4x?x?xf32>) -> tensor<?x4x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %x = tensor.extract %bias[%h, %i, %j] : tensor<4x?x?xf32>
      %r = arith.addf %s, %x : f32
      attn.yield %r : f32
    }
    : (tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>) -> tensor<?x4x?x64xf32>
  return %o : tensor<?x4x?x64xf32>
}

// A learned logit for each head (gpt-oss, 2025).
func.func @sink(%q: tensor<?x4x?x64xf32>, %k: tensor<?x4x?x64xf32>, %v: tensor<?x4x?x64xf32>, %sinks: tensor<4xf32>) -> tensor<?x4x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v) sinks(%sinks)
    : (tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>, tensor<4xf32>) -> tensor<?x4x?x64xf32>
  return %o : tensor<?x4x?x64xf32>
}

// Shaw et al. (2018), of keys, clipped to 64.
func.func @shaw_keys(%q: tensor<?x4x?x64xf32>, %k: tensor<?x4x?x64xf32>, %v: tensor<?x4x?x64xf32>, %keys: tensor<129x64xf32>) -> tensor<?x4x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %c64 = arith.constant 64 : index
      %distance = arith.subi %j, %i : index
      %row = arith.addi %distance, %c64 : index
      %x = attn.query_dot %keys[%row] : tensor<129x64xf32>
      %scale = arith.constant 0.125 : f32
      %scaled = arith.mulf %x, %scale : f32
      %r = arith.addf %s, %scaled : f32
      attn.yield %r : f32
    }
    : (tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>) -> tensor<?x4x?x64xf32>
  return %o : tensor<?x4x?x64xf32>
}

// The same of keys and values.
func.func @shaw(%q: tensor<?x4x?x64xf32>, %k: tensor<?x4x?x64xf32>, %v: tensor<?x4x?x64xf32>, %keys: tensor<129x64xf32>, %values: tensor<129x64xf32>) -> tensor<?x4x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v) value_table(%values)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %c64 = arith.constant 64 : index
      %distance = arith.subi %j, %i : index
      %row = arith.addi %distance, %c64 : index
      %x = attn.query_dot %keys[%row] : tensor<129x64xf32>
      %scale = arith.constant 0.125 : f32
      %scaled = arith.mulf %x, %scale : f32
      %r = arith.addf %s, %scaled : f32
      attn.yield %r : f32
    }
    value_row(%b: index, %h: index, %i: index, %j: index) {
      %c64 = arith.constant 64 : index
      %distance = arith.subi %j, %i : index
      %row = arith.addi %distance, %c64 : index
      attn.yield %row : index
    }
    : (tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>, tensor<129x64xf32>) -> tensor<?x4x?x64xf32>
  return %o : tensor<?x4x?x64xf32>
}

// A random graph: one pair in a hundred.
func.func @graph(%q: tensor<?x4x?x64xf32>, %k: tensor<?x4x?x64xf32>, %v: tensor<?x4x?x64xf32>, %row_ptr: tensor<?xi32>, %col_idx: tensor<?xi32>) -> tensor<?x4x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v) csr(%row_ptr, %col_idx)
    : (tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32>, tensor<?xi32>, tensor<?xi32>) -> tensor<?x4x?x64xf32>
  return %o : tensor<?x4x?x64xf32>
}
