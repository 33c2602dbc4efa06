// What the parser refuses, at the place where it went wrong.
// RUN: attn-opt %s -verify-diagnostics -split-input-file

func.func @keyword(%q: tensor<8x4x16xf32>) {
  // expected-error @+1 {{expected 'key'}}
  %o = attn.attention query(%q) keys(%q) value(%q)
      : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @group_twice(%q: tensor<8x4x16xf32>, %s: tensor<8xf32>) {
  // expected-error @+1 {{operand group 'sinks' is given twice}}
  %o = attn.attention query(%q) key(%q) value(%q) sinks(%s) sinks(%s)
      : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8xf32>, tensor<8xf32>)
      -> tensor<8x4x16xf32>
  return
}

// -----

func.func @group_empty(%q: tensor<8x4x16xf32>) {
  // expected-error @+1 {{operand group 'sinks' is empty}}
  %o = attn.attention query(%q) key(%q) value(%q) sinks()
      : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @types(%q: tensor<8x4x16xf32>, %s: tensor<8xf32>) {
  %o = attn.attention query(%q) key(%q) value(%q) sinks(%s)
      // expected-error @+1 {{expects one type for each of the 4 tensor operands, got 3}}
      : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @memory(%q: memref<8x4x16xf32>) {
  // expected-error @+1 {{must be ranked tensor of any type values}}
  %o = attn.attention query(%q) key(%q) value(%q)
      : (memref<8x4x16xf32>, memref<8x4x16xf32>, memref<8x4x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

// The order is score, mask, value_row.
func.func @order(%q: tensor<8x4x16xf32>) {
  %o = attn.attention query(%q) key(%q) value(%q)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %live = arith.constant true
      attn.yield %live : i1
    }
    // expected-error @+1 {{the score region comes before the mask region}}
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      attn.yield %s : f32
    }
    : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @order_value_row(%q: tensor<8x4x16xf32>, %t: tensor<9x16xf32>) {
  %o = attn.attention query(%q) key(%q) value(%q) value_table(%t)
    value_row(%b: index, %h: index, %i: index, %j: index) {
      attn.yield %j : index
    }
    // expected-error @+1 {{the mask region comes before the value_row region}}
    mask(%b: index, %h: index, %i: index, %j: index) {
      %live = arith.constant true
      attn.yield %live : i1
    }
    : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<9x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @scale(%q: tensor<8x4x16xf32>) {
  // expected-error @+1 {{attribute 'scale' failed to satisfy constraint: 64-bit float attribute}}
  %o = attn.attention query(%q) key(%q) value(%q) {scale = 0.125 : f32}
      : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @aux(%q: tensor<8x4x16xf32>) {
  // expected-error @+1 {{attribute 'aux' failed to satisfy constraint: string array attribute}}
  %o = attn.attention query(%q) key(%q) value(%q) {aux = "lse"}
      : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @layout(%q: tensor<8x4x16xf32>) {
  // expected-error @+1 {{attribute 'layout' failed to satisfy constraint: string attribute}}
  %o = attn.attention query(%q) key(%q) value(%q) {layout = 3 : i32}
      : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @schedule(%q: tensor<8x4x16xf32>) {
  // expected-error @+1 {{attribute 'schedule' failed to satisfy constraint: How one attention is cut into tiles and registers}}
  %o = attn.attention query(%q) key(%q) value(%q) {schedule = "prefill"}
      : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>) -> tensor<8x4x16xf32>
  return
}
