// The loops of a decode, in machine code. Both read memory in its order: the scores four whole rows of keys a step (128
// products for 4 rows of queries; more queries than registers, so the stack holds some), the values a row for two rows of
// queries. Values of bf16 are paired on the way, once for all rows of queries: two rows of values, as many columns as four
// rows of accumulators leave registers for. int8 is exact in bf16: an integer, its f32 and the upper half of that. int4 is looked up: no integer becomes a float.

// RUN: attnc %s -o %t --target=avx512-bf16 --emit=asm
// RUN: python3 %S/../Inputs/loops.py %t.s | sort -u | FileCheck %s

// CHECK-DAG: bf16_task0{{.*}}: zmm, 24 accumulators, 1 step: 24 dots 4 broadcasts {{.*}}, {{[0-2]}} stack
// CHECK-DAG: int8_task0{{.*}}: zmm, 24 accumulators, 1 step: 24 dots 4 broadcasts
// CHECK-DAG: int4_task0{{.*}}: zmm, 16 accumulators, 1 step: 16 dots 4 broadcasts
// CHECK-DAG: f32_task0{{.*}}: zmm, 16 accumulators, {{[12]}} step{{s?}}: 16 fma 2 broadcasts 8 loads, 0 stack
// CHECK-DAG: f32_task0{{.*}}: zmm, irregular: 128 fma

// RUN: python3 %S/Inputs/rows_in_order.py %t.s f32_task0 128

// RUN: sed -n '/^attn.int4_task0:/,/^.Lfunc_end/p' %t.s | FileCheck %s --check-prefix=INT4
// INT4-NOT: vcvtdq2ps
// INT4:     vpermw
// INT4-NOT: vcvtdq2ps

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

func.func @int8(%q: tensor<?x32x1x128xbf16>, %k: tensor<?x8x?x128xi8>, %v: tensor<?x8x?x128xi8>,
                %ks: tensor<?x8x?xf32>, %vs: tensor<?x8x?xf32>) -> tensor<?x32x1x128xbf16> {
  %o = attn.attention query(%q) key(%k) value(%v) key_scales(%ks) value_scales(%vs)
    : (tensor<?x32x1x128xbf16>, tensor<?x8x?x128xi8>, tensor<?x8x?x128xi8>, tensor<?x8x?xf32>, tensor<?x8x?xf32>)
    -> tensor<?x32x1x128xbf16>
  return %o : tensor<?x32x1x128xbf16>
}

func.func @int4(%q: tensor<?x32x1x128xbf16>, %k: tensor<?x8x?x128xi4>, %v: tensor<?x8x?x128xi4>,
                %ks: tensor<?x8x?xf32>, %vs: tensor<?x8x?xf32>) -> tensor<?x32x1x128xbf16> {
  %o = attn.attention query(%q) key(%k) value(%v) key_scales(%ks) value_scales(%vs)
    : (tensor<?x32x1x128xbf16>, tensor<?x8x?x128xi4>, tensor<?x8x?x128xi4>, tensor<?x8x?xf32>, tensor<?x8x?xf32>)
    -> tensor<?x32x1x128xbf16>
  return %o : tensor<?x32x1x128xbf16>
}
