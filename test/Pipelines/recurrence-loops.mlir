// The products of a chunk in machine code, as contraction-loops.mlir has those of attention: 16 tokens by 16 (15, as a
// token does not correct itself), what they read in the state and of each other, and 6 rows of the new state.

// RUN: attnc %s -o %t --target=x86-64-v4 --emit=asm
// RUN: python3 %S/../Inputs/loops.py %t.s | sort -u > %t.v4
// RUN: FileCheck %s --check-prefix=V4 --input-file=%t.v4 --implicit-check-not="{{[1-9][0-9]* stack}}"

// V4: zmm, 15 accumulators, 1 step: 15 fma 15 broadcasts 1 loads, 0 stack
// V4: zmm, 16 accumulators, 1 step: 16 fma 16 broadcasts 1 loads, 0 stack
// V4: zmm, 16 accumulators, 1 step: 16 fma 4 broadcasts 4 loads, 0 stack
// V4: zmm, 24 accumulators, 1 step: 24 fma 6 broadcasts 4 loads, 0 stack

// RUN: attnc %s -o %t --target=x86-64-v3 --emit=asm
// RUN: python3 %S/../Inputs/loops.py %t.s | sort -u | FileCheck %s --check-prefix=V3

// V3: ymm, 12 accumulators, 1 step: 12 fma 6 broadcasts 2 loads, 0 stack

func.func @gated_delta(%q: tensor<?x8x?x64xf32>, %k: tensor<?x8x?x64xf32>, %v: tensor<?x8x?x64xf32>,
                       %g: tensor<?x8x?xf32>, %b: tensor<?x8x?xf32>) -> tensor<?x8x?x64xf32> {
  %o = attn.linear_attention query(%q) key(%k) value(%v) decay(%g) beta(%b)
    : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?xf32>, tensor<?x8x?xf32>)
    -> tensor<?x8x?x64xf32>
  return %o : tensor<?x8x?x64xf32>
}
