// The loops that make the speed, in machine code: every accumulator in its register, nothing on the stack.
//
// On AVX-512 a block of scores is 8 keys by 3 vectors of queries: 24 multiply-adds, 8 broadcasts of K, 3 loads of Q a
// step; the values are 6 queries by 4 vectors of columns: 24, 6 broadcasts of P, 4 loads of V. Half the load slots
// are free. Sixteen registers hold half of that, and 8 without a fused multiply-add.

// RUN: attnc %s -o %t --target=x86-64-v4 --emit=asm
// RUN: python3 %S/../Inputs/loops.py %t.s | sort -u > %t.v4
// RUN: FileCheck %s --check-prefix=V4 --input-file=%t.v4 --implicit-check-not="{{[1-9][0-9]* stack}}"

// V4: causal128_task{{.*}}: zmm, 24 accumulators, 1 step: 24 fma 6 broadcasts 4 loads, 0 stack
// V4: causal128_task{{.*}}: zmm, 24 accumulators, 1 step: 24 fma 8 broadcasts 3 loads, 0 stack
// V4: causal64_task{{.*}}: zmm, 24 accumulators, 1 step: 24 fma 6 broadcasts 4 loads, 0 stack
// V4: causal64_task{{.*}}: zmm, 24 accumulators, 1 step: 24 fma 8 broadcasts 3 loads, 0 stack
// V4: dense128_task{{.*}}: zmm, 24 accumulators, 1 step: 24 fma 6 broadcasts 4 loads, 0 stack
// V4: dense128_task{{.*}}: zmm, 24 accumulators, 1 step: 24 fma 8 broadcasts 3 loads, 0 stack
// V4: dense64_task{{.*}}: zmm, 24 accumulators, 1 step: 24 fma 6 broadcasts 4 loads, 0 stack
// V4: dense64_task{{.*}}: zmm, 24 accumulators, 1 step: 24 fma 8 broadcasts 3 loads, 0 stack
// V4: merge_task0{{.*}}: zmm, 24 accumulators, 1 step: 24 fma 6 broadcasts 4 loads, 0 stack
// V4: project_task0{{.*}}: zmm, 24 accumulators, 1 step: 24 fma 12 broadcasts 2 loads, 0 stack
// V4: project_task1{{.*}}: zmm, 24 accumulators, 1 step: 24 fma 6 broadcasts 4 loads, 0 stack

// RUN: attnc %s -o %t --target=x86-64-v3 --emit=asm
// RUN: python3 %S/../Inputs/loops.py %t.s | sort -u > %t.v3
// RUN: FileCheck %s --check-prefix=V3 --input-file=%t.v3 --implicit-check-not="{{[1-9][0-9]* stack}}"

// V3: causal128_task{{.*}}: ymm, 12 accumulators, 1 step: 12 fma 4 broadcasts 3 loads, 0 stack
// V3: causal128_task{{.*}}: ymm, 12 accumulators, 1 step: 12 fma 6 broadcasts 2 loads, 0 stack
// V3: causal64_task{{.*}}: ymm, 12 accumulators, 1 step: 12 fma 4 broadcasts 3 loads, 0 stack
// V3: causal64_task{{.*}}: ymm, 12 accumulators, 1 step: 12 fma 6 broadcasts 2 loads, 0 stack
// V3: dense128_task{{.*}}: ymm, 12 accumulators, 1 step: 12 fma 4 broadcasts 3 loads, 0 stack
// V3: dense128_task{{.*}}: ymm, 12 accumulators, 1 step: 12 fma 6 broadcasts 2 loads, 0 stack
// V3: dense64_task{{.*}}: ymm, 12 accumulators, 1 step: 12 fma 4 broadcasts 3 loads, 0 stack
// V3: dense64_task{{.*}}: ymm, 12 accumulators, 1 step: 12 fma 6 broadcasts 2 loads, 0 stack
// V3: merge_task0{{.*}}: ymm, 12 accumulators, 1 step: 12 fma 6 broadcasts 2 loads, 0 stack
// V3: project_task0{{.*}}: ymm, 12 accumulators, 1 step: 12 fma 6 broadcasts 2 loads, 0 stack
// V3: project_task1{{.*}}: ymm, 12 accumulators, 1 step: 12 fma 6 broadcasts 2 loads, 0 stack

// RUN: attnc %s -o %t --target=x86-64-v2 --emit=asm
// RUN: python3 %S/../Inputs/loops.py %t.s --at-least=8 | sort -u > %t.v2
// RUN: FileCheck %s --check-prefix=V2 --input-file=%t.v2 --implicit-check-not="{{[1-9][0-9]* stack}}"

// V2: causal128_task{{.*}}: xmm, 8 accumulators, 1 step: 8 fma 4 broadcasts 2 loads, 0 stack
// V2: causal64_task{{.*}}: xmm, 8 accumulators, 1 step: 8 fma 4 broadcasts 2 loads, 0 stack
// V2: dense128_task{{.*}}: xmm, 8 accumulators, 1 step: 8 fma 4 broadcasts 2 loads, 0 stack
// V2: dense64_task{{.*}}: xmm, 8 accumulators, 1 step: 8 fma 4 broadcasts 2 loads, 0 stack
// V2: merge_task0{{.*}}: xmm, 8 accumulators, 1 step: 8 fma 4 broadcasts 2 loads, 0 stack
// V2: project_task0{{.*}}: xmm, 8 accumulators, 1 step: 8 fma 4 broadcasts 2 loads, 0 stack
// V2: project_task1{{.*}}: xmm, 8 accumulators, 1 step: 8 fma 4 broadcasts 2 loads, 0 stack

func.func @dense64(%q: tensor<?x8x480x64xf32>, %k: tensor<?x8x?x64xf32>, %v: tensor<?x8x?x64xf32>) -> tensor<?x8x480x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
      : (tensor<?x8x480x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x480x64xf32>
  return %o : tensor<?x8x480x64xf32>
}

func.func @dense128(%q: tensor<?x8x480x128xf32>, %k: tensor<?x8x?x128xf32>, %v: tensor<?x8x?x128xf32>) -> tensor<?x8x480x128xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
      : (tensor<?x8x480x128xf32>, tensor<?x8x?x128xf32>, tensor<?x8x?x128xf32>) -> tensor<?x8x480x128xf32>
  return %o : tensor<?x8x480x128xf32>
}

func.func @causal64(%q: tensor<?x8x480x64xf32>, %k: tensor<?x8x?x64xf32>, %v: tensor<?x8x?x64xf32>) -> tensor<?x8x480x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %keep = arith.cmpi sle, %j, %i : index
      attn.yield %keep : i1
    }
    : (tensor<?x8x480x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x480x64xf32>
  return %o : tensor<?x8x480x64xf32>
}

func.func @causal128(%q: tensor<?x8x480x128xf32>, %k: tensor<?x8x?x128xf32>, %v: tensor<?x8x?x128xf32>) -> tensor<?x8x480x128xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %keep = arith.cmpi sle, %j, %i : index
      attn.yield %keep : i1
    }
    : (tensor<?x8x480x128xf32>, tensor<?x8x?x128xf32>, tensor<?x8x?x128xf32>) -> tensor<?x8x480x128xf32>
  return %o : tensor<?x8x480x128xf32>
}

// Head sizes of 32, two vectors wide on AVX-512, and of 64.
func.func @project(%x: tensor<?x?x384xf32>, %w0: tensor<384x384xf32>, %b0: tensor<384xf32>, %w1: tensor<384x384xf32>,
                   %b1: tensor<384xf32>) -> (tensor<?x12x?x32xf32>, tensor<?x6x?x64xf32>) {
  %0, %1 = attn.project_heads %x weights(%w0, %w1) biases(%b0, %b1) {heads = array<i64: 12, 6>}
      : tensor<?x?x384xf32>, (tensor<384x384xf32>, tensor<384x384xf32>), (tensor<384xf32>, tensor<384xf32>)
      -> (tensor<?x12x?x32xf32>, tensor<?x6x?x64xf32>)
  return %0, %1 : tensor<?x12x?x32xf32>, tensor<?x6x?x64xf32>
}

func.func @merge(%a: tensor<?x12x?x32xf32>, %w: tensor<384x384xf32>, %b: tensor<384xf32>) -> tensor<?x?x384xf32> {
  %y = attn.merge_heads %a weight(%w) bias(%b)
      : tensor<?x12x?x32xf32>, tensor<384x384xf32>, tensor<384xf32> -> tensor<?x?x384xf32>
  return %y : tensor<?x?x384xf32>
}
