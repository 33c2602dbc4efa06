// Attention over all keys, and over shards of them.

// The keys that `from <= j < to` of one sequence each; a shard sees its own.
func.func @whole(%q: tensor<?x4x?x64xf32>, %k: tensor<?x2x?x64xf32>, %v: tensor<?x2x?x48xf32>, %starts: tensor<?xi32>)
    -> (tensor<?x4x?x48xf32>, tensor<?x4x?xf32>) {
  %o, %l = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %s = tensor.extract %starts[%b] : tensor<?xi32>
      %first = arith.index_cast %s : i32 to index
      %keep = arith.cmpi sge, %j, %first : index
      attn.yield %keep : i1
    } {aux = ["lse"]}
    : (tensor<?x4x?x64xf32>, tensor<?x2x?x64xf32>, tensor<?x2x?x48xf32>) -> (tensor<?x4x?x48xf32>, tensor<?x4x?xf32>)
  return %o, %l : tensor<?x4x?x48xf32>, tensor<?x4x?xf32>
}

// Keys 0 to 39, 40 to 79 and the rest, merged in the function itself.
func.func @cut(%q: tensor<?x4x?x64xf32>, %k: tensor<?x2x?x64xf32>, %v: tensor<?x2x?x48xf32>, %starts: tensor<?xi32>)
    -> (tensor<?x4x?x48xf32>, tensor<?x4x?xf32>) {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %c80 = arith.constant 80 : index
  %batch = tensor.dim %k, %c0 : tensor<?x2x?x64xf32>
  %keys = tensor.dim %k, %c2 : tensor<?x2x?x64xf32>
  %rest = arith.subi %keys, %c80 : index
  %k0 = tensor.extract_slice %k[0, 0, 0, 0][%batch, 2, 40, 64][1, 1, 1, 1] : tensor<?x2x?x64xf32> to tensor<?x2x40x64xf32>
  %v0 = tensor.extract_slice %v[0, 0, 0, 0][%batch, 2, 40, 48][1, 1, 1, 1] : tensor<?x2x?x48xf32> to tensor<?x2x40x48xf32>
  %k1 = tensor.extract_slice %k[0, 0, 40, 0][%batch, 2, 40, 64][1, 1, 1, 1] : tensor<?x2x?x64xf32> to tensor<?x2x40x64xf32>
  %v1 = tensor.extract_slice %v[0, 0, 40, 0][%batch, 2, 40, 48][1, 1, 1, 1] : tensor<?x2x?x48xf32> to tensor<?x2x40x48xf32>
  %k2 = tensor.extract_slice %k[0, 0, 80, 0][%batch, 2, %rest, 64][1, 1, 1, 1] : tensor<?x2x?x64xf32> to tensor<?x2x?x64xf32>
  %v2 = tensor.extract_slice %v[0, 0, 80, 0][%batch, 2, %rest, 48][1, 1, 1, 1] : tensor<?x2x?x48xf32> to tensor<?x2x?x48xf32>
  %o0, %l0 = attn.attention query(%q) key(%k0) value(%v0)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %s = tensor.extract %starts[%b] : tensor<?xi32>
      %first = arith.index_cast %s : i32 to index
      %keep = arith.cmpi sge, %j, %first : index
      attn.yield %keep : i1
    } {aux = ["lse"]}
    : (tensor<?x4x?x64xf32>, tensor<?x2x40x64xf32>, tensor<?x2x40x48xf32>) -> (tensor<?x4x?x48xf32>, tensor<?x4x?xf32>)
  %o1, %l1 = attn.attention query(%q) key(%k1) value(%v1)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %s = tensor.extract %starts[%b] : tensor<?xi32>
      %first = arith.index_cast %s : i32 to index
      %c40 = arith.constant 40 : index
      %at = arith.addi %j, %c40 : index
      %keep = arith.cmpi sge, %at, %first : index
      attn.yield %keep : i1
    } {aux = ["lse"]}
    : (tensor<?x4x?x64xf32>, tensor<?x2x40x64xf32>, tensor<?x2x40x48xf32>) -> (tensor<?x4x?x48xf32>, tensor<?x4x?xf32>)
  %o2, %l2 = attn.attention query(%q) key(%k2) value(%v2)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %s = tensor.extract %starts[%b] : tensor<?xi32>
      %first = arith.index_cast %s : i32 to index
      %c80_0 = arith.constant 80 : index
      %at = arith.addi %j, %c80_0 : index
      %keep = arith.cmpi sge, %at, %first : index
      attn.yield %keep : i1
    } {aux = ["lse"]}
    : (tensor<?x4x?x64xf32>, tensor<?x2x?x64xf32>, tensor<?x2x?x48xf32>) -> (tensor<?x4x?x48xf32>, tensor<?x4x?xf32>)
  %o, %l = attn.merge_partials outputs(%o0, %o1, %o2) lses(%l0, %l1, %l2) {aux = ["lse"]}
      : (tensor<?x4x?x48xf32>, tensor<?x4x?x48xf32>, tensor<?x4x?x48xf32>, tensor<?x4x?xf32>, tensor<?x4x?xf32>, tensor<?x4x?xf32>)
      -> (tensor<?x4x?x48xf32>, tensor<?x4x?xf32>)
  return %o, %l : tensor<?x4x?x48xf32>, tensor<?x4x?xf32>
}
