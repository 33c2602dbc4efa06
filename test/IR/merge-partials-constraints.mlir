// One case for each constraint of attn.merge_partials, numbered as in AttnOps.td.
// RUN: attn-opt %s -split-input-file -verify-diagnostics

// merge_partials_c1
func.func @f(%a0: tensor<2x8x64xf32>, %a1: tensor<2x8xf32>) {
  // expected-error @+1 {{'attn.merge_partials' op expects a result of rank 3 or 4, got 'tensor<8x64xf32>'}}
  %0 = attn.merge_partials outputs(%a0) lses(%a1) : (tensor<2x8x64xf32>, tensor<2x8xf32>) -> tensor<8x64xf32>
  return
}

// -----

// merge_partials_c1
func.func @f(%a0: tensor<64xf32>, %a1: tensor<8x5xf32>) {
  // expected-error @+1 {{'attn.merge_partials' op expects an output of the shape of the result, 'tensor<8x5x64xf32>', or a stack of them, got 'tensor<64xf32>'}}
  %0 = attn.merge_partials outputs(%a0) lses(%a1) : (tensor<64xf32>, tensor<8x5xf32>) -> tensor<8x5x64xf32>
  return
}

// -----

// merge_partials_c2
func.func @f(%a0: tensor<8x5x64xf32>, %a1: tensor<8x5x64xf32>, %a2: tensor<8x5xf32>) {
  // expected-error @+1 {{'attn.merge_partials' op expects one output or more, and an LSE for each, got 2 and 1}}
  %0 = attn.merge_partials outputs(%a0, %a1) lses(%a2) : (tensor<8x5x64xf32>, tensor<8x5x64xf32>, tensor<8x5xf32>) -> tensor<8x5x64xf32>
  return
}

// -----

// merge_partials_c2
func.func @f(%a0: tensor<2x8x5x64xf32>, %a1: tensor<8x5xf32>) {
  // expected-error @+1 {{'attn.merge_partials' op expects the LSE of 'tensor<2x8x5x64xf32>' to be a 'tensor<2x8x5xf32>', got 'tensor<8x5xf32>'}}
  %0 = attn.merge_partials outputs(%a0) lses(%a1) : (tensor<2x8x5x64xf32>, tensor<8x5xf32>) -> tensor<8x5x64xf32>
  return
}

// -----

// merge_partials_c3
func.func @f(%a0: tensor<8x5x64xf64>, %a1: tensor<8x5xf32>) {
  // expected-error @+1 {{'attn.merge_partials' op expects outputs and result of f32, bf16 or f16, or all of f64, got 'f64'}}
  %0 = attn.merge_partials outputs(%a0) lses(%a1) : (tensor<8x5x64xf64>, tensor<8x5xf32>) -> tensor<8x5x64xf32>
  return
}

// -----

// merge_partials_c3
func.func @f(%a0: tensor<8x5x64xf32>, %a1: tensor<8x5xf32>) {
  // expected-error @+1 {{'attn.merge_partials' op expects outputs and result of f32, bf16 or f16, or all of f64, got 'i8'}}
  %0 = attn.merge_partials outputs(%a0) lses(%a1) : (tensor<8x5x64xf32>, tensor<8x5xf32>) -> tensor<8x5x64xi8>
  return
}

// -----

// merge_partials_c3
func.func @f(%a0: tensor<8x5x64xf64>, %a1: tensor<8x5xf32>) {
  // expected-error @+1 {{'attn.merge_partials' op expects LSEs of 'f64', got 'f32'}}
  %0 = attn.merge_partials outputs(%a0) lses(%a1) : (tensor<8x5x64xf64>, tensor<8x5xf32>) -> tensor<8x5x64xf64>
  return
}

// -----

// merge_partials_c3
func.func @f(%a0: tensor<8x5x64xbf16>, %a1: tensor<8x5xbf16>) {
  // expected-error @+1 {{'attn.merge_partials' op expects LSEs of 'f32', got 'bf16'}}
  %0 = attn.merge_partials outputs(%a0) lses(%a1) : (tensor<8x5x64xbf16>, tensor<8x5xbf16>) -> tensor<8x5x64xbf16>
  return
}

// -----

// merge_partials_c4
func.func @f(%a0: tensor<8x5x64xf32>, %a1: tensor<8x5xf32>) {
  // expected-error @+1 {{'attn.merge_partials' op expects layout hsd or shd for rank 3, got "bhsd"}}
  %0 = attn.merge_partials outputs(%a0) lses(%a1) {layout = "bhsd"} : (tensor<8x5x64xf32>, tensor<8x5xf32>) -> tensor<8x5x64xf32>
  return
}

// -----

// merge_partials_c5
func.func @f(%a0: tensor<?x5x64xf32>, %a1: tensor<?x5xf32>) {
  // expected-error @+1 {{'attn.merge_partials' op expects static, positive heads and head size, got 'tensor<?x5x64xf32>'}}
  %0 = attn.merge_partials outputs(%a0) lses(%a1) : (tensor<?x5x64xf32>, tensor<?x5xf32>) -> tensor<?x5x64xf32>
  return
}

// -----

// merge_partials_c5
func.func @f(%a0: tensor<8x5x0xf32>, %a1: tensor<8x5xf32>) {
  // expected-error @+1 {{'attn.merge_partials' op expects static, positive heads and head size, got 'tensor<8x5x0xf32>'}}
  %0 = attn.merge_partials outputs(%a0) lses(%a1) : (tensor<8x5x0xf32>, tensor<8x5xf32>) -> tensor<8x5x0xf32>
  return
}

// -----

// merge_partials_c6
func.func @f(%a0: tensor<8x6x64xf32>, %a1: tensor<8x6xf32>) {
  // expected-error @+1 {{'attn.merge_partials' op expects an output of the shape of the result, 'tensor<8x5x64xf32>', or a stack of them, got 'tensor<8x6x64xf32>'}}
  %0 = attn.merge_partials outputs(%a0) lses(%a1) : (tensor<8x6x64xf32>, tensor<8x6xf32>) -> tensor<8x5x64xf32>
  return
}

// -----

// merge_partials_c6
func.func @f(%a0: tensor<5x8x64xf32>, %a1: tensor<5x8xf32>) {
  // expected-error @+1 {{'attn.merge_partials' op expects the LSE of 'tensor<5x8x64xf32>' to be a 'tensor<8x5xf32>', got 'tensor<5x8xf32>'}}
  %0 = attn.merge_partials outputs(%a0) lses(%a1) {layout = "shd"} : (tensor<5x8x64xf32>, tensor<5x8xf32>) -> tensor<5x8x64xf32>
  return
}

// -----

// merge_partials_c7
func.func @f(%a0: tensor<8x5x64xf32>, %a1: tensor<8x5xf32>) {
  // expected-error @+1 {{'attn.merge_partials' op expects aux to be empty or ["lse"], got ["row_max"]}}
  %0 = attn.merge_partials outputs(%a0) lses(%a1) {aux = ["row_max"]} : (tensor<8x5x64xf32>, tensor<8x5xf32>) -> tensor<8x5x64xf32>
  return
}

// -----

// merge_partials_c7
func.func @f(%a0: tensor<8x5x64xf32>, %a1: tensor<8x5xf32>) {
  // expected-error @+1 {{'attn.merge_partials' op expects 2 results: the output and one for each of aux, got 1}}
  %0 = attn.merge_partials outputs(%a0) lses(%a1) {aux = ["lse"]} : (tensor<8x5x64xf32>, tensor<8x5xf32>) -> tensor<8x5x64xf32>
  return
}

// -----

// merge_partials_c7
func.func @f(%a0: tensor<8x5x64xf32>, %a1: tensor<8x5xf32>) {
  // expected-error @+1 {{'attn.merge_partials' op expects 1 results: the output and one for each of aux, got 2}}
  %0:2 = attn.merge_partials outputs(%a0) lses(%a1) : (tensor<8x5x64xf32>, tensor<8x5xf32>) -> (tensor<8x5x64xf32>, tensor<8x5xf32>)
  return
}

// -----

// merge_partials_c7
func.func @f(%a0: tensor<8x5x64xf32>, %a1: tensor<8x5xf32>) {
  // expected-error @+1 {{'attn.merge_partials' op expects the result 'lse' to be a 'tensor<8x5xf32>', got 'tensor<5x8xf32>'}}
  %0:2 = attn.merge_partials outputs(%a0) lses(%a1) {aux = ["lse"]} : (tensor<8x5x64xf32>, tensor<8x5xf32>) -> (tensor<8x5x64xf32>, tensor<5x8xf32>)
  return
}

// -----

// merge_partials_c8
func.func @f(%a0: tensor<8x5x64xf32>, %a1: tensor<8x5xf32>) {
  // expected-error @+1 {{'attn.merge_partials' op has an unknown attribute 'scale'; known: aux, layout}}
  %0 = attn.merge_partials outputs(%a0) lses(%a1) {scale = 1.0} : (tensor<8x5x64xf32>, tensor<8x5xf32>) -> tensor<8x5x64xf32>
  return
}
