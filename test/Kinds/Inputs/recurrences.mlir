// Recurrences, at lengths around a chunk and the tokens behind it.

// Lengths: 1x1 0x0 15x15 16x16 17x17 101x101
// Tolerance: 1e-4
func.func @linear(%q: tensor<?x4x?x32xf32>, %k: tensor<?x4x?x32xf32>, %v: tensor<?x4x?x32xf32>) -> tensor<?x4x?x32xf32> {
  %o = attn.linear_attention query(%q) key(%k) value(%v)
    : (tensor<?x4x?x32xf32>, tensor<?x4x?x32xf32>, tensor<?x4x?x32xf32>)
    -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// Data: s=2x2x32x48
// Lengths: 1x1 0x0 15x15 16x16 17x17 101x101
// Tolerance: 1e-4
func.func @linear_state(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x48xf32>, %s: tensor<?x2x32x48xf32>) -> (tensor<?x4x?x48xf32>, tensor<?x2x32x48xf32>) {
  %o, %last = attn.linear_attention query(%q) key(%k) value(%v) state(%s)
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x48xf32>, tensor<?x2x32x48xf32>)
    -> (tensor<?x4x?x48xf32>, tensor<?x2x32x48xf32>)
  return %o, %last : tensor<?x4x?x48xf32>, tensor<?x2x32x48xf32>
}

// RetNet.
// Data: g=4@-0.5:0
// Lengths: 1x1 0x0 15x15 16x16 17x17 101x101
// Tolerance: 1e-4
func.func @heads(%q: tensor<?x4x?x32xf32>, %k: tensor<?x4x?x32xf32>, %v: tensor<?x4x?x32xf32>, %g: tensor<4xf32>) -> (tensor<?x4x?x32xf32>, tensor<?x4x32x32xf32>) {
  %o, %last = attn.linear_attention query(%q) key(%k) value(%v) decay(%g)
    : (tensor<?x4x?x32xf32>, tensor<?x4x?x32xf32>, tensor<?x4x?x32xf32>, tensor<4xf32>)
    -> (tensor<?x4x?x32xf32>, tensor<?x4x32x32xf32>)
  return %o, %last : tensor<?x4x?x32xf32>, tensor<?x4x32x32xf32>
}

// Mamba-2, and gated linear attention with one gate a head.
// Data: g=2x2xSK@-2:0 s=2x2x32x80
// Lengths: 1x1 0x0 15x15 16x16 17x17 101x101
// Tolerance: 1e-4
func.func @gated(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x80xf32>, %g: tensor<?x2x?xf32>, %s: tensor<?x2x32x80xf32>) -> (tensor<?x4x?x80xf32>, tensor<?x2x32x80xf32>) {
  %o, %last = attn.linear_attention query(%q) key(%k) value(%v) decay(%g) state(%s)
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x80xf32>, tensor<?x2x?xf32>, tensor<?x2x32x80xf32>)
    -> (tensor<?x4x?x80xf32>, tensor<?x2x32x80xf32>)
  return %o, %last : tensor<?x4x?x80xf32>, tensor<?x2x32x80xf32>
}

// Gated linear attention.
// Data: g=2x2xSKx32@-2:0 s=2x2x32x40
// Lengths: 1x1 0x0 15x15 16x16 17x17 101x101
// Tolerance: 1e-4
func.func @features(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x40xf32>, %g: tensor<?x2x?x32xf32>, %s: tensor<?x2x32x40xf32>) -> (tensor<?x4x?x40xf32>, tensor<?x2x32x40xf32>) {
  %o, %last = attn.linear_attention query(%q) key(%k) value(%v) decay(%g) state(%s)
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x40xf32>, tensor<?x2x?x32xf32>, tensor<?x2x32x40xf32>)
    -> (tensor<?x4x?x40xf32>, tensor<?x2x32x40xf32>)
  return %o, %last : tensor<?x4x?x40xf32>, tensor<?x2x32x40xf32>
}

// DeltaNet: keys of length one.
// Data: k=2x4xSKx32@-0.3:0.3 b=2x4xSK@0:1
// Lengths: 1x1 0x0 15x15 16x16 17x17 101x101
// Tolerance: 1e-4
func.func @delta(%q: tensor<?x4x?x32xf32>, %k: tensor<?x4x?x32xf32>, %v: tensor<?x4x?x32xf32>, %b: tensor<?x4x?xf32>) -> tensor<?x4x?x32xf32> {
  %o = attn.linear_attention query(%q) key(%k) value(%v) beta(%b) {scale = 1.0 : f64}
    : (tensor<?x4x?x32xf32>, tensor<?x4x?x32xf32>, tensor<?x4x?x32xf32>, tensor<?x4x?xf32>)
    -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}

// Data: k=2x2xSKx32@-0.3:0.3 g=2x2xSK@-2:0 b=2x2xSK@0:1 s=2x2x32x48
// Lengths: 1x1 0x0 15x15 16x16 17x17 101x101
// Tolerance: 1e-4
func.func @gated_delta(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x48xf32>, %g: tensor<?x2x?xf32>, %b: tensor<?x2x?xf32>, %s: tensor<?x2x32x48xf32>) -> (tensor<?x4x?x48xf32>, tensor<?x2x32x48xf32>) {
  %o, %last = attn.linear_attention query(%q) key(%k) value(%v) decay(%g) beta(%b) state(%s)
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x48xf32>, tensor<?x2x?xf32>, tensor<?x2x?xf32>, tensor<?x2x32x48xf32>)
    -> (tensor<?x4x?x48xf32>, tensor<?x2x32x48xf32>)
  return %o, %last : tensor<?x4x?x48xf32>, tensor<?x2x32x48xf32>
}

// Kimi Delta Attention: a decay for each feature.
// Data: k=2x2xSKx32@-0.3:0.3 g=2x2xSKx32@-2:0 b=2x2xSK@0:1 s=2x2x32x48
// Lengths: 1x1 0x0 15x15 16x16 17x17 101x101
// Tolerance: 1e-4
func.func @features_delta(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x48xf32>, %g: tensor<?x2x?x32xf32>, %b: tensor<?x2x?xf32>, %s: tensor<?x2x32x48xf32>) -> (tensor<?x4x?x48xf32>, tensor<?x2x32x48xf32>) {
  %o, %last = attn.linear_attention query(%q) key(%k) value(%v) decay(%g) beta(%b) state(%s)
    : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x48xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?xf32>, tensor<?x2x32x48xf32>)
    -> (tensor<?x4x?x48xf32>, tensor<?x2x32x48xf32>)
  return %o, %last : tensor<?x4x?x48xf32>, tensor<?x2x32x48xf32>
}

// Heads behind tokens, sizes that no vector has, fewer bits beside more.
// Data: q=2xSQx3x20 v=2xSKx1x37 k=2xSKx1x20@-0.3:0.3 g=2xSKx1@-2:0 b=2xSKx1@0:1 s=2x1x20x37
// Lengths: 1x1 0x0 15x15 16x16 17x17 101x101
// Tolerance: 1e-4
func.func @odd(%q: tensor<?x?x3x20xf32>, %k: tensor<?x?x1x20xf32>, %v: tensor<?x?x1x37xf32>, %g: tensor<?x?x1xbf16>, %b: tensor<?x?x1xf16>, %s: tensor<?x1x20x37xf32>) -> (tensor<?x?x3x37xf32>, tensor<?x1x20x37xf32>) {
  %o, %last = attn.linear_attention query(%q) key(%k) value(%v) decay(%g) beta(%b) state(%s) {layout = "bshd"}
    : (tensor<?x?x3x20xf32>, tensor<?x?x1x20xf32>, tensor<?x?x1x37xf32>, tensor<?x?x1xbf16>, tensor<?x?x1xf16>, tensor<?x1x20x37xf32>)
    -> (tensor<?x?x3x37xf32>, tensor<?x1x20x37xf32>)
  return %o, %last : tensor<?x?x3x37xf32>, tensor<?x1x20x37xf32>
}

// Without a batch.
// Data: q=6xSQx24 k=3xSKx24 v=3xSKx100 g=3xSKx24@-3:0.1
// Lengths: 1x1 0x0 17x17 100x100
// Tolerance: 1e-4
func.func @alone(%q: tensor<6x?x24xf32>, %k: tensor<3x?x24xf32>, %v: tensor<3x?x100xf32>, %g: tensor<3x?x24xf32>) -> tensor<6x?x100xf32> {
  %o = attn.linear_attention query(%q) key(%k) value(%v) decay(%g)
    : (tensor<6x?x24xf32>, tensor<3x?x24xf32>, tensor<3x?x100xf32>, tensor<3x?x24xf32>)
    -> tensor<6x?x100xf32>
  return %o : tensor<6x?x100xf32>
}
