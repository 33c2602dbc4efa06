//===- Regions.cpp - Scores and masks by name -----------------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Bench/Module.h"
#include "llvm/Support/Format.h"

using namespace llvm;
using namespace attn::bench;

namespace {
/// Writes the ops of one region, a line each.
class RegionWriter {
public:
  RegionWriter(StringRef scoreType, raw_ostream &os)
      : scoreType(scoreType), os(os) {}

  void line(const Twine &text) { os << "      " << text << '\n'; }

  /// Conjunction with what was found live so far.
  void keep(StringRef condition) {
    if (live.empty()) {
      live = condition.str();
      return;
    }
    line("%both = arith.andi " + Twine(live) + ", " + condition + " : i1");
    live = "%both";
  }

  StringRef scoreType;
  std::string live; ///< The i1 that says so; empty: every key is.

private:
  raw_ostream &os;
};
} // namespace

//===----------------------------------------------------------------------===//
// Scores
//===----------------------------------------------------------------------===//

/// Press et al., 2021: the score falls with the distance.
static void writeAlibi(const Shape &shape, RegionWriter &region) {
  region.line("%slope = tensor.extract %slopes[%h] : tensor<" +
              Twine(shape.heads) + "x" + region.scoreType + ">");
  region.line("%distance = arith.subi %j, %i : index");
  region.line("%distance_i32 = arith.index_cast %distance : index to i32");
  region.line(Twine("%distance_real = arith.sitofp %distance_i32 : i32 to ") +
              region.scoreType);
  region.line(Twine("%bias = arith.mulf %slope, %distance_real : ") +
              region.scoreType);
  region.line(Twine("%new = arith.addf %s, %bias : ") + region.scoreType);
}

static void writeSoftcap(const Shape &shape, RegionWriter &region) {
  std::string cap;
  raw_string_ostream(cap) << format("%.17e", shape.score.cap);
  region.line("%cap = arith.constant " + Twine(cap) + " : " + region.scoreType);
  region.line(Twine("%ratio = arith.divf %s, %cap : ") + region.scoreType);
  region.line(Twine("%bent = math.tanh %ratio : ") + region.scoreType);
  region.line(Twine("%new = arith.mulf %bent, %cap : ") + region.scoreType);
}

/// Raffel et al., 2019: a learned bias for each of 32 buckets of distances. The
/// bounds of the buckets that grow logarithmically, up to 128, are written out:
/// as integers they cannot round to another bucket.
static void writeT5(const Shape &shape, RegionWriter &region) {
  region.line("%signed = arith.subi %j, %i : index");
  region.line("%far = math.absi %signed : index");
  region.line("%c8 = arith.constant 8 : index");
  region.line("%near = arith.minsi %far, %c8 : index");
  std::string bucket = "%near";
  for (int bound : {12, 16, 23, 32, 46, 64, 91}) {
    std::string n = std::to_string(bound);
    region.line("%c" + Twine(n) + " = arith.constant " + n + " : index");
    region.line("%past" + Twine(n) + " = arith.cmpi sge, %far, %c" + n +
                " : index");
    region.line("%one" + Twine(n) + " = arith.extui %past" + n +
                " : i1 to i32");
    region.line("%step" + Twine(n) + " = arith.index_cast %one" + n +
                " : i32 to index");
    region.line("%bucket" + Twine(n) + " = arith.addi " + bucket + ", %step" +
                n + " : index");
    bucket = "%bucket" + n;
  }
  region.line("%c0 = arith.constant 0 : index");
  region.line("%half = arith.constant 16 : index");
  region.line("%later = arith.cmpi sgt, %j, %i : index");
  region.line("%side = arith.select %later, %half, %c0 : index");
  region.line("%bucket = arith.addi " + Twine(bucket) + ", %side : index");
  region.line("%bias = tensor.extract %table[%bucket, %h] : tensor<32x" +
              Twine(shape.heads) + "x" + region.scoreType + ">");
  region.line(Twine("%new = arith.addf %s, %bias : ") + region.scoreType);
}

static void writeBias(const Shape &shape, RegionWriter &region) {
  region.line("%element = tensor.extract %bias[%h, %i, %j] : tensor<" +
              Twine(shape.heads) + "x?x?x" + region.scoreType + ">");
  region.line(Twine("%new = arith.addf %s, %element : ") + region.scoreType);
}

static void writeScore(const Shape &shape, RegionWriter &region) {
  switch (shape.score.kind) {
  case Score::none:
    return;
  case Score::alibi:
    return writeAlibi(shape, region);
  case Score::softcap:
    return writeSoftcap(shape, region);
  case Score::t5:
    return writeT5(shape, region);
  case Score::bias:
    return writeBias(shape, region);
  }
}

//===----------------------------------------------------------------------===//
// Masks
//===----------------------------------------------------------------------===//

static void writeMask(const Shape &shape, RegionWriter &region) {
  switch (shape.mask.kind) {
  case Mask::none:
    break;
  case Mask::causal:
    region.line("%past = arith.cmpi sle, %j, %i : index");
    region.keep("%past");
    break;
  case Mask::causalBottomRight:
    region.line("%more = arith.subi %keys, %queries : index");
    region.line("%last = arith.addi %i, %more : index");
    region.line("%past = arith.cmpi sle, %j, %last : index");
    region.keep("%past");
    break;
  case Mask::window:
    region.line("%width = arith.constant " + Twine(shape.mask.size) +
                " : index");
    region.line("%difference = arith.subi %i, %j : index");
    region.line("%distance = math.absi %difference : index");
    region.line("%near = arith.cmpi sle, %distance, %width : index");
    region.keep("%near");
    break;
  case Mask::prefix:
    region.line("%prefix = arith.constant " + Twine(shape.mask.size) +
                " : index");
    region.line("%shared = arith.cmpi slt, %j, %prefix : index");
    region.line("%past = arith.cmpi sle, %j, %i : index");
    region.line("%either = arith.ori %shared, %past : i1");
    region.keep("%either");
    break;
  }
  if (shape.lengths.empty())
    return;
  region.line("%length = tensor.extract %lengths[%b] : tensor<?xi32>");
  region.line("%length_index = arith.index_cast %length : i32 to index");
  region.line("%inside = arith.cmpi slt, %j, %length_index : index");
  region.keep("%inside");
}

void attn::bench::writeRegions(const Shape &shape, raw_ostream &os) {
  llvm::StringRef scoreType = shape.scoreType();
  RegionWriter region(scoreType, os);
  if (shape.score.kind != Score::none) {
    os << "    score(%s: " << scoreType
       << ", %b: index, %h: index, %i: index, %j: index) {\n";
    writeScore(shape, region);
    region.line("attn.yield %new : " + Twine(scoreType));
    os << "    }\n";
  }
  if (shape.mask.kind == Mask::none && shape.lengths.empty())
    return;
  os << "    mask(%b: index, %h: index, %i: index, %j: index) {\n";
  writeMask(shape, region);
  region.line("attn.yield " + Twine(region.live) + " : i1");
  os << "    }\n";
}
