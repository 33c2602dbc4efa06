//===- Sanitize.cpp - Instruments generated code --------------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Sanitize.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Instrumentation/AddressSanitizer.h"
#include "llvm/Transforms/Instrumentation/BoundsChecking.h"
#include "llvm/Transforms/Instrumentation/ThreadSanitizer.h"

using namespace attn;

namespace {

/// LLVM's ThreadSanitizer leaves out accesses of more than 16 bytes, which are
/// most of a kernel's. This reports them to its runtime as ranges.
struct ReportWideAccesses : llvm::PassInfoMixin<ReportWideAccesses> {
  llvm::PreservedAnalyses run(llvm::Function &function,
                              llvm::FunctionAnalysisManager &) {
    const llvm::DataLayout &layout = function.getDataLayout();
    llvm::SmallVector<llvm::Instruction *> wide;
    for (llvm::Instruction &instruction : llvm::instructions(function)) {
      const llvm::Value *pointer =
          llvm::getLoadStorePointerOperand(&instruction);
      // Nobody else sees what is on the stack.
      if (pointer && sizeOf(instruction, layout).getKnownMinValue() > 16 &&
          !llvm::isa<llvm::AllocaInst>(llvm::getUnderlyingObject(pointer)))
        wide.push_back(&instruction);
    }
    for (llvm::Instruction *instruction : wide)
      report(*instruction, layout);
    return wide.empty() ? llvm::PreservedAnalyses::all()
                        : llvm::PreservedAnalyses::none();
  }

private:
  static llvm::TypeSize sizeOf(llvm::Instruction &access,
                               const llvm::DataLayout &layout) {
    return layout.getTypeStoreSize(llvm::getLoadStoreType(&access));
  }

  static void report(llvm::Instruction &access,
                     const llvm::DataLayout &layout) {
    llvm::IRBuilder<> builder(&access);
    llvm::Type *index = layout.getIntPtrType(access.getContext());
    llvm::FunctionCallee callee = access.getModule()->getOrInsertFunction(
        llvm::isa<llvm::StoreInst>(access) ? "__tsan_write_range"
                                           : "__tsan_read_range",
        builder.getVoidTy(), builder.getPtrTy(), index);
    builder.CreateCall(callee,
                       {llvm::getLoadStorePointerOperand(&access),
                        builder.CreateTypeSize(index, sizeOf(access, layout))});
  }
};

} // namespace

static void markFunctions(llvm::Module &module,
                          llvm::Attribute::AttrKind attribute) {
  for (llvm::Function &function : module)
    if (!function.isDeclaration())
      function.addFnAttr(attribute);
}

void attn::addEarlySanitizerPasses(Sanitizer sanitizer, llvm::Module &module,
                                   llvm::ModulePassManager &passes) {
  if (sanitizer == Sanitizer::address)
    markFunctions(module, llvm::Attribute::SanitizeAddress);
  if (sanitizer == Sanitizer::thread)
    markFunctions(module, llvm::Attribute::SanitizeThread);
  if (sanitizer == Sanitizer::undefined)
    passes.addPass(llvm::createModuleToFunctionPassAdaptor(
        llvm::BoundsCheckingPass(llvm::BoundsCheckingPass::Options())));
}

void attn::addLateSanitizerPasses(Sanitizer sanitizer,
                                  llvm::ModulePassManager &passes) {
  if (sanitizer == Sanitizer::address)
    passes.addPass(llvm::AddressSanitizerPass(llvm::AddressSanitizerOptions()));
  if (sanitizer == Sanitizer::thread) {
    passes.addPass(llvm::ModuleThreadSanitizerPass());
    llvm::FunctionPassManager functions;
    functions.addPass(ReportWideAccesses());
    functions.addPass(llvm::ThreadSanitizerPass());
    passes.addPass(
        llvm::createModuleToFunctionPassAdaptor(std::move(functions)));
  }
}
