// One case for each constraint of what stands in regions of attention, numbered as in AttnRegionOps.td, and of
// relative values, numbered as in AttnOps.td.
// RUN: attn-opt %s -verify-diagnostics -split-input-file

func.func @query_dot_c1(%q: tensor<8x4x16xf32>, %t: tensor<9x16xf32>) {
  %o = attn.attention query(%q) key(%q) value(%q)
    mask(%b: index, %h: index, %i: index, %j: index) {
      // expected-error @+1 {{expects to stand in a score region}}
      %x = attn.query_dot %t[%j] : tensor<9x16xf32>
      %live = arith.constant true
      attn.yield %live : i1
    }
    : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @key_dot_c1(%q: tensor<8x4x16xf32>, %t: tensor<9x16xf32>) {
  %o = attn.attention query(%q) key(%q) value(%q)
    mask(%b: index, %h: index, %i: index, %j: index) {
      // expected-error @+1 {{expects to stand in a score region}}
      %x = attn.key_dot %t[%j] : tensor<9x16xf32>
      %live = arith.constant true
      attn.yield %live : i1
    }
    : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @query_dot_c1_elsewhere(%t: tensor<9x16xf32>, %j: index, %c: i1) {
  scf.if %c {
    // expected-error @+1 {{expects to stand in a score region, or in a mod}}
    %x = attn.query_dot %t[%j] : tensor<9x16xf32>
  }
  return
}

// -----

func.func @apply_c1(%c: i1, %i: index) {
  scf.if %c {
    // expected-error @+1 {{expects to stand in a region of attention, or in a mod}}
    %x = attn.apply @even(%i) : (index) -> i1
  }
  return
}

// -----

func.func @entry_c1(%q: tensor<8x4x16xf32>) {
  // expected-note @+1 {{this one lists no keys}}
  %o = attn.attention query(%q) key(%q) value(%q)
    mask(%b: index, %h: index, %i: index, %j: index) {
      // expected-error @+1 {{expects an attention with csr or blocks}}
      %n = attn.entry
      %live = arith.cmpi sle, %n, %i : index
      attn.yield %live : i1
    }
    : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @entry_c1_elsewhere(%c: i1) {
  scf.if %c {
    // expected-error @+1 {{expects to stand in a region of attention, or in a mod}}
    %n = attn.entry
  }
  return
}

// -----

func.func @query_dot_c2(%q: tensor<8x4x16xf32>, %t: tensor<9x16xi8>) {
  %o = attn.attention query(%q) key(%q) value(%q)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      // expected-error @+1 {{expects a table of f32, bf16 or f16 for scores of 'f32', got 'tensor<9x16xi8>'}}
      %x = attn.query_dot %t[%j] : tensor<9x16xi8>
      attn.yield %s : f32
    }
    : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @query_dot_c2_f64(%q: tensor<8x4x16xf32>, %t: tensor<9x16xf64>) {
  %o = attn.attention query(%q) key(%q) value(%q)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      // expected-error @+1 {{expects a table of f32, bf16 or f16 for scores of 'f32', got 'tensor<9x16xf64>'}}
      %x = attn.query_dot %t[%j] : tensor<9x16xf64>
      attn.yield %s : f32
    }
    : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @key_dot_c2_f32(%q: tensor<8x4x16xf64>, %t: tensor<9x16xf32>) {
  %o = attn.attention query(%q) key(%q) value(%q)
    score(%s: f64, %b: index, %h: index, %i: index, %j: index) {
      // expected-error @+1 {{expects a table of f64 for scores of 'f64', got 'tensor<9x16xf32>'}}
      %x = attn.key_dot %t[%j] : tensor<9x16xf32>
      attn.yield %s : f64
    }
    : (tensor<8x4x16xf64>, tensor<8x4x16xf64>, tensor<8x4x16xf64>) -> tensor<8x4x16xf64>
  return
}

// -----

func.func @query_dot_c3(%q: tensor<8x4x16xf32>, %t: tensor<9x32xf32>) {
  %o = attn.attention query(%q) key(%q) value(%q)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      // expected-error @+1 {{expects a table of rank 2 or more, with rows of the head size 16 and no dimension of 0, got 'tensor<9x32xf32>'}}
      %x = attn.query_dot %t[%j] : tensor<9x32xf32>
      attn.yield %s : f32
    }
    : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @query_dot_c3_dynamic(%q: tensor<8x4x16xf32>, %t: tensor<9x?xf32>) {
  %o = attn.attention query(%q) key(%q) value(%q)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      // expected-error @+1 {{with rows of the head size 16 and no dimension of 0, got 'tensor<9x?xf32>'}}
      %x = attn.query_dot %t[%j] : tensor<9x?xf32>
      attn.yield %s : f32
    }
    : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @key_dot_c3_rank(%q: tensor<8x4x16xf32>, %t: tensor<16xf32>) {
  %o = attn.attention query(%q) key(%q) value(%q)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      // expected-error @+1 {{expects a table of rank 2 or more, with rows of the head size 16 and no dimension of 0, got 'tensor<16xf32>'}}
      %x = attn.key_dot %t[] : tensor<16xf32>
      attn.yield %s : f32
    }
    : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @query_dot_c3_empty(%q: tensor<8x4x16xf32>, %t: tensor<0x16xf32>) {
  %o = attn.attention query(%q) key(%q) value(%q)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      // expected-error @+1 {{no dimension of 0, got 'tensor<0x16xf32>'}}
      %x = attn.query_dot %t[%j] : tensor<0x16xf32>
      attn.yield %s : f32
    }
    : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @query_dot_c4(%q: tensor<8x4x16xf32>, %t: tensor<8x9x16xf32>) {
  %o = attn.attention query(%q) key(%q) value(%q)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      // expected-error @+1 {{expects an index for each dimension of the table but the last, 2, got 1}}
      %x = attn.query_dot %t[%j] : tensor<8x9x16xf32>
      attn.yield %s : f32
    }
    : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @key_dot_c4(%q: tensor<8x4x16xf32>, %t: tensor<9x16xf32>) {
  %o = attn.attention query(%q) key(%q) value(%q)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      // expected-error @+1 {{expects an index for each dimension of the table but the last, 1, got 2}}
      %x = attn.key_dot %t[%h, %j] : tensor<9x16xf32>
      attn.yield %s : f32
    }
    : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @query_dot_c5(%q: tensor<8x4x16xf32>) {
  %o = attn.attention query(%q) key(%q) value(%q)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %t = arith.constant dense<1.0> : tensor<9x16xf32>
      // expected-error @+1 {{expects a table from outside of the attention, got one from a region}}
      %x = attn.query_dot %t[%j] : tensor<9x16xf32>
      attn.yield %s : f32
    }
    : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @query_dot_c6(%q: tensor<8x4x16xf32>, %t: tensor<9x16xf32>) {
  %o = attn.attention query(%q) key(%q) value(%q)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %n = arith.fptosi %s : f32 to i32
      %row = arith.index_cast %n : i32 to index
      // expected-error @+1 {{expects indices that depend neither on the score nor on products with tables}}
      %x = attn.query_dot %t[%row] : tensor<9x16xf32>
      attn.yield %x : f32
    }
    : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @key_dot_c6(%q: tensor<8x4x16xf32>, %t: tensor<9x16xf32>) {
  %o = attn.attention query(%q) key(%q) value(%q)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %y = attn.query_dot %t[%j] : tensor<9x16xf32>
      %n = arith.fptosi %y : f32 to i32
      %row = arith.index_cast %n : i32 to index
      // expected-error @+1 {{expects indices that depend neither on the score nor on products with tables}}
      %x = attn.key_dot %t[%row] : tensor<9x16xf32>
      attn.yield %x : f32
    }
    : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @query_dot_c7(%q: tensor<8x4x16xf32>, %t: tensor<9x16xf32>, %p: tensor<9x32xf32>) {
  %o = attn.attention query(%q) key(%q) value(%q)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      // expected-error @+1 {{expects either products or queries, and in attn.online_attention only}}
      %x = attn.query_dot %t[%j] products(%p : tensor<9x32xf32>) : tensor<9x16xf32>
      attn.yield %x : f32
    }
    : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @query_dot_c7_products(%q: tensor<64x32xf32>, %k: tensor<?x64xf32>, %a: tensor<9x64xf32>, %p: tensor<9x16xf32>,
                  %i: index, %acc: tensor<32x64xf32>, %max: tensor<32xf32>, %sum: tensor<32xf32>) {
  %0:3 = attn.online_attention query(%q) key(%k) value(%k) offsets(%i, %i, %i, %i) live(%i) state(%acc, %max, %sum)
    score(%s: f32, %b: index, %h: index, %qi: index, %kj: index) {
      // expected-error @+1 {{expects products ? x M of 'f32' for a tile of 32 rows, got 'tensor<9x16xf32>'}}
      %x = attn.query_dot %a[%kj] products(%p : tensor<9x16xf32>) : tensor<9x64xf32>
      attn.yield %x : f32
    }
    {schedule = #attn.schedule<kind = "prefill", query_tile = 32, key_tile = 64, key_block = 8, lanes = 16,
                               registers = 16>}
    : (tensor<64x32xf32>, tensor<?x64xf32>, tensor<?x64xf32>, tensor<32x64xf32>, tensor<32xf32>, tensor<32xf32>)
    -> (tensor<32x64xf32>, tensor<32xf32>, tensor<32xf32>)
  return
}

// -----

func.func @query_dot_c7_queries(%q: tensor<64x32xf32>, %k: tensor<?x64xf32>, %a: tensor<9x64xf32>, %p: tensor<9x16xf32>,
                  %i: index, %acc: tensor<32x64xf32>, %max: tensor<32xf32>, %sum: tensor<32xf32>) {
  %0:3 = attn.online_attention query(%q) key(%k) value(%k) offsets(%i, %i, %i, %i) live(%i) state(%acc, %max, %sum)
    score(%s: f32, %b: index, %h: index, %qi: index, %kj: index) {
      // expected-error @+1 {{expects queries M x D of 'f32' for a tile of 32 rows, got 'tensor<9x16xf32>'}}
      %x = attn.query_dot %a[%kj] queries(%p : tensor<9x16xf32>) : tensor<9x64xf32>
      attn.yield %x : f32
    }
    {schedule = #attn.schedule<kind = "prefill", query_tile = 32, key_tile = 64, key_block = 8, lanes = 16,
                               registers = 16>}
    : (tensor<64x32xf32>, tensor<?x64xf32>, tensor<?x64xf32>, tensor<32x64xf32>, tensor<32xf32>, tensor<32xf32>)
    -> (tensor<32x64xf32>, tensor<32xf32>, tensor<32xf32>)
  return
}

// -----

func.func @attention_c26(%q: tensor<8x4x16xf32>, %t: tensor<9x32xf32>) {
  // expected-error @+1 {{expects a value_table of f32, bf16 or f16, of rank 2 or more, with rows of 16 and no dimension of 0, got 'tensor<9x32xf32>'}}
  %o = attn.attention query(%q) key(%q) value(%q) value_table(%t)
    value_row(%b: index, %h: index, %i: index, %j: index) {
      attn.yield %j : index
    }
    : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<9x32xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @attention_c26_type(%q: tensor<8x4x16xf32>, %t: tensor<9x16xi8>) {
  // expected-error @+1 {{expects a value_table of f32, bf16 or f16, of rank 2 or more, with rows of 16 and no dimension of 0, got 'tensor<9x16xi8>'}}
  %o = attn.attention query(%q) key(%q) value(%q) value_table(%t)
    value_row(%b: index, %h: index, %i: index, %j: index) {
      attn.yield %j : index
    }
    : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<9x16xi8>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @attention_c26_rank(%q: tensor<8x4x16xf32>, %t: tensor<16xf32>) {
  // expected-error @+1 {{expects a value_table of f32, bf16 or f16, of rank 2 or more, with rows of 16 and no dimension of 0, got 'tensor<16xf32>'}}
  %o = attn.attention query(%q) key(%q) value(%q) value_table(%t)
    value_row(%b: index, %h: index, %i: index, %j: index) {
      attn.yield %j : index
    }
    : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @attention_c26_empty(%q: tensor<8x4x16xf32>, %t: tensor<0x16xf32>) {
  // expected-error @+1 {{with rows of 16 and no dimension of 0, got 'tensor<0x16xf32>'}}
  %o = attn.attention query(%q) key(%q) value(%q) value_table(%t)
    value_row(%b: index, %h: index, %i: index, %j: index) {
      attn.yield %j : index
    }
    : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<0x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @attention_c26_two(%q: tensor<8x4x16xf32>, %t: tensor<9x16xf32>) {
  // expected-error @+1 {{expects one tensor in value_table, got 2}}
  %o = attn.attention query(%q) key(%q) value(%q) value_table(%t, %t)
    value_row(%b: index, %h: index, %i: index, %j: index) {
      attn.yield %j : index
    }
    : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<9x16xf32>, tensor<9x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @attention_c27_no_region(%q: tensor<8x4x16xf32>, %t: tensor<9x16xf32>) {
  // expected-error @+1 {{expects a value_table and a region value_row together, got only the table}}
  %o = attn.attention query(%q) key(%q) value(%q) value_table(%t)
    : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<9x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @attention_c27_no_table(%q: tensor<8x4x16xf32>) {
  // expected-error @+1 {{expects a value_table and a region value_row together, got only the region}}
  %o = attn.attention query(%q) key(%q) value(%q) 
    value_row(%b: index, %h: index, %i: index, %j: index) {
      attn.yield %j : index
    }
    : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @attention_c27_indices(%q: tensor<8x4x16xf32>, %t: tensor<9x16xf32>) {
  // expected-error @+1 {{expects the value_row region to yield 'index'}}
  %o = attn.attention query(%q) key(%q) value(%q) value_table(%t)
    value_row(%b: index, %h: index, %i: index, %j: index) {
      // expected-note @+1 {{yields 'index', 'index' here}}
      attn.yield %h, %j : index, index
    }
    : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<9x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @attention_c27_arguments(%q: tensor<8x4x16xf32>, %t: tensor<9x16xf32>) {
  // expected-error @+1 {{expects the value_row region to take ('index', 'index', 'index', 'index'), got ('index', 'index')}}
  %o = attn.attention query(%q) key(%q) value(%q) value_table(%t)
    value_row(%i: index, %j: index) {
      attn.yield %j : index
    }
    : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<9x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @mods_expect_names(%q: tensor<8x4x16xf32>) {
  %o = attn.attention query(%q) key(%q) value(%q)
    // expected-error @+1 {{expects the name of a mod, @NAME}}
    mask(@causal, %q) : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @mods_expect_parameters(%q: tensor<8x4x16xf32>) {
  %o = attn.attention query(%q) key(%q) value(%q)
    // expected-error @+1 {{expects a value with its type, or a number, as a mod's parameter}}
    mask(@window("wide")) : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @mods_expect_types(%q: tensor<8x4x16xf32>, %n: index) {
  %o = attn.attention query(%q) key(%q) value(%q)
    // expected-error @+1 {{expected ':'}}
    mask(@window(%n)) : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

func.func @mods_before_scores(%q: tensor<8x4x16xf32>) {
  %o = attn.attention query(%q) key(%q) value(%q)
    // expected-error @+1 {{the score region comes before the mask region}}
    mask(@causal) score(@softcap(30.0)) : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>) -> tensor<8x4x16xf32>
  return
}

// -----

// A row of a table is a region: there is nothing that two mods would mean.
func.func @mods_of_rows(%q: tensor<8x4x16xf32>, %t: tensor<9x16xf32>) {
  %o = attn.attention query(%q) key(%q) value(%q) value_table(%t)
    // expected-error @+1 {{expected SSA operand}}
    value_row(@clip) : (tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<9x16xf32>) -> tensor<8x4x16xf32>
  return
}
