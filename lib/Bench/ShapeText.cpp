//===- ShapeText.cpp - Shapes of the command line and of files ------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ShapeReader.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Errc.h"
#include "llvm/Support/JSON.h"

using namespace llvm;
using namespace attn::bench;

static Error wrong(const Twine &message) {
  return createStringError(errc::invalid_argument, message);
}

ArrayRef<StringLiteral> attn::bench::shapeKeys() {
  static constexpr StringLiteral keys[] = {
      "name",   "op",   "B",     "H",       "HKV",    "SQ",    "SK",
      "D",      "DV",   "M",     "K",       "N",      "dtype", "kv_dtype",
      "layout", "mask", "score", "lengths", "threads"};
  return keys;
}

static Error insert(StringMap<std::string> &texts, StringRef key,
                    std::string value) {
  if (!is_contained(shapeKeys(), key))
    return wrong("unknown key '" + key + "', expected one of " +
                 join(shapeKeys(), ", "));
  if (!texts.try_emplace(key, std::move(value)).second)
    return wrong(key + " is given twice");
  return Error::success();
}

Expected<Shape> attn::bench::parseShape(StringRef text) {
  StringMap<std::string> texts;
  SmallVector<StringRef> parts;
  text.split(parts, ',');
  for (StringRef part : parts) {
    auto [key, value] = part.split('=');
    if (key.empty() || value.empty())
      return wrong("'" + part + "': expected KEY=VALUE");
    if (Error error = insert(texts, key, value.str()))
      return std::move(error);
  }
  return ShapeReader(std::move(texts)).read();
}

/// A value of a JSON object as `--shape` would spell it.
static Expected<std::string> spell(StringRef key, const json::Value &value) {
  if (auto string = value.getAsString())
    return string->str();
  if (auto integer = value.getAsInteger())
    return std::to_string(*integer);
  if (const json::Array *array = value.getAsArray();
      array && key == "lengths") {
    std::string list;
    for (const json::Value &element : *array) {
      auto text = spell("", element);
      if (!text)
        return text;
      list += (list.empty() ? "" : ":") + *text;
    }
    return list;
  }
  return wrong(key + ": expected a string or an integer" +
               (key == "lengths" ? " or a list of integers" : ""));
}

static Expected<Shape> parseOne(const json::Value &value) {
  if (auto text = value.getAsString())
    return parseShape(*text);
  const json::Object *object = value.getAsObject();
  if (!object)
    return wrong("expected an object or a string");
  StringMap<std::string> texts;
  for (const auto &[key, value] : *object) {
    auto text = spell(key, value);
    if (!text)
      return text.takeError();
    if (Error error = insert(texts, key, std::move(*text)))
      return std::move(error);
  }
  return ShapeReader(std::move(texts)).read();
}

Expected<std::vector<Shape>> attn::bench::parseShapes(StringRef text) {
  Expected<json::Value> value = json::parse(text);
  if (!value)
    return value.takeError();
  const json::Array *array = value->getAsArray();
  if (!array)
    return wrong("expected a JSON array of shapes");
  std::vector<Shape> shapes;
  for (auto [index, element] : enumerate(*array)) {
    Expected<Shape> shape = parseOne(element);
    if (!shape)
      return wrong("shape " + Twine(index) + ": " +
                   toString(shape.takeError()));
    shapes.push_back(std::move(*shape));
  }
  return shapes;
}
