// Each run of 64 queries attends to the 4 runs of 64 keys whose mean it scores best.

#whole = affine_map<(b, h, n, r, d) -> (b, h, n, r, d)>
#mean = affine_map<(b, h, n, r, d) -> (b, h, n, d)>
#query = affine_map<(b, h, m, n, d) -> (b, h, m, d)>
#key = affine_map<(b, h, m, n, d) -> (b, h, n, d)>
#score = affine_map<(b, h, m, n, d) -> (b, h, m, n)>
#this = affine_map<(b, h, m, n, o) -> (b, h, m, n)>
#other = affine_map<(b, h, m, n, o) -> (b, h, m, o)>
#place = affine_map<(b, h, m, p, n) -> (b, h, m, p)>
#ranked = affine_map<(b, h, m, p, n) -> (b, h, m, n)>

func.func @attend(%q: tensor<1x8x?x64xf32>, %k: tensor<1x8x?x64xf32>, %v: tensor<1x8x?x64xf32>)
    -> tensor<1x8x?x64xf32> {
  %c2 = arith.constant 2 : index
  %c64 = arith.constant 64 : index
  %zero = arith.constant 0.0 : f32
  %none = arith.constant 0 : i32
  %queries = tensor.dim %q, %c2 : tensor<1x8x?x64xf32>
  %keys = tensor.dim %k, %c2 : tensor<1x8x?x64xf32>
  %m = arith.divui %queries, %c64 : index
  %n = arith.divui %keys, %c64 : index

  // Means over runs of 64.
  %qr = tensor.expand_shape %q [[0], [1], [2, 3], [4]] output_shape [1, 8, %m, 64, 64]
      : tensor<1x8x?x64xf32> into tensor<1x8x?x64x64xf32>
  %kr = tensor.expand_shape %k [[0], [1], [2, 3], [4]] output_shape [1, 8, %n, 64, 64]
      : tensor<1x8x?x64xf32> into tensor<1x8x?x64x64xf32>
  %e0 = tensor.empty(%m) : tensor<1x8x?x64xf32>
  %z0 = linalg.fill ins(%zero : f32) outs(%e0 : tensor<1x8x?x64xf32>) -> tensor<1x8x?x64xf32>
  %qm = linalg.generic {indexing_maps = [#whole, #mean], iterator_types = ["parallel", "parallel", "parallel", "reduction", "parallel"]}
      ins(%qr : tensor<1x8x?x64x64xf32>) outs(%z0 : tensor<1x8x?x64xf32>) {
  ^body(%x: f32, %sum: f32):
    %y = arith.addf %sum, %x : f32
    linalg.yield %y : f32
  } -> tensor<1x8x?x64xf32>
  %e1 = tensor.empty(%n) : tensor<1x8x?x64xf32>
  %z1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<1x8x?x64xf32>) -> tensor<1x8x?x64xf32>
  %km = linalg.generic {indexing_maps = [#whole, #mean], iterator_types = ["parallel", "parallel", "parallel", "reduction", "parallel"]}
      ins(%kr : tensor<1x8x?x64x64xf32>) outs(%z1 : tensor<1x8x?x64xf32>) {
  ^body(%x: f32, %sum: f32):
    %y = arith.addf %sum, %x : f32
    linalg.yield %y : f32
  } -> tensor<1x8x?x64xf32>

  // Scores of runs.
  %e2 = tensor.empty(%m, %n) : tensor<1x8x?x?xf32>
  %z2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<1x8x?x?xf32>) -> tensor<1x8x?x?xf32>
  %scores = linalg.generic {indexing_maps = [#query, #key, #score], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
      ins(%qm, %km : tensor<1x8x?x64xf32>, tensor<1x8x?x64xf32>) outs(%z2 : tensor<1x8x?x?xf32>) {
  ^body(%x: f32, %y: f32, %sum: f32):
    %p = arith.mulf %x, %y : f32
    %s = arith.addf %sum, %p : f32
    linalg.yield %s : f32
  } -> tensor<1x8x?x?xf32>

  // The rank of each run: how many are better, the earlier of equal ones first.
  %e3 = tensor.empty(%m, %n) : tensor<1x8x?x?xi32>
  %z3 = linalg.fill ins(%none : i32) outs(%e3 : tensor<1x8x?x?xi32>) -> tensor<1x8x?x?xi32>
  %ranks = linalg.generic {indexing_maps = [#this, #other, #this], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
      ins(%scores, %scores : tensor<1x8x?x?xf32>, tensor<1x8x?x?xf32>) outs(%z3 : tensor<1x8x?x?xi32>) {
  ^body(%mine: f32, %theirs: f32, %rank: i32):
    %here = linalg.index 3 : index
    %there = linalg.index 4 : index
    %better = arith.cmpf ogt, %theirs, %mine : f32
    %equal = arith.cmpf oeq, %theirs, %mine : f32
    %before = arith.cmpi ult, %there, %here : index
    %tie = arith.andi %equal, %before : i1
    %ahead = arith.ori %better, %tie : i1
    %one = arith.extui %ahead : i1 to i32
    %next = arith.addi %rank, %one : i32
    linalg.yield %next : i32
  } -> tensor<1x8x?x?xi32>

  // The runs of rank 0 to 3; -1 where there are fewer.
  %e4 = tensor.empty(%m) : tensor<1x8x?x4xi32>
  %minus = arith.constant -1 : i32
  %z4 = linalg.fill ins(%minus : i32) outs(%e4 : tensor<1x8x?x4xi32>) -> tensor<1x8x?x4xi32>
  %best = linalg.generic {indexing_maps = [#ranked, #place], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
      ins(%ranks : tensor<1x8x?x?xi32>) outs(%z4 : tensor<1x8x?x4xi32>) {
  ^body(%rank: i32, %found: i32):
    %place = linalg.index 3 : index
    %run = linalg.index 4 : index
    %p = arith.index_cast %place : index to i32
    %r = arith.index_cast %run : index to i32
    %hit = arith.cmpi eq, %rank, %p : i32
    %next = arith.select %hit, %r, %found : i32
    linalg.yield %next : i32
  } -> tensor<1x8x?x4xi32>

  %o = attn.attention query(%q) key(%k) value(%v) blocks(%best) {block_sizes = array<i64: 64, 64>}
      : (tensor<1x8x?x64xf32>, tensor<1x8x?x64xf32>, tensor<1x8x?x64xf32>, tensor<1x8x?x4xi32>) -> tensor<1x8x?x64xf32>
  return %o : tensor<1x8x?x64xf32>
}
