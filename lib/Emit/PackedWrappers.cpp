//===- PackedWrappers.cpp - Calling an entry with an array ----------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PackedWrappers.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"

using namespace attn;

/// `R packed_<callee>(void **arguments)`: loads what `callee` takes. Which of
/// the first slots hold scalars is `scalars`; then come pointers, but for the
/// integers among them.
static llvm::Function *wrap(llvm::Function *callee,
                            llvm::ArrayRef<bool> scalars) {
  llvm::Module &module = *callee->getParent();
  llvm::IRBuilder<> builder(module.getContext());
  llvm::FunctionType *type = callee->getFunctionType();
  auto *wrapper = llvm::Function::Create(
      llvm::FunctionType::get(type->getReturnType(), {builder.getPtrTy()},
                              false),
      llvm::GlobalValue::InternalLinkage, "packed." + callee->getName(),
      module);
  wrapper->setAttributes(wrapper->getAttributes().addFnAttributes(
      module.getContext(),
      llvm::AttrBuilder(module.getContext(),
                        callee->getAttributes().getFnAttrs())));
  builder.SetInsertPoint(
      llvm::BasicBlock::Create(module.getContext(), "", wrapper));
  llvm::SmallVector<llvm::Value *> arguments;
  for (auto [index, parameter] : llvm::enumerate(type->params())) {
    llvm::Value *slot = builder.CreateLoad(
        builder.getPtrTy(), builder.CreateConstInBoundsGEP1_64(
                                builder.getPtrTy(), wrapper->getArg(0), index));
    bool scalar =
        index < scalars.size() ? scalars[index] : !parameter->isPointerTy();
    arguments.push_back(scalar ? builder.CreateLoad(parameter, slot) : slot);
  }
  llvm::Value *result = builder.CreateCall(callee, arguments);
  if (type->getReturnType()->isVoidTy())
    builder.CreateRetVoid();
  else
    builder.CreateRet(result);
  return wrapper;
}

llvm::Expected<PackedFunctions>
attn::addPackedWrappers(llvm::Module &module, const EntryDescription &entry,
                        const EntryLowering &lowering) {
  llvm::SmallVector<bool> scalars;
  for (const ArgumentDescription &argument : entry.arguments)
    scalars.push_back(argument.isScalar);

  llvm::Error error = llvm::Error::success();
  auto add = [&](llvm::StringRef suffix, bool required, size_t wanted,
                 llvm::ArrayRef<bool> scalars) -> llvm::Function * {
    std::string name = "_mlir_ciface_" + entry.name + suffix.str();
    llvm::Function *callee = module.getFunction(name);
    if (error || (!callee && !required))
      return nullptr;
    if (!callee || callee->isDeclaration()) {
      error =
          llvm::createStringError("lowering did not define '%s'", name.c_str());
      return nullptr;
    }
    if (callee->arg_size() != wanted) {
      error = llvm::createStringError("'%s' takes %zu arguments; must take %zu",
                                      name.c_str(), size_t(callee->arg_size()),
                                      wanted);
      return nullptr;
    }
    return wrap(callee, scalars);
  };

  bool prepared = lowering.preparedBytes != 0;
  size_t count = entry.arguments.size();
  PackedFunctions functions;
  functions.invoke = add("", true, count + prepared + 2, scalars);
  functions.workspaceSize = add("_workspace_size", false, count + 1, scalars);
  if (prepared)
    functions.prepare = add("_prepare", true, entry.weights().size() + 1, {});
  if (!lowering.checks.empty())
    functions.check = add("_check", true, entry.numInputs, scalars);
  if (error)
    return std::move(error);
  return functions;
}
