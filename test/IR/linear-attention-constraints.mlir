// One case for each constraint of attn.linear_attention, numbered as in AttnOps.td.
// RUN: attn-opt %s -split-input-file -verify-diagnostics

// linear_attention_c1
func.func @f(%q: tensor<2x4x5x8xf32>, %k: tensor<2x5x8xf32>, %v: tensor<2x2x5x6xf32>) {
  // expected-error @+1 {{'attn.linear_attention' op expects query, key and value of one rank, 3 or 4, got 4, 3 and 4}}
  %0 = attn.linear_attention query(%q) key(%k) value(%v) : (tensor<2x4x5x8xf32>, tensor<2x5x8xf32>, tensor<2x2x5x6xf32>) -> tensor<2x4x5x6xf32>
  return
}

// -----

// linear_attention_c1
func.func @f(%q: tensor<5x8xf32>, %k: tensor<5x8xf32>, %v: tensor<5x6xf32>) {
  // expected-error @+1 {{'attn.linear_attention' op expects query, key and value of one rank, 3 or 4, got 2, 2 and 2}}
  %0 = attn.linear_attention query(%q) key(%k) value(%v) : (tensor<5x8xf32>, tensor<5x8xf32>, tensor<5x6xf32>) -> tensor<5x6xf32>
  return
}

// -----

// linear_attention_c2
func.func @f(%q: tensor<2x4x5x8xf32>, %k: tensor<2x2x5x8xf64>, %v: tensor<2x2x5x6xf32>) {
  // expected-error @+1 {{'attn.linear_attention' op expects query, key and value of f32, bf16 or f16, or all of f64, got 'f32', 'f64' and 'f32'}}
  %0 = attn.linear_attention query(%q) key(%k) value(%v) : (tensor<2x4x5x8xf32>, tensor<2x2x5x8xf64>, tensor<2x2x5x6xf32>) -> tensor<2x4x5x6xf32>
  return
}

// -----

// linear_attention_c2
func.func @f(%q: tensor<2x4x5x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x6xi8>) {
  // expected-error @+1 {{'attn.linear_attention' op expects query, key and value of f32, bf16 or f16, or all of f64, got 'f32', 'f32' and 'i8'}}
  %0 = attn.linear_attention query(%q) key(%k) value(%v) : (tensor<2x4x5x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x6xi8>) -> tensor<2x4x5x6xf32>
  return
}

// -----

// linear_attention_c3
func.func @f(%q: tensor<2x4x5x16xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x6xf32>) {
  // expected-error @+1 {{'attn.linear_attention' op expects query and key of one head size, got 16 and 8}}
  %0 = attn.linear_attention query(%q) key(%k) value(%v) : (tensor<2x4x5x16xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x6xf32>) -> tensor<2x4x5x6xf32>
  return
}

// -----

// linear_attention_c4
func.func @f(%q: tensor<2x4x5x8xf32>, %k: tensor<2x?x5x8xf32>, %v: tensor<2x2x5x6xf32>) {
  // expected-error @+1 {{'attn.linear_attention' op expects static, positive key heads, got ?}}
  %0 = attn.linear_attention query(%q) key(%k) value(%v) : (tensor<2x4x5x8xf32>, tensor<2x?x5x8xf32>, tensor<2x2x5x6xf32>) -> tensor<2x4x5x6xf32>
  return
}

// -----

// linear_attention_c4
func.func @f(%q: tensor<2x4x5x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x0xf32>) {
  // expected-error @+1 {{'attn.linear_attention' op expects static, positive value head size, got 0}}
  %0 = attn.linear_attention query(%q) key(%k) value(%v) : (tensor<2x4x5x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x0xf32>) -> tensor<2x4x5x6xf32>
  return
}

// -----

// linear_attention_c5
func.func @f(%q: tensor<2x4x5x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x1x5x6xf32>) {
  // expected-error @+1 {{'attn.linear_attention' op expects as many value heads as key heads, got 1 and 2}}
  %0 = attn.linear_attention query(%q) key(%k) value(%v) : (tensor<2x4x5x8xf32>, tensor<2x2x5x8xf32>, tensor<2x1x5x6xf32>) -> tensor<2x4x5x6xf32>
  return
}

// -----

// linear_attention_c5
func.func @f(%q: tensor<2x3x5x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x6xf32>) {
  // expected-error @+1 {{'attn.linear_attention' op expects key heads to divide query heads, got 2 and 3}}
  %0 = attn.linear_attention query(%q) key(%k) value(%v) : (tensor<2x3x5x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x6xf32>) -> tensor<2x4x5x6xf32>
  return
}

// -----

// linear_attention_c6
func.func @f(%q: tensor<2x4x5x8xf32>, %k: tensor<2x2x?x8xf32>, %v: tensor<2x2x7x6xf32>) {
  // expected-error @+1 {{'attn.linear_attention' op expects query, key and value of one length, got 5 and 7}}
  %0 = attn.linear_attention query(%q) key(%k) value(%v) : (tensor<2x4x5x8xf32>, tensor<2x2x?x8xf32>, tensor<2x2x7x6xf32>) -> tensor<2x4x5x6xf32>
  return
}

// -----

// linear_attention_c6
func.func @f(%q: tensor<2x4x5x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<2x2x5x6xf32>) {
  // expected-error @+1 {{'attn.linear_attention' op expects query, key and value of one batch size, got 2 and 1}}
  %0 = attn.linear_attention query(%q) key(%k) value(%v) : (tensor<2x4x5x8xf32>, tensor<1x2x5x8xf32>, tensor<2x2x5x6xf32>) -> tensor<2x4x5x6xf32>
  return
}

// -----

// linear_attention_c7
func.func @f(%q: tensor<2x4x5x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x6xf32>) {
  // expected-error @+1 {{'attn.linear_attention' op expects layout bhsd or bshd for rank 4, got "hsd"}}
  %0 = attn.linear_attention query(%q) key(%k) value(%v) {layout = "hsd"} : (tensor<2x4x5x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x6xf32>) -> tensor<2x4x5x6xf32>
  return
}

// -----

// linear_attention_c8
func.func @f(%q: tensor<2x4x5x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x6xf32>, %g: tensor<4xf32>) {
  // expected-error @+1 {{'attn.linear_attention' op expects the decay to be a 'tensor<2xf32>', got 'tensor<4xf32>'}}
  %0 = attn.linear_attention query(%q) key(%k) value(%v) decay(%g) : (tensor<2x4x5x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x6xf32>, tensor<4xf32>) -> tensor<2x4x5x6xf32>
  return
}

// -----

// linear_attention_c8
func.func @f(%q: tensor<2x4x5x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x6xf32>, %g: tensor<2x4x5xf32>) {
  // expected-error @+1 {{'attn.linear_attention' op expects the decay to be a 'tensor<2x2x5xf32>', got 'tensor<2x4x5xf32>'}}
  %0 = attn.linear_attention query(%q) key(%k) value(%v) decay(%g) : (tensor<2x4x5x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x6xf32>, tensor<2x4x5xf32>) -> tensor<2x4x5x6xf32>
  return
}

// -----

// linear_attention_c8
func.func @f(%q: tensor<2x4x5x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x6xf32>, %g: tensor<2x2x5x1xf32>) {
  // expected-error @+1 {{'attn.linear_attention' op expects the decay to be a 'tensor<2x2x5x8xf32>', got 'tensor<2x2x5x1xf32>'}}
  %0 = attn.linear_attention query(%q) key(%k) value(%v) decay(%g) : (tensor<2x4x5x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x6xf32>, tensor<2x2x5x1xf32>) -> tensor<2x4x5x6xf32>
  return
}

// -----

// linear_attention_c8
func.func @f(%q: tensor<2x4x5x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x6xf32>, %g: tensor<2x2xf32>) {
  // expected-error @+1 {{'attn.linear_attention' op expects the decay to be a 'tensor<2x2x5xf32>', got 'tensor<2x2xf32>'}}
  %0 = attn.linear_attention query(%q) key(%k) value(%v) decay(%g) : (tensor<2x4x5x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x6xf32>, tensor<2x2xf32>) -> tensor<2x4x5x6xf32>
  return
}

// -----

// linear_attention_c9
func.func @f(%q: tensor<2x4x5x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x6xf32>, %b: tensor<2x5x2xf32>) {
  // expected-error @+1 {{'attn.linear_attention' op expects beta to be a 'tensor<2x2x5xf32>', got 'tensor<2x5x2xf32>'}}
  %0 = attn.linear_attention query(%q) key(%k) value(%v) beta(%b) : (tensor<2x4x5x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x6xf32>, tensor<2x5x2xf32>) -> tensor<2x4x5x6xf32>
  return
}

// -----

// linear_attention_c10
func.func @f(%q: tensor<2x4x5x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x6xf32>, %g: tensor<2xf64>) {
  // expected-error @+1 {{'attn.linear_attention' op expects a decay of f32, bf16 or f16 for a query of 'f32', got 'f64'}}
  %0 = attn.linear_attention query(%q) key(%k) value(%v) decay(%g) : (tensor<2x4x5x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x6xf32>, tensor<2xf64>) -> tensor<2x4x5x6xf32>
  return
}

// -----

// linear_attention_c10
func.func @f(%q: tensor<2x4x5x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x6xf32>, %b: tensor<2x2x5xi8>) {
  // expected-error @+1 {{'attn.linear_attention' op expects a beta of f32, bf16 or f16 for a query of 'f32', got 'i8'}}
  %0 = attn.linear_attention query(%q) key(%k) value(%v) beta(%b) : (tensor<2x4x5x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x6xf32>, tensor<2x2x5xi8>) -> tensor<2x4x5x6xf32>
  return
}

// -----

// linear_attention_c11
func.func @f(%q: tensor<2x4x5x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x6xf32>) {
  // expected-error @+1 {{'attn.linear_attention' op expects the output to be a 'tensor<2x4x5x6xf32>', got 'tensor<2x4x5x6xbf16>'}}
  %0 = attn.linear_attention query(%q) key(%k) value(%v) : (tensor<2x4x5x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x6xf32>) -> tensor<2x4x5x6xbf16>
  return
}

// -----

// linear_attention_c11
func.func @f(%q: tensor<2x4x5x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x6xf32>) {
  // expected-error @+1 {{'attn.linear_attention' op expects the output to be a 'tensor<2x4x5x6xf32>', got 'tensor<2x2x5x6xf32>'}}
  %0 = attn.linear_attention query(%q) key(%k) value(%v) : (tensor<2x4x5x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x6xf32>) -> tensor<2x2x5x6xf32>
  return
}

// -----

// linear_attention_c12
func.func @f(%q: tensor<2x4x5x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x6xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @+1 {{'attn.linear_attention' op expects the state to be a 'tensor<2x2x8x6xf32>', got 'tensor<2x4x8x6xf32>'}}
  %0 = attn.linear_attention query(%q) key(%k) value(%v) state(%s) : (tensor<2x4x5x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x6xf32>, tensor<2x4x8x6xf32>) -> tensor<2x4x5x6xf32>
  return
}

// -----

// linear_attention_c12
func.func @f(%q: tensor<2x4x5x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x6xf32>) {
  // expected-error @+1 {{'attn.linear_attention' op expects the final state to be a 'tensor<2x2x8x6xf32>', got 'tensor<2x2x8x6xbf16>'}}
  %0, %1 = attn.linear_attention query(%q) key(%k) value(%v) : (tensor<2x4x5x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x6xf32>) -> (tensor<2x4x5x6xf32>, tensor<2x2x8x6xbf16>)
  return
}

// -----

// linear_attention_c13
func.func @f(%q: tensor<2x4x5x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x6xf32>) {
  // expected-error @+1 {{'attn.linear_attention' op expects a finite scale, got INF}}
  %0 = attn.linear_attention query(%q) key(%k) value(%v) {scale = 0x7FF0000000000000 : f64} : (tensor<2x4x5x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x6xf32>) -> tensor<2x4x5x6xf32>
  return
}

// -----

// linear_attention_c14
func.func @f(%q: tensor<2x4x5x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x6xf32>) {
  // expected-error @+1 {{'attn.linear_attention' op has an unknown attribute 'chunk'; known: layout, scale, schedule}}
  %0 = attn.linear_attention query(%q) key(%k) value(%v) {chunk = 3 : i64} : (tensor<2x4x5x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x6xf32>) -> tensor<2x4x5x6xf32>
  return
}

// -----

func.func @f(%q: tensor<2x4x5x8xf32>) {
  // expected-error @+1 {{sizes of chunks must be positive, got 0}}
  %0 = attn.linear_attention query(%q) key(%q) value(%q) {schedule = #attn.chunks<tokens = 32, columns = 0, few = 4, lanes = 16, registers = 24>} : (tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>) -> tensor<2x4x5x8xf32>
  return
}

// -----

func.func @f(%q: tensor<2x4x5x8xf32>) {
  // expected-error @+1 {{few must be less than tokens, got 32 and 32}}
  %0 = attn.linear_attention query(%q) key(%q) value(%q) {schedule = #attn.chunks<tokens = 32, columns = 64, few = 32, lanes = 16, registers = 24>} : (tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>) -> tensor<2x4x5x8xf32>
  return
}

// -----

func.func @f(%q: tensor<2x4x5x8xf32>) {
  // expected-error @+1 {{tokens must be a multiple of lanes, got 24 and 16}}
  %0 = attn.linear_attention query(%q) key(%q) value(%q) {schedule = #attn.chunks<tokens = 24, columns = 64, few = 4, lanes = 16, registers = 24>} : (tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>) -> tensor<2x4x5x8xf32>
  return
}
