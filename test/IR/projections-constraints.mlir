// One case for each constraint of the two projections, numbered as in AttnOps.td.
// RUN: attn-opt %s -verify-diagnostics -split-input-file

func.func @project_heads_c1(%x: tensor<2x3x4x8xf32>, %w: tensor<8x8xf32>) {
  // expected-error @+1 {{expects an input of rank 2 or 3 with a static last dimension, got 'tensor<2x3x4x8xf32>'}}
  %0 = attn.project_heads %x weights(%w) {heads = array<i64: 2>}
      : tensor<2x3x4x8xf32>, (tensor<8x8xf32>) -> tensor<2x2x3x4xf32>
  return
}

// -----

func.func @project_heads_c1_dynamic(%x: tensor<3x?xf32>, %w: tensor<8x8xf32>) {
  // expected-error @+1 {{with a static last dimension, got 'tensor<3x?xf32>'}}
  %0 = attn.project_heads %x weights(%w) {heads = array<i64: 2>}
      : tensor<3x?xf32>, (tensor<8x8xf32>) -> tensor<2x3x4xf32>
  return
}

// -----

func.func @project_heads_c2(%x: tensor<3x8xf32>, %w: tensor<8x16xf32>) {
  // expected-error @+1 {{expects a static, non-empty weight with the input's 8 columns, got 'tensor<8x16xf32>'}}
  %0 = attn.project_heads %x weights(%w) {heads = array<i64: 2>}
      : tensor<3x8xf32>, (tensor<8x16xf32>) -> tensor<2x3x4xf32>
  return
}

// -----

func.func @project_heads_c2_empty(%x: tensor<3x8xf32>, %w: tensor<0x8xf32>) {
  // expected-error @+1 {{expects a static, non-empty weight with the input's 8 columns, got 'tensor<0x8xf32>'}}
  %0 = attn.project_heads %x weights(%w) {heads = array<i64: 2>}
      : tensor<3x8xf32>, (tensor<0x8xf32>) -> tensor<2x3x0xf32>
  return
}

// -----

func.func @project_heads_c3(%x: tensor<3x8xf32>, %w: tensor<8x8xf32>, %b: tensor<8xf32>) {
  // expected-error @+1 {{expects no biases, or one for each of the 2 weights, got 1}}
  %0, %1 = attn.project_heads %x weights(%w, %w) biases(%b) {heads = array<i64: 2, 2>}
      : tensor<3x8xf32>, (tensor<8x8xf32>, tensor<8x8xf32>), (tensor<8xf32>)
      -> (tensor<2x3x4xf32>, tensor<2x3x4xf32>)
  return
}

// -----

func.func @project_heads_c3_rows(%x: tensor<3x8xf32>, %w: tensor<8x8xf32>, %b: tensor<4xf32>) {
  // expected-error @+1 {{expects a bias with the 8 rows of its weight, got 'tensor<4xf32>'}}
  %0 = attn.project_heads %x weights(%w) biases(%b) {heads = array<i64: 2>}
      : tensor<3x8xf32>, (tensor<8x8xf32>), (tensor<4xf32>) -> tensor<2x3x4xf32>
  return
}

// -----

func.func @project_heads_c4(%x: tensor<3x8xf32>, %w: tensor<8x8xf32>) {
  // expected-error @+1 {{expects heads to divide the 8 rows of the weight, got 3}}
  %0 = attn.project_heads %x weights(%w) {heads = array<i64: 3>}
      : tensor<3x8xf32>, (tensor<8x8xf32>) -> tensor<3x3x2xf32>
  return
}

// -----

func.func @project_heads_c4_zero(%x: tensor<3x8xf32>, %w: tensor<8x8xf32>) {
  // expected-error @+1 {{expects heads to divide the 8 rows of the weight, got 0}}
  %0 = attn.project_heads %x weights(%w) {heads = array<i64: 0>}
      : tensor<3x8xf32>, (tensor<8x8xf32>) -> tensor<2x3x4xf32>
  return
}

// -----

func.func @project_heads_c4_count(%x: tensor<3x8xf32>, %w: tensor<8x8xf32>) {
  // expected-error @+1 {{expects one number of heads for each of the 1 weights, got 2}}
  %0 = attn.project_heads %x weights(%w) {heads = array<i64: 2, 2>}
      : tensor<3x8xf32>, (tensor<8x8xf32>) -> tensor<2x3x4xf32>
  return
}

// -----

func.func @project_heads_c5(%x: tensor<3x8xf32>, %w: tensor<8x8xf32>) {
  // expected-error @+1 {{expects result 0 to be a 'tensor<2x3x4xf32>', got 'tensor<3x2x4xf32>'}}
  %0 = attn.project_heads %x weights(%w) {heads = array<i64: 2>}
      : tensor<3x8xf32>, (tensor<8x8xf32>) -> tensor<3x2x4xf32>
  return
}

// -----

func.func @project_heads_c5_count(%x: tensor<3x8xf32>, %w: tensor<8x8xf32>) {
  // expected-error @+1 {{expects one result for each of the 1 weights, got 2}}
  %0:2 = attn.project_heads %x weights(%w) {heads = array<i64: 2>}
      : tensor<3x8xf32>, (tensor<8x8xf32>) -> (tensor<2x3x4xf32>, tensor<2x3x4xf32>)
  return
}

// -----

func.func @project_heads_c6(%x: tensor<3x8xf32>, %w: tensor<8x8xf32>) {
  // expected-error @+1 {{expects activation none, relu or gelu, got "tanh"}}
  %0 = attn.project_heads %x weights(%w) {heads = array<i64: 2>, activation = "tanh"}
      : tensor<3x8xf32>, (tensor<8x8xf32>) -> tensor<2x3x4xf32>
  return
}

// -----

func.func @project_heads_c7(%x: tensor<3x8xf32>, %w: tensor<8x8xf16>) {
  // expected-error @+1 {{expects one floating-point element type throughout, got 'f32', 'f16', 'f32'}}
  %0 = attn.project_heads %x weights(%w) {heads = array<i64: 2>}
      : tensor<3x8xf32>, (tensor<8x8xf16>) -> tensor<2x3x4xf32>
  return
}

// -----

func.func @project_heads_c8(%x: tensor<3x8xf32>, %w: tensor<8x8xf32>) {
  // expected-error @+1 {{expects layout hsd or shd, got "bshd"}}
  %0 = attn.project_heads %x weights(%w) {heads = array<i64: 2>, layout = "bshd"}
      : tensor<3x8xf32>, (tensor<8x8xf32>) -> tensor<2x3x4xf32>
  return
}

// -----

func.func @project_heads_c9(%x: tensor<3x8xf32>, %w: tensor<8x8xf32>) {
  // expected-error @+1 {{has an unknown attribute 'activate'; known: activation, heads, layout, pairs, rotated}}
  %0 = attn.project_heads %x weights(%w) {heads = array<i64: 2>, activate = "relu"}
      : tensor<3x8xf32>, (tensor<8x8xf32>) -> tensor<2x3x4xf32>
  return
}

// -----

func.func @merge_heads_c1(%a: tensor<3x8xf32>, %w: tensor<8x8xf32>) {
  // expected-error @+1 {{expects an input of rank 3 or 4, got 'tensor<3x8xf32>'}}
  %0 = attn.merge_heads %a weight(%w) : tensor<3x8xf32>, tensor<8x8xf32> -> tensor<3x8xf32>
  return
}

// -----

func.func @merge_heads_c1_dynamic(%a: tensor<?x3x4xf32>, %w: tensor<8x8xf32>) {
  // expected-error @+1 {{expects static heads and head size, got 'tensor<?x3x4xf32>'}}
  %0 = attn.merge_heads %a weight(%w) : tensor<?x3x4xf32>, tensor<8x8xf32> -> tensor<3x8xf32>
  return
}

// -----

func.func @merge_heads_c2(%a: tensor<2x3x4xf32>, %w: tensor<8x12xf32>) {
  // expected-error @+1 {{expects a static, non-empty weight with heads * head size = 8 columns, got 'tensor<8x12xf32>'}}
  %0 = attn.merge_heads %a weight(%w) : tensor<2x3x4xf32>, tensor<8x12xf32> -> tensor<3x8xf32>
  return
}

// -----

func.func @merge_heads_c3(%a: tensor<2x3x4xf32>, %w: tensor<6x8xf32>, %b: tensor<8xf32>) {
  // expected-error @+1 {{expects a bias with the 6 rows of its weight, got 'tensor<8xf32>'}}
  %0 = attn.merge_heads %a weight(%w) bias(%b) : tensor<2x3x4xf32>, tensor<6x8xf32>, tensor<8xf32> -> tensor<3x6xf32>
  return
}

// -----

func.func @merge_heads_c4(%a: tensor<2x3x4xf32>, %w: tensor<6x8xf32>) {
  // expected-error @+1 {{expects the result to be a 'tensor<3x6xf32>', got 'tensor<3x8xf32>'}}
  %0 = attn.merge_heads %a weight(%w) : tensor<2x3x4xf32>, tensor<6x8xf32> -> tensor<3x8xf32>
  return
}

// -----

func.func @merge_heads_c5(%a: tensor<2x3x4xf32>, %w: tensor<6x8xf32>) {
  // expected-error @+1 {{expects activation none, relu or gelu, got "silu"}}
  %0 = attn.merge_heads %a weight(%w) {activation = "silu"} : tensor<2x3x4xf32>, tensor<6x8xf32> -> tensor<3x6xf32>
  return
}

// -----

func.func @merge_heads_c6(%a: tensor<2x3x4xi32>, %w: tensor<6x8xi32>) {
  // expected-error @+1 {{expects one floating-point element type throughout, got 'i32', 'i32', 'i32'}}
  %0 = attn.merge_heads %a weight(%w) : tensor<2x3x4xi32>, tensor<6x8xi32> -> tensor<3x6xi32>
  return
}

// -----

func.func @merge_heads_c7(%a: tensor<2x3x4xf32>, %w: tensor<6x8xf32>) {
  // expected-error @+1 {{expects layout hsd or shd, got "sdh"}}
  %0 = attn.merge_heads %a weight(%w) {layout = "sdh"} : tensor<2x3x4xf32>, tensor<6x8xf32> -> tensor<3x6xf32>
  return
}

// -----

func.func @merge_heads_c8(%a: tensor<2x3x4xf32>, %w: tensor<6x8xf32>) {
  // expected-error @+1 {{has an unknown attribute 'heads'; known: activation, layout}}
  %0 = attn.merge_heads %a weight(%w) {heads = 2 : i64} : tensor<2x3x4xf32>, tensor<6x8xf32> -> tensor<3x6xf32>
  return
}

// -----

func.func @project_heads_c10_one(%x: tensor<2x?x32xf32>, %w: tensor<32x32xf32>, %t: tensor<100x4xf32>) {
  // expected-error @+1 {{expects two tensors in rotary, of cosines and of sines, got 1}}
  %q = attn.project_heads %x weights(%w) rotary(%t) {heads = array<i64: 4>, rotated = array<i64: 0>}
      : tensor<2x?x32xf32>, (tensor<32x32xf32>) rotary (tensor<100x4xf32>) -> tensor<2x4x?x8xf32>
  return
}

// -----

func.func @project_heads_c10_rank(%x: tensor<2x?x32xf32>, %w: tensor<32x32xf32>, %t: tensor<100xf32>) {
  // expected-error @+1 {{expects rotary of two tables of positions x pairs, of f32 or 'f32', got 'tensor<100xf32>' and 'tensor<100xf32>'}}
  %q = attn.project_heads %x weights(%w) rotary(%t, %t) {heads = array<i64: 4>, rotated = array<i64: 0>}
      : tensor<2x?x32xf32>, (tensor<32x32xf32>) rotary (tensor<100xf32>, tensor<100xf32>) -> tensor<2x4x?x8xf32>
  return
}

// -----

func.func @project_heads_c10_shapes(%x: tensor<2x?x32xf32>, %w: tensor<32x32xf32>, %t: tensor<100x4xf32>, %u: tensor<100x3xf32>) {
  // expected-error @+1 {{got 'tensor<100x4xf32>' and 'tensor<100x3xf32>'}}
  %q = attn.project_heads %x weights(%w) rotary(%t, %u) {heads = array<i64: 4>, rotated = array<i64: 0>}
      : tensor<2x?x32xf32>, (tensor<32x32xf32>) rotary (tensor<100x4xf32>, tensor<100x3xf32>) -> tensor<2x4x?x8xf32>
  return
}

// -----

func.func @project_heads_c10_size(%x: tensor<2x?x32xf32>, %w: tensor<32x32xf32>, %t: tensor<100x5xf32>) {
  // expected-error @+1 {{expects at most 4 pairs in rotary for result 0, got 'tensor<100x5xf32>'}}
  %q = attn.project_heads %x weights(%w) rotary(%t, %t) {heads = array<i64: 4>, rotated = array<i64: 0>}
      : tensor<2x?x32xf32>, (tensor<32x32xf32>) rotary (tensor<100x5xf32>, tensor<100x5xf32>) -> tensor<2x4x?x8xf32>
  return
}

// -----

func.func @project_heads_c11_alone(%x: tensor<2x?x32xf32>, %w: tensor<32x32xf32>, %t: tensor<100x4xf32>) {
  // expected-error @+1 {{expects rotary beside rotated}}
  %q = attn.project_heads %x weights(%w)  {heads = array<i64: 4>, rotated = array<i64: 0>}
      : tensor<2x?x32xf32>, (tensor<32x32xf32>)  -> tensor<2x4x?x8xf32>
  return
}

// -----

func.func @project_heads_c11_none(%x: tensor<2x?x32xf32>, %w: tensor<32x32xf32>, %t: tensor<100x4xf32>) {
  // expected-error @+1 {{expects rotated to be distinct numbers of 1 results, got []}}
  %q = attn.project_heads %x weights(%w) rotary(%t, %t) {heads = array<i64: 4>}
      : tensor<2x?x32xf32>, (tensor<32x32xf32>) rotary (tensor<100x4xf32>, tensor<100x4xf32>) -> tensor<2x4x?x8xf32>
  return
}

// -----

func.func @project_heads_c11_number(%x: tensor<2x?x32xf32>, %w: tensor<32x32xf32>, %t: tensor<100x4xf32>) {
  // expected-error @+1 {{expects rotated to be distinct numbers of 1 results, got [0, 1]}}
  %q = attn.project_heads %x weights(%w) rotary(%t, %t) {heads = array<i64: 4>, rotated = array<i64: 0, 1>}
      : tensor<2x?x32xf32>, (tensor<32x32xf32>) rotary (tensor<100x4xf32>, tensor<100x4xf32>) -> tensor<2x4x?x8xf32>
  return
}

// -----

func.func @project_heads_c11_pairs(%x: tensor<2x?x32xf32>, %w: tensor<32x32xf32>, %t: tensor<100x4xf32>) {
  // expected-error @+1 {{expects pairs half or interleaved, got "quarter"}}
  %q = attn.project_heads %x weights(%w) rotary(%t, %t) {heads = array<i64: 4>, rotated = array<i64: 0>, pairs = "quarter"}
      : tensor<2x?x32xf32>, (tensor<32x32xf32>) rotary (tensor<100x4xf32>, tensor<100x4xf32>) -> tensor<2x4x?x8xf32>
  return
}

// -----

func.func @project_heads_c12(%x: tensor<2x?x32xf32>, %w: tensor<32x32xf32>, %t: tensor<100x4xf32>, %p: tensor<3xi64>) {
  // expected-error @+1 {{expects positions of i32, one for each row of 'tensor<2x?x32xf32>', got 'tensor<3xi64>'}}
  %q = attn.project_heads %x weights(%w) rotary(%t, %t) positions(%p) {heads = array<i64: 4>, rotated = array<i64: 0>}
      : tensor<2x?x32xf32>, (tensor<32x32xf32>) rotary (tensor<100x4xf32>, tensor<100x4xf32>) positions tensor<3xi64> -> tensor<2x4x?x8xf32>
  return
}

// -----

func.func @project_heads_c12_batch(%x: tensor<2x?x32xf32>, %w: tensor<32x32xf32>, %t: tensor<100x4xf32>, %p: tensor<3x?xi32>) {
  // expected-error @+1 {{got 'tensor<3x?xi32>'}}
  %q = attn.project_heads %x weights(%w) rotary(%t, %t) positions(%p) {heads = array<i64: 4>, rotated = array<i64: 0>}
      : tensor<2x?x32xf32>, (tensor<32x32xf32>) rotary (tensor<100x4xf32>, tensor<100x4xf32>) positions tensor<3x?xi32> -> tensor<2x4x?x8xf32>
  return
}
