// Multi-head latent attention (DeepSeek-V2, 2024) in its absorbed form, as a decoder runs
// it: a cache row holds 512 latent features and 64 rotary ones, shared by all heads. Keys
// are the whole row, values its first 512 features: nothing is stored twice.

func.func @latent(%q: tensor<?x16x1x576xbf16>, %cache: tensor<?x1x?x576xbf16>, %lengths: tensor<?xi32>)
    -> tensor<?x16x1x512xbf16> {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %cache, %c0 : tensor<?x1x?x576xbf16>
  %keys = tensor.dim %cache, %c2 : tensor<?x1x?x576xbf16>
  %values = tensor.extract_slice %cache[0, 0, 0, 0] [%batch, 1, %keys, 512] [1, 1, 1, 1]
      : tensor<?x1x?x576xbf16> to tensor<?x1x?x512xbf16>
  %o = attn.attention query(%q) key(%cache) value(%values)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %n = tensor.extract %lengths[%b] : tensor<?xi32>
      %length = arith.index_cast %n : i32 to index
      %keep = arith.cmpi slt, %j, %length : index
      attn.yield %keep : i1
    } {scale = 0.07216878364870322 : f64}
    : (tensor<?x16x1x576xbf16>, tensor<?x1x?x576xbf16>, tensor<?x1x?x512xbf16>) -> tensor<?x16x1x512xbf16>
  return %o : tensor<?x16x1x512xbf16>
}
