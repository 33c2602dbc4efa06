// Merges of every kind.

func.func @stack(%o: tensor<?x?x3x?x40xf32>, %l: tensor<?x?x3x?xf32>) -> (tensor<?x3x?x40xf32>, tensor<?x3x?xf32>) {
  %0, %1 = attn.merge_partials outputs(%o) lses(%l) {aux = ["lse"]}
      : (tensor<?x?x3x?x40xf32>, tensor<?x?x3x?xf32>) -> (tensor<?x3x?x40xf32>, tensor<?x3x?xf32>)
  return %0, %1 : tensor<?x3x?x40xf32>, tensor<?x3x?xf32>
}

func.func @one(%o: tensor<?x?x3x40xf32>, %l: tensor<?x3x?xf32>) -> (tensor<?x?x3x40xf32>, tensor<?x3x?xf32>) {
  %0, %1 = attn.merge_partials outputs(%o) lses(%l) {aux = ["lse"], layout = "bshd"}
      : (tensor<?x?x3x40xf32>, tensor<?x3x?xf32>) -> (tensor<?x?x3x40xf32>, tensor<?x3x?xf32>)
  return %0, %1 : tensor<?x?x3x40xf32>, tensor<?x3x?xf32>
}

func.func @mixed(%mine: tensor<?x?x3x64xbf16>, %others: tensor<?x?x?x3x64xf32>, %mine_lse: tensor<?x3x?xf32>,
                 %others_lse: tensor<?x?x3x?xf32>) -> tensor<?x?x3x64xbf16> {
  %0 = attn.merge_partials outputs(%mine, %others) lses(%mine_lse, %others_lse) {layout = "bshd"}
      : (tensor<?x?x3x64xbf16>, tensor<?x?x?x3x64xf32>, tensor<?x3x?xf32>, tensor<?x?x3x?xf32>) -> tensor<?x?x3x64xbf16>
  return %0 : tensor<?x?x3x64xbf16>
}

func.func @half(%o: tensor<4x?x8x17xf16>, %l: tensor<4x8x?xf32>) -> tensor<?x8x17xf16> {
  %0 = attn.merge_partials outputs(%o) lses(%l) {layout = "shd"}
      : (tensor<4x?x8x17xf16>, tensor<4x8x?xf32>) -> tensor<?x8x17xf16>
  return %0 : tensor<?x8x17xf16>
}

func.func @wide(%o: tensor<?x8x1x128xf64>, %l: tensor<?x8x1xf64>) -> (tensor<8x1x128xf64>, tensor<8x1xf64>) {
  %0, %1 = attn.merge_partials outputs(%o) lses(%l) {aux = ["lse"]}
      : (tensor<?x8x1x128xf64>, tensor<?x8x1xf64>) -> (tensor<8x1x128xf64>, tensor<8x1xf64>)
  return %0, %1 : tensor<8x1x128xf64>, tensor<8x1xf64>
}
