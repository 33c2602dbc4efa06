// All keys in one block, with every size known: no loop is left, and two pieces of scratch have the same type.

// REQUIRES: avx512f
// RUN: attnc %s -o %t --target=x86-64-v4
// RUN: attn-run %t.so --random=q=2x1x72 --random=k=1x6x72 --random=v=1x6x48 --output=%t.npy --compare=reference

func.func @one_block(%q: tensor<2x1x72xf32>, %k: tensor<1x6x72xf32>, %v: tensor<1x6x48xf32>) -> tensor<2x1x48xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
      %d = arith.subi %j, %i : index
      %n = arith.index_cast %d : index to i32
      %f = arith.sitofp %n : i32 to f32
      %x = arith.addf %s, %f : f32
      attn.yield %x : f32
    }
    {layout = "hsd"}
    : (tensor<2x1x72xf32>, tensor<1x6x72xf32>, tensor<1x6x48xf32>) -> tensor<2x1x48xf32>
  return %o : tensor<2x1x48xf32>
}
