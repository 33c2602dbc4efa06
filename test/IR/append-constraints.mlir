// One case for each constraint of attn.append, numbered as in AttnOps.td.
// RUN: attn-opt %s -split-input-file -verify-diagnostics

func.func @append_c1(%a0: tensor<2x8x64xf32>, %a1: tensor<2x8x16x64xf32>, %a2: tensor<2xi32>) {
  // expected-error @+1 {{'attn.append' op expects rows and cache of one rank, 3 or 4, got 'tensor<2x8x64xf32>' and 'tensor<2x8x16x64xf32>'}}
  %0 = attn.append rows(%a0) cache(%a1) positions(%a2) : (tensor<2x8x64xf32>, tensor<2x8x16x64xf32>, tensor<2xi32>) -> tensor<2x8x16x64xf32>
  return
}

// -----

func.func @append_c1(%a0: tensor<2x8x1x64xf32>, %a1: tensor<2x8x16x64xbf16>, %a2: tensor<2xi32>) {
  // expected-error @+1 {{'attn.append' op expects rows and cache of one element type, got 'f32' and 'bf16'}}
  %0 = attn.append rows(%a0) cache(%a1) positions(%a2) : (tensor<2x8x1x64xf32>, tensor<2x8x16x64xbf16>, tensor<2xi32>) -> tensor<2x8x16x64xbf16>
  return
}

// -----

func.func @append_c2(%a0: tensor<2x8x1x64xf32>, %a1: tensor<2x8x16x64xf32>, %a2: tensor<2xi32>) {
  // expected-error @+1 {{'attn.append' op expects layout bhsd or bshd for rank 4, got "hsd"}}
  %0 = attn.append rows(%a0) cache(%a1) positions(%a2) {layout = "hsd"} : (tensor<2x8x1x64xf32>, tensor<2x8x16x64xf32>, tensor<2xi32>) -> tensor<2x8x16x64xf32>
  return
}

// -----

func.func @append_c2(%a0: tensor<2x8x1xf32>, %a1: tensor<2x8x16xf32>, %a2: tensor<2xi32>) {
  // expected-error @+1 {{'attn.append' op expects layout bhs or bsh for rank 3, got "bhsd"}}
  %0 = attn.append rows(%a0) cache(%a1) positions(%a2) {layout = "bhsd"} : (tensor<2x8x1xf32>, tensor<2x8x16xf32>, tensor<2xi32>) -> tensor<2x8x16xf32>
  return
}

// -----

func.func @append_c3(%a0: tensor<2x8x1x64xf32>, %a1: tensor<2x8x16x32xf32>, %a2: tensor<2xi32>) {
  // expected-error @+1 {{'attn.append' op expects static, positive heads and head size, the same in rows and cache, got 'tensor<2x8x1x64xf32>' and 'tensor<2x8x16x32xf32>'}}
  %0 = attn.append rows(%a0) cache(%a1) positions(%a2) : (tensor<2x8x1x64xf32>, tensor<2x8x16x32xf32>, tensor<2xi32>) -> tensor<2x8x16x32xf32>
  return
}

// -----

func.func @append_c3(%a0: tensor<2x?x1x64xf32>, %a1: tensor<2x?x16x64xf32>, %a2: tensor<2xi32>) {
  // expected-error @+1 {{'attn.append' op expects static, positive heads and head size, the same in rows and cache, got 'tensor<2x?x1x64xf32>' and 'tensor<2x?x16x64xf32>'}}
  %0 = attn.append rows(%a0) cache(%a1) positions(%a2) : (tensor<2x?x1x64xf32>, tensor<2x?x16x64xf32>, tensor<2xi32>) -> tensor<2x?x16x64xf32>
  return
}

// -----

func.func @append_c4(%a0: tensor<2x8x1x64xf32>, %a1: tensor<2x8x16x64xf32>, %a2: tensor<3xi32>) {
  // expected-error @+1 {{'attn.append' op expects positions of one i32 for each batch of 'tensor<2x8x1x64xf32>', got 'tensor<3xi32>'}}
  %0 = attn.append rows(%a0) cache(%a1) positions(%a2) : (tensor<2x8x1x64xf32>, tensor<2x8x16x64xf32>, tensor<3xi32>) -> tensor<2x8x16x64xf32>
  return
}

// -----

func.func @append_c4(%a0: tensor<2x8x1x64xf32>, %a1: tensor<2x8x16x64xf32>, %a2: tensor<2xi64>) {
  // expected-error @+1 {{'attn.append' op expects positions of one i32 for each batch of 'tensor<2x8x1x64xf32>', got 'tensor<2xi64>'}}
  %0 = attn.append rows(%a0) cache(%a1) positions(%a2) : (tensor<2x8x1x64xf32>, tensor<2x8x16x64xf32>, tensor<2xi64>) -> tensor<2x8x16x64xf32>
  return
}

// -----

func.func @append_c5(%a0: tensor<2x8x1x64xf32>, %a1: tensor<3x8x16x64xf32>, %a2: tensor<2xi32>) {
  // expected-error @+1 {{'attn.append' op expects one batch size, got 2 and 3}}
  %0 = attn.append rows(%a0) cache(%a1) positions(%a2) : (tensor<2x8x1x64xf32>, tensor<3x8x16x64xf32>, tensor<2xi32>) -> tensor<3x8x16x64xf32>
  return
}

// -----

func.func @append_c6(%a0: tensor<2x8x1x64xf32>, %a1: tensor<9x8x16x64xf32>, %a2: tensor<2xi32>, %a3: tensor<3x4xi32>) {
  // expected-error @+1 {{'attn.append' op expects a page_table of batch x pages i32 for 'tensor<2x8x1x64xf32>', got 'tensor<3x4xi32>'}}
  %0 = attn.append rows(%a0) cache(%a1) positions(%a2) page_table(%a3) : (tensor<2x8x1x64xf32>, tensor<9x8x16x64xf32>, tensor<2xi32>, tensor<3x4xi32>) -> tensor<9x8x16x64xf32>
  return
}

// -----

func.func @append_c6(%a0: tensor<2x8x1x64xf32>, %a1: tensor<9x8x12x64xf32>, %a2: tensor<2xi32>, %a3: tensor<2x4xi32>) {
  // expected-error @+1 {{'attn.append' op expects a static power of two as the page size, the cache's length, got 'tensor<9x8x12x64xf32>'}}
  %0 = attn.append rows(%a0) cache(%a1) positions(%a2) page_table(%a3) : (tensor<2x8x1x64xf32>, tensor<9x8x12x64xf32>, tensor<2xi32>, tensor<2x4xi32>) -> tensor<9x8x12x64xf32>
  return
}

// -----

func.func @append_c7(%a0: tensor<2x8x1x64xf32>, %a1: tensor<2x8x16x64xf32>, %a2: tensor<2xi32>) {
  // expected-error @+1 {{'attn.append' op has an unknown attribute 'axis'; known: layout}}
  %0 = attn.append rows(%a0) cache(%a1) positions(%a2) {axis = 1 : i64} : (tensor<2x8x1x64xf32>, tensor<2x8x16x64xf32>, tensor<2xi32>) -> tensor<2x8x16x64xf32>
  return
}

// -----

func.func @append_c1_result(%a0: tensor<2x8x1x64xf32>, %a1: tensor<2x8x16x64xf32>, %a2: tensor<2xi32>) {
  // expected-error @+1 {{failed to verify that all of {cache, result} have same type}}
  %0 = attn.append rows(%a0) cache(%a1) positions(%a2) : (tensor<2x8x1x64xf32>, tensor<2x8x16x64xf32>, tensor<2xi32>) -> tensor<2x8x?x64xf32>
  return
}
