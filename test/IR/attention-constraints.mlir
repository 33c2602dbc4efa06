// One case for each constraint of attn.attention, numbered as in AttnOps.td.
// RUN: attn-opt %s -verify-diagnostics -split-input-file

func.func @attention_c1(%q: tensor<1x8x4x16xf32>, %k: tensor<8x4x16xf32>) {
  // expected-error @+1 {{expects query, key and value of one rank, 3 or 4, got 4, 3 and 3}}
  %o = attn.attention query(%q) key(%k) value(%k)
      : (tensor<1x8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>) -> tensor<1x8x4x16xf32>
  return
}

// -----

func.func @attention_c1_rank(%q: tensor<4x16xf32>) {
  // expected-error @+1 {{expects query, key and value of one rank, 3 or 4, got 2, 2 and 2}}
  %o = attn.attention query(%q) key(%q) value(%q)
      : (tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xf32>) -> tensor<4x16xf32>
  return
}

// -----

func.func @attention_c2(%q: tensor<8x4x16xi8>) {
  // expected-error @+1 {{expects a query of f32, bf16, f16 or f64, got 'i8'}}
  %o = attn.attention query(%q) key(%q) value(%q)
      : (tensor<8x4x16xi8>, tensor<8x4x16xi8>, tensor<8x4x16xi8>) -> tensor<8x4x16xi8>
  return
}

// -----

func.func @attention_c2_f8(%q: tensor<8x4x16xf8E4M3FN>) {
  // expected-error @+1 {{expects a query of f32, bf16, f16 or f64, got 'f8E4M3FN'}}
  %o = attn.attention query(%q) key(%q) value(%q)
      : (tensor<8x4x16xf8E4M3FN>, tensor<8x4x16xf8E4M3FN>, tensor<8x4x16xf8E4M3FN>) -> tensor<8x4x16xf8E4M3FN>
  return
}

// -----

func.func @attention_c2_key(%q: tensor<8x4x16xf16>, %k: tensor<8x4x16xf64>) {
  // expected-error @+1 {{expects a key of f32, bf16, f16, i8 or i4 for a query of 'f16', got 'f64'}}
  %o = attn.attention query(%q) key(%k) value(%q)
      : (tensor<8x4x16xf16>, tensor<8x4x16xf64>, tensor<8x4x16xf16>) -> tensor<8x4x16xf16>
  return
}

// -----

func.func @attention_c2_value(%q: tensor<8x4x16xf32>, %v: tensor<8x4x16xi16>) {
  // expected-error @+1 {{expects a value of f32, bf16, f16, i8 or i4 for a query of 'f32', got 'i16'}}
  %o = attn.attention query(%q) key(%q) value(%v)
      : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xi16>) -> tensor<8x4x16xf32>
  return
}

// -----

// Signless integers are signed values.
func.func @attention_c2_unsigned(%q: tensor<8x4x16xf32>, %k: tensor<8x4x16xui8>) {
  // expected-error @+1 {{expects a key of f32, bf16, f16, i8 or i4 for a query of 'f32', got 'ui8'}}
  %o = attn.attention query(%q) key(%k) value(%q)
      : (tensor<8x4x16xf32>, tensor<8x4x16xui8>, tensor<8x4x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @attention_c2_f64(%q: tensor<8x4x16xf64>, %k: tensor<8x4x16xf32>) {
  // expected-error @+1 {{expects a key of f64 for a query of 'f64', got 'f32'}}
  %o = attn.attention query(%q) key(%k) value(%q)
      : (tensor<8x4x16xf64>, tensor<8x4x16xf32>, tensor<8x4x16xf64>) -> tensor<8x4x16xf64>
  return
}

// -----

func.func @attention_c3(%q: tensor<8x4x16xf32>, %k: tensor<8x4x32xf32>) {
  // expected-error @+1 {{expects query and key of one head size, got 16 and 32}}
  %o = attn.attention query(%q) key(%k) value(%k)
      : (tensor<8x4x16xf32>, tensor<8x4x32xf32>, tensor<8x4x32xf32>) -> tensor<8x4x32xf32>
  return
}

// -----

func.func @attention_c4_heads(%q: tensor<?x4x16xf32>) {
  // expected-error @+1 {{expects static, positive query heads, got ?}}
  %o = attn.attention query(%q) key(%q) value(%q)
      : (tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x4x16xf32>) -> tensor<?x4x16xf32>
  return
}

// -----

func.func @attention_c4_head_size(%q: tensor<8x4x16xf32>, %k: tensor<8x4x?xf32>) {
  // expected-error @+1 {{expects static, positive key head size, got ?}}
  %o = attn.attention query(%q) key(%k) value(%q)
      : (tensor<8x4x16xf32>, tensor<8x4x?xf32>, tensor<8x4x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @attention_c4_zero(%q: tensor<8x4x16xf32>, %v: tensor<8x4x0xf32>) {
  // expected-error @+1 {{expects static, positive value head size, got 0}}
  %o = attn.attention query(%q) key(%q) value(%v)
      : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x0xf32>) -> tensor<8x4x0xf32>
  return
}

// -----

func.func @attention_c5(%q: tensor<8x4x16xf32>, %k: tensor<3x4x16xf32>) {
  // expected-error @+1 {{expects key heads to divide query heads, got 3 and 8}}
  %o = attn.attention query(%q) key(%k) value(%k)
      : (tensor<8x4x16xf32>, tensor<3x4x16xf32>, tensor<3x4x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @attention_c5_value(%q: tensor<8x4x16xf32>, %k: tensor<4x4x16xf32>, %v: tensor<2x4x16xf32>) {
  // expected-error @+1 {{expects as many value heads as key heads, got 2 and 4}}
  %o = attn.attention query(%q) key(%k) value(%v)
      : (tensor<8x4x16xf32>, tensor<4x4x16xf32>, tensor<2x4x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

// The query's batch is unknown; the others still disagree.
func.func @attention_c6_batch(%q: tensor<?x8x4x16xf32>, %k: tensor<2x8x4x16xf32>, %v: tensor<3x8x4x16xf32>) {
  // expected-error @+1 {{expects one batch size, got 2 and 3}}
  %o = attn.attention query(%q) key(%k) value(%v)
      : (tensor<?x8x4x16xf32>, tensor<2x8x4x16xf32>, tensor<3x8x4x16xf32>) -> tensor<?x8x4x16xf32>
  return
}

// -----

func.func @attention_c6_length(%q: tensor<8x4x16xf32>, %k: tensor<8x5x16xf32>, %v: tensor<8x6x16xf32>) {
  // expected-error @+1 {{expects key and value of one length, got 5 and 6}}
  %o = attn.attention query(%q) key(%k) value(%v)
      : (tensor<8x4x16xf32>, tensor<8x5x16xf32>, tensor<8x6x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @attention_c7(%q: tensor<1x8x4x16xf32>) {
  // expected-error @+1 {{expects layout bhsd or bshd for rank 4, got "bsdh"}}
  %o = attn.attention query(%q) key(%q) value(%q) {layout = "bsdh"}
      : (tensor<1x8x4x16xf32>, tensor<1x8x4x16xf32>, tensor<1x8x4x16xf32>) -> tensor<1x8x4x16xf32>
  return
}

// -----

func.func @attention_c7_rank_three(%q: tensor<8x4x16xf32>) {
  // expected-error @+1 {{expects layout hsd or shd for rank 3, got "bshd"}}
  %o = attn.attention query(%q) key(%q) value(%q) {layout = "bshd"}
      : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @attention_c8(%q: tensor<8x4x16xf32>) {
  // expected-error @+1 {{expects aux to hold distinct names of lse, row_max, scores, probabilities, got "entropy"}}
  %o, %e = attn.attention query(%q) key(%q) value(%q) {aux = ["entropy"]}
      : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>) -> (tensor<8x4x16xf32>, tensor<8x4xf32>)
  return
}

// -----

func.func @attention_c8_twice(%q: tensor<8x4x16xf32>) {
  // expected-error @+1 {{distinct names of lse, row_max, scores, probabilities, got "lse"}}
  %o, %a, %b = attn.attention query(%q) key(%q) value(%q) {aux = ["lse", "lse"]}
      : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>)
      -> (tensor<8x4x16xf32>, tensor<8x4xf32>, tensor<8x4xf32>)
  return
}

// -----

func.func @attention_c9(%q: tensor<8x4x16xf32>) {
  // expected-error @+1 {{expects 2 results: the output and one for each of aux, got 1}}
  %o = attn.attention query(%q) key(%q) value(%q) {aux = ["lse"]}
      : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @attention_c9_none(%q: tensor<8x4x16xf32>) {
  // expected-error @+1 {{expects 1 results: the output and one for each of aux, got 0}}
  attn.attention query(%q) key(%q) value(%q) : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>) -> ()
  return
}

// -----

func.func @attention_c9_output(%q: tensor<8x4x16xf32>, %v: tensor<8x4x48xf32>) {
  // expected-error @+1 {{expects the result 'output' to be a 'tensor<8x4x48xf32>', got 'tensor<8x4x16xf32>'}}
  %o = attn.attention query(%q) key(%q) value(%v)
      : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x48xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

// The output may have the accumulation type, but no other.
func.func @attention_c9_type(%q: tensor<8x4x16xf16>) {
  // expected-error @+1 {{expects the result 'output' to be a 'tensor<8x4x16xf16>', got 'tensor<8x4x16xbf16>'}}
  %o = attn.attention query(%q) key(%q) value(%q)
      : (tensor<8x4x16xf16>, tensor<8x4x16xf16>, tensor<8x4x16xf16>) -> tensor<8x4x16xbf16>
  return
}

// -----

// Statistics keep their layout and are in the accumulation type.
func.func @attention_c9_lse(%q: tensor<?x?x8x16xf16>) {
  // expected-error @+1 {{expects the result 'lse' to be a 'tensor<?x8x?xf32>', got 'tensor<?x8x?xf16>'}}
  %o, %lse = attn.attention query(%q) key(%q) value(%q) {aux = ["lse"], layout = "bshd"}
      : (tensor<?x?x8x16xf16>, tensor<?x?x8x16xf16>, tensor<?x?x8x16xf16>)
      -> (tensor<?x?x8x16xf16>, tensor<?x8x?xf16>)
  return
}

// -----

func.func @attention_c9_scores(%q: tensor<8x4x16xf32>, %k: tensor<8x5x16xf32>) {
  // expected-error @+1 {{expects the result 'scores' to be a 'tensor<8x4x5xf32>', got 'tensor<8x5x4xf32>'}}
  %o, %s = attn.attention query(%q) key(%k) value(%k) {aux = ["scores"]}
      : (tensor<8x4x16xf32>, tensor<8x5x16xf32>, tensor<8x5x16xf32>) -> (tensor<8x4x16xf32>, tensor<8x5x4xf32>)
  return
}

// -----

func.func @attention_c10(%q: tensor<8x4x16xf32>) {
  // expected-error @+1 {{expects the score region to take ('f32', 'index', 'index', 'index', 'index'), got ('f32', 'index', 'index')}}
  %o = attn.attention query(%q) key(%q) value(%q)
    score(%s: f32, %i: index, %j: index) {
      attn.yield %s : f32
    }
    : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

// The score of f16 operands is f32.
func.func @attention_c10_type(%q: tensor<8x4x16xf16>) {
  // expected-error @+1 {{expects the score region to take ('f32', 'index', 'index', 'index', 'index'), got ('f16', 'index', 'index', 'index', 'index')}}
  %o = attn.attention query(%q) key(%q) value(%q)
    score(%s: f16, %b: index, %h: index, %i: index, %j: index) {
      attn.yield %s : f16
    }
    : (tensor<8x4x16xf16>, tensor<8x4x16xf16>, tensor<8x4x16xf16>) -> tensor<8x4x16xf16>
  return
}

// -----

func.func @attention_c10_yield(%q: tensor<8x4x16xf32>) {
  // expected-error @+1 {{expects the score region to yield 'f32'}}
  %o = attn.attention query(%q) key(%q) value(%q)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      // expected-note @+1 {{yields 'index' here}}
      attn.yield %j : index
    }
    : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

// Two scores are one too many where none is a result.
func.func @attention_c10_two(%q: tensor<8x4x16xf32>) {
  // expected-error @+1 {{expects the score region to yield 'f32'}}
  %o = attn.attention query(%q) key(%q) value(%q)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      // expected-note @+1 {{yields 'f32', 'f32' here}}
      attn.yield %s, %s : f32, f32
    }
    : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @attention_c10_other(%q: tensor<8x4x16xf32>) {
  // expected-error @+1 {{expects the score region to yield 'f32', 'f32'}}
  %o, %s = attn.attention query(%q) key(%q) value(%q)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      // expected-note @+1 {{yields 'f32', 'index' here}}
      attn.yield %s, %j : f32, index
    }
    {aux = ["scores"]}
    : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>) -> (tensor<8x4x16xf32>, tensor<8x4x4xf32>)
  return
}

// -----

func.func @attention_c10_blocks(%q: tensor<8x4x16xf32>) {
  // expected-error @+1 {{expects the score region to have one block}}
  %o = attn.attention query(%q) key(%q) value(%q)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      cf.br ^end
    ^end:
      attn.yield %s : f32
    }
    : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @attention_c11(%q: tensor<8x4x16xf32>) {
  // expected-error @+1 {{expects the mask region to take ('index', 'index', 'index', 'index'), got ('index', 'index', 'index', 'i32')}}
  %o = attn.attention query(%q) key(%q) value(%q)
    mask(%b: index, %h: index, %i: index, %j: i32) {
      %live = arith.constant true
      attn.yield %live : i1
    }
    : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @attention_c11_yield(%q: tensor<8x4x16xf32>) {
  // expected-error @+1 {{expects the mask region to yield 'i1'}}
  %o = attn.attention query(%q) key(%q) value(%q)
    mask(%b: index, %h: index, %i: index, %j: index) {
      // expected-note @+1 {{yields 'index' here}}
      attn.yield %j : index
    }
    : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @attention_c11_end(%q: tensor<8x4x16xf32>) {
  // expected-error @+1 {{expects the mask region to end with attn.yield}}
  %o = attn.attention query(%q) key(%q) value(%q)
    mask(%b: index, %h: index, %i: index, %j: index) {
      ub.unreachable
    }
    : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func private @unknown(index) -> i1

func.func @attention_c12_call(%q: tensor<8x4x16xf32>) {
  // expected-error @+1 {{expects the mask region to be pure}}
  %o = attn.attention query(%q) key(%q) value(%q)
    mask(%b: index, %h: index, %i: index, %j: index) {
      // expected-note @+1 {{this op may read or write memory}}
      %live = func.call @unknown(%j) : (index) -> i1
      attn.yield %live : i1
    }
    : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

// Tensors can be read, memory cannot: someone else may write it meanwhile.
func.func @attention_c12_memory(%q: tensor<8x4x16xf32>, %m: memref<8xf32>) {
  // expected-error @+1 {{expects the score region to be pure}}
  %o = attn.attention query(%q) key(%q) value(%q)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      // expected-note @+1 {{this op may read or write memory}}
      %x = memref.load %m[%h] : memref<8xf32>
      attn.yield %x : f32
    }
    : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

// Also inside an op of the region.
func.func @attention_c12_nested(%q: tensor<8x4x16xf32>, %m: memref<8xi1>, %c: i1) {
  // expected-error @+1 {{expects the mask region to be pure}}
  %o = attn.attention query(%q) key(%q) value(%q)
    mask(%b: index, %h: index, %i: index, %j: index) {
      // expected-note @+1 {{this op may read or write memory}}
      %live = scf.if %c -> i1 {
        %x = memref.load %m[%h] : memref<8xi1>
        scf.yield %x : i1
      } else {
        scf.yield %c : i1
      }
      attn.yield %live : i1
    }
    : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @attention_c13(%q: tensor<8x4x16xf32>) {
  // expected-error @+1 {{expects normalizer softmax, sigmoid, relu, relu2 or none, got "softmin"}}
  %o = attn.attention query(%q) key(%q) value(%q) {normalizer = "softmin"}
      : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @attention_c14(%q: tensor<8x4x16xf32>, %i: index) {
  // expected-error @+1 {{expects no offsets, or four (b, h, i, j), got 2}}
  %o = attn.attention query(%q) key(%q) value(%q) offsets(%i, %i)
      : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @attention_c15(%q: tensor<8x4x16xf32>) {
  // expected-error @+1 {{expects a finite scale, got INF}}
  %o = attn.attention query(%q) key(%q) value(%q) {scale = 0x7FF0000000000000 : f64}
      : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

// A misspelt attribute must not pass for the default.
func.func @attention_c16(%q: tensor<8x4x16xf32>) {
  // expected-error @+1 {{has an unknown attribute 'scales'; known: aux, block_sizes, decode_schedule, layout, normalizer, scale, schedule}}
  %o = attn.attention query(%q) key(%q) value(%q) {some.attribute, scales = 0.125 : f64}
      : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @attention_c17(%q: tensor<8x4x16xf32>, %k: tensor<2x6x16xi8>, %s: tensor<2x6xi32>) {
  // expected-error @+1 {{expects key_scales of f32, bf16 or f16, got 'i32'}}
  %o = attn.attention query(%q) key(%k) value(%k) key_scales(%s)
      : (tensor<8x4x16xf32>, tensor<2x6x16xi8>, tensor<2x6x16xi8>, tensor<2x6xi32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @attention_c17_shape(%q: tensor<8x4x16xf32>, %k: tensor<2x6x16xi8>, %s: tensor<2x5xf32>) {
  // expected-error @+1 {{expects key_scales of the shape of the key without its head size, or with a divisor of that, got 'tensor<2x5xf32>' for 'tensor<2x6x16xi8>'}}
  %o = attn.attention query(%q) key(%k) value(%k) key_scales(%s)
      : (tensor<8x4x16xf32>, tensor<2x6x16xi8>, tensor<2x6x16xi8>, tensor<2x5xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @attention_c17_groups(%q: tensor<8x4x16xf32>, %k: tensor<2x6x16xi8>, %s: tensor<2x6x3xf32>) {
  // expected-error @+1 {{expects value_scales of the shape of the value without its head size, or with a divisor of that, got 'tensor<2x6x3xf32>' for 'tensor<2x6x16xi8>'}}
  %o = attn.attention query(%q) key(%k) value(%k) value_scales(%s)
      : (tensor<8x4x16xf32>, tensor<2x6x16xi8>, tensor<2x6x16xi8>, tensor<2x6x3xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @attention_c17_dynamic_groups(%q: tensor<8x4x16xf32>, %k: tensor<2x6x16xi8>, %s: tensor<2x6x?xf32>) {
  // expected-error @+1 {{got 'tensor<2x6x?xf32>' for 'tensor<2x6x16xi8>'}}
  %o = attn.attention query(%q) key(%k) value(%k) key_scales(%s)
      : (tensor<8x4x16xf32>, tensor<2x6x16xi8>, tensor<2x6x16xi8>, tensor<2x6x?xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @attention_c17_rank(%q: tensor<8x4x16xf32>, %k: tensor<2x6x16xi8>, %s: tensor<2xf32>) {
  // expected-error @+1 {{got 'tensor<2xf32>' for 'tensor<2x6x16xi8>'}}
  %o = attn.attention query(%q) key(%k) value(%k) key_scales(%s)
      : (tensor<8x4x16xf32>, tensor<2x6x16xi8>, tensor<2x6x16xi8>, tensor<2xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @attention_c17_twice(%q: tensor<8x4x16xf32>, %k: tensor<2x6x16xi8>, %s: tensor<2x6xf32>) {
  // expected-error @+1 {{expects one tensor in key_scales, got 2}}
  %o = attn.attention query(%q) key(%k) value(%k) key_scales(%s, %s)
      : (tensor<8x4x16xf32>, tensor<2x6x16xi8>, tensor<2x6x16xi8>, tensor<2x6xf32>, tensor<2x6xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @attention_c18(%q: tensor<8x4x16xf32>, %k: tensor<2x6x16xi8>, %s: tensor<2x6xf32>, %z: tensor<2x6xi4>) {
  // expected-error @+1 {{expects key_zero_points of i8 or f32, got 'i4'}}
  %o = attn.attention query(%q) key(%k) value(%k) key_scales(%s) key_zero_points(%z)
      : (tensor<8x4x16xf32>, tensor<2x6x16xi8>, tensor<2x6x16xi8>, tensor<2x6xf32>, tensor<2x6xi4>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @attention_c18_shape(%q: tensor<8x4x16xf32>, %k: tensor<2x6x16xi8>, %s: tensor<2x6x4xf32>, %z: tensor<2x6x2xi8>) {
  // expected-error @+1 {{expects value_zero_points of the shape of value_scales, got 'tensor<2x6x2xi8>' and 'tensor<2x6x4xf32>'}}
  %o = attn.attention query(%q) key(%k) value(%k) value_scales(%s) value_zero_points(%z)
      : (tensor<8x4x16xf32>, tensor<2x6x16xi8>, tensor<2x6x16xi8>, tensor<2x6x4xf32>, tensor<2x6x2xi8>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @attention_c18_alone(%q: tensor<8x4x16xf32>, %k: tensor<2x6x16xi8>, %z: tensor<2x6xi8>) {
  // expected-error @+1 {{expects key_scales beside key_zero_points}}
  %o = attn.attention query(%q) key(%k) value(%k) key_zero_points(%z)
      : (tensor<8x4x16xf32>, tensor<2x6x16xi8>, tensor<2x6x16xi8>, tensor<2x6xi8>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @attention_c18_twice(%q: tensor<8x4x16xf32>, %k: tensor<2x6x16xi8>, %s: tensor<2x6xf32>, %z: tensor<2x6xi8>) {
  // expected-error @+1 {{expects one tensor in key_zero_points, got 2}}
  %o = attn.attention query(%q) key(%k) value(%k) key_scales(%s) key_zero_points(%z, %z)
      : (tensor<8x4x16xf32>, tensor<2x6x16xi8>, tensor<2x6x16xi8>, tensor<2x6xf32>, tensor<2x6xi8>, tensor<2x6xi8>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @attention_c19(%q: tensor<2x8x4x64xf32>, %k: tensor<9x8x16x64xf32>, %t: tensor<2x3xi64>) {
  // expected-error @+1 {{expects a page_table of batch x pages i32, got 'tensor<2x3xi64>'}}
  %o = attn.attention query(%q) key(%k) value(%k) page_table(%t)
      : (tensor<2x8x4x64xf32>, tensor<9x8x16x64xf32>, tensor<9x8x16x64xf32>, tensor<2x3xi64>) -> tensor<2x8x4x64xf32>
  return
}

// -----

func.func @attention_c19_table_rank(%q: tensor<2x8x4x64xf32>, %k: tensor<9x8x16x64xf32>, %t: tensor<6xi32>) {
  // expected-error @+1 {{expects a page_table of batch x pages i32, got 'tensor<6xi32>'}}
  %o = attn.attention query(%q) key(%k) value(%k) page_table(%t)
      : (tensor<2x8x4x64xf32>, tensor<9x8x16x64xf32>, tensor<9x8x16x64xf32>, tensor<6xi32>) -> tensor<2x8x4x64xf32>
  return
}

// -----

func.func @attention_c19_batch(%q: tensor<2x8x4x64xf32>, %k: tensor<9x8x16x64xf32>, %t: tensor<3x5xi32>) {
  // expected-error @+1 {{expects a page_table for a batch of 2, got 'tensor<3x5xi32>'}}
  %o = attn.attention query(%q) key(%k) value(%k) page_table(%t)
      : (tensor<2x8x4x64xf32>, tensor<9x8x16x64xf32>, tensor<9x8x16x64xf32>, tensor<3x5xi32>) -> tensor<2x8x4x64xf32>
  return
}

// -----

func.func @attention_c19_page(%q: tensor<2x8x4x64xf32>, %k: tensor<9x8x24x64xf32>, %t: tensor<2x5xi32>) {
  // expected-error @+1 {{expects a static power of two as the page size, the key's length, got 24}}
  %o = attn.attention query(%q) key(%k) value(%k) page_table(%t)
      : (tensor<2x8x4x64xf32>, tensor<9x8x24x64xf32>, tensor<9x8x24x64xf32>, tensor<2x5xi32>) -> tensor<2x8x4x64xf32>
  return
}

// -----

func.func @attention_c19_dynamic_page(%q: tensor<2x8x4x64xf32>, %k: tensor<9x8x?x64xf32>, %t: tensor<2x5xi32>) {
  // expected-error @+1 {{expects a static power of two as the page size, the key's length, got ?}}
  %o = attn.attention query(%q) key(%k) value(%k) page_table(%t)
      : (tensor<2x8x4x64xf32>, tensor<9x8x?x64xf32>, tensor<9x8x?x64xf32>, tensor<2x5xi32>) -> tensor<2x8x4x64xf32>
  return
}

// -----

func.func @attention_c19_rank(%q: tensor<8x4x64xf32>, %k: tensor<8x16x64xf32>, %t: tensor<2x5xi32>) {
  // expected-error @+1 {{expects operands of rank 4 with a page_table, got rank 3}}
  %o = attn.attention query(%q) key(%k) value(%k) page_table(%t)
      : (tensor<8x4x64xf32>, tensor<8x16x64xf32>, tensor<8x16x64xf32>, tensor<2x5xi32>) -> tensor<8x4x64xf32>
  return
}

// -----

func.func @attention_c19_twice(%q: tensor<2x8x4x64xf32>, %k: tensor<9x8x16x64xf32>, %t: tensor<2x5xi32>) {
  // expected-error @+1 {{expects one tensor in page_table, got 2}}
  %o = attn.attention query(%q) key(%k) value(%k) page_table(%t, %t)
      : (tensor<2x8x4x64xf32>, tensor<9x8x16x64xf32>, tensor<9x8x16x64xf32>, tensor<2x5xi32>, tensor<2x5xi32>) -> tensor<2x8x4x64xf32>
  return
}

// -----

// The pools of keys and values have the same pages.
func.func @attention_c6_pool(%q: tensor<2x8x4x64xf32>, %k: tensor<9x8x16x64xf32>, %v: tensor<8x8x16x64xf32>, %t: tensor<2x5xi32>) {
  // expected-error @+1 {{expects one batch size, got 9 and 8}}
  %o = attn.attention query(%q) key(%k) value(%v) page_table(%t)
      : (tensor<2x8x4x64xf32>, tensor<9x8x16x64xf32>, tensor<8x8x16x64xf32>, tensor<2x5xi32>) -> tensor<2x8x4x64xf32>
  return
}

// -----

func.func @attention_c6_page(%q: tensor<2x8x4x64xf32>, %k: tensor<9x8x16x64xf32>, %v: tensor<9x8x8x64xf32>, %t: tensor<2x5xi32>) {
  // expected-error @+1 {{expects key and value of one page size, got 16 and 8}}
  %o = attn.attention query(%q) key(%k) value(%v) page_table(%t)
      : (tensor<2x8x4x64xf32>, tensor<9x8x16x64xf32>, tensor<9x8x8x64xf32>, tensor<2x5xi32>) -> tensor<2x8x4x64xf32>
  return
}

// -----

func.func @attention_c20(%q: tensor<8x4x16xf32>, %s: tensor<4xi32>) {
  // expected-error @+1 {{expects query_starts and key_starts together, got only query_starts}}
  %o = attn.attention query(%q) key(%q) value(%q) query_starts(%s)
      : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<4xi32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @attention_c20_keys(%q: tensor<8x4x16xf32>, %s: tensor<4xi32>) {
  // expected-error @+1 {{expects query_starts and key_starts together, got only key_starts}}
  %o = attn.attention query(%q) key(%q) value(%q) key_starts(%s)
      : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<4xi32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @attention_c20_rank(%q: tensor<1x8x4x16xf32>, %s: tensor<4xi32>, %t: tensor<4xi32>) {
  // expected-error @+1 {{expects operands of rank 3 with query_starts, got rank 4}}
  %o = attn.attention query(%q) key(%q) value(%q) query_starts(%s) key_starts(%t)
      : (tensor<1x8x4x16xf32>, tensor<1x8x4x16xf32>, tensor<1x8x4x16xf32>, tensor<4xi32>, tensor<4xi32>) -> tensor<1x8x4x16xf32>
  return
}

// -----

func.func @attention_c20_type(%q: tensor<8x4x16xf32>, %s: tensor<4xi32>, %t: tensor<4xi64>) {
  // expected-error @+1 {{expects starts of sequences + 1 i32, got 'tensor<4xi64>'}}
  %o = attn.attention query(%q) key(%q) value(%q) query_starts(%s) key_starts(%t)
      : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<4xi32>, tensor<4xi64>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @attention_c20_none(%q: tensor<8x4x16xf32>, %s: tensor<0xi32>, %t: tensor<0xi32>) {
  // expected-error @+1 {{expects starts of sequences + 1 i32, got 'tensor<0xi32>'}}
  %o = attn.attention query(%q) key(%q) value(%q) query_starts(%s) key_starts(%t)
      : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<0xi32>, tensor<0xi32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @attention_c20_sizes(%q: tensor<8x4x16xf32>, %s: tensor<4xi32>, %t: tensor<5xi32>) {
  // expected-error @+1 {{expects query_starts and key_starts of one size, got 'tensor<4xi32>' and 'tensor<5xi32>'}}
  %o = attn.attention query(%q) key(%q) value(%q) query_starts(%s) key_starts(%t)
      : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<4xi32>, tensor<5xi32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @attention_c20_twice(%q: tensor<8x4x16xf32>, %s: tensor<4xi32>) {
  // expected-error @+1 {{expects one tensor in key_starts, got 2}}
  %o = attn.attention query(%q) key(%q) value(%q) query_starts(%s) key_starts(%s, %s)
      : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @attention_c21(%q: tensor<8x4x16xbf16>, %p: tensor<8x2x16xbf16>) {
  // expected-error @+1 {{expects value_pairs of 'tensor<8x?x32xbf16>', got 'tensor<8x2x16xbf16>'}}
  %o = attn.attention query(%q) key(%q) value(%q) value_pairs(%p)
      : (tensor<8x4x16xbf16>, tensor<8x4x16xbf16>, tensor<8x4x16xbf16>, tensor<8x2x16xbf16>) -> tensor<8x4x16xbf16>
  return
}

// -----

func.func @attention_c22(%q: tensor<8x4x16xf32>) {
  // expected-error @+1 {{expects a decode_schedule of kind decode beside a schedule of another kind, got #attn.schedule<kind = "short"}}
  %o = attn.attention query(%q) key(%q) value(%q)
      {schedule = #attn.schedule<kind = "short", query_tile = 16, key_tile = 16, key_block = 8, lanes = 16, registers = 24>,
       decode_schedule = #attn.schedule<kind = "short", query_tile = 16, key_tile = 16, key_block = 8, lanes = 16,
                                        registers = 24>}
      : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @attention_c23_count(%q: tensor<8x4x16xf32>, %s: tensor<4xf32>) {
  // expected-error @+1 {{expects sinks of one number for each query head, 'tensor<8xf32>', got 'tensor<4xf32>'}}
  %o = attn.attention query(%q) key(%q) value(%q) sinks(%s)
      : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<4xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @attention_c23_type(%q: tensor<8x4x16xf32>, %s: tensor<8xi32>) {
  // expected-error @+1 {{expects sinks of one number for each query head, 'tensor<8xf32>', got 'tensor<8xi32>'}}
  %o = attn.attention query(%q) key(%q) value(%q) sinks(%s)
      : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8xi32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @attention_c23_two(%q: tensor<8x4x16xf32>, %s: tensor<8xf32>) {
  // expected-error @+1 {{expects one tensor in sinks, got 2}}
  %o = attn.attention query(%q) key(%q) value(%q) sinks(%s, %s)
      : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8xf32>, tensor<8xf32>)
      -> tensor<8x4x16xf32>
  return
}

// -----

func.func @attention_c23_normalizer(%q: tensor<8x4x16xf32>, %s: tensor<8xf32>) {
  // expected-error @+1 {{expects normalizer softmax with sinks, got "relu"}}
  %o = attn.attention query(%q) key(%q) value(%q) sinks(%s) {normalizer = "relu"}
      : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @yield_elsewhere(%x: f32) {
  // expected-error @+1 {{expects parent op to be one of 'attn.attention, attn.online_attention'}}
  attn.yield %x : f32
}

// -----

func.func @attention_c24_both(%q: tensor<2x8x4x64xf32>, %p: tensor<5xi32>) {
  // expected-error @+1 {{expects csr or blocks, got both}}
  %o = attn.attention query(%q) key(%q) value(%q) csr(%p) blocks(%p) {block_sizes = array<i64: 1, 1>}
      : (tensor<2x8x4x64xf32>, tensor<2x8x4x64xf32>, tensor<2x8x4x64xf32>, tensor<5xi32>, tensor<5xi32>) -> tensor<2x8x4x64xf32>
  return
}

// -----

func.func @attention_c24_three(%q: tensor<2x8x4x64xf32>, %p: tensor<5xi32>) {
  // expected-error @+1 {{expects one or two tensors in csr, got 3}}
  %o = attn.attention query(%q) key(%q) value(%q) csr(%p, %p, %p)
      : (tensor<2x8x4x64xf32>, tensor<2x8x4x64xf32>, tensor<2x8x4x64xf32>, tensor<5xi32>, tensor<5xi32>, tensor<5xi32>) -> tensor<2x8x4x64xf32>
  return
}

// -----

func.func @attention_c24_type(%q: tensor<2x8x4x64xf32>, %p: tensor<5xi64>) {
  // expected-error @+1 {{expects csr of i32, got 'tensor<5xi64>'}}
  %o = attn.attention query(%q) key(%q) value(%q) csr(%p)
      : (tensor<2x8x4x64xf32>, tensor<2x8x4x64xf32>, tensor<2x8x4x64xf32>, tensor<5xi64>) -> tensor<2x8x4x64xf32>
  return
}

// -----

func.func @attention_c24_rank(%q: tensor<2x8x4x64xf32>, %p: tensor<2x8x4x4x5xi32>) {
  // expected-error @+1 {{expects csr of [batch x [heads x]] lists x entries, got 'tensor<2x8x4x4x5xi32>'}}
  %o = attn.attention query(%q) key(%q) value(%q) csr(%p)
      : (tensor<2x8x4x64xf32>, tensor<2x8x4x64xf32>, tensor<2x8x4x64xf32>, tensor<2x8x4x4x5xi32>) -> tensor<2x8x4x64xf32>
  return
}

// -----

func.func @attention_c24_ranks(%q: tensor<2x8x4x64xf32>, %p: tensor<5xi32>, %e: tensor<2x9xi32>) {
  // expected-error @+1 {{expects pointers and entries of csr of one rank, got 'tensor<5xi32>' and 'tensor<2x9xi32>'}}
  %o = attn.attention query(%q) key(%q) value(%q) csr(%p, %e)
      : (tensor<2x8x4x64xf32>, tensor<2x8x4x64xf32>, tensor<2x8x4x64xf32>, tensor<5xi32>, tensor<2x9xi32>) -> tensor<2x8x4x64xf32>
  return
}

// -----

func.func @attention_c24_batch(%q: tensor<2x8x4x64xf32>, %p: tensor<3x5xi32>, %e: tensor<3x9xi32>) {
  // expected-error @+1 {{expects csr for 2 batches, got 'tensor<3x5xi32>'}}
  %o = attn.attention query(%q) key(%q) value(%q) csr(%p, %e)
      : (tensor<2x8x4x64xf32>, tensor<2x8x4x64xf32>, tensor<2x8x4x64xf32>, tensor<3x5xi32>, tensor<3x9xi32>) -> tensor<2x8x4x64xf32>
  return
}

// -----

func.func @attention_c24_heads(%q: tensor<2x8x4x64xf32>, %p: tensor<2x4x5xi32>, %e: tensor<2x4x9xi32>) {
  // expected-error @+1 {{expects csr for 8 heads, got 'tensor<2x4x5xi32>'}}
  %o = attn.attention query(%q) key(%q) value(%q) csr(%p, %e)
      : (tensor<2x8x4x64xf32>, tensor<2x8x4x64xf32>, tensor<2x8x4x64xf32>, tensor<2x4x5xi32>, tensor<2x4x9xi32>) -> tensor<2x8x4x64xf32>
  return
}

// -----

func.func @attention_c24_pointers(%q: tensor<2x8x4x64xf32>, %p: tensor<4xi32>, %e: tensor<9xi32>) {
  // expected-error @+1 {{expects csr for 5 pointers, got 'tensor<4xi32>'}}
  %o = attn.attention query(%q) key(%q) value(%q) csr(%p, %e)
      : (tensor<2x8x4x64xf32>, tensor<2x8x4x64xf32>, tensor<2x8x4x64xf32>, tensor<4xi32>, tensor<9xi32>) -> tensor<2x8x4x64xf32>
  return
}

// -----

func.func @attention_c24_sequences(%q: tensor<8x9x64xf32>, %s: tensor<4xi32>, %e: tensor<2x8x9x5xi32>) {
  // expected-error @+1 {{expects csr for 3 sequences, got 'tensor<2x8x9x5xi32>'}}
  %o = attn.attention query(%q) key(%q) value(%q) csr(%e) query_starts(%s) key_starts(%s)
    : (tensor<8x9x64xf32>, tensor<8x9x64xf32>, tensor<8x9x64xf32>, tensor<2x8x9x5xi32>, tensor<4xi32>, tensor<4xi32>)
    -> tensor<8x9x64xf32>
  return
}

// -----

func.func @attention_c24_lists(%q: tensor<2x8x4x64xf32>, %e: tensor<3x9xi32>) {
  // expected-error @+1 {{expects blocks for 2 lists, got 'tensor<3x9xi32>'}}
  %o = attn.attention query(%q) key(%q) value(%q) blocks(%e) {block_sizes = array<i64: 2, 2>}
      : (tensor<2x8x4x64xf32>, tensor<2x8x4x64xf32>, tensor<2x8x4x64xf32>, tensor<3x9xi32>) -> tensor<2x8x4x64xf32>
  return
}

// -----

func.func @attention_c25_missing(%q: tensor<2x8x4x64xf32>, %e: tensor<2x9xi32>) {
  // expected-error @+1 {{expects blocks and block_sizes together, got only blocks}}
  %o = attn.attention query(%q) key(%q) value(%q) blocks(%e)
      : (tensor<2x8x4x64xf32>, tensor<2x8x4x64xf32>, tensor<2x8x4x64xf32>, tensor<2x9xi32>) -> tensor<2x8x4x64xf32>
  return
}

// -----

func.func @attention_c25_alone(%q: tensor<2x8x4x64xf32>, %e: tensor<4x9xi32>) {
  // expected-error @+1 {{expects blocks and block_sizes together, got only block_sizes}}
  %o = attn.attention query(%q) key(%q) value(%q) csr(%e) {block_sizes = array<i64: 2, 2>}
      : (tensor<2x8x4x64xf32>, tensor<2x8x4x64xf32>, tensor<2x8x4x64xf32>, tensor<4x9xi32>) -> tensor<2x8x4x64xf32>
  return
}

// -----

func.func @attention_c25_one(%q: tensor<2x8x4x64xf32>, %e: tensor<2x9xi32>) {
  // expected-error @+1 {{expects block_sizes of two positive numbers, of queries and of keys, got [2]}}
  %o = attn.attention query(%q) key(%q) value(%q) blocks(%e) {block_sizes = array<i64: 2>}
      : (tensor<2x8x4x64xf32>, tensor<2x8x4x64xf32>, tensor<2x8x4x64xf32>, tensor<2x9xi32>) -> tensor<2x8x4x64xf32>
  return
}

// -----

func.func @attention_c25_zero(%q: tensor<2x8x4x64xf32>, %e: tensor<2x9xi32>) {
  // expected-error @+1 {{expects block_sizes of two positive numbers, of queries and of keys, got [2, 0]}}
  %o = attn.attention query(%q) key(%q) value(%q) blocks(%e) {block_sizes = array<i64: 2, 0>}
      : (tensor<2x8x4x64xf32>, tensor<2x8x4x64xf32>, tensor<2x8x4x64xf32>, tensor<2x9xi32>) -> tensor<2x8x4x64xf32>
  return
}
