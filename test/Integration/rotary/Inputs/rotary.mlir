// Projections whose results are turned by their positions.

// Halves; queries and keys, and values as they are.
func.func @halves(%x: tensor<?x?x96xf32>, %wq: tensor<192x96xf32>, %wk: tensor<96x96xf32>, %wv: tensor<96x96xf32>,
                  %bq: tensor<192xf32>, %bk: tensor<96xf32>, %bv: tensor<96xf32>, %cos: tensor<?x24xf32>,
                  %sin: tensor<?x24xf32>) -> (tensor<?x4x?x48xf32>, tensor<?x2x?x48xf32>, tensor<?x2x?x48xf32>) {
  %q, %k, %v = attn.project_heads %x weights(%wq, %wk, %wv) biases(%bq, %bk, %bv) rotary(%cos, %sin)
      {heads = array<i64: 4, 2, 2>, rotated = array<i64: 0, 1>}
      : tensor<?x?x96xf32>, (tensor<192x96xf32>, tensor<96x96xf32>, tensor<96x96xf32>),
        (tensor<192xf32>, tensor<96xf32>, tensor<96xf32>) rotary (tensor<?x24xf32>, tensor<?x24xf32>)
      -> (tensor<?x4x?x48xf32>, tensor<?x2x?x48xf32>, tensor<?x2x?x48xf32>)
  return %q, %k, %v : tensor<?x4x?x48xf32>, tensor<?x2x?x48xf32>, tensor<?x2x?x48xf32>
}

// Neighbours, of a part of the features, at positions of each batch.
func.func @neighbours(%x: tensor<?x?x96xf32>, %w: tensor<192x96xf32>, %cos: tensor<?x9xf32>, %sin: tensor<?x9xf32>,
                      %positions: tensor<?x?xi32>) -> tensor<?x?x4x48xf32> {
  %q = attn.project_heads %x weights(%w) rotary(%cos, %sin) positions(%positions)
      {heads = array<i64: 4>, rotated = array<i64: 0>, pairs = "interleaved", layout = "bshd"}
      : tensor<?x?x96xf32>, (tensor<192x96xf32>) rotary (tensor<?x9xf32>, tensor<?x9xf32>) positions tensor<?x?xi32>
      -> tensor<?x?x4x48xf32>
  return %q : tensor<?x?x4x48xf32>
}

// One batch of bf16, rounded once; the positions go on from the past.
func.func @bf16(%x: tensor<?x96xbf16>, %w: tensor<192x96xbf16>, %cos: tensor<?x16xf32>, %sin: tensor<?x16xf32>,
                %past: tensor<?xi32>) -> tensor<4x?x48xbf16> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x96xbf16>
  %empty = tensor.empty(%n) : tensor<?xi32>
  %positions = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]}
      outs(%empty : tensor<?xi32>) {
  ^body(%unused: i32):
    %c = arith.constant 0 : index
    %start = tensor.extract %past[%c] : tensor<?xi32>
    %at = linalg.index 0 : index
    %i = arith.index_cast %at : index to i32
    %p = arith.addi %start, %i : i32
    linalg.yield %p : i32
  } -> tensor<?xi32>
  %q = attn.project_heads %x weights(%w) rotary(%cos, %sin) positions(%positions)
      {heads = array<i64: 4>, rotated = array<i64: 0>}
      : tensor<?x96xbf16>, (tensor<192x96xbf16>) rotary (tensor<?x16xf32>, tensor<?x16xf32>) positions tensor<?xi32>
      -> tensor<4x?x48xbf16>
  return %q : tensor<4x?x48xbf16>
}
