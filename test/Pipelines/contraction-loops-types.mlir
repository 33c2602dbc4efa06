// The loops of projections in other types than f32. Pairs of bf16 are as fast as they can be with the same block as f32:
// a broadcast fetches a pair of the input, a load 16 pairs of the weight. What is converted, is so outside the loop.

// RUN: attnc %s -o %t --target=avx512-bf16 --emit=asm
// RUN: python3 %S/../Inputs/loops.py %t.s | sort -u > %t.bf16
// RUN: FileCheck %s --check-prefix=BF16 --input-file=%t.bf16 --implicit-check-not="{{[1-9][0-9]* stack}}"

// BF16: doubles_task{{.*}}: zmm, 24 accumulators, 1 step: 24 fma 6 broadcasts 4 loads, 0 stack
// BF16: halves_task{{.*}}: zmm, 24 accumulators, 1 step: 24 fma 6 broadcasts 4 loads, 0 stack
// BF16: merge_task{{.*}}: zmm, 24 accumulators, 1 step: 24 dots 6 broadcasts 4 loads, 0 stack
// BF16: pairs_task0{{.*}}: zmm, 24 accumulators, 1 step: 24 dots 6 broadcasts 4 loads, 0 stack
// BF16: pairs_task1{{.*}}: zmm, 24 accumulators, 1 step: 24 dots 12 broadcasts 2 loads, 0 stack

// Without such an instruction, bf16 is converted as f16 is: rows of the input once a task, weights when they are packed.

// RUN: attnc %s -o %t --target=x86-64-v3 --emit=asm
// RUN: python3 %S/../Inputs/loops.py %t.s | sort -u > %t.v3
// RUN: FileCheck %s --check-prefix=V3 --input-file=%t.v3 --implicit-check-not="{{[1-9][0-9]* stack}}"

// V3: doubles_task{{.*}}: ymm, 12 accumulators, 1 step: 12 fma 6 broadcasts 2 loads, 0 stack
// V3: halves_task{{.*}}: ymm, 12 accumulators, 1 step: 12 fma 6 broadcasts 2 loads, 0 stack
// V3: merge_task{{.*}}: ymm, 12 accumulators, 1 step: 12 fma 6 broadcasts 2 loads, 0 stack
// V3: pairs_task0{{.*}}: ymm, 12 accumulators, 1 step: 12 fma 6 broadcasts 2 loads, 0 stack
// V3: pairs_task1{{.*}}: ymm, 12 accumulators, 1 step: 12 fma 6 broadcasts 2 loads, 0 stack

func.func @pairs(%x: tensor<?x?x384xbf16>, %w0: tensor<384x384xbf16>, %b0: tensor<384xbf16>,
                 %w1: tensor<384x384xbf16>, %b1: tensor<384xbf16>)
    -> (tensor<?x6x?x64xbf16>, tensor<?x12x?x32xbf16>) {
  %0, %1 = attn.project_heads %x weights(%w0, %w1) biases(%b0, %b1) {heads = array<i64: 6, 12>, activation = "relu"}
      : tensor<?x?x384xbf16>, (tensor<384x384xbf16>, tensor<384x384xbf16>), (tensor<384xbf16>, tensor<384xbf16>)
      -> (tensor<?x6x?x64xbf16>, tensor<?x12x?x32xbf16>)
  return %0, %1 : tensor<?x6x?x64xbf16>, tensor<?x12x?x32xbf16>
}

func.func @merge(%a: tensor<?x12x?x32xbf16>, %w: tensor<384x384xbf16>, %b: tensor<384xbf16>) -> tensor<?x?x384xbf16> {
  %y = attn.merge_heads %a weight(%w) bias(%b)
      : tensor<?x12x?x32xbf16>, tensor<384x384xbf16>, tensor<384xbf16> -> tensor<?x?x384xbf16>
  return %y : tensor<?x?x384xbf16>
}

func.func @halves(%x: tensor<?x?x384xf16>, %w: tensor<384x384xf16>) -> tensor<?x6x?x64xf16> {
  %0 = attn.project_heads %x weights(%w) {heads = array<i64: 6>}
      : tensor<?x?x384xf16>, (tensor<384x384xf16>) -> tensor<?x6x?x64xf16>
  return %0 : tensor<?x6x?x64xf16>
}

func.func @doubles(%x: tensor<?x?x384xf64>, %w: tensor<384x384xf64>) -> tensor<?x6x?x64xf64> {
  %0 = attn.project_heads %x weights(%w) {heads = array<i64: 6>}
      : tensor<?x?x384xf64>, (tensor<384x384xf64>) -> tensor<?x6x?x64xf64>
  return %0 : tensor<?x6x?x64xf64>
}
