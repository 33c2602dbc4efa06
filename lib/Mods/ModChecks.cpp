//===- ModChecks.cpp - Whether a mod can be applied -----------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ModChecks.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace attn;

ModKind attn::modKind(TypeRange inputs, TypeRange results) {
  auto hasPositions = [&](unsigned from) {
    return inputs.size() >= from + 4 &&
           llvm::all_of(inputs.slice(from, 4),
                        [](Type type) { return type.isIndex(); });
  };
  if (results.size() != 1)
    return ModKind::other;
  if (results.front().isInteger(1) && hasPositions(0))
    return ModKind::mask;
  if (isa<FloatType>(results.front()) && !inputs.empty() &&
      inputs.front() == results.front() && hasPositions(1))
    return ModKind::score;
  return ModKind::other;
}

LogicalResult attn::emitUnknownMod(Operation *call, StringRef name,
                                   ArrayRef<std::string> names) {
  auto error = call->emitOpError()
               << "expects the name of a mod, got @" << name;
  auto near = llvm::min_element(names, [&](StringRef a, StringRef b) {
    return a.edit_distance(name) < b.edit_distance(name);
  });
  if (near != names.end() && StringRef(*near).edit_distance(name) <=
                                 std::max<size_t>(1, name.size() / 3))
    error << "; did you mean @" << *near << "?";
  error.attachNote() << "the mods are " << llvm::join(names, ", ");
  return failure();
}

LogicalResult attn::checkMod(Operation *call, func::FuncOp mod,
                             bool isEntryIfPublic) {
  auto refuse = [&](Location where, const llvm::Twine &rule,
                    const llvm::Twine &broken) {
    auto error = call->emitOpError()
                 << "expects the mod @" << mod.getName() << ' ' << rule;
    error.attachNote(where) << broken;
    return failure();
  };
  if (mod.isExternal())
    return refuse(mod.getLoc(), "to have a body", "is declared here");
  if (isEntryIfPublic && mod.isPublic())
    return refuse(mod.getLoc(), "to be private",
                  "a public function is an entry of the library");
  if (!llvm::hasSingleElement(mod.getBody()) || mod.getNumResults() != 1)
    return refuse(mod.getLoc(), "to be one block with one result",
                  "has " + llvm::Twine(mod.getBody().getBlocks().size()) +
                      " blocks and " + llvm::Twine(mod.getNumResults()) +
                      " results");
  for (Operation &op : mod.front().without_terminator()) {
    if (op.getNumRegions())
      return refuse(
          op.getLoc(), "to be a block of ops without regions",
          "this op has a region; arith.select chooses between values");
    if (!isa<func::CallOp>(op) && !isMemoryEffectFree(&op))
      return refuse(op.getLoc(), "to be pure",
                    "this op may read or write memory");
  }
  return success();
}

static StringRef nameOf(ModKind kind) {
  return kind == ModKind::mask ? "mask" : "score";
}

/// The inputs of a region, before parameters.
static unsigned numFixed(ModKind kind) {
  return kind == ModKind::mask ? 4 : kind == ModKind::score ? 5 : 0;
}

/// Whether a mod that takes `wanted` can be given `given`.
static bool fits(Type given, Type wanted) {
  auto from = dyn_cast<RankedTensorType>(given);
  auto to = dyn_cast<RankedTensorType>(wanted);
  if (given == wanted || !from || !to)
    return given == wanted;
  if (from.getRank() != to.getRank() || from.getEncoding() != to.getEncoding())
    return false;
  for (auto [one, other] : llvm::zip_equal(from.getShape(), to.getShape()))
    if (ShapedType::isStatic(other) && one != other)
      return false;
  auto narrow = dyn_cast<FloatType>(from.getElementType());
  auto wide = dyn_cast<FloatType>(to.getElementType());
  return from.getElementType() == to.getElementType() ||
         (narrow && wide && narrow.getWidth() < wide.getWidth());
}

LogicalResult attn::checkTypes(Operation *call, func::FuncOp mod, StringRef use,
                               bool isOfLibrary) {
  FunctionType type = mod.getFunctionType();
  TypeRange given = call->getOperandTypes();
  ModKind wanted = modKind(given, call->getResultTypes());
  ModKind kind = modKind(type.getInputs(), type.getResults());
  auto spell = [](Type type) {
    std::string text;
    llvm::raw_string_ostream(text) << type;
    return text;
  };
  auto refuse = [&](const llvm::Twine &message) {
    auto error = call->emitOpError() << message;
    // Nobody has the library's files at hand.
    std::optional<Location> where;
    if (!isOfLibrary)
      where = mod.getLoc();
    error.attachNote(where) << use << " is " << spell(type);
    return failure();
  };
  if (wanted != ModKind::other && kind != ModKind::other && wanted != kind)
    return refuse("expects a " + nameOf(wanted) + " mod, got the " +
                  nameOf(kind) + " mod @" + mod.getName());
  unsigned fixed = wanted == kind ? numFixed(kind) : 0;
  std::string what = fixed ? "parameter" : "input";
  if (given.size() != type.getNumInputs()) {
    unsigned count = type.getNumInputs() - fixed;
    return refuse("expects " + llvm::Twine(count) + " " + what +
                  (count == 1 ? "" : "s") + " for " + use + ", got " +
                  llvm::Twine(given.size() - fixed));
  }
  for (auto [index, types] :
       llvm::enumerate(llvm::zip_equal(given, type.getInputs()))) {
    auto [from, to] = types;
    if (fits(from, to))
      continue;
    if (index < fixed)
      return refuse("expects scores of " + spell(to) + " for @" +
                    mod.getName() + ", got " + spell(from) +
                    "; in a file of mods, !score is their type");
    return refuse("expects " + what + " " + llvm::Twine(index - fixed + 1) +
                  " of " + use + " to be " + spell(to) + ", got " +
                  spell(from));
  }
  if (call->getResultTypes() != type.getResults())
    return refuse("expects the result of @" + mod.getName() + ", " +
                  spell(type.getResult(0)) + ", got " +
                  spell(call->getResult(0).getType()));
  return success();
}
