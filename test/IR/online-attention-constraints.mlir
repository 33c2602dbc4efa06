// One case for each constraint of attn.online_attention, numbered as in AttnOps.td.
// RUN: attn-opt %s -verify-diagnostics -split-input-file

func.func @online_attention_c1_head_size(%q: tensor<64x32xf32>, %k: tensor<?x32xf32>, %v: tensor<?x48xf32>, %i: index,
    %acc: tensor<32x48xf32>, %max: tensor<32xf32>, %sum: tensor<32xf32>) {
  // expected-error @+1 {{expects query D x M, key n x D and value n x DV of 'f32', static but for n, for acc 'tensor<32x48xf32>', got 'tensor<64x32xf32>', 'tensor<?x32xf32>', 'tensor<?x48xf32>'}}
  %0:3 = attn.online_attention query(%q) key(%k) value(%v) offsets(%i, %i, %i, %i) live(%i) state(%acc, %max, %sum)
      {schedule = #attn.schedule<kind = "prefill", query_tile = 32, key_tile = 64, key_block = 8,
                                 lanes = 16, registers = 16>}
      : (tensor<64x32xf32>, tensor<?x32xf32>, tensor<?x48xf32>, tensor<32x48xf32>, tensor<32xf32>, tensor<32xf32>)
      -> (tensor<32x48xf32>, tensor<32xf32>, tensor<32xf32>)
  return
}

// -----

func.func @online_attention_c1_length(%q: tensor<64x32xf32>, %k: tensor<7x64xf32>, %v: tensor<8x48xf32>, %i: index,
    %acc: tensor<32x48xf32>, %max: tensor<32xf32>, %sum: tensor<32xf32>) {
  // expected-error @+1 {{expects query D x M, key n x D and value n x DV of 'f32', static but for n, for acc 'tensor<32x48xf32>', got 'tensor<64x32xf32>', 'tensor<7x64xf32>', 'tensor<8x48xf32>'}}
  %0:3 = attn.online_attention query(%q) key(%k) value(%v) offsets(%i, %i, %i, %i) live(%i) state(%acc, %max, %sum)
      {schedule = #attn.schedule<kind = "prefill", query_tile = 32, key_tile = 64, key_block = 8,
                                 lanes = 16, registers = 16>}
      : (tensor<64x32xf32>, tensor<7x64xf32>, tensor<8x48xf32>, tensor<32x48xf32>, tensor<32xf32>, tensor<32xf32>)
      -> (tensor<32x48xf32>, tensor<32xf32>, tensor<32xf32>)
  return
}

// -----

func.func @online_attention_c1_type(%q: tensor<64x32xf32>, %k: tensor<?x64xf32>, %v: tensor<?x48xf16>, %i: index,
    %acc: tensor<32x48xf32>, %max: tensor<32xf32>, %sum: tensor<32xf32>) {
  // expected-error @+1 {{expects query D x M, key n x D and value n x DV of 'f32', static but for n, for acc 'tensor<32x48xf32>', got 'tensor<64x32xf32>', 'tensor<?x64xf32>', 'tensor<?x48xf16>'}}
  %0:3 = attn.online_attention query(%q) key(%k) value(%v) offsets(%i, %i, %i, %i) live(%i) state(%acc, %max, %sum)
      {schedule = #attn.schedule<kind = "prefill", query_tile = 32, key_tile = 64, key_block = 8,
                                 lanes = 16, registers = 16>}
      : (tensor<64x32xf32>, tensor<?x64xf32>, tensor<?x48xf16>, tensor<32x48xf32>, tensor<32xf32>, tensor<32xf32>)
      -> (tensor<32x48xf32>, tensor<32xf32>, tensor<32xf32>)
  return
}

// -----

func.func @online_attention_c1_static(%q: tensor<64x?xf32>, %k: tensor<?x64xf32>, %v: tensor<?x48xf32>, %i: index,
    %acc: tensor<32x48xf32>, %max: tensor<32xf32>, %sum: tensor<32xf32>) {
  // expected-error @+1 {{expects query D x M, key n x D and value n x DV of 'f32', static but for n, for acc 'tensor<32x48xf32>', got 'tensor<64x?xf32>', 'tensor<?x64xf32>', 'tensor<?x48xf32>'}}
  %0:3 = attn.online_attention query(%q) key(%k) value(%v) offsets(%i, %i, %i, %i) live(%i) state(%acc, %max, %sum)
      {schedule = #attn.schedule<kind = "prefill", query_tile = 32, key_tile = 64, key_block = 8,
                                 lanes = 16, registers = 16>}
      : (tensor<64x?xf32>, tensor<?x64xf32>, tensor<?x48xf32>, tensor<32x48xf32>, tensor<32xf32>, tensor<32xf32>)
      -> (tensor<32x48xf32>, tensor<32xf32>, tensor<32xf32>)
  return
}

// -----

func.func @online_attention_c2(%q: tensor<64x32xf32>, %k: tensor<?x64xf32>, %v: tensor<?x48xf32>, %i: index,
    %acc: tensor<32x40xf32>, %max: tensor<32xf32>, %sum: tensor<32xf32>) {
  // expected-error @+1 {{expects query D x M, key n x D and value n x DV of 'f32', static but for n, for acc 'tensor<32x40xf32>', got 'tensor<64x32xf32>', 'tensor<?x64xf32>', 'tensor<?x48xf32>'}}
  %0:3 = attn.online_attention query(%q) key(%k) value(%v) offsets(%i, %i, %i, %i) live(%i) state(%acc, %max, %sum)
      {schedule = #attn.schedule<kind = "prefill", query_tile = 32, key_tile = 64, key_block = 8,
                                 lanes = 16, registers = 16>}
      : (tensor<64x32xf32>, tensor<?x64xf32>, tensor<?x48xf32>, tensor<32x40xf32>, tensor<32xf32>, tensor<32xf32>)
      -> (tensor<32x40xf32>, tensor<32xf32>, tensor<32xf32>)
  return
}

// -----

func.func @online_attention_c2_rows(%q: tensor<64x32xf32>, %k: tensor<?x64xf32>, %v: tensor<?x48xf32>, %i: index,
    %acc: tensor<32x48xf32>, %max: tensor<16xf32>, %sum: tensor<32xf32>) {
  // expected-error @+1 {{got 'tensor<32x48xf32>', 'tensor<16xf32>', 'tensor<32xf32>'}}
  %0:3 = attn.online_attention query(%q) key(%k) value(%v) offsets(%i, %i, %i, %i) live(%i) state(%acc, %max, %sum)
      {schedule = #attn.schedule<kind = "prefill", query_tile = 32, key_tile = 64, key_block = 8,
                                 lanes = 16, registers = 16>}
      : (tensor<64x32xf32>, tensor<?x64xf32>, tensor<?x48xf32>, tensor<32x48xf32>, tensor<16xf32>, tensor<32xf32>)
      -> (tensor<32x48xf32>, tensor<16xf32>, tensor<32xf32>)
  return
}

// -----

func.func @online_attention_c2_type(%q: tensor<64x32xf16>, %k: tensor<?x64xf16>, %v: tensor<?x48xf16>, %i: index,
    %acc: tensor<32x48xf16>, %max: tensor<32xf32>, %sum: tensor<32xf32>) {
  // expected-error @+1 {{expects acc M x DV, max M, sum and row_max M, static, and scores group x m x n, of f32 or f64, got 'tensor<32x48xf16>', 'tensor<32xf32>', 'tensor<32xf32>'}}
  %0:3 = attn.online_attention query(%q) key(%k) value(%v) offsets(%i, %i, %i, %i) live(%i) state(%acc, %max, %sum)
      {schedule = #attn.schedule<kind = "prefill", query_tile = 32, key_tile = 64, key_block = 8,
                                 lanes = 16, registers = 16>}
      : (tensor<64x32xf16>, tensor<?x64xf16>, tensor<?x48xf16>, tensor<32x48xf16>, tensor<32xf32>, tensor<32xf32>)
      -> (tensor<32x48xf16>, tensor<32xf32>, tensor<32xf32>)
  return
}

// -----

func.func @online_attention_c3(%q: tensor<64x32xf32>, %k: tensor<?x64xf32>, %v: tensor<?x48xf32>, %i: index,
    %acc: tensor<32x48xf32>, %max: tensor<32xf32>, %sum: tensor<32xf32>) {
  // expected-error @+1 {{expects four offsets (b, h, i, j), got 3}}
  %0:3 = attn.online_attention query(%q) key(%k) value(%v) offsets(%i, %i, %i) live(%i) state(%acc, %max, %sum)
      {schedule = #attn.schedule<kind = "prefill", query_tile = 32, key_tile = 64, key_block = 8,
                                 lanes = 16, registers = 16>}
      : (tensor<64x32xf32>, tensor<?x64xf32>, tensor<?x48xf32>, tensor<32x48xf32>, tensor<32xf32>, tensor<32xf32>)
      -> (tensor<32x48xf32>, tensor<32xf32>, tensor<32xf32>)
  return
}

// -----

func.func @online_attention_c4(%q: tensor<64x32xf32>, %k: tensor<?x64xf32>, %v: tensor<?x48xf32>, %i: index,
    %acc: tensor<32x48xf32>, %max: tensor<32xf32>, %sum: tensor<32xf32>) {
  // expected-error @+1 {{expects the mask region to yield 'i1'}}
  %0:3 = attn.online_attention query(%q) key(%k) value(%v) offsets(%i, %i, %i, %i) live(%i) state(%acc, %max, %sum)
    mask(%b: index, %h: index, %qi: index, %kj: index) {
      // expected-note @+1 {{yields 'index' here}}
      attn.yield %kj : index
    }
      {schedule = #attn.schedule<kind = "prefill", query_tile = 32, key_tile = 64, key_block = 8,
                                 lanes = 16, registers = 16>}
      : (tensor<64x32xf32>, tensor<?x64xf32>, tensor<?x48xf32>, tensor<32x48xf32>, tensor<32xf32>, tensor<32xf32>)
      -> (tensor<32x48xf32>, tensor<32xf32>, tensor<32xf32>)
  return
}

// -----

func.func @online_attention_c4_score(%q: tensor<64x32xf32>, %k: tensor<?x64xf32>, %v: tensor<?x48xf32>, %i: index,
    %acc: tensor<32x48xf32>, %max: tensor<32xf32>, %sum: tensor<32xf32>) {
  // expected-error @+1 {{expects the score region to take ('f32', 'index', 'index', 'index', 'index'), got ('f32')}}
  %0:3 = attn.online_attention query(%q) key(%k) value(%v) offsets(%i, %i, %i, %i) live(%i) state(%acc, %max, %sum)
    score(%s: f32) {
      attn.yield %s : f32
    }
      {schedule = #attn.schedule<kind = "prefill", query_tile = 32, key_tile = 64, key_block = 8,
                                 lanes = 16, registers = 16>}
      : (tensor<64x32xf32>, tensor<?x64xf32>, tensor<?x48xf32>, tensor<32x48xf32>, tensor<32xf32>, tensor<32xf32>)
      -> (tensor<32x48xf32>, tensor<32xf32>, tensor<32xf32>)
  return
}

// -----

func.func @online_attention_c5(%q: tensor<64x24xf32>, %k: tensor<?x64xf32>, %v: tensor<?x48xf32>, %i: index,
    %acc: tensor<24x48xf32>, %max: tensor<24xf32>, %sum: tensor<24xf32>) {
  // expected-error @+1 {{expects M to be a multiple of the schedule's lanes, got 24 and 16}}
  %0:3 = attn.online_attention query(%q) key(%k) value(%v) offsets(%i, %i, %i, %i) live(%i) state(%acc, %max, %sum)
      {schedule = #attn.schedule<kind = "prefill", query_tile = 32, key_tile = 64, key_block = 8,
                                 lanes = 16, registers = 16>}
      : (tensor<64x24xf32>, tensor<?x64xf32>, tensor<?x48xf32>, tensor<24x48xf32>, tensor<24xf32>, tensor<24xf32>)
      -> (tensor<24x48xf32>, tensor<24xf32>, tensor<24xf32>)
  return
}

// -----

func.func @online_attention_c5_missing(%q: tensor<64x32xf32>, %k: tensor<?x64xf32>, %v: tensor<?x48xf32>, %i: index,
    %acc: tensor<32x48xf32>, %max: tensor<32xf32>, %sum: tensor<32xf32>) {
  // expected-error @+1 {{requires attribute 'schedule'}}
  %0:3 = attn.online_attention query(%q) key(%k) value(%v) offsets(%i, %i, %i, %i) live(%i) state(%acc, %max, %sum)
      : (tensor<64x32xf32>, tensor<?x64xf32>, tensor<?x48xf32>, tensor<32x48xf32>, tensor<32xf32>, tensor<32xf32>)
      -> (tensor<32x48xf32>, tensor<32xf32>, tensor<32xf32>)
  return
}

// -----

func.func @online_attention_c6(%q: tensor<64x32xf32>, %k: tensor<?x64xf32>, %v: tensor<?x48xf32>, %i: index,
    %acc: tensor<32x48xf32>, %max: tensor<32xf32>, %sum: tensor<32xf32>) {
  // expected-error @+1 {{expects results of the state's types, ('tensor<32x48xf32>', 'tensor<32xf32>', 'tensor<32xf32>'), got ('tensor<32x48xf32>', 'tensor<32xf32>', 'tensor<?xf32>')}}
  %0:3 = attn.online_attention query(%q) key(%k) value(%v) offsets(%i, %i, %i, %i) live(%i) state(%acc, %max, %sum)
      {schedule = #attn.schedule<kind = "prefill", query_tile = 32, key_tile = 64, key_block = 8,
                                 lanes = 16, registers = 16>}
      : (tensor<64x32xf32>, tensor<?x64xf32>, tensor<?x48xf32>, tensor<32x48xf32>, tensor<32xf32>, tensor<32xf32>)
      -> (tensor<32x48xf32>, tensor<32xf32>, tensor<?xf32>)
  return
}

// -----

func.func @syntax_state(%q: tensor<64x32xf32>, %k: tensor<?x64xf32>, %v: tensor<?x48xf32>, %i: index,
    %acc: tensor<32x48xf32>, %max: tensor<32xf32>, %sum: tensor<32xf32>) {
  // expected-error @+1 {{expects 5 operand types, of the matrices and of the state}}
  %0:3 = attn.online_attention query(%q) key(%k) value(%v) offsets(%i, %i, %i, %i) live(%i) state(%acc, %max)
      {schedule = #attn.schedule<kind = "prefill", query_tile = 32, key_tile = 64, key_block = 8,
                                 lanes = 16, registers = 16>}
      : (tensor<64x32xf32>, tensor<?x64xf32>, tensor<?x48xf32>, tensor<32x48xf32>, tensor<32xf32>, tensor<32xf32>)
      -> (tensor<32x48xf32>, tensor<32xf32>, tensor<32xf32>)
  return
}

// -----

func.func @online_attention_c4_load(%q: tensor<64x32xf32>, %k: tensor<?x64xf32>, %v: tensor<?x48xf32>, %i: index,
    %acc: tensor<32x48xf32>, %max: tensor<32xf32>, %sum: tensor<32xf32>) {
  // expected-error @+1 {{expects the load_key region to take ('index', 'index'), got ('index')}}
  %0:3 = attn.online_attention query(%q) value(%v) offsets(%i, %i, %i, %i) live(%i) state(%acc, %max, %sum)
    load_key(%j: index) {
      %x = tensor.extract %k[%j, %j] : tensor<?x64xf32>
      attn.yield %x : f32
    }
      {schedule = #attn.schedule<kind = "prefill", query_tile = 32, key_tile = 64, key_block = 8,
                                 lanes = 16, registers = 16>}
      : (tensor<64x32xf32>, tensor<?x48xf32>, tensor<32x48xf32>, tensor<32xf32>, tensor<32xf32>)
      -> (tensor<32x48xf32>, tensor<32xf32>, tensor<32xf32>)
  return
}

// -----

func.func @online_attention_c7_neither(%q: tensor<64x32xf32>, %k: tensor<?x64xf32>, %v: tensor<?x48xf32>, %i: index,
    %acc: tensor<32x48xf32>, %max: tensor<32xf32>, %sum: tensor<32xf32>) {
  // expected-error @+1 {{expects key to be either an operand or a region load_key}}
  %0:3 = attn.online_attention query(%q) value(%v) offsets(%i, %i, %i, %i) live(%i) state(%acc, %max, %sum)
      {schedule = #attn.schedule<kind = "prefill", query_tile = 32, key_tile = 64, key_block = 8,
                                 lanes = 16, registers = 16>}
      : (tensor<64x32xf32>, tensor<?x48xf32>, tensor<32x48xf32>, tensor<32xf32>, tensor<32xf32>)
      -> (tensor<32x48xf32>, tensor<32xf32>, tensor<32xf32>)
  return
}

// -----

func.func @online_attention_c7_both(%q: tensor<64x32xf32>, %k: tensor<?x64xf32>, %v: tensor<?x48xf32>, %i: index,
    %acc: tensor<32x48xf32>, %max: tensor<32xf32>, %sum: tensor<32xf32>) {
  // expected-error @+1 {{expects key to be either an operand or a region load_key}}
  %0:3 = attn.online_attention query(%q) key(%k) value(%v) offsets(%i, %i, %i, %i) live(%i) state(%acc, %max, %sum)
    load_key(%j: index, %d: index) {
      %x = tensor.extract %k[%j, %d] : tensor<?x64xf32>
      attn.yield %x : f32
    }
      {schedule = #attn.schedule<kind = "prefill", query_tile = 32, key_tile = 64, key_block = 8,
                                 lanes = 16, registers = 16>}
      : (tensor<64x32xf32>, tensor<?x64xf32>, tensor<?x48xf32>, tensor<32x48xf32>, tensor<32xf32>, tensor<32xf32>)
      -> (tensor<32x48xf32>, tensor<32xf32>, tensor<32xf32>)
  return
}

// -----

func.func @online_attention_c7_keys(%q: tensor<64x32xf32>, %k: tensor<?x64xf32>, %v: tensor<?x48xf32>, %i: index,
    %acc: tensor<32x48xf32>, %max: tensor<32xf32>, %sum: tensor<32xf32>) {
  // expected-error @+1 {{expects keys if key and value are regions, and only then}}
  %0:3 = attn.online_attention query(%q) key(%k) value(%v) keys(%i) offsets(%i, %i, %i, %i) live(%i) state(%acc, %max, %sum)
      {schedule = #attn.schedule<kind = "prefill", query_tile = 32, key_tile = 64, key_block = 8,
                                 lanes = 16, registers = 16>}
      : (tensor<64x32xf32>, tensor<?x64xf32>, tensor<?x48xf32>, tensor<32x48xf32>, tensor<32xf32>, tensor<32xf32>)
      -> (tensor<32x48xf32>, tensor<32xf32>, tensor<32xf32>)
  return
}

// -----

func.func @online_attention_c8_scale(%q: tensor<64x32xf32>, %k: tensor<?x64xf32>, %v: tensor<?x48xf32>, %i: index,
    %acc: tensor<32x48xf32>, %max: tensor<32xf32>, %sum: tensor<32xf32>) {
  // expected-error @+1 {{expects a finite, positive scale, got -1}}
  %0:3 = attn.online_attention query(%q) key(%k) value(%v) offsets(%i, %i, %i, %i) live(%i) state(%acc, %max, %sum)
      {scale = -1.0 : f64, schedule = #attn.schedule<kind = "prefill", query_tile = 32, key_tile = 64, key_block = 8,
                                 lanes = 16, registers = 16>}
      : (tensor<64x32xf32>, tensor<?x64xf32>, tensor<?x48xf32>, tensor<32x48xf32>, tensor<32xf32>, tensor<32xf32>)
      -> (tensor<32x48xf32>, tensor<32xf32>, tensor<32xf32>)
  return
}

// -----

func.func @online_attention_c8_group(%q: tensor<64x32xf32>, %k: tensor<?x64xf32>, %v: tensor<?x48xf32>, %i: index,
    %acc: tensor<32x48xf32>, %max: tensor<32xf32>, %sum: tensor<32xf32>) {
  // expected-error @+1 {{expects a positive group, got 0}}
  %0:3 = attn.online_attention query(%q) key(%k) value(%v) offsets(%i, %i, %i, %i) live(%i) state(%acc, %max, %sum)
      {group = 0 : i64, schedule = #attn.schedule<kind = "prefill", query_tile = 32, key_tile = 64, key_block = 8,
                                 lanes = 16, registers = 16>}
      : (tensor<64x32xf32>, tensor<?x64xf32>, tensor<?x48xf32>, tensor<32x48xf32>, tensor<32xf32>, tensor<32xf32>)
      -> (tensor<32x48xf32>, tensor<32xf32>, tensor<32xf32>)
  return
}

// -----

func.func @online_attention_c2_count(%q: tensor<64x32xf32>, %k: tensor<?x64xf32>, %v: tensor<?x48xf32>, %i: index,
    %acc: tensor<32x48xf32>, %max: tensor<32xf32>, %sum: tensor<32xf32>) {
  // expected-error @+1 {{expects the state (acc, max, sum, row_max), got 3 tensors}}
  %0:3 = attn.online_attention query(%q) key(%k) value(%v) offsets(%i, %i, %i, %i) live(%i) state(%acc, %max, %sum)
      {schedule = #attn.schedule<kind = "prefill", query_tile = 32, key_tile = 64, key_block = 8,
                                 lanes = 16, registers = 16>, aux = ["row_max"]}
      : (tensor<64x32xf32>, tensor<?x64xf32>, tensor<?x48xf32>, tensor<32x48xf32>, tensor<32xf32>, tensor<32xf32>)
      -> (tensor<32x48xf32>, tensor<32xf32>, tensor<32xf32>)
  return
}

// -----

func.func @online_attention_c2_no_softmax(%q: tensor<64x32xf32>, %k: tensor<?x64xf32>, %v: tensor<?x48xf32>, %i: index,
    %acc: tensor<32x48xf32>, %max: tensor<32xf32>, %sum: tensor<32xf32>) {
  // expected-error @+1 {{expects the state (acc), got 3 tensors}}
  %0:3 = attn.online_attention query(%q) key(%k) value(%v) offsets(%i, %i, %i, %i) live(%i) state(%acc, %max, %sum)
      {schedule = #attn.schedule<kind = "prefill", query_tile = 32, key_tile = 64, key_block = 8,
                                 lanes = 16, registers = 16>, normalizer = "relu"}
      : (tensor<64x32xf32>, tensor<?x64xf32>, tensor<?x48xf32>, tensor<32x48xf32>, tensor<32xf32>, tensor<32xf32>)
      -> (tensor<32x48xf32>, tensor<32xf32>, tensor<32xf32>)
  return
}

// -----

func.func @online_attention_c9_normalizer(%q: tensor<64x32xf32>, %k: tensor<?x64xf32>, %v: tensor<?x48xf32>, %i: index,
    %acc: tensor<32x48xf32>, %max: tensor<32xf32>, %sum: tensor<32xf32>) {
  // expected-error @+1 {{expects normalizer softmax, sigmoid, relu, relu2 or none, got "tanh"}}
  %0:1 = attn.online_attention query(%q) key(%k) value(%v) offsets(%i, %i, %i, %i) live(%i) state(%acc)
      {schedule = #attn.schedule<kind = "prefill", query_tile = 32, key_tile = 64, key_block = 8,
                                 lanes = 16, registers = 16>, normalizer = "tanh"}
      : (tensor<64x32xf32>, tensor<?x64xf32>, tensor<?x48xf32>, tensor<32x48xf32>)
      -> (tensor<32x48xf32>)
  return
}

// -----

func.func @online_attention_c9_aux(%q: tensor<64x32xf32>, %k: tensor<?x64xf32>, %v: tensor<?x48xf32>, %i: index,
    %acc: tensor<32x48xf32>, %max: tensor<32xf32>, %sum: tensor<32xf32>) {
  // expected-error @+1 {{expects aux to hold distinct names of row_max, output, scores, other_scores, got "lse"}}
  %0:4 = attn.online_attention query(%q) key(%k) value(%v) offsets(%i, %i, %i, %i) live(%i) state(%acc, %max, %sum, %sum)
      {schedule = #attn.schedule<kind = "prefill", query_tile = 32, key_tile = 64, key_block = 8,
                                 lanes = 16, registers = 16>, aux = ["lse"]}
      : (tensor<64x32xf32>, tensor<?x64xf32>, tensor<?x48xf32>, tensor<32x48xf32>, tensor<32xf32>, tensor<32xf32>, tensor<32xf32>)
      -> (tensor<32x48xf32>, tensor<32xf32>, tensor<32xf32>, tensor<32xf32>)
  return
}

// -----

func.func @online_attention_c10_output(%q: tensor<64x32xf32>, %k: tensor<?x64xf32>, %v: tensor<?x48xf32>, %i: index,
    %last: i1, %acc: tensor<32x48xf32>, %max: tensor<32xf32>, %sum: tensor<32xf32>, %out: tensor<?x40xf32>) {
  // expected-error @+1 {{expects an output of ? x 48, got 'tensor<?x40xf32>'}}
  %0:4 = attn.online_attention query(%q) key(%k) value(%v) offsets(%i, %i, %i, %i) live(%i)
      state(%acc, %max, %sum, %out) end(%last)
      {schedule = #attn.schedule<kind = "prefill", query_tile = 32, key_tile = 64, key_block = 8,
                                 lanes = 16, registers = 16>, aux = ["output"]}
      : (tensor<64x32xf32>, tensor<?x64xf32>, tensor<?x48xf32>, tensor<32x48xf32>, tensor<32xf32>, tensor<32xf32>,
         tensor<?x40xf32>)
      -> (tensor<32x48xf32>, tensor<32xf32>, tensor<32xf32>, tensor<?x40xf32>)
  return
}

// -----

func.func @online_attention_c10_together(%q: tensor<64x32xf32>, %k: tensor<?x64xf32>, %v: tensor<?x48xf32>, %i: index,
    %last: i1, %acc: tensor<32x48xf32>, %max: tensor<32xf32>, %sum: tensor<32xf32>) {
  // expected-error @+1 {{expects end and an output together}}
  %0:3 = attn.online_attention query(%q) key(%k) value(%v) offsets(%i, %i, %i, %i) live(%i) state(%acc, %max, %sum)
      end(%last) {schedule = #attn.schedule<kind = "prefill", query_tile = 32, key_tile = 64, key_block = 8,
                                 lanes = 16, registers = 16>}
      : (tensor<64x32xf32>, tensor<?x64xf32>, tensor<?x48xf32>, tensor<32x48xf32>, tensor<32xf32>, tensor<32xf32>)
      -> (tensor<32x48xf32>, tensor<32xf32>, tensor<32xf32>)
  return
}

// -----

func.func @online_attention_c10_softmax(%q: tensor<64x32xf32>, %k: tensor<?x64xf32>, %v: tensor<?x48xf32>, %i: index,
    %first: i1, %acc: tensor<32x48xf32>) {
  // expected-error @+1 {{expects begin and end of a softmax with queries in the lanes only}}
  %0:1 = attn.online_attention query(%q) key(%k) value(%v) offsets(%i, %i, %i, %i) live(%i) state(%acc) begin(%first)
      {schedule = #attn.schedule<kind = "prefill", query_tile = 32, key_tile = 64, key_block = 8,
                                 lanes = 16, registers = 16>, normalizer = "relu"}
      : (tensor<64x32xf32>, tensor<?x64xf32>, tensor<?x48xf32>, tensor<32x48xf32>) -> tensor<32x48xf32>
  return
}

// -----

func.func @online_attention_c10_decode(%q: tensor<4x64xf32>, %k: tensor<?x64xf32>, %v: tensor<?x48xf32>, %i: index,
    %first: i1, %acc: tensor<4x48xf32>, %max: tensor<4xf32>, %sum: tensor<4x16xf32>) {
  // expected-error @+1 {{expects begin and end of a softmax with queries in the lanes only}}
  %0:3 = attn.online_attention query(%q) key(%k) value(%v) offsets(%i, %i, %i, %i) live(%i) state(%acc, %max, %sum)
      begin(%first)
      {schedule = #attn.schedule<kind = "decode", query_tile = 4, key_tile = 64, key_block = 16,
                                 lanes = 16, registers = 16>}
      : (tensor<4x64xf32>, tensor<?x64xf32>, tensor<?x48xf32>, tensor<4x48xf32>, tensor<4xf32>, tensor<4x16xf32>)
      -> (tensor<4x48xf32>, tensor<4xf32>, tensor<4x16xf32>)
  return
}

// -----

func.func @online_attention_c11(%q: tensor<64x32xf32>, %k: tensor<?x64xf32>, %v: tensor<?x48xf32>, %i: index,
    %t: tensor<9x64xf32>, %acc: tensor<32x48xf32>, %max: tensor<32xf32>, %sum: tensor<32xf32>) {
  // expected-error @+1 {{expects a value_table of f32, bf16 or f16, of rank 2 or more, with rows of 48 and no dimension of 0, got 'tensor<9x64xf32>'}}
  %0:3 = attn.online_attention query(%q) key(%k) value(%v) value_table(%t) offsets(%i, %i, %i, %i) live(%i)
      state(%acc, %max, %sum)
      value_row(%b: index, %h: index, %qi: index, %kj: index) {
        attn.yield %kj : index
      }
      {schedule = #attn.schedule<kind = "prefill", query_tile = 32, key_tile = 64, key_block = 8,
                                 lanes = 16, registers = 16>}
      : (tensor<64x32xf32>, tensor<?x64xf32>, tensor<?x48xf32>, tensor<9x64xf32>, tensor<32x48xf32>, tensor<32xf32>,
         tensor<32xf32>) -> (tensor<32x48xf32>, tensor<32xf32>, tensor<32xf32>)
  return
}
