//===- Plan.cpp - Shapes for another program ------------------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Bench/Plan.h"
#include "attn/Bench/Module.h"

using namespace llvm;
using namespace attn::bench;

void attn::bench::writeShape(const Shape &shape, json::OStream &json) {
  if (!shape.name.empty())
    json.attribute("name", shape.name);
  json.attribute("op", shape.opName());
  json.attribute("B", shape.batch);
  json.attribute("H", shape.heads);
  json.attribute("HKV", shape.keyHeads);
  json.attribute("SQ", shape.queries);
  json.attribute("SK", shape.keys);
  json.attribute("D", shape.headSize);
  json.attribute("DV", shape.valueSize);
  if (shape.hasProjections()) {
    json.attribute("M", shape.m);
    json.attribute("K", shape.k);
    json.attribute("N", shape.n);
  }
  if (shape.op == OpKind::projectHeads)
    json.attribute("weights", shape.weights);
  json.attribute("dtype", shape.dtype);
  json.attribute("kv_dtype", shape.keyValueText);
  json.attribute("layout", shape.layout);
  json.attribute("mask", shape.maskText);
  json.attribute("score", shape.scoreText);
  json.attribute("lengths", shape.lengthsText);
}

static StringRef nameOf(Argument::Fill fill) {
  switch (fill) {
  case Argument::normal:
    return "normal";
  case Argument::slopes:
    return "slopes";
  case Argument::lengths:
    return "lengths";
  case Argument::levels:
    return "levels";
  case Argument::scales:
    return "scales";
  }
  llvm_unreachable("every fill has a name");
}

static void writeInputs(const Shape &shape, json::OStream &json) {
  for (const Argument &input : inputsOf(shape))
    json.object([&] {
      json.attribute("name", input.name);
      json.attribute("dtype", input.dtype);
      json.attributeArray("shape", [&] {
        for (int64_t extent : input.shape)
          json.value(extent);
      });
      json.attribute("fill", nameOf(input.fill));
      json.attribute("deviation", input.deviation);
    });
}

void attn::bench::writePlan(const Plan &plan, raw_ostream &os) {
  json::OStream json(os);
  json.object([&] {
    json.attributeBegin("rule");
    if (plan.rule)
      json.object([&] {
        json.attribute("version", SweepRule::version);
        json.attribute("count", plan.rule->count);
        json.attribute("seed", plan.rule->seed);
      });
    else
      json.value(nullptr);
    json.attributeEnd();
    json.attribute("machine", plan.machine);
    json.attributeArray("shapes", [&] {
      for (const Shape &shape : plan.shapes)
        json.object([&] {
          writeShape(shape, json);
          json.attribute("threads", shape.threads);
          json.attribute("label", shape.label());
          json.attributeArray("lengths_list", [&] {
            for (int64_t length : shape.lengths)
              json.value(length);
          });
          json.attribute("flops", countFlops(shape));
          json.attribute("bytes", countBytes(shape));
          json.attribute("kv_bytes", streamedBytes(shape));
          json.attribute("burst_seconds", plan.burstSeconds);
          json.attributeArray("inputs", [&] { writeInputs(shape, json); });
          json.attribute("module", writeModule(shape));
        });
    });
  });
  os << '\n';
}
