// Shared keys and a table of tiles; then all rests: of features, values, keys and queries, with regions.
func.func @dense(%q: tensor<?x2x?x64xbf16>, %k: tensor<?x1x?x64xbf16>, %v: tensor<?x1x?x64xbf16>) -> tensor<?x2x?x64xbf16> {
  %o = attn.attention query(%q) key(%k) value(%v)
      : (tensor<?x2x?x64xbf16>, tensor<?x1x?x64xbf16>, tensor<?x1x?x64xbf16>) -> tensor<?x2x?x64xbf16>
  return %o : tensor<?x2x?x64xbf16>
}

func.func @window(%q: tensor<?x?x2x74xbf16>, %k: tensor<?x?x2x74xbf16>, %v: tensor<?x?x2x48xbf16>)
    -> (tensor<?x?x2x48xbf16>, tensor<?x2x?xf32>) {
  %o, %lse = attn.attention query(%q) key(%k) value(%v)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %half = arith.constant 0.5 : f32
      %t = arith.mulf %s, %half : f32
      attn.yield %t : f32
    }
    mask(%b: index, %h: index, %i: index, %j: index) {
      %past = arith.cmpi sle, %j, %i : index
      %c100 = arith.constant 100 : index
      %behind = arith.addi %j, %c100 : index
      %near = arith.cmpi sge, %behind, %i : index
      %keep = arith.andi %past, %near : i1
      attn.yield %keep : i1
    } {layout = "bshd", aux = ["lse"]}
    : (tensor<?x?x2x74xbf16>, tensor<?x?x2x74xbf16>, tensor<?x?x2x48xbf16>)
    -> (tensor<?x?x2x48xbf16>, tensor<?x2x?xf32>)
  return %o, %lse : tensor<?x?x2x48xbf16>, tensor<?x2x?xf32>
}

// Pages of keys are put side by side before they are multiplied.
func.func @paged(%q: tensor<?x2x?x64xbf16>, %k: tensor<?x1x16x64xbf16>, %v: tensor<?x1x16x64xbf16>, %t: tensor<?x?xi32>)
    -> tensor<?x2x?x64xbf16> {
  %o = attn.attention query(%q) key(%k) value(%v) page_table(%t)
      : (tensor<?x2x?x64xbf16>, tensor<?x1x16x64xbf16>, tensor<?x1x16x64xbf16>, tensor<?x?xi32>) -> tensor<?x2x?x64xbf16>
  return %o : tensor<?x2x?x64xbf16>
}

// Bytes become pairs of bf16 on the way.
func.func @bytes(%q: tensor<?x2x?x64xbf16>, %k: tensor<?x1x?x64xi8>, %v: tensor<?x1x?x64xi8>, %ks: tensor<?x1x?xf32>,
                 %vs: tensor<?x1x?xf32>) -> tensor<?x2x?x64xbf16> {
  %o = attn.attention query(%q) key(%k) value(%v) key_scales(%ks) value_scales(%vs)
      : (tensor<?x2x?x64xbf16>, tensor<?x1x?x64xi8>, tensor<?x1x?x64xi8>, tensor<?x1x?xf32>, tensor<?x1x?xf32>)
      -> tensor<?x2x?x64xbf16>
  return %o : tensor<?x2x?x64xbf16>
}
