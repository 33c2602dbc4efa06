// Every conversion, over bits: i32 holds those of a bf16 or f16.
#id = affine_map<(i) -> (i)>

func.func @extend_f16_f32(%x: tensor<?xi32>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xi32>
  %e = tensor.empty(%n) : tensor<?xf32>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%x : tensor<?xi32>) outs(%e : tensor<?xf32>) {
  ^bb0(%a: i32, %o: f32):
    %i = arith.trunci %a : i32 to i16
    %h = arith.bitcast %i : i16 to f16
    %r = arith.extf %h : f16 to f32
    linalg.yield %r : f32
  } -> tensor<?xf32>
  return %y : tensor<?xf32>
}

func.func @truncate_f32_f16(%x: tensor<?xf32>) -> tensor<?xi32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %e = tensor.empty(%n) : tensor<?xi32>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%x : tensor<?xf32>) outs(%e : tensor<?xi32>) {
  ^bb0(%a: f32, %o: i32):
    %h = arith.truncf %a : f32 to f16
    %i = arith.bitcast %h : f16 to i16
    %r = arith.extui %i : i16 to i32
    linalg.yield %r : i32
  } -> tensor<?xi32>
  return %y : tensor<?xi32>
}

func.func @extend_f16_f64(%x: tensor<?xi32>) -> tensor<?xf64> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xi32>
  %e = tensor.empty(%n) : tensor<?xf64>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%x : tensor<?xi32>) outs(%e : tensor<?xf64>) {
  ^bb0(%a: i32, %o: f64):
    %i = arith.trunci %a : i32 to i16
    %h = arith.bitcast %i : i16 to f16
    %r = arith.extf %h : f16 to f64
    linalg.yield %r : f64
  } -> tensor<?xf64>
  return %y : tensor<?xf64>
}

func.func @truncate_f64_f16(%x: tensor<?xf64>) -> tensor<?xi32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xf64>
  %e = tensor.empty(%n) : tensor<?xi32>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%x : tensor<?xf64>) outs(%e : tensor<?xi32>) {
  ^bb0(%a: f64, %o: i32):
    %h = arith.truncf %a : f64 to f16
    %i = arith.bitcast %h : f16 to i16
    %r = arith.extui %i : i16 to i32
    linalg.yield %r : i32
  } -> tensor<?xi32>
  return %y : tensor<?xi32>
}

func.func @compute_f16(%x: tensor<?xi32>) -> tensor<?xi32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xi32>
  %e = tensor.empty(%n) : tensor<?xi32>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%x : tensor<?xi32>) outs(%e : tensor<?xi32>) {
  ^bb0(%a: i32, %o: i32):
    %k = arith.trunci %a : i32 to i16
    %h = arith.bitcast %k : i16 to f16
    %p = math.fma %h, %h, %h : f16
    %s = arith.addf %p, %h : f16
    %i = arith.bitcast %s : f16 to i16
    %r = arith.extui %i : i16 to i32
    linalg.yield %r : i32
  } -> tensor<?xi32>
  return %y : tensor<?xi32>
}

func.func @extend_bf16_f32(%x: tensor<?xi32>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xi32>
  %e = tensor.empty(%n) : tensor<?xf32>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%x : tensor<?xi32>) outs(%e : tensor<?xf32>) {
  ^bb0(%a: i32, %o: f32):
    %i = arith.trunci %a : i32 to i16
    %h = arith.bitcast %i : i16 to bf16
    %r = arith.extf %h : bf16 to f32
    linalg.yield %r : f32
  } -> tensor<?xf32>
  return %y : tensor<?xf32>
}

func.func @truncate_f32_bf16(%x: tensor<?xf32>) -> tensor<?xi32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %e = tensor.empty(%n) : tensor<?xi32>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%x : tensor<?xf32>) outs(%e : tensor<?xi32>) {
  ^bb0(%a: f32, %o: i32):
    %h = arith.truncf %a : f32 to bf16
    %i = arith.bitcast %h : bf16 to i16
    %r = arith.extui %i : i16 to i32
    linalg.yield %r : i32
  } -> tensor<?xi32>
  return %y : tensor<?xi32>
}

func.func @extend_bf16_f64(%x: tensor<?xi32>) -> tensor<?xf64> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xi32>
  %e = tensor.empty(%n) : tensor<?xf64>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%x : tensor<?xi32>) outs(%e : tensor<?xf64>) {
  ^bb0(%a: i32, %o: f64):
    %i = arith.trunci %a : i32 to i16
    %h = arith.bitcast %i : i16 to bf16
    %r = arith.extf %h : bf16 to f64
    linalg.yield %r : f64
  } -> tensor<?xf64>
  return %y : tensor<?xf64>
}

func.func @truncate_f64_bf16(%x: tensor<?xf64>) -> tensor<?xi32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xf64>
  %e = tensor.empty(%n) : tensor<?xi32>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%x : tensor<?xf64>) outs(%e : tensor<?xi32>) {
  ^bb0(%a: f64, %o: i32):
    %h = arith.truncf %a : f64 to bf16
    %i = arith.bitcast %h : bf16 to i16
    %r = arith.extui %i : i16 to i32
    linalg.yield %r : i32
  } -> tensor<?xi32>
  return %y : tensor<?xi32>
}

func.func @compute_bf16(%x: tensor<?xi32>) -> tensor<?xi32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xi32>
  %e = tensor.empty(%n) : tensor<?xi32>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%x : tensor<?xi32>) outs(%e : tensor<?xi32>) {
  ^bb0(%a: i32, %o: i32):
    %k = arith.trunci %a : i32 to i16
    %h = arith.bitcast %k : i16 to bf16
    %p = math.fma %h, %h, %h : bf16
    %s = arith.addf %p, %h : bf16
    %i = arith.bitcast %s : bf16 to i16
    %r = arith.extui %i : i16 to i32
    linalg.yield %r : i32
  } -> tensor<?xi32>
  return %y : tensor<?xi32>
}

func.func @scalar_f16(%s: f32) -> tensor<2xf32> {
  %h = arith.truncf %s : f32 to f16
  %d = arith.addf %h, %h : f16
  %w = arith.extf %d : f16 to f32
  %e = tensor.empty() : tensor<2xf32>
  %y = linalg.fill ins(%w : f32) outs(%e : tensor<2xf32>) -> tensor<2xf32>
  return %y : tensor<2xf32>
}

func.func @scalar_bf16(%s: f32) -> tensor<2xf32> {
  %h = arith.truncf %s : f32 to bf16
  %d = arith.addf %h, %h : bf16
  %w = arith.extf %d : bf16 to f32
  %e = tensor.empty() : tensor<2xf32>
  %y = linalg.fill ins(%w : f32) outs(%e : tensor<2xf32>) -> tensor<2xf32>
  return %y : tensor<2xf32>
}
