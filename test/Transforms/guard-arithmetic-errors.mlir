// RUN: attn-opt %s --attn-guard-arithmetic -verify-diagnostics

// A size that no tensor has is nobody's, and upstream's verifier lets it pass.
func.func @no_such_dimension(%x: tensor<?x4xf32>) -> index {
  %c2 = arith.constant 2 : index
  // expected-error @+1 {{expects a dimension of 'tensor<?x4xf32>', got 2}}
  %n = tensor.dim %x, %c2 : tensor<?x4xf32>
  return %n : index
}
