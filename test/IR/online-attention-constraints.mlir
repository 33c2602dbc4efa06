// One case for each constraint of attn.online_attention, numbered as in AttnOps.td.
// RUN: attn-opt %s -verify-diagnostics -split-input-file

func.func @online_attention_c1_head_size(%q: tensor<64x32xf32>, %k: tensor<?x32xf32>, %v: tensor<?x48xf32>, %i: index,
    %acc: tensor<32x48xf32>, %max: tensor<32xf32>, %sum: tensor<32xf32>) {
  // expected-error @+1 {{expects query D x M, key n x D and value n x DV of one floating-point type, static but for n, got 'tensor<64x32xf32>', 'tensor<?x32xf32>' and 'tensor<?x48xf32>'}}
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
  // expected-error @+1 {{expects query D x M, key n x D and value n x DV of one floating-point type, static but for n, got 'tensor<64x32xf32>', 'tensor<7x64xf32>' and 'tensor<8x48xf32>'}}
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
  // expected-error @+1 {{of one floating-point type, static but for n, got 'tensor<64x32xf32>', 'tensor<?x64xf32>' and 'tensor<?x48xf16>'}}
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
  // expected-error @+1 {{of one floating-point type, static but for n, got 'tensor<64x?xf32>', 'tensor<?x64xf32>' and 'tensor<?x48xf32>'}}
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
  // expected-error @+1 {{expects acc M x DV' with DV' >= DV, max and sum M, of 'f32', for 'tensor<64x32xf32>' and 'tensor<?x48xf32>', got 'tensor<32x40xf32>', 'tensor<32xf32>' and 'tensor<32xf32>'}}
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
  // expected-error @+1 {{got 'tensor<32x48xf32>', 'tensor<16xf32>' and 'tensor<32xf32>'}}
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
  // expected-error @+1 {{max and sum M, of 'f32', for 'tensor<64x32xf16>' and 'tensor<?x48xf16>', got 'tensor<32x48xf16>', 'tensor<32xf32>' and 'tensor<32xf32>'}}
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
  // expected-error @+1 {{expects the state (acc, max, sum) and six operand types}}
  %0:3 = attn.online_attention query(%q) key(%k) value(%v) offsets(%i, %i, %i, %i) live(%i) state(%acc, %max)
      {schedule = #attn.schedule<kind = "prefill", query_tile = 32, key_tile = 64, key_block = 8,
                                 lanes = 16, registers = 16>}
      : (tensor<64x32xf32>, tensor<?x64xf32>, tensor<?x48xf32>, tensor<32x48xf32>, tensor<32xf32>, tensor<32xf32>)
      -> (tensor<32x48xf32>, tensor<32xf32>, tensor<32xf32>)
  return
}
