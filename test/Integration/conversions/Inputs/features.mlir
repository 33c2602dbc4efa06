// Heads of one feature, and of two.

func.func @single(%q: tensor<1x2x?x1xbf16>, %k: tensor<1x2x?x1xbf16>, %v: tensor<1x2x?x1xbf16>) -> tensor<1x2x?x1xbf16> {
  %o = attn.attention query(%q) key(%k) value(%v) : (tensor<1x2x?x1xbf16>, tensor<1x2x?x1xbf16>, tensor<1x2x?x1xbf16>) -> tensor<1x2x?x1xbf16>
  return %o : tensor<1x2x?x1xbf16>
}
func.func @both(%q: tensor<1x2x?x2xf16>, %k: tensor<1x2x?x2xbf16>, %v: tensor<1x2x?x1xf16>) -> tensor<1x2x?x1xf16> {
  %o = attn.attention query(%q) key(%k) value(%v) : (tensor<1x2x?x2xf16>, tensor<1x2x?x2xbf16>, tensor<1x2x?x1xf16>) -> tensor<1x2x?x1xf16>
  return %o : tensor<1x2x?x1xf16>
}
