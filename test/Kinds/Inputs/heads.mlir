// How heads share keys, and sizes of heads.

func.func @mha(%q: tensor<?x4x?x32xf32>, %k: tensor<?x4x?x32xf32>, %v: tensor<?x4x?x32xf32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    : (tensor<?x4x?x32xf32>, tensor<?x4x?x32xf32>, tensor<?x4x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

func.func @gqa(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

func.func @mqa(%q: tensor<?x4x?x32xf32>, %k: tensor<?x1x?x32xf32>, %v: tensor<?x1x?x32xf32>) -> tensor<?x4x?x32xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    : (tensor<?x4x?x32xf32>, tensor<?x1x?x32xf32>, tensor<?x1x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

func.func @mla(%q: tensor<?x4x?x192xf32>, %k: tensor<?x4x?x192xf32>,
                  %v: tensor<?x4x?x128xf32>) -> tensor<?x4x?x128xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    : (tensor<?x4x?x192xf32>, tensor<?x4x?x192xf32>, tensor<?x4x?x128xf32>) -> tensor<?x4x?x128xf32>
  return %o : tensor<?x4x?x128xf32>
}

func.func @mla_absorbed(%q: tensor<?x8x?x576xf32>, %k: tensor<?x1x?x576xf32>,
                  %v: tensor<?x1x?x512xf32>) -> tensor<?x8x?x512xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    : (tensor<?x8x?x576xf32>, tensor<?x1x?x576xf32>, tensor<?x1x?x512xf32>) -> tensor<?x8x?x512xf32>
  return %o : tensor<?x8x?x512xf32>
}

func.func @narrow_values(%q: tensor<?x4x?x48xf32>, %k: tensor<?x2x?x48xf32>,
                  %v: tensor<?x2x?x20xf32>) -> tensor<?x4x?x20xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    : (tensor<?x4x?x48xf32>, tensor<?x2x?x48xf32>, tensor<?x2x?x20xf32>) -> tensor<?x4x?x20xf32>
  return %o : tensor<?x4x?x20xf32>
}

// More heads in a group than have code each, of which each sees other keys.
// Lengths: 70x90 3x600
func.func @many_of_a_group(%q: tensor<?x80x?x16xf32>, %k: tensor<?x1x?x16xf32>, %v: tensor<?x1x?x16xf32>)
    -> tensor<?x80x?x16xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %c = arith.constant 5 : index
      %first = arith.muli %h, %c : index
      %keep = arith.cmpi sge, %j, %first : index
      attn.yield %keep : i1
    }
    : (tensor<?x80x?x16xf32>, tensor<?x1x?x16xf32>, tensor<?x1x?x16xf32>) -> tensor<?x80x?x16xf32>
  return %o : tensor<?x80x?x16xf32>
}
