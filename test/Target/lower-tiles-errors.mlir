// RUN: attn-opt %s --attn-attach-target=target=amx --attn-lower-tiles -split-input-file -verify-diagnostics

// Tiles start as zeros.
func.func @ones(%out: memref<16x16xf32>) {
  %c0 = arith.constant 0 : index
  // expected-error @+1 {{failed to legalize operation 'arith.constant'}}
  %one = arith.constant dense<1.0> : vector<16x16xf32>
  vector.transfer_write %one, %out[%c0, %c0] {in_bounds = [true, true]} : vector<16x16xf32>, memref<16x16xf32>
  return
}

// -----

// A tile is loaded as a whole.
func.func @ragged(%in: memref<?x?xf32>, %out: memref<16x16xf32>) {
  %c0 = arith.constant 0 : index
  %none = arith.constant 0.0 : f32
  // expected-error @+1 {{failed to legalize operation 'vector.transfer_read'}}
  %t = vector.transfer_read %in[%c0, %c0], %none : memref<?x?xf32>, vector<16x16xf32>
  vector.transfer_write %t, %out[%c0, %c0] {in_bounds = [true, true]} : vector<16x16xf32>, memref<16x16xf32>
  return
}
