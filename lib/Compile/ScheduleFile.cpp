//===- ScheduleFile.cpp - Measured schedules in a file --------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Compile/ScheduleFile.h"
#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Errc.h"
#include "llvm/Support/JSON.h"

using namespace mlir;
using namespace attn;
using llvm::Expected;
using llvm::Twine;
namespace json = llvm::json;

static constexpr int64_t currentFormat = 1;
static constexpr llvm::StringLiteral strings[] = {"cpu", "query", "key",
                                                  "value"};
static constexpr llvm::StringLiteral integers[] = {"head_size", "value_size",
                                                   "group"};
static constexpr llvm::StringLiteral booleans[] = {"score", "mask"};

static llvm::Error wrong(const Twine &message) {
  return llvm::createStringError(llvm::errc::invalid_argument, message);
}

static Expected<Attribute> readSchedule(StringRef text, MLIRContext &context) {
  std::string said;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    if (said.empty())
      said = diagnostic.str();
    return success();
  });
  if (auto schedule =
          dyn_cast_or_null<ScheduleAttr>(parseAttribute(text, &context)))
    return schedule;
  return wrong("schedule: expected #attn.schedule<...>" +
               (said.empty() ? Twine() : ": " + said));
}

/// One value of an entry as an attribute.
static Expected<Attribute> readValue(StringRef key, const json::Value &value,
                                     MLIRContext &context) {
  Builder b(&context);
  if (key == "schedule") {
    auto text = value.getAsString();
    return readSchedule(text ? *text : StringRef(), context);
  }
  if (llvm::is_contained(strings, key)) {
    if (auto text = value.getAsString())
      return b.getStringAttr(*text);
    return wrong(key + ": expected a string");
  }
  if (llvm::is_contained(integers, key)) {
    if (auto integer = value.getAsInteger())
      return b.getI64IntegerAttr(*integer);
    return wrong(key + ": expected an integer");
  }
  if (llvm::is_contained(booleans, key)) {
    if (auto boolean = value.getAsBoolean())
      return b.getBoolAttr(*boolean);
    return wrong(key + ": expected true or false");
  }
  return wrong("unknown key '" + key + "'");
}

static Expected<Attribute> readEntry(const json::Value &value,
                                     MLIRContext &context) {
  const json::Object *object = value.getAsObject();
  if (!object || !object->get("schedule"))
    return wrong("expected an object with a schedule");
  NamedAttrList entry;
  for (const auto &[key, value] : *object) {
    if (StringRef(key) == "note")
      continue;
    Expected<Attribute> attribute = readValue(key, value, context);
    if (!attribute)
      return attribute.takeError();
    entry.set(StringRef(key), *attribute);
  }
  return entry.getDictionary(&context);
}

Expected<ArrayAttr> attn::readSchedules(StringRef text, MLIRContext &context) {
  Expected<json::Value> value = json::parse(text);
  if (!value)
    return value.takeError();
  const json::Object *object = value->getAsObject();
  const json::Array *array = object ? object->getArray("schedules") : nullptr;
  if (!array || object->getInteger("format") != currentFormat)
    return wrong("expected an object with \"format\": " + Twine(currentFormat) +
                 " and an array \"schedules\"");
  SmallVector<Attribute> entries;
  for (auto [index, element] : llvm::enumerate(*array)) {
    Expected<Attribute> entry = readEntry(element, context);
    if (!entry)
      return wrong("schedule " + Twine(index) + ": " +
                   llvm::toString(entry.takeError()));
    entries.push_back(*entry);
  }
  return ArrayAttr::get(&context, entries);
}

void attn::writeSchedules(ArrayRef<TunedSchedule> schedules, raw_ostream &os) {
  json::OStream json(os, 1);
  json.object([&] {
    json.attribute("format", currentFormat);
    json.attributeArray("schedules", [&] {
      for (const TunedSchedule &tuned : schedules)
        json.object([&] {
          auto problem = tuned.problem;
          for (StringRef key : strings)
            json.attribute(key, problem.getAs<StringAttr>(key).getValue());
          for (StringRef key : integers)
            json.attribute(key, problem.getAs<IntegerAttr>(key).getInt());
          for (StringRef key : booleans)
            json.attribute(key, problem.getAs<BoolAttr>(key).getValue());
          std::string text;
          llvm::raw_string_ostream(text) << tuned.schedule;
          json.attribute("schedule", text);
          json.attribute("note", tuned.note);
        });
    });
  });
  os << '\n';
}
