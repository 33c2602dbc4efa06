// A schedule that the module says.

// Data: q=6xSQx24 k=3xSKx24 v=3xSKx100 g=3xSK@-3:0.1
// Lengths: 1x1 0x0 17x17 100x100
// Tolerance: 1e-4
func.func @chunks(%q: tensor<6x?x24xf32>, %k: tensor<3x?x24xf32>, %v: tensor<3x?x100xf32>, %g: tensor<3x?xf32>) -> tensor<6x?x100xf32> {
  %o = attn.linear_attention query(%q) key(%k) value(%v) decay(%g) {schedule = #attn.chunks<tokens = 48, columns = 48, few = 0, lanes = 16, registers = 24>}
    : (tensor<6x?x24xf32>, tensor<3x?x24xf32>, tensor<3x?x100xf32>, tensor<3x?xf32>)
    -> tensor<6x?x100xf32>
  return %o : tensor<6x?x100xf32>
}
