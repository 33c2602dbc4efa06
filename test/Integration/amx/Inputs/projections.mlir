// Whole tiles, a depth with a rest, columns with a rest, and groups.
func.func @whole(%x: tensor<?x?x128xbf16>, %w: tensor<192x128xbf16>, %b: tensor<192xbf16>) -> tensor<?x3x?x64xbf16> {
  %y = attn.project_heads %x weights(%w) biases(%b) {heads = array<i64: 3>, activation = "relu"}
      : tensor<?x?x128xbf16>, (tensor<192x128xbf16>), (tensor<192xbf16>) -> tensor<?x3x?x64xbf16>
  return %y : tensor<?x3x?x64xbf16>
}

func.func @rests(%x: tensor<?x?x74xbf16>, %w: tensor<110x74xbf16>) -> tensor<?x?x2x55xbf16> {
  %y = attn.project_heads %x weights(%w) {heads = array<i64: 2>, layout = "bshd"}
      : tensor<?x?x74xbf16>, (tensor<110x74xbf16>) -> tensor<?x?x2x55xbf16>
  return %y : tensor<?x?x2x55xbf16>
}

func.func @merge(%a: tensor<?x?x3x48xbf16>, %w: tensor<80x144xbf16>, %b: tensor<80xbf16>) -> tensor<?x?x80xbf16> {
  %y = attn.merge_heads %a weight(%w) bias(%b) {layout = "bshd"}
      : tensor<?x?x3x48xbf16>, tensor<80x144xbf16>, tensor<80xbf16> -> tensor<?x?x80xbf16>
  return %y : tensor<?x?x80xbf16>
}
