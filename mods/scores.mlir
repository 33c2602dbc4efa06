// What becomes of a score `s`, which is scaled already: `scale` of attn.attention comes first.

// Times a number: factor * s.
func.func private @scale(%s: !score, %b: index, %h: index, %i: index, %j: index, %factor: !score) -> !score {
  %r = arith.mulf %s, %factor : !score
  return %r : !score
}

// Bent below a bound: cap * tanh(s / cap).
// Gemma 2 (2024): 50.
func.func private @softcap(%s: !score, %b: index, %h: index, %i: index, %j: index, %cap: !score) -> !score {
  %ratio = arith.divf %s, %cap : !score
  %bent = math.tanh %ratio : !score
  %r = arith.mulf %bent, %cap : !score
  return %r : !score
}

// Divided by the head's temperature: s / temperatures[h].
func.func private @temperature(%s: !score, %b: index, %h: index, %i: index, %j: index,
                               %temperatures: tensor<?x!score>) -> !score {
  %one = arith.constant 1.0 : !score
  %t = tensor.extract %temperatures[%h] : tensor<?x!score>
  %factor = arith.divf %one, %t : !score
  %r = arith.mulf %s, %factor : !score
  return %r : !score
}

// Sharper for later queries: s * (1 + gain * ln(1 + floor((i + 1) / every))).
// Llama 4 (2025): every 8192, gain 0.1.
func.func private @length_temperature(%s: !score, %b: index, %h: index, %i: index, %j: index, %every: !score,
                                      %gain: !score) -> !score {
  %one = arith.constant 1.0 : !score
  %n = arith.index_cast %i : index to i32
  %x = arith.sitofp %n : i32 to !score
  %place = arith.addf %x, %one : !score
  %ratio = arith.divf %place, %every : !score
  %steps = math.floor %ratio : !score
  %more = arith.addf %steps, %one : !score
  %log = math.log %more : !score
  %grown = arith.mulf %log, %gain : !score
  %factor = arith.addf %grown, %one : !score
  %r = arith.mulf %s, %factor : !score
  return %r : !score
}

// The distance j - i as a number.
func.func private @distance(%i: index, %j: index) -> !score {
  %d = arith.subi %j, %i : index
  %n = arith.index_cast %d : index to i32
  %x = arith.sitofp %n : i32 to !score
  return %x : !score
}

// A slope for each head times the distance: s + slopes[h] * (j - i).
// ALiBi (Press et al., 2022): slopes 2^(-8 (h + 1) / H).
func.func private @alibi(%s: !score, %b: index, %h: index, %i: index, %j: index, %slopes: tensor<?x!score>) -> !score {
  %slope = tensor.extract %slopes[%h] : tensor<?x!score>
  %d = attn.apply @distance(%i, %j) : (index, index) -> !score
  %bias = arith.mulf %slope, %d : !score
  %r = arith.addf %s, %bias : !score
  return %r : !score
}

// A penalty that grows with the distance's logarithm: s - weights[h] * ln(1 + rates[h] * |j - i|).
// KERPLE, logarithmic (Chi et al., 2022).
func.func private @kerple(%s: !score, %b: index, %h: index, %i: index, %j: index, %weights: tensor<?x!score>,
                          %rates: tensor<?x!score>) -> !score {
  %one = arith.constant 1.0 : !score
  %weight = tensor.extract %weights[%h] : tensor<?x!score>
  %rate = tensor.extract %rates[%h] : tensor<?x!score>
  %d = attn.apply @distance(%i, %j) : (index, index) -> !score
  %far = math.absf %d : !score
  %x = arith.mulf %rate, %far : !score
  %y = arith.addf %x, %one : !score
  %log = math.log %y : !score
  %penalty = arith.mulf %weight, %log : !score
  %r = arith.subf %s, %penalty : !score
  return %r : !score
}

// The cosine of a frequency of the distance, with a weight.
func.func private @cosine(%d: !score, %k: index, %frequencies: tensor<8x!score>, %weights: tensor<8x!score>) -> !score {
  %f = tensor.extract %frequencies[%k] : tensor<8x!score>
  %w = tensor.extract %weights[%k] : tensor<8x!score>
  %x = arith.mulf %d, %f : !score
  %c = math.cos %x : !score
  %r = arith.mulf %c, %w : !score
  return %r : !score
}

// A sum of eight cosines of the distance: s + sum over k of weights[k] * cos(frequencies[k] * (j - i)).
// Sandwich (Chi et al., 2023), with as many of its frequencies as count; others have weight 0.
func.func private @sandwich(%s: !score, %b: index, %h: index, %i: index, %j: index, %frequencies: tensor<8x!score>,
                            %weights: tensor<8x!score>) -> !score {
  %k0 = arith.constant 0 : index
  %k1 = arith.constant 1 : index
  %k2 = arith.constant 2 : index
  %k3 = arith.constant 3 : index
  %k4 = arith.constant 4 : index
  %k5 = arith.constant 5 : index
  %k6 = arith.constant 6 : index
  %k7 = arith.constant 7 : index
  %d = attn.apply @distance(%i, %j) : (index, index) -> !score
  %c0 = func.call @cosine(%d, %k0, %frequencies, %weights) : (!score, index, tensor<8x!score>, tensor<8x!score>) -> !score
  %c1 = func.call @cosine(%d, %k1, %frequencies, %weights) : (!score, index, tensor<8x!score>, tensor<8x!score>) -> !score
  %c2 = func.call @cosine(%d, %k2, %frequencies, %weights) : (!score, index, tensor<8x!score>, tensor<8x!score>) -> !score
  %c3 = func.call @cosine(%d, %k3, %frequencies, %weights) : (!score, index, tensor<8x!score>, tensor<8x!score>) -> !score
  %c4 = func.call @cosine(%d, %k4, %frequencies, %weights) : (!score, index, tensor<8x!score>, tensor<8x!score>) -> !score
  %c5 = func.call @cosine(%d, %k5, %frequencies, %weights) : (!score, index, tensor<8x!score>, tensor<8x!score>) -> !score
  %c6 = func.call @cosine(%d, %k6, %frequencies, %weights) : (!score, index, tensor<8x!score>, tensor<8x!score>) -> !score
  %c7 = func.call @cosine(%d, %k7, %frequencies, %weights) : (!score, index, tensor<8x!score>, tensor<8x!score>) -> !score
  %s1 = arith.addf %c0, %c1 : !score
  %s2 = arith.addf %s1, %c2 : !score
  %s3 = arith.addf %s2, %c3 : !score
  %s4 = arith.addf %s3, %c4 : !score
  %s5 = arith.addf %s4, %c5 : !score
  %s6 = arith.addf %s5, %c6 : !score
  %s7 = arith.addf %s6, %c7 : !score
  %r = arith.addf %s, %s7 : !score
  return %r : !score
}
