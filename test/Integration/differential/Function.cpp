//===- Function.cpp - One random attention as a function
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Function.h"
#include "RegionText.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace attn::differential;

std::vector<int64_t> Function::shape(int64_t batch, int64_t count,
                                     int64_t length, int64_t size) const {
  std::vector<int64_t> sizes;
  if (batched)
    sizes.push_back(batch);
  sizes.push_back(sequenceFirst ? length : count);
  sizes.push_back(sequenceFirst ? count : length);
  sizes.push_back(size);
  return sizes;
}

std::string attn::differential::tensorType(ArrayRef<int64_t> sizes,
                                           StringRef element) {
  std::string text = "tensor<";
  for (int64_t size : sizes)
    text += (size < 0 ? "?" : std::to_string(size)) + "x";
  return text + element.str() + ">";
}

static std::string captureArgument(const Function &function, Capture capture) {
  switch (capture) {
  case Capture::width:
    return "%width: index";
  case Capture::factor:
    return "%factor: f32";
  case Capture::lengths:
    return "%lengths: tensor<?xi32>";
  case Capture::starts:
    return "%starts: tensor<?xi32>";
  case Capture::slopes:
    return "%slopes: " + tensorType(function.heads);
  case Capture::table:
    return "%table: tensor<33xf32>";
  case Capture::bias:
    return "%bias: " + tensorType({function.heads, -1, -1});
  case Capture::map:
    return "%map: tensor<?xi32>";
  case Capture::grid:
    return "%grid: tensor<?x?xf32>";
  case Capture::words:
    return "%words: tensor<?x?xi32>";
  case Capture::edges:
    return "%edges: tensor<?xf32>";
  }
  llvm_unreachable("all captures");
}

std::vector<int64_t> Function::scaleShape(int64_t batch, int64_t length,
                                          int64_t groups) const {
  std::vector<int64_t> sizes = shape(batch, keyHeads, length, groups);
  if (groups == 0)
    sizes.pop_back();
  return sizes;
}

unsigned Function::scales(bool ofValue) const {
  unsigned first = 3;
  if (ofValue && storage.key.groups)
    first += storage.key.zeroPoint.empty() ? 1 : 2;
  return first;
}

unsigned Function::pageTable() const {
  unsigned next = scales(/*ofValue=*/true);
  if (storage.value.groups)
    next += storage.value.zeroPoint.empty() ? 1 : 2;
  return next;
}

namespace {
/// Operands with their names and types.
struct Operands {
  void add(const std::string &name, const std::string &type) {
    parameters += (parameters.empty() ? "%" : ", %") + name + ": " + type;
    types += (types.empty() ? "" : ", ") + type;
  }
  /// One that is the only one of its group.
  void addGroup(const std::string &group, const std::string &type) {
    add(group, type);
    groups += " " + group + "(%" + group + ")";
  }
  /// Another, whose arguments are `later`, behind those of the next groups.
  void addGroup(const std::string &group, ArrayRef<std::string> groupTypes,
                std::string &later) {
    std::string names;
    for (auto [index, type] : enumerate(groupTypes)) {
      std::string name = group + std::to_string(index);
      later += ", %" + name + ": " + type;
      types += ", " + type;
      names += (index ? ", %" : "%") + name;
    }
    groups += " " + group + "(" + names + ")";
  }
  std::string parameters, types, groups;
};
} // namespace

static Operands listOperands(const Function &function) {
  const Storage &storage = function.storage;
  int64_t keyBatch = storage.pageSize ? -1 : function.batch;
  int64_t keyLength = storage.pageSize ? storage.pageSize : function.keys;
  Operands operands;
  operands.add("q",
               tensorType(function.shape(function.batch, function.heads,
                                         function.queries, function.headSize),
                          storage.query));
  operands.add("k", tensorType(function.shape(keyBatch, function.keyHeads,
                                              keyLength, function.headSize),
                               storage.key.element));
  operands.add("v", tensorType(function.shape(keyBatch, function.keyHeads,
                                              keyLength, function.valueSize),
                               storage.value.element));
  // Of the groups the first, of the arguments the last.
  if (function.sinks) {
    operands.types += ", " + tensorType(function.heads);
    operands.groups += " sinks(%sinks)";
  }
  for (auto [cache, name] :
       {std::pair(&storage.key, "key"), {&storage.value, "value"}}) {
    if (!cache->groups)
      continue;
    auto shape = function.scaleShape(keyBatch, keyLength, *cache->groups);
    operands.addGroup(name + std::string("_scales"),
                      tensorType(shape, cache->scale));
    if (!cache->zeroPoint.empty())
      operands.addGroup(name + std::string("_zero_points"),
                        tensorType(shape, cache->zeroPoint));
  }
  if (storage.pageSize)
    operands.addGroup("page_table", tensorType({function.batch, -1}, "i32"));
  if (function.valueTable) {
    operands.types += ", " + function.valueTable->type();
    operands.groups += " value_table(%" + function.valueTable->name + ")";
  }
  std::string lists;
  if (function.lists)
    operands.addGroup(function.lists->group(), function.lists->types(function),
                      lists);
  if (storage.packed)
    for (const char *name : {"query_starts", "key_starts"})
      operands.addGroup(name, "tensor<?xi32>");
  if (function.sinks)
    operands.parameters += ", %sinks: " + tensorType(function.heads);
  if (const auto &table = function.valueTable)
    operands.parameters += ", %" + table->name + ": " + table->type();
  operands.parameters += lists;
  return operands;
}

std::string Function::text(ArrayRef<std::string> aux, bool finalScores) const {
  Operands operands = listOperands(*this);
  std::string results =
      tensorType(shape(batch, heads, queries, valueSize), storage.output);
  std::string names = "%o", auxNames;
  for (const std::string &what : aux) {
    SmallVector<int64_t> rows;
    if (batched)
      rows.push_back(batch);
    rows.append({heads, queries});
    if (what == "scores" || what == "probabilities")
      rows.push_back(keys);
    results += ", " + tensorType(rows, storage.accumulator());
    names += ", %" + what;
    auxNames += (auxNames.empty() ? "\"" : ", \"") + what + "\"";
  }

  std::string text;
  raw_string_ostream os(text);
  os << "func.func @" << name << "(" << operands.parameters;
  for (const RowTable &table : tables)
    os << ", %" << table.name << ": " << table.type();
  for (Capture capture : captures)
    os << ", " << captureArgument(*this, capture);
  os << ") -> (" << results << ") {\n  " << names
     << " = attn.attention query(%q) key(%k) value(%v)" << operands.groups
     << '\n';
  const char *positions = "%b: index, %h: index, %i: index, %j: index) {\n";
  if (score)
    os << "    score(%s: " << storage.accumulator() << ", " << positions
       << (keepsOthers() && !finalScores ? score->keeping : score->text)
       << "    }\n";
  if (mask)
    os << "    mask(" << positions << mask->text << "    }\n";
  if (valueRow)
    os << "    value_row(" << positions << valueRow->text << "    }\n";
  os << "    {layout = \"" << (batched ? "b" : "")
     << (sequenceFirst ? "shd" : "hsd") << '"';
  if (scale)
    os << ", scale = " << format("%e", *scale) << " : f64";
  if (normalizer != "softmax")
    os << ", normalizer = \"" << normalizer << '"';
  if (lists && lists->areBlocks)
    os << ", block_sizes = array<i64: " << lists->queryBlock << ", "
       << lists->keyBlock << '>';
  if (!aux.empty())
    os << ", aux = [" << auxNames << ']';
  os << "}\n    : (" << operands.types << ") -> (" << results << ")\n  return "
     << names << " : " << results << "\n}\n";
  return text;
}

/// Regions, weights and results of all kinds.
static void addKinds(Random &random, Random &lists, Function &function) {
  if (lists.chance(35))
    function.lists = makeLists(lists, function);
  if (random.chance(50)) {
    function.normalizer =
        random.pick<std::string>({"sigmoid", "relu", "relu2", "none"});
    llvm::erase(function.aux, "lse");
  } else {
    function.sinks = random.chance(40);
  }
  function.captures.clear();
  function.score.reset();
  function.mask.reset();
  if (random.chance(60))
    function.score =
        makeScore(random, function, function.captures, &function.tables);
  if (random.chance(70))
    function.mask = makeMask(random, function, function.captures,
                             /*anyIntegers=*/true);
  if (random.chance(25)) {
    function.valueTable =
        makeTable(random, function, "added", function.valueSize);
    RegionText text(function, function.captures);
    std::vector<std::string> row =
        makeRow(random, function, text, *function.valueTable);
    std::vector<std::string> types(row.size(), "index");
    function.valueRow.emplace();
    function.valueRow->text = text.finish(join(row, ", "), join(types, ", "));
  }
  // Of pages no input has their size.
  for (const char *result : {"scores", "probabilities"})
    if (random.chance(25) && !function.storage.pageSize)
      function.aux.push_back(result);
  if (function.score && !is_contained(function.aux, "scores"))
    function.score->keeping.clear();
}

Function attn::differential::makeFunction(uint64_t seed, unsigned index,
                                          Grammar grammar) {
  Random random(seed, index);
  Function function;
  function.name = "f" + std::to_string(index);
  function.batched = random.chance(80);
  function.sequenceFirst = random.chance(40);
  auto [heads, keyHeads] = random.pick<std::pair<int64_t, int64_t>>(
      {{1, 1}, {2, 2}, {3, 3}, {2, 1}, {4, 2}, {6, 3}, {5, 1}, {8, 2}});
  function.heads = heads;
  function.keyHeads = keyHeads;
  // Multiples of 16 are fast; any size is right.
  auto size = [&] {
    return random.chance(60)
               ? random.pick<int64_t>({16, 32, 48, 64, 80, 96, 128})
               : random.pick<int64_t>({1, 2, 3, 5, 8, 13, 17, 20, 40, 63, 72});
  };
  function.headSize = size();
  function.valueSize = random.chance(70) ? function.headSize : size();
  if (random.chance(25))
    function.batch = 1 + random.below(3);
  if (random.chance(25))
    function.queries = random.pick<int64_t>({1, 5, 16, 48, 77, 128});
  if (random.chance(25))
    function.keys = random.pick<int64_t>({1, 6, 16, 64, 99, 128});
  if (random.chance(30))
    function.scale = random.pick({1.0, 0.25, 0.1, -0.5});
  if (random.chance(45))
    function.score = makeScore(random, function, function.captures);
  if (random.chance(65))
    function.mask = makeMask(random, function, function.captures);
  if (random.chance(35))
    function.aux.push_back("lse");
  if (random.chance(20))
    function.aux.push_back("row_max");
  Random kinds(seed, index, 4000037), lists(seed, index, 5000011);
  if (!grammar.mixed) {
    if (grammar.kinds)
      addKinds(kinds, lists, function);
    return function;
  }
  // From a stream of its own: f32 functions stay what they are.
  Random storage(seed, index, 3000017);
  function.storage = makeStorage(storage, function.headSize, function.valueSize,
                                 function.batched);
  // Pages and starts decide about lengths; regions are written for f32.
  if (function.storage.pageSize)
    function.keys = -1;
  if (function.storage.packed)
    function.queries = function.keys = -1;
  if (function.storage.isDouble()) {
    function.score.reset();
    function.captures.clear();
    function.mask = makeMask(storage, function, function.captures);
  }
  if (grammar.kinds)
    addKinds(kinds, lists, function);
  return function;
}
