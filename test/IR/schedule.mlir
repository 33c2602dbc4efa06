// RUN: attn-opt %s -split-input-file -verify-diagnostics | attn-opt -split-input-file | FileCheck %s

// CHECK: #attn.schedule<kind = "prefill", query_tile = 48, key_tile = 128, key_block = 8, lanes = 16, registers = 24>
func.func private @good() attributes {s = #attn.schedule<kind = "prefill", query_tile = 48, key_tile = 128,
                                                         key_block = 8, lanes = 16, registers = 24>}

// -----

func.func private @kind() attributes {
  // expected-error @+1 {{schedule kind must be "prefill", "short" or "decode", not "online"}}
  s = #attn.schedule<kind = "online", query_tile = 48, key_tile = 128, key_block = 8, lanes = 16, registers = 24>}

// -----

func.func private @positive() attributes {
  // expected-error @+1 {{schedule sizes must be positive, got 0}}
  s = #attn.schedule<kind = "short", query_tile = 48, key_tile = 128, key_block = 0, lanes = 16, registers = 24>}

// -----

func.func private @query_tile() attributes {
  // expected-error @+1 {{query_tile must be a multiple of lanes, got 40 and 16}}
  s = #attn.schedule<kind = "short", query_tile = 40, key_tile = 128, key_block = 8, lanes = 16, registers = 24>}

// -----

func.func private @key_tile() attributes {
  // expected-error @+1 {{key_tile must be a multiple of key_block, got 100 and 8}}
  s = #attn.schedule<kind = "short", query_tile = 48, key_tile = 100, key_block = 8, lanes = 16, registers = 24>}

// -----

// Defaults are not printed.
// CHECK: #attn.schedule<kind = "prefill", query_tile = 48, key_tile = 256, key_block = 8, lanes = 16, registers = 24, dot = 2>
func.func private @pairs() attributes {s = #attn.schedule<kind = "prefill", query_tile = 48, key_tile = 256,
                                                          key_block = 8, lanes = 16, registers = 24, dot = 2, split = 0>}

// -----

func.func private @dot() attributes {
  // expected-error @+1 {{dot must be 1 or 2, got 4}}
  s = #attn.schedule<kind = "short", query_tile = 48, key_tile = 128, key_block = 8, lanes = 16, registers = 24, dot = 4>}

// -----

func.func private @dot_block() attributes {
  // expected-error @+1 {{key_block must be a multiple of dot, got 5 and 2}}
  s = #attn.schedule<kind = "short", query_tile = 48, key_tile = 125, key_block = 5, lanes = 16, registers = 24, dot = 2>}

// -----

func.func private @split() attributes {
  // expected-error @+1 {{split must be a multiple of key_tile, got 100 and 128}}
  s = #attn.schedule<kind = "decode", query_tile = 4, key_tile = 128, key_block = 16, lanes = 16, registers = 24,
                     split = 100>}

// -----

// CHECK: key_block = 8, lanes = 16, registers = 24, dot = 2, matrix = 32>
func.func private @matrix() attributes {s = #attn.schedule<kind = "prefill", query_tile = 32, key_tile = 256,
                                        key_block = 8, lanes = 16, registers = 24, dot = 2, matrix = 32>}

// -----

func.func private @matrix_size() attributes {
  // expected-error @+1 {{matrix must be 0, 16 or 32, got 48}}
  s = #attn.schedule<kind = "short", query_tile = 48, key_tile = 96, key_block = 8, lanes = 16, registers = 24, dot = 2,
                     matrix = 48>}

// -----

func.func private @matrix_dot() attributes {
  // expected-error @+1 {{matrix asks for queries in the lanes and for dot 2, got kind "short" and 1}}
  s = #attn.schedule<kind = "short", query_tile = 32, key_tile = 96, key_block = 8, lanes = 16, registers = 24,
                     matrix = 32>}

// -----

func.func private @matrix_keys() attributes {
  // expected-error @+1 {{matrix must be a multiple of key_block, and key_tile of matrix, got 32, 8 and 80}}
  s = #attn.schedule<kind = "short", query_tile = 32, key_tile = 80, key_block = 8, lanes = 16, registers = 24, dot = 2,
                     matrix = 32>}

// -----

func.func private @matrix_queries() attributes {
  // expected-error @+1 {{query_tile must be at most matrix, got 48 and 32}}
  s = #attn.schedule<kind = "short", query_tile = 48, key_tile = 96, key_block = 8, lanes = 16, registers = 24, dot = 2,
                     matrix = 32>}
