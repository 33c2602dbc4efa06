// A layer of gpt-oss (2025) as a decoder's prefill runs it: a learned sink for each head
// takes weight from the keys, and a key is seen for 128 positions.

func.func @sinks(%q: tensor<?x8x?x64xbf16>, %k: tensor<?x1x?x64xbf16>, %v: tensor<?x1x?x64xbf16>, %sinks: tensor<8xf32>)
    -> tensor<?x8x?x64xbf16> {
  %o = attn.attention query(%q) key(%k) value(%v) sinks(%sinks)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %c128 = arith.constant 128 : index
      %past = arith.cmpi sle, %j, %i : index
      %age = arith.subi %i, %j : index
      %young = arith.cmpi slt, %age, %c128 : index
      %keep = arith.andi %past, %young : i1
      attn.yield %keep : i1
    }
    : (tensor<?x8x?x64xbf16>, tensor<?x1x?x64xbf16>, tensor<?x1x?x64xbf16>, tensor<8xf32>) -> tensor<?x8x?x64xbf16>
  return %o : tensor<?x8x?x64xbf16>
}
