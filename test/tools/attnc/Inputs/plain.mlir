// Plain attention for one number of queries, which takes a third of the time to
// compile: for tests of what does not depend on the code.
func.func @plain(%q: tensor<?x8x48x64xf32>, %k: tensor<?x8x?x64xf32>, %v: tensor<?x8x?x64xf32>)
    -> tensor<?x8x48x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
      : (tensor<?x8x48x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>) -> tensor<?x8x48x64xf32>
  return %o : tensor<?x8x48x64xf32>
}
