//===- ObjectCode.h - From the LLVM dialect to machine code -----*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_EMIT_OBJECTCODE_H
#define ATTN_EMIT_OBJECTCODE_H

#include "attn/Emit/Description.h"
#include "llvm/Support/Error.h"
#include <memory>

namespace llvm {
class Module;
class LLVMContext;
class TargetMachine;
} // namespace llvm

namespace attn {

/// What is checked at run time in generated code.
enum class Sanitizer {
  none,
  address,  ///< LLVM's AddressSanitizer; the program brings its runtime.
  thread,   ///< LLVM's ThreadSanitizer; the same.
  undefined ///< Accesses outside of known objects trap.
};

/// The machine that `variant` (triple, cpu, features) is compiled for:
/// position-independent, all optimisations. Fails for a triple that this LLVM
/// lacks.
llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
createTargetMachine(const VariantDescription &variant);

/// The features in lib/Runtime/CpuFeatures.def that `machine` has on, and the
/// variant's width of vector registers if it has one: what a library compiled
/// for it checks before it runs.
std::vector<std::string> requiredCpuFeatures(const llvm::TargetMachine &machine,
                                             const VariantDescription &variant);

/// Translates a module in the LLVM dialect, gives it the triple and the data
/// layout of `machine` (without them LLVM does not know what loads, registers
/// and unrolling cost) and every function its CPU and the width of its vector
/// registers. Null, with a diagnostic, if the module holds something else.
std::unique_ptr<llvm::Module> translateModule(mlir::ModuleOp module,
                                              const VariantDescription &variant,
                                              llvm::TargetMachine &machine,
                                              llvm::LLVMContext &context);

/// Runs the passes of LLVM that kernels need, and the sanitizer's.
void optimizeModule(llvm::Module &module, llvm::TargetMachine &machine,
                    Sanitizer sanitizer);

/// `module` as an object file or as assembly. Changes the module.
std::string emitObject(llvm::Module &module, llvm::TargetMachine &machine);
std::string emitAssembly(llvm::Module &module, llvm::TargetMachine &machine);

} // namespace attn

#endif // ATTN_EMIT_OBJECTCODE_H
