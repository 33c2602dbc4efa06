// What is added to a score: tensors by position, tables by distance, products with learned rows.
// A tensor or table may be bf16 or f16: what is read is extended. The letters behind a name are
// the tensor's dimensions.

// A tensor of pairs: s + bias[i, j]; -inf masks a pair.
func.func private @bias_ij(%s: !score, %b: index, %h: index, %i: index, %j: index, %bias: tensor<?x?x!score>) -> !score {
  %x = tensor.extract %bias[%i, %j] : tensor<?x?x!score>
  %r = arith.addf %s, %x : !score
  return %r : !score
}

// A tensor of pairs for each head: s + bias[h, i, j].
func.func private @bias_hij(%s: !score, %b: index, %h: index, %i: index, %j: index,
                            %bias: tensor<?x?x?x!score>) -> !score {
  %x = tensor.extract %bias[%h, %i, %j] : tensor<?x?x?x!score>
  %r = arith.addf %s, %x : !score
  return %r : !score
}

// A tensor of pairs for each batch: s + bias[b, i, j].
func.func private @bias_bij(%s: !score, %b: index, %h: index, %i: index, %j: index,
                            %bias: tensor<?x?x?x!score>) -> !score {
  %x = tensor.extract %bias[%b, %i, %j] : tensor<?x?x?x!score>
  %r = arith.addf %s, %x : !score
  return %r : !score
}

// A tensor of pairs for each batch and head: s + bias[b, h, i, j]; one head stands for all.
func.func private @bias_bhij(%s: !score, %b: index, %h: index, %i: index, %j: index,
                             %bias: tensor<?x?x?x?x!score>) -> !score {
  %x = tensor.extract %bias[%b, %h, %i, %j] : tensor<?x?x?x?x!score>
  %r = arith.addf %s, %x : !score
  return %r : !score
}

// A number for each key of each batch: s + bias[b, j].
func.func private @bias_bj(%s: !score, %b: index, %h: index, %i: index, %j: index, %bias: tensor<?x?x!score>) -> !score {
  %x = tensor.extract %bias[%b, %j] : tensor<?x?x!score>
  %r = arith.addf %s, %x : !score
  return %r : !score
}

// A learned number for each head and distance: s + table[h, c + j - i], with 2 c + 1 distances.
// Distances beyond c have the number of c.
func.func private @relative_bias(%s: !score, %b: index, %h: index, %i: index, %j: index,
                                 %table: tensor<?x?x!score>) -> !score {
  %c1 = arith.constant 1 : index
  %rows = tensor.dim %table, %c1 : tensor<?x?x!score>
  %row = attn.apply @row_of_distance(%i, %j, %rows) : (index, index, index) -> index
  %x = tensor.extract %table[%h, %row] : tensor<?x?x!score>
  %r = arith.addf %s, %x : !score
  return %r : !score
}

// The row of j - i among `rows` of which the middle one is distance 0.
func.func private @row_of_distance(%i: index, %j: index, %rows: index) -> index {
  %c2 = arith.constant 2 : index
  %middle = arith.divsi %rows, %c2 : index
  %d = arith.subi %j, %i : index
  %row = arith.addi %d, %middle : index
  return %row : index
}

// 1 from a distance on, and 0 below.
func.func private @one_from(%far: index, %from: index) -> index {
  %past = arith.cmpi sge, %far, %from : index
  %one = arith.extui %past : i1 to i32
  %step = arith.index_cast %one : i32 to index
  return %step : index
}

// A learned number for the distance's bucket, for encoders: s + table[bucket(j - i), h], 32 buckets.
// T5 (Raffel et al., 2020): 8 distances, then their logarithm up to 128, and the same for later keys.
func.func private @t5(%s: !score, %b: index, %h: index, %i: index, %j: index, %table: tensor<32x?x!score>) -> !score {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  %half = arith.constant 16 : index
  %d = arith.subi %j, %i : index
  %far = math.absi %d : index
  %near = arith.minsi %far, %c8 : index
  %c12 = arith.constant 12 : index
  %b12 = attn.apply @one_from(%far, %c12) : (index, index) -> index
  %s12 = arith.addi %near, %b12 : index
  %c16 = arith.constant 16 : index
  %b16 = attn.apply @one_from(%far, %c16) : (index, index) -> index
  %s16 = arith.addi %s12, %b16 : index
  %c23 = arith.constant 23 : index
  %b23 = attn.apply @one_from(%far, %c23) : (index, index) -> index
  %s23 = arith.addi %s16, %b23 : index
  %c32 = arith.constant 32 : index
  %b32 = attn.apply @one_from(%far, %c32) : (index, index) -> index
  %s32 = arith.addi %s23, %b32 : index
  %c46 = arith.constant 46 : index
  %b46 = attn.apply @one_from(%far, %c46) : (index, index) -> index
  %s46 = arith.addi %s32, %b46 : index
  %c64 = arith.constant 64 : index
  %b64 = attn.apply @one_from(%far, %c64) : (index, index) -> index
  %s64 = arith.addi %s46, %b64 : index
  %c91 = arith.constant 91 : index
  %b91 = attn.apply @one_from(%far, %c91) : (index, index) -> index
  %s91 = arith.addi %s64, %b91 : index
  %later = arith.cmpi sgt, %j, %i : index
  %side = arith.select %later, %half, %c0 : index
  %bucket = arith.addi %s91, %side : index
  %x = tensor.extract %table[%bucket, %h] : tensor<32x?x!score>
  %r = arith.addf %s, %x : !score
  return %r : !score
}

// A learned number for the distance's bucket, for decoders: s + table[bucket(i - j), h], 32 buckets.
// T5: 16 distances, then their logarithm up to 128; later keys are at distance 0.
func.func private @t5_causal(%s: !score, %b: index, %h: index, %i: index, %j: index,
                             %table: tensor<32x?x!score>) -> !score {
  %c0 = arith.constant 0 : index
  %c16 = arith.constant 16 : index
  %d = arith.subi %i, %j : index
  %far = arith.maxsi %d, %c0 : index
  %near = arith.minsi %far, %c16 : index
  %c19 = arith.constant 19 : index
  %b19 = attn.apply @one_from(%far, %c19) : (index, index) -> index
  %s19 = arith.addi %near, %b19 : index
  %c21 = arith.constant 21 : index
  %b21 = attn.apply @one_from(%far, %c21) : (index, index) -> index
  %s21 = arith.addi %s19, %b21 : index
  %c24 = arith.constant 24 : index
  %b24 = attn.apply @one_from(%far, %c24) : (index, index) -> index
  %s24 = arith.addi %s21, %b24 : index
  %c27 = arith.constant 27 : index
  %b27 = attn.apply @one_from(%far, %c27) : (index, index) -> index
  %s27 = arith.addi %s24, %b27 : index
  %c31 = arith.constant 31 : index
  %b31 = attn.apply @one_from(%far, %c31) : (index, index) -> index
  %s31 = arith.addi %s27, %b31 : index
  %c35 = arith.constant 35 : index
  %b35 = attn.apply @one_from(%far, %c35) : (index, index) -> index
  %s35 = arith.addi %s31, %b35 : index
  %c40 = arith.constant 40 : index
  %b40 = attn.apply @one_from(%far, %c40) : (index, index) -> index
  %s40 = arith.addi %s35, %b40 : index
  %c46 = arith.constant 46 : index
  %b46 = attn.apply @one_from(%far, %c46) : (index, index) -> index
  %s46 = arith.addi %s40, %b46 : index
  %c52 = arith.constant 52 : index
  %b52 = attn.apply @one_from(%far, %c52) : (index, index) -> index
  %s52 = arith.addi %s46, %b52 : index
  %c59 = arith.constant 59 : index
  %b59 = attn.apply @one_from(%far, %c59) : (index, index) -> index
  %s59 = arith.addi %s52, %b59 : index
  %c67 = arith.constant 67 : index
  %b67 = attn.apply @one_from(%far, %c67) : (index, index) -> index
  %s67 = arith.addi %s59, %b67 : index
  %c77 = arith.constant 77 : index
  %b77 = attn.apply @one_from(%far, %c77) : (index, index) -> index
  %s77 = arith.addi %s67, %b77 : index
  %c87 = arith.constant 87 : index
  %b87 = attn.apply @one_from(%far, %c87) : (index, index) -> index
  %s87 = arith.addi %s77, %b87 : index
  %c99 = arith.constant 99 : index
  %b99 = attn.apply @one_from(%far, %c99) : (index, index) -> index
  %s99 = arith.addi %s87, %b99 : index
  %c113 = arith.constant 113 : index
  %b113 = attn.apply @one_from(%far, %c113) : (index, index) -> index
  %s113 = arith.addi %s99, %b113 : index
  %x = tensor.extract %table[%s113, %h] : tensor<32x?x!score>
  %r = arith.addf %s, %x : !score
  return %r : !score
}

// A learned number for two places of a grid of `rows` x `columns`: s + table[(dy + rows - 1)(2 columns - 1) + dx + columns - 1, h].
// Swin (Liu et al., 2021): dy and dx are those of query minus key, batches are windows.
func.func private @swin(%s: !score, %b: index, %h: index, %i: index, %j: index, %rows: index, %columns: index,
                        %table: tensor<?x?x!score>) -> !score {
  %c1 = arith.constant 1 : index
  %n = arith.maxsi %columns, %c1 : index
  %yi = arith.divui %i, %n : index
  %xi = arith.remui %i, %n : index
  %yj = arith.divui %j, %n : index
  %xj = arith.remui %j, %n : index
  %dy = arith.subi %yi, %yj : index
  %dx = arith.subi %xi, %xj : index
  %high = arith.subi %rows, %c1 : index
  %wide = arith.subi %n, %c1 : index
  %py = arith.addi %dy, %high : index
  %px = arith.addi %dx, %wide : index
  %width = arith.addi %n, %wide : index
  %start = arith.muli %py, %width : index
  %at = arith.addi %start, %px : index
  %x = tensor.extract %table[%at, %h] : tensor<?x?x!score>
  %r = arith.addf %s, %x : !score
  return %r : !score
}

// A learned number for the kind of a pair, such as the length of a path: s + table[kinds[b, i, j], h].
// Graphormer (Ying et al., 2021), spatial encoding; `@bias_bhij` adds that of edges.
func.func private @graphormer(%s: !score, %b: index, %h: index, %i: index, %j: index, %kinds: tensor<?x?x?xi32>,
                              %table: tensor<?x?x!score>) -> !score {
  %kind = tensor.extract %kinds[%b, %i, %j] : tensor<?x?x?xi32>
  %at = arith.index_cast %kind : i32 to index
  %x = tensor.extract %table[%at, %h] : tensor<?x?x!score>
  %r = arith.addf %s, %x : !score
  return %r : !score
}

// The query times a learned row for the distance: s + factor * q . rows[c + j - i], with 2 c + 1 rows.
// Shaw et al., 2018, keys; distances beyond c have the row of c, `factor` is 1 / sqrt(D).
func.func private @shaw(%s: !score, %b: index, %h: index, %i: index, %j: index, %rows: tensor<?x?x!score>,
                        %factor: !score) -> !score {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %rows, %c0 : tensor<?x?x!score>
  %row = attn.apply @row_of_distance(%i, %j, %n) : (index, index, index) -> index
  %x = attn.query_dot %rows[%row] : tensor<?x?x!score>
  %y = arith.mulf %x, %factor : !score
  %r = arith.addf %s, %y : !score
  return %r : !score
}

// Query and key times learned rows for the distance: s + factor * (q . keys[h, c + i - j] + k . queries[h, c + i - j]).
// DeBERTa (He et al., 2021): projections of 2 c relative positions, a `factor` of 1 / sqrt(3 D)
// and as much for `scale`; distances beyond c have the row of c.
func.func private @deberta(%s: !score, %b: index, %h: index, %i: index, %j: index, %keys: tensor<?x?x?x!score>,
                           %queries: tensor<?x?x?x!score>, %factor: !score) -> !score {
  %c1 = arith.constant 1 : index
  %n = tensor.dim %keys, %c1 : tensor<?x?x?x!score>
  %row = attn.apply @row_of_distance(%j, %i, %n) : (index, index, index) -> index
  %x = attn.query_dot %keys[%h, %row] : tensor<?x?x?x!score>
  %y = attn.key_dot %queries[%h, %row] : tensor<?x?x?x!score>
  %z = arith.addf %x, %y : !score
  %t = arith.mulf %z, %factor : !score
  %r = arith.addf %s, %t : !score
  return %r : !score
}
