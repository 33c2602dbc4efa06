//===- Source.cpp - Reading a module with its names -----------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Emit/Source.h"
#include "attn/Emit/Description.h"
#include "mlir/AsmParser/AsmParser.h"
#include "mlir/AsmParser/AsmParserState.h"
#include "mlir/Bytecode/BytecodeReader.h"
#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace attn;

/// The text of a definition such as `%q`, without the sigil.
static StringRef nameAt(SMRange range) {
  if (!range.isValid())
    return {};
  StringRef text(range.Start.getPointer(),
                 range.End.getPointer() - range.Start.getPointer());
  text.consume_front("%");
  return text;
}

/// The name of a value that is defined in the text; empty for one of several
/// results of an op, unless it is the first.
static StringRef nameOf(Value value, const AsmParserState &state) {
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    const auto *block = state.getBlockDef(argument.getOwner());
    return block && argument.getArgNumber() < block->arguments.size()
               ? nameAt(block->arguments[argument.getArgNumber()].loc)
               : StringRef();
  }
  auto result = cast<OpResult>(value);
  const auto *op = state.getOpDef(result.getOwner());
  if (!op)
    return {};
  for (const auto &group : op->resultGroups)
    if (group.startIndex == result.getResultNumber())
      return nameAt(group.definition.loc);
  return {};
}

static void keepNames(func::FuncOp func, const AsmParserState &state) {
  if (func.isPrivate() || func.isExternal())
    return;
  llvm::StringSet<> taken;
  auto keep = [&](StringRef name, Attribute present, auto &&set) {
    if (auto given = dyn_cast_or_null<StringAttr>(present))
      name = given.getValue();
    else if (!name.empty() && !taken.contains(name))
      set(StringAttr::get(func.getContext(), name));
    taken.insert(name);
  };
  for (BlockArgument argument : func.getArguments()) {
    unsigned index = argument.getArgNumber();
    keep(nameOf(argument, state), func.getArgAttr(index, kNameAttr),
         [&](StringAttr name) { func.setArgAttr(index, kNameAttr, name); });
  }
  for (auto [i, value] :
       llvm::enumerate(func.front().getTerminator()->getOperands())) {
    unsigned index = i;
    keep(nameOf(value, state), func.getResultAttr(index, kNameAttr),
         [&](StringAttr name) { func.setResultAttr(index, kNameAttr, name); });
  }
}

OwningOpRef<ModuleOp> attn::parseSource(const llvm::SourceMgr &sourceMgr,
                                        MLIRContext *context) {
  auto buffer = sourceMgr.getMemoryBuffer(sourceMgr.getMainFileID());
  ParserConfig config(context);
  if (isBytecode(buffer->getMemBufferRef()))
    return parseSourceFile<ModuleOp>(sourceMgr, config);

  Block body;
  AsmParserState state;
  if (failed(parseAsmSourceFile(sourceMgr, &body, config, &state)))
    return nullptr;
  // One explicit `module` is the module; anything else is its body.
  OwningOpRef<ModuleOp> module;
  if (llvm::hasSingleElement(body) && isa<ModuleOp>(body.front())) {
    module = cast<ModuleOp>(body.front());
    module->getOperation()->remove();
  } else {
    module = ModuleOp::create(
        FileLineColLoc::get(context, buffer->getBufferIdentifier(), 1, 1));
    module->getBodyRegion().front().getOperations().splice(
        module->getBody()->end(), body.getOperations());
    if (failed(module->verify()))
      return nullptr;
  }
  for (auto func : module->getOps<func::FuncOp>())
    keepNames(func, state);
  return module;
}

std::string attn::writeBytecode(ModuleOp module) {
  OwningOpRef<ModuleOp> bare = module.clone();
  auto unknown = UnknownLoc::get(module.getContext());
  bare->walk<WalkOrder::PreOrder>([&](Operation *op) {
    op->setLoc(unknown);
    for (Region &region : op->getRegions())
      for (Block &block : region)
        for (BlockArgument argument : block.getArguments())
          argument.setLoc(unknown);
  });
  std::string bytes;
  llvm::raw_string_ostream os(bytes);
  (void)writeBytecodeToFile(*bare, os, BytecodeWriterConfig("attn-mlir"));
  return bytes;
}
