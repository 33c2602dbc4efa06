//===- InlineMods.cpp - Put mods in the place of attn.apply ---------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ModInliner.h"
#include "attn/IR/AttnOps.h"
#include "attn/Mods/Passes.h"

namespace attn {
#define GEN_PASS_DEF_INLINEMODS
#include "attn/Mods/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

namespace {
struct InlineMods : attn::impl::InlineModsBase<InlineMods> {
  using InlineModsBase::InlineModsBase;
  void runOnOperation() override;
};
} // namespace

static bool standsInMods(Operation &op) {
  return isa<ApplyOp, QueryDotOp, KeyDotOp, EntryOp>(op);
}

/// Whether `function` can only have been meant as a mod.
static bool isMod(func::FuncOp function) {
  FunctionType type = function.getFunctionType();
  return modKind(type.getInputs(), type.getResults()) != ModKind::other ||
         llvm::any_of(function.getOps(), standsInMods);
}

/// Drops mods that are private and that nothing uses, until none are left.
static void dropUnused(ModuleOp module,
                       const std::optional<ModInliner> &inliner) {
  for (bool changed = true; changed;) {
    changed = false;
    for (auto function :
         llvm::make_early_inc_range(module.getOps<func::FuncOp>())) {
      if (!function.isPrivate() || function.isExternal() ||
          !((inliner && inliner->hasApplied(function)) || isMod(function)) ||
          !SymbolTable::symbolKnownUseEmpty(function, module))
        continue;
      function.erase();
      changed = true;
    }
  }
}

/// No later stage knows what stands in mods.
static LogicalResult checkLeft(ModuleOp module) {
  for (auto function : module.getOps<func::FuncOp>())
    for (Operation &op : function.getOps())
      if (standsInMods(op)) {
        auto error = op.emitOpError("expects to stand in a region of "
                                    "attention, or in a mod");
        error.attachNote(function.getLoc())
            << '@' << function.getName()
            << (function.isPrivate() ? " is called, not applied"
                                     : " is public, an entry of the library");
        return failure();
      }
  return success();
}

LogicalResult attn::inlineMods(ModuleOp module, ArrayRef<ModFile> files) {
  SmallVector<ApplyOp> calls;
  module.walk([&](ApplyOp call) {
    if (isa<AttentionOp, OnlineAttentionOp>(call->getParentOp()))
      calls.push_back(call);
  });
  // Most modules name nothing, and need not read the library.
  std::optional<ModInliner> inliner;
  if (!calls.empty())
    inliner.emplace(module, files);
  for (ApplyOp call : calls)
    if (failed(inliner->expand(call)))
      return failure();
  dropUnused(module, inliner);
  return checkLeft(module);
}

void InlineMods::runOnOperation() {
  SmallVector<ModFile> files;
  for (const std::string &path : mods) {
    llvm::Expected<ModFile> file = readModFile(path);
    if (!file) {
      getOperation().emitError() << llvm::toString(file.takeError());
      return signalPassFailure();
    }
    files.push_back(std::move(*file));
  }
  if (failed(inlineMods(getOperation(), files)))
    signalPassFailure();
}
