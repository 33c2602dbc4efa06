//===- Module.cpp - A problem as a user would write it --------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Bench/Module.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <cmath>

using namespace llvm;
using namespace attn::bench;

//===----------------------------------------------------------------------===//
// Arguments
//===----------------------------------------------------------------------===//

std::string Argument::type() const {
  std::string text = "tensor<";
  for (auto [extent, dynamic] : zip(shape, isDynamic))
    text += (dynamic ? "?" : std::to_string(extent)) + "x";
  return text + dtype + ">";
}

double attn::bench::levelsADeviation(StringRef dtype) {
  return (dtype == "i4" ? 7 : 127) / 3.0;
}

/// An extent; negative means dynamic, as `dynamic` makes them.
static int64_t dynamic(int64_t extent) { return ~extent; }

static Argument makeArgument(StringRef name, StringRef dtype,
                             ArrayRef<int64_t> extents) {
  Argument argument;
  argument.name = name.str();
  argument.dtype = dtype.str();
  for (int64_t extent : extents) {
    argument.shape.push_back(extent < 0 ? ~extent : extent);
    argument.isDynamic.push_back(extent < 0);
  }
  return argument;
}

/// Batch, heads, positions and features in the order of the layout.
static Argument makeHeads(const Shape &shape, StringRef name, StringRef dtype,
                          int64_t heads, int64_t positions, int64_t features) {
  int64_t batch = dynamic(shape.batch), length = dynamic(positions);
  if (shape.layout == "bshd")
    return makeArgument(name, dtype, {batch, length, heads, features});
  return makeArgument(name, dtype, {batch, heads, length, features});
}

static Argument makeOutput(const Shape &shape, StringRef name) {
  return makeHeads(shape, name, shape.dtype, shape.heads, shape.queries,
                   shape.valueSize);
}

/// A weight as models start from: what it makes of N(0,1) is N(0,1) again, so
/// that a layer's softmax sees realistic scores.
static void addWeight(std::vector<Argument> &arguments, const Shape &shape,
                      const Twine &suffix, int64_t rows, int64_t columns) {
  Argument weight =
      makeArgument(("w" + suffix).str(), shape.dtype, {rows, columns});
  weight.deviation = 1 / std::sqrt(static_cast<double>(columns));
  arguments.push_back(weight);
  arguments.push_back(makeArgument(("b" + suffix).str(), shape.dtype, {rows}));
}

/// Keys or values, and a scale for each row of integers.
static Argument makeCache(const Shape &shape, StringRef name,
                          int64_t features) {
  Argument cache = makeHeads(shape, name, shape.keyValueType, shape.keyHeads,
                             shape.keys, features);
  if (shape.isQuantized())
    cache.fill = Argument::levels;
  return cache;
}

static Argument makeScales(const Argument &cache, StringRef name) {
  Argument scales = cache;
  scales.name = name.str();
  scales.dtype = "f32";
  scales.shape.pop_back();
  scales.isDynamic.pop_back();
  scales.fill = Argument::scales;
  scales.deviation = 1 / levelsADeviation(cache.dtype);
  return scales;
}

/// What the score and mask regions read.
static void addCaptures(std::vector<Argument> &arguments, const Shape &shape) {
  switch (shape.score.kind) {
  case Score::alibi:
    arguments.push_back(
        makeArgument("slopes", shape.scoreType(), {shape.heads}));
    arguments.back().fill = Argument::slopes;
    break;
  case Score::t5:
    arguments.push_back(
        makeArgument("table", shape.scoreType(), {32, shape.heads}));
    break;
  case Score::bias:
    arguments.push_back(makeArgument(
        "bias", shape.scoreType(),
        {shape.heads, dynamic(shape.queries), dynamic(shape.keys)}));
    break;
  case Score::none:
  case Score::softcap:
    break;
  }
  if (shape.lengths.empty())
    return;
  arguments.push_back(makeArgument("lengths", "i32", {dynamic(shape.batch)}));
  arguments.back().fill = Argument::lengths;
}

/// The weights of project_heads: `q`, `k`, `v` where there are several.
static SmallVector<std::string> weightSuffixes(const Shape &shape) {
  if (shape.weights == 1)
    return {""};
  SmallVector<std::string> suffixes = {"q", "k", "v"};
  suffixes.resize(shape.weights);
  return suffixes;
}

std::vector<Argument> attn::bench::inputsOf(const Shape &shape) {
  std::vector<Argument> inputs;
  if (shape.op == OpKind::attention) {
    inputs.push_back(makeHeads(shape, "q", shape.dtype, shape.heads,
                               shape.queries, shape.headSize));
    inputs.push_back(makeCache(shape, "k", shape.headSize));
    inputs.push_back(makeCache(shape, "v", shape.valueSize));
    if (shape.isQuantized()) {
      inputs.push_back(makeScales(inputs[1], "key_scales"));
      inputs.push_back(makeScales(inputs[2], "value_scales"));
    }
    addCaptures(inputs, shape);
    return inputs;
  }
  inputs.push_back(
      makeArgument("x", shape.dtype,
                   {dynamic(shape.batch), dynamic(shape.queries), shape.k}));
  if (shape.op == OpKind::projectHeads) {
    for (const std::string &suffix : weightSuffixes(shape))
      addWeight(inputs, shape, suffix, shape.n / shape.weights, shape.k);
    return inputs;
  }
  addCaptures(inputs, shape);
  addWeight(inputs, shape, "q", shape.heads * shape.headSize, shape.k);
  addWeight(inputs, shape, "k", shape.keyHeads * shape.headSize, shape.k);
  addWeight(inputs, shape, "v", shape.keyHeads * shape.valueSize, shape.k);
  addWeight(inputs, shape, "o", shape.n, shape.heads * shape.valueSize);
  return inputs;
}

std::vector<Argument> attn::bench::outputsOf(const Shape &shape) {
  switch (shape.op) {
  case OpKind::attention:
    return {makeOutput(shape, "o")};
  case OpKind::projectHeads: {
    std::vector<Argument> outputs;
    for (const std::string &suffix : weightSuffixes(shape))
      outputs.push_back(makeOutput(shape, suffix.empty() ? "y" : suffix));
    return outputs;
  }
  case OpKind::layer:
    return {
        makeArgument("y", shape.dtype,
                     {dynamic(shape.batch), dynamic(shape.queries), shape.n})};
  }
  llvm_unreachable("every op has outputs");
}

//===----------------------------------------------------------------------===//
// The function
//===----------------------------------------------------------------------===//

static std::string list(ArrayRef<Argument> arguments,
                        function_ref<std::string(const Argument &)> spell) {
  return join(map_range(arguments, spell), ", ");
}

static std::string typeList(ArrayRef<Argument> arguments) {
  return list(arguments, [](const Argument &a) { return a.type(); });
}

static std::string nameList(ArrayRef<Argument> arguments) {
  return list(arguments, [](const Argument &a) { return "%" + a.name; });
}

/// The entries of the dictionary that is not there when all is default.
static std::string attributes(ArrayRef<std::string> entries) {
  SmallVector<StringRef> written;
  for (StringRef entry : entries)
    if (!entry.empty())
      written.push_back(entry);
  return written.empty() ? "" : " {" + join(written, ", ") + "}";
}

static std::string layoutEntry(const Shape &shape) {
  return shape.layout == "bshd" ? "layout = \"bshd\"" : "";
}

/// `%names = attn.project_heads %x weights(...) ...`
static void writeProjection(const Shape &shape, ArrayRef<Argument> weights,
                            ArrayRef<Argument> results, ArrayRef<int64_t> heads,
                            const Argument &x, raw_ostream &os) {
  std::vector<Argument> matrices, biases;
  for (auto [index, argument] : enumerate(weights))
    (index % 2 ? biases : matrices).push_back(argument);
  std::string headList;
  for (int64_t count : heads)
    headList += (headList.empty() ? "" : ", ") + std::to_string(count);
  std::string dictionary =
      attributes({"heads = array<i64: " + headList + ">", layoutEntry(shape)});
  os << "  " << nameList(results) << " = attn.project_heads %x weights("
     << nameList(matrices) << ") biases(" << nameList(biases) << ")"
     << dictionary << "\n    : " << x.type() << ", (" << typeList(matrices)
     << "), (" << typeList(biases) << ")\n    -> (" << typeList(results)
     << ")\n";
}

static void writeAttention(const Shape &shape, ArrayRef<Argument> operands,
                           const Argument &result, raw_ostream &os) {
  // T5 does not scale its scores.
  std::string scale = shape.score.kind == Score::t5 ? "scale = 1.0 : f64" : "";
  if (shape.mask.kind == Mask::causalBottomRight)
    for (auto [name, operand] : {std::pair{"queries", "q"}, {"keys", "k"}}) {
      int dim = shape.layout == "bshd" ? 1 : 2;
      const Argument &tensor = operands[operand[0] == 'k'];
      os << "  %" << name << "_dim = arith.constant " << dim << " : index\n"
         << "  %" << name << " = tensor.dim %" << operand << ", %" << name
         << "_dim : " << tensor.type() << '\n';
    }
  os << "  %" << result.name << " = attn.attention query(%q) key(%k) value(%v)"
     << (operands.size() > 3
             ? " key_scales(%key_scales) value_scales(%value_scales)\n"
             : "\n");
  writeRegions(shape, os);
  std::string dictionary = attributes({layoutEntry(shape), scale});
  os << "   " << dictionary << (dictionary.empty() ? " : (" : "\n    : (")
     << typeList(operands) << ")\n    -> " << result.type() << '\n';
}

static void writeLayer(const Shape &shape, ArrayRef<Argument> inputs,
                       const Argument &output, raw_ostream &os) {
  Argument projected[] = {makeHeads(shape, "q", shape.dtype, shape.heads,
                                    shape.queries, shape.headSize),
                          makeHeads(shape, "k", shape.dtype, shape.keyHeads,
                                    shape.queries, shape.headSize),
                          makeHeads(shape, "v", shape.dtype, shape.keyHeads,
                                    shape.queries, shape.valueSize)};
  Argument attended = makeOutput(shape, "a");
  ArrayRef<Argument> weights = inputs.take_back(8);
  const Argument &weight = weights[6], &bias = weights[7];
  writeProjection(shape, weights.drop_back(2), projected,
                  {shape.heads, shape.keyHeads, shape.keyHeads}, inputs.front(),
                  os);
  writeAttention(shape, projected, attended, os);
  os << "  %y = attn.merge_heads %a weight(%wo) bias(%bo)"
     << attributes({layoutEntry(shape)}) << "\n    : " << attended.type()
     << ", " << weight.type() << ", " << bias.type() << " -> " << output.type()
     << '\n';
}

std::string attn::bench::writeModule(const Shape &shape) {
  std::vector<Argument> inputs = inputsOf(shape), outputs = outputsOf(shape);
  std::string text;
  raw_string_ostream os(text);
  os << "func.func @" << shape.opName() << '('
     << list(inputs,
             [](const Argument &a) { return "%" + a.name + ": " + a.type(); })
     << ")\n    -> (" << typeList(outputs) << ") {\n";
  switch (shape.op) {
  case OpKind::attention:
    writeAttention(shape,
                   ArrayRef(inputs).take_front(shape.isQuantized() ? 5 : 3),
                   outputs.front(), os);
    break;
  case OpKind::projectHeads:
    writeProjection(shape, ArrayRef(inputs).drop_front(), outputs,
                    SmallVector<int64_t>(shape.weights, shape.heads),
                    inputs.front(), os);
    break;
  case OpKind::layer:
    writeLayer(shape, inputs, outputs.front(), os);
    break;
  }
  os << "  return " << nameList(outputs) << " : " << typeList(outputs)
     << "\n}\n";
  return text;
}
