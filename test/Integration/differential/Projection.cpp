//===- Projection.cpp - Random projections
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Projection.h"
#include "Call.h"
#include "attn/Reference/Interpreter.h"
#include "attn/Reference/Tolerance.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace attn::differential;
using attn::reference::Tensor;

Projection attn::differential::makeProjection(uint64_t seed, unsigned index) {
  Random random(seed, index, 77);
  Projection projection;
  projection.name = "p" + std::to_string(index);
  projection.merges = random.chance(40);
  projection.batched = random.chance(80);
  projection.sequenceFirst = random.chance(30);
  projection.biased = random.chance(60);
  projection.activation = random.pick({"none", "none", "relu", "gelu"});
  projection.features = random.pick<int64_t>({1, 5, 16, 33, 64, 100, 192, 384});
  if (random.chance(25))
    projection.positions = random.pick<int64_t>({1, 7, 16, 64, 100});
  for (int64_t n = projection.merges ? 1 : 1 + random.below(3); n > 0; --n) {
    projection.heads.push_back(random.pick<int64_t>({1, 2, 3, 4, 12}));
    projection.headSize.push_back(
        random.pick<int64_t>({1, 3, 16, 20, 32, 48, 64}));
  }
  projection.element = random.pick({"f32", "bf16", "bf16", "f16", "f64"});
  return projection;
}

/// The shape on the side of the heads, and that of the model dimension.
static SmallVector<int64_t> headShape(const Projection &projection, int64_t n,
                                      int64_t batch, int64_t positions) {
  SmallVector<int64_t> shape;
  if (projection.batched)
    shape.push_back(batch);
  bool first = projection.sequenceFirst;
  shape.append({first ? positions : projection.heads[n],
                first ? projection.heads[n] : positions,
                projection.headSize[n]});
  return shape;
}

static SmallVector<int64_t> modelShape(const Projection &projection,
                                       int64_t batch, int64_t positions) {
  SmallVector<int64_t> shape;
  if (projection.batched)
    shape.push_back(batch);
  shape.append({positions, projection.features});
  return shape;
}

std::string Projection::text(StringRef name, StringRef activation) const {
  auto type = [&](ArrayRef<int64_t> sizes) {
    return tensorType(sizes, element);
  };
  std::string model = type(modelShape(*this, -1, positions));
  std::string parameters, weights, weightTypes, biases, biasTypes, results;
  for (size_t n = 0; n < heads.size(); ++n) {
    int64_t width = heads[n] * headSize[n];
    std::string weight =
        merges ? type({features, width}) : type({width, features});
    std::string bias = type(merges ? features : width);
    std::string comma = n ? ", " : "", number = std::to_string(n);
    parameters += ", %w" + number + ": " + weight;
    weights += comma + "%w" + number;
    weightTypes += comma + weight;
    results += comma + type(headShape(*this, n, -1, positions));
    if (!biased)
      continue;
    parameters += ", %b" + number + ": " + bias;
    biases += comma + "%b" + number;
    biasTypes += comma + bias;
  }
  std::string text;
  raw_string_ostream os(text);
  std::string layout =
      (batched ? "b" : "") + std::string(sequenceFirst ? "shd" : "hsd");
  std::string attributes =
      "layout = \"" + layout + "\", activation = \"" + activation.str() + "\"}";
  if (merges) {
    os << "func.func @" << name << "(%x: " << results << parameters << ") -> "
       << model << " {\n  %y = attn.merge_heads %x weight(" << weights << ")";
    if (biased)
      os << " bias(" << biases << ")";
    os << " {" << attributes << " : " << results << ", " << weightTypes
       << (biased ? ", " + biasTypes : "") << " -> " << model
       << "\n  return %y : " << model << "\n}\n";
    return text;
  }
  os << "func.func @" << name << "(%x: " << model << parameters << ") -> ("
     << results << ") {\n  %y:" << heads.size()
     << " = attn.project_heads %x weights(" << weights << ")";
  if (biased)
    os << " biases(" << biases << ")";
  os << " {heads = array<i64: ";
  interleaveComma(heads, os);
  os << ">, " << attributes << " : " << model << ", (" << weightTypes << ")";
  if (biased)
    os << ", (" << biasTypes << ")";
  os << " -> (" << results << ")\n  return ";
  for (size_t n = 0; n < heads.size(); ++n)
    os << (n ? ", " : "") << "%y#" << n;
  os << " : " << results << "\n}\n";
  return text;
}

std::string attn::differential::checkProjection(
    const Projection &projection, uint64_t seed, unsigned function,
    unsigned call, const attn_entry &entry, mlir::func::FuncOp meaning,
    mlir::func::FuncOp linear, double &worst) {
  Random random(seed, function, 1000 + call);
  int64_t batch = projection.batched ? random.below(4) : 1;
  int64_t positions =
      projection.positions >= 0
          ? projection.positions
          : random.pick<int64_t>({0, 1, 2, 7, 16, 17, 33, 64, 100, 131});
  mlir::Type element = elementType(projection.element, meaning.getContext());
  std::vector<Tensor> arguments, magnitudes;
  auto add = [&](ArrayRef<int64_t> shape) {
    Tensor value(element, shape);
    for (int64_t at = 0; at < value.getNumElements(); ++at)
      value[at].f = random.normal();
    arguments.push_back(rounded(value));
    Tensor &magnitude = magnitudes.emplace_back(arguments.back());
    for (int64_t at = 0; at < value.getNumElements(); ++at)
      magnitude[at].f = std::fabs(magnitude[at].f);
  };
  add(projection.merges ? headShape(projection, 0, batch, positions)
                        : modelShape(projection, batch, positions));
  for (size_t n = 0; n < projection.heads.size(); ++n) {
    int64_t width = projection.heads[n] * projection.headSize[n];
    int64_t rows = projection.merges ? projection.features : width;
    add({rows, projection.merges ? width : projection.features});
    if (projection.biased)
      add(rows);
  }
  auto expected = reference::interpret(meaning, arguments);
  auto scales = reference::interpret(linear, magnitudes);
  if (failed(expected) || failed(scales))
    return "the reference interpreter fails";
  Placing placing{1 + unsigned(random.below(3)), unsigned(random.below(3)),
                  random.chance(60)};
  auto actual = runCompiled(entry, arguments, placing);
  if (!actual)
    return toString(actual.takeError());

  int64_t products = projection.merges
                         ? projection.heads[0] * projection.headSize[0]
                         : projection.features;
  for (auto [n, wanted, scale, value] : enumerate(*expected, *scales, *actual))
    for (int64_t at = 0; at < wanted.getNumElements(); ++at) {
      double error = distance(value[at].f, wanted[at].f);
      double bound = reference::projectionBound(element, products, scale[at].f,
                                                wanted[at].f);
      double ratio = error == 0 ? 0 : error / bound;
      worst = std::fmax(worst, ratio);
      if (!(ratio <= 1)) {
        std::string text;
        raw_string_ostream(text)
            << "B=" << batch << " S=" << positions
            << " threads=" << placing.threads << " padding=" << placing.padding
            << " prepared=" << placing.prepared << ": element " << at
            << " of result " << n << " is "
            << format("%.9g, the reference %.9g", value[at].f, wanted[at].f);
        return text;
      }
    }
  return "";
}
