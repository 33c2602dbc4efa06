// The loops of a decode, in machine code. Both read memory in its order: the scores four whole rows of keys a step (128
// products for 4 rows of queries; more queries than registers, so the stack holds some), the values a row (of bf16: two)
// for two rows of queries.

// RUN: attnc %s -o %t --target=avx512-bf16 --emit=asm
// RUN: python3 %S/../Inputs/loops.py %t.s | sort -u | FileCheck %s

// CHECK-DAG: bf16_task0{{.*}}: zmm, 16 accumulators, 1 step: 16 dots 2 broadcasts 8 loads, 0 stack
// CHECK-DAG: f32_task0{{.*}}: zmm, 16 accumulators, {{[12]}} step{{s?}}: 16 fma 2 broadcasts 8 loads, 0 stack
// CHECK-DAG: f32_task0{{.*}}: zmm, irregular: 128 fma

// RUN: python3 %S/Inputs/rows_in_order.py %t.s f32_task0 128

func.func @f32(%q: tensor<?x32x1x128xf32>, %k: tensor<?x8x?x128xf32>, %v: tensor<?x8x?x128xf32>)
    -> tensor<?x32x1x128xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    : (tensor<?x32x1x128xf32>, tensor<?x8x?x128xf32>, tensor<?x8x?x128xf32>) -> tensor<?x32x1x128xf32>
  return %o : tensor<?x32x1x128xf32>
}

func.func @bf16(%q: tensor<?x32x1x128xbf16>, %k: tensor<?x8x?x128xbf16>, %v: tensor<?x8x?x128xbf16>)
    -> tensor<?x32x1x128xbf16> {
  %o = attn.attention query(%q) key(%k) value(%v)
    : (tensor<?x32x1x128xbf16>, tensor<?x8x?x128xbf16>, tensor<?x8x?x128xbf16>) -> tensor<?x32x1x128xbf16>
  return %o : tensor<?x32x1x128xbf16>
}
