// Grouped heads, a score region, a mask region, ragged sizes, projections, and conversions. One attention has code
// for any number of queries; the others, for the other types, are compiled for that of the program.
func.func @alibi(%q: tensor<?x4x?x40xf32>, %k: tensor<?x2x?x40xf32>, %v: tensor<?x2x?x24xf32>, %slopes: tensor<4xf32>)
    -> tensor<?x4x?x24xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %slope = tensor.extract %slopes[%h] : tensor<4xf32>
      %d = arith.subi %j, %i : index
      %n = arith.index_cast %d : index to i32
      %f = arith.sitofp %n : i32 to f32
      %bias = arith.mulf %slope, %f : f32
      %r = arith.addf %s, %bias : f32
      attn.yield %r : f32
    }
    mask(%b: index, %h: index, %i: index, %j: index) {
      %keep = arith.cmpi sle, %j, %i : index
      attn.yield %keep : i1
    }
    : (tensor<?x4x?x40xf32>, tensor<?x2x?x40xf32>, tensor<?x2x?x24xf32>) -> tensor<?x4x?x24xf32>
  return %o : tensor<?x4x?x24xf32>
}

func.func @causal_bf16(%q: tensor<?x4x70x40xbf16>, %k: tensor<?x2x?x40xbf16>, %v: tensor<?x2x?x24xbf16>)
    -> tensor<?x4x70x24xbf16> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %keep = arith.cmpi sle, %j, %i : index
      attn.yield %keep : i1
    }
    : (tensor<?x4x70x40xbf16>, tensor<?x2x?x40xbf16>, tensor<?x2x?x24xbf16>) -> tensor<?x4x70x24xbf16>
  return %o : tensor<?x4x70x24xbf16>
}

func.func @causal_f16(%q: tensor<?x4x72x40xf16>, %k: tensor<?x2x?x40xf16>, %v: tensor<?x2x?x24xf16>)
    -> tensor<?x4x72x24xf16> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %keep = arith.cmpi sle, %j, %i : index
      attn.yield %keep : i1
    }
    : (tensor<?x4x72x40xf16>, tensor<?x2x?x40xf16>, tensor<?x2x?x24xf16>) -> tensor<?x4x72x24xf16>
  return %o : tensor<?x4x72x24xf16>
}

func.func @project_bf16(%x: tensor<?x40xbf16>, %w: tensor<48x40xbf16>, %bias: tensor<48xbf16>) -> tensor<2x?x24xbf16> {
  %y = attn.project_heads %x weights(%w) biases(%bias) {heads = array<i64: 2>}
      : tensor<?x40xbf16>, (tensor<48x40xbf16>), (tensor<48xbf16>) -> tensor<2x?x24xbf16>
  return %y : tensor<2x?x24xbf16>
}

func.func @project_f16(%x: tensor<?x40xf16>, %w: tensor<48x40xf16>, %bias: tensor<48xf16>) -> tensor<2x?x24xf16> {
  %y = attn.project_heads %x weights(%w) biases(%bias) {heads = array<i64: 2>}
      : tensor<?x40xf16>, (tensor<48x40xf16>), (tensor<48xf16>) -> tensor<2x?x24xf16>
  return %y : tensor<2x?x24xf16>
}

#id = affine_map<(i) -> (i)>

func.func @widen_f16(%x: tensor<?xi32>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xi32>
  %e = tensor.empty(%n) : tensor<?xf32>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%x : tensor<?xi32>) outs(%e : tensor<?xf32>) {
  ^bb0(%a: i32, %o: f32):
    %i = arith.trunci %a : i32 to i16
    %h = arith.bitcast %i : i16 to f16
    %r = arith.extf %h : f16 to f32
    linalg.yield %r : f32
  } -> tensor<?xf32>
  return %y : tensor<?xf32>
}

func.func @narrow_f16(%x: tensor<?xf32>) -> tensor<?xi32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %e = tensor.empty(%n) : tensor<?xi32>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%x : tensor<?xf32>) outs(%e : tensor<?xi32>) {
  ^bb0(%a: f32, %o: i32):
    %h = arith.truncf %a : f32 to f16
    %i = arith.bitcast %h : f16 to i16
    %r = arith.extui %i : i16 to i32
    linalg.yield %r : i32
  } -> tensor<?xi32>
  return %y : tensor<?xi32>
}

func.func @narrow_bf16(%x: tensor<?xf32>) -> tensor<?xi32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %e = tensor.empty(%n) : tensor<?xi32>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%x : tensor<?xf32>) outs(%e : tensor<?xi32>) {
  ^bb0(%a: f32, %o: i32):
    %h = arith.truncf %a : f32 to bf16
    %i = arith.bitcast %h : bf16 to i16
    %r = arith.extui %i : i16 to i32
    linalg.yield %r : i32
  } -> tensor<?xi32>
  return %y : tensor<?xi32>
}
