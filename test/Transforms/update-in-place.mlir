// RUN: attn-opt %s --attn-update-in-place -split-input-file -verify-diagnostics | FileCheck %s

// Two changes of one argument in a row, and what reads the first.

// CHECK-LABEL: func @chain
// CHECK-SAME:    %{{.*}}: tensor<?x2x1x64xf32>, %{{.*}}: tensor<?x2x?x64xf32> {attn.name = "cache", attn.updated_by = 1 : i64}, %{{.*}}: tensor<?xi32>, %{{.*}}: index)
func.func @chain(%new: tensor<?x2x1x64xf32>, %cache: tensor<?x2x?x64xf32> {attn.name = "cache"}, %at: tensor<?xi32>, %i: index)
    -> (tensor<?x2x1x64xf32>, tensor<?x2x?x64xf32>) {
  %c0 = arith.constant 0 : index
  %b = tensor.dim %new, %c0 : tensor<?x2x1x64xf32>
  %0 = tensor.insert_slice %new into %cache[0, 0, %i, 0][%b, 2, 1, 64][1, 1, 1, 1] : tensor<?x2x1x64xf32> into tensor<?x2x?x64xf32>
  %o = attn.attention query(%new) key(%0) value(%0)
      : (tensor<?x2x1x64xf32>, tensor<?x2x?x64xf32>, tensor<?x2x?x64xf32>) -> tensor<?x2x1x64xf32>
  %1 = attn.append rows(%o) cache(%0) positions(%at)
      : (tensor<?x2x1x64xf32>, tensor<?x2x?x64xf32>, tensor<?xi32>) -> tensor<?x2x?x64xf32>
  return %o, %1 : tensor<?x2x1x64xf32>, tensor<?x2x?x64xf32>
}

// What is only used inside, or is no argument, is a tensor like others.

// CHECK-LABEL: func @inside
// CHECK-NOT:   attn.updated_by
func.func @inside(%new: tensor<2x2x1x64xf32>, %cache: tensor<2x2x9x64xf32>) -> (tensor<2x2x1x64xf32>, tensor<2x2x9x64xf32>, tensor<2x2x9x64xf32>) {
  %0 = tensor.insert_slice %new into %cache[0, 0, 8, 0][2, 2, 1, 64][1, 1, 1, 1] : tensor<2x2x1x64xf32> into tensor<2x2x9x64xf32>
  %o = attn.attention query(%new) key(%0) value(%0)
      : (tensor<2x2x1x64xf32>, tensor<2x2x9x64xf32>, tensor<2x2x9x64xf32>) -> tensor<2x2x1x64xf32>
  %e = tensor.empty() : tensor<2x2x9x64xf32>
  %1 = tensor.insert_slice %o into %e[0, 0, 8, 0][2, 2, 1, 64][1, 1, 1, 1] : tensor<2x2x1x64xf32> into tensor<2x2x9x64xf32>
  return %o, %1, %cache : tensor<2x2x1x64xf32>, tensor<2x2x9x64xf32>, tensor<2x2x9x64xf32>
}

// -----

func.func @read_after(%new: tensor<2x2x1x64xf32>, %cache: tensor<2x2x9x64xf32> {attn.name = "cache"}) -> (tensor<2x2x1x64xf32>, tensor<2x2x9x64xf32>) {
  // expected-error @+1 {{'tensor.insert_slice' op changes 'cache' in place, but what that held before is used after: a copy of it is not supported}}
  %0 = tensor.insert_slice %new into %cache[0, 0, 8, 0][2, 2, 1, 64][1, 1, 1, 1] : tensor<2x2x1x64xf32> into tensor<2x2x9x64xf32>
  // expected-note @+1 {{here; use the changed tensor, or do this before the change}}
  %o = attn.attention query(%new) key(%0) value(%cache)
      : (tensor<2x2x1x64xf32>, tensor<2x2x9x64xf32>, tensor<2x2x9x64xf32>) -> tensor<2x2x1x64xf32>
  return %o, %0 : tensor<2x2x1x64xf32>, tensor<2x2x9x64xf32>
}

// -----

// A view taken before the change is read after it.

func.func @view(%new: tensor<2x2x1x64xf32>, %cache: tensor<2x2x9x64xf32>) -> (tensor<2x2x1x64xf32>, tensor<2x2x9x64xf32>) {
  %old = tensor.extract_slice %cache[0, 0, 0, 0][2, 2, 8, 64][1, 1, 1, 1] : tensor<2x2x9x64xf32> to tensor<2x2x8x64xf32>
  // expected-error @+1 {{changes 'arg1' in place}}
  %0 = tensor.insert_slice %new into %cache[0, 0, 8, 0][2, 2, 1, 64][1, 1, 1, 1] : tensor<2x2x1x64xf32> into tensor<2x2x9x64xf32>
  // expected-note @+1 {{here}}
  %o = attn.attention query(%new) key(%old) value(%old)
      : (tensor<2x2x1x64xf32>, tensor<2x2x8x64xf32>, tensor<2x2x8x64xf32>) -> tensor<2x2x1x64xf32>
  return %o, %0 : tensor<2x2x1x64xf32>, tensor<2x2x9x64xf32>
}

// -----

// Two changes of the same contents.

func.func @fork(%new: tensor<2x2x1x64xf32>, %cache: tensor<2x2x9x64xf32>) -> tensor<2x2x9x64xf32> {
  // expected-note @+1 {{here}}
  %0 = tensor.insert_slice %new into %cache[0, 0, 7, 0][2, 2, 1, 64][1, 1, 1, 1] : tensor<2x2x1x64xf32> into tensor<2x2x9x64xf32>
  // expected-error @+1 {{changes 'arg1' in place}}
  %1 = tensor.insert_slice %new into %cache[0, 0, 8, 0][2, 2, 1, 64][1, 1, 1, 1] : tensor<2x2x1x64xf32> into tensor<2x2x9x64xf32>
  return %1 : tensor<2x2x9x64xf32>
}

// -----

func.func @twice(%new: tensor<2x2x1x64xf32>, %cache: tensor<2x2x9x64xf32>) -> (tensor<2x2x9x64xf32>, tensor<2x2x9x64xf32>) {
  %0 = tensor.insert_slice %new into %cache[0, 0, 8, 0][2, 2, 1, 64][1, 1, 1, 1] : tensor<2x2x1x64xf32> into tensor<2x2x9x64xf32>
  // expected-error @+1 {{gives argument 'arg1' with rows put into it twice, as results 0 and 1, which is not supported}}
  return %0, %0 : tensor<2x2x9x64xf32>, tensor<2x2x9x64xf32>
}
