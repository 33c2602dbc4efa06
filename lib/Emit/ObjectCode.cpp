//===- ObjectCode.cpp - From the LLVM dialect to machine code -------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Emit/ObjectCode.h"
#include "../Runtime/Runtime.h"
#include "Sanitize.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Target/TargetOptions.h"
#include "llvm/Transforms/IPO/GlobalDCE.h"
#include "llvm/Transforms/InstCombine/InstCombine.h"
#include "llvm/Transforms/Scalar/EarlyCSE.h"
#include "llvm/Transforms/Scalar/GVN.h"
#include "llvm/Transforms/Scalar/IndVarSimplify.h"
#include "llvm/Transforms/Scalar/LICM.h"
#include "llvm/Transforms/Scalar/LoopPassManager.h"
#include "llvm/Transforms/Scalar/LoopRotation.h"
#include "llvm/Transforms/Scalar/Reassociate.h"
#include "llvm/Transforms/Scalar/SROA.h"
#include "llvm/Transforms/Scalar/SimplifyCFG.h"

using namespace mlir;
using namespace attn;

/// Registers the code generator for `triple`, once.
static void initialise(const llvm::Triple &triple) {
#define ATTN_INITIALISE(ARCHITECTURE)                                          \
  {                                                                            \
    static const bool once = [] {                                              \
      LLVMInitialize##ARCHITECTURE##TargetInfo();                              \
      LLVMInitialize##ARCHITECTURE##Target();                                  \
      LLVMInitialize##ARCHITECTURE##TargetMC();                                \
      LLVMInitialize##ARCHITECTURE##AsmPrinter();                              \
      return true;                                                             \
    }();                                                                       \
    (void)once;                                                                \
  }
  if (triple.isX86())
    ATTN_INITIALISE(X86)
  else if (triple.isAArch64())
    ATTN_INITIALISE(AArch64)
  else if (triple.isRISCV64())
    ATTN_INITIALISE(RISCV)
#undef ATTN_INITIALISE
}

llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
attn::createTargetMachine(const VariantDescription &variant) {
  llvm::Triple triple(variant.triple);
  initialise(triple);
  std::string error;
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(triple, error);
  if (!target)
    return llvm::createStringError(llvm::inconvertibleErrorCode(), error);
  llvm::TargetOptions options;
  options.UseInitArray = true;
  std::string features = variant.features;
  if (triple.isRISCV64()) {
    // What Debian and its like ask of any machine: without it, another ABI.
    options.MCOptions.ABIName = "lp64d";
    features += (features.empty() ? "" : ",") + std::string("+m,+a,+f,+d,+c");
  }
  std::unique_ptr<llvm::TargetMachine> machine(target->createTargetMachine(
      triple, variant.cpu, features, options, llvm::Reloc::PIC_, std::nullopt,
      llvm::CodeGenOptLevel::Aggressive));
  if (!machine)
    return llvm::createStringError("no code generator for '%s'",
                                   variant.triple.c_str());
  return machine;
}

std::vector<std::string>
attn::requiredCpuFeatures(const llvm::TargetMachine &machine,
                          const VariantDescription &variant) {
  std::vector<std::string> features;
  const llvm::MCSubtargetInfo &subtarget = *machine.getMCSubtargetInfo();
  auto ask = [&](bool ours, const char *name) {
    if (ours && subtarget.checkFeatures(std::string("+") + name))
      features.push_back(name);
  };
  const llvm::Triple &triple = machine.getTargetTriple();
#define ATTN_X86_FEATURE(NAME, LEAF, SUBLEAF, REGISTER, BIT, STATE)            \
  ask(triple.isX86(), NAME);
#define ATTN_AARCH64_FEATURE(NAME, WORD, BIT) ask(triple.isAArch64(), NAME);
#define ATTN_RISCV_FEATURE(NAME, BIT) ask(triple.isRISCV(), NAME);
#include "../Runtime/CpuFeatures.def"
  if (variant.vectorBits)
    features.push_back(ATTN_RT_VECTOR_BITS +
                       std::to_string(variant.vectorBits));
  return features;
}

/// LLVM counts scalable registers in these units.
static unsigned bitsPerScale(const llvm::Triple &triple) {
  return triple.isRISCV() ? 64 : 128;
}

std::unique_ptr<llvm::Module>
attn::translateModule(ModuleOp module, const VariantDescription &variant,
                      llvm::TargetMachine &machine,
                      llvm::LLVMContext &context) {
  DialectRegistry registry;
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  module.getContext()->appendDialectRegistry(registry);

  std::unique_ptr<llvm::Module> translated =
      translateModuleToLLVMIR(module, context, "attn");
  if (!translated)
    return nullptr;
  translated->setTargetTriple(machine.getTargetTriple());
  translated->setDataLayout(machine.createDataLayout());
  translated->setPICLevel(llvm::PICLevel::BigPIC);
  const llvm::Triple &triple = machine.getTargetTriple();
  for (llvm::Function &function : *translated) {
    if (function.isDeclaration())
      continue;
    function.addFnAttr("target-cpu", machine.getTargetCPU());
    function.addFnAttr("target-features", machine.getTargetFeatureString());
    function.addFnAttr("frame-pointer", "none");
    // As -msve-vector-bits and -mrvv-vector-bits do: vectors of that width are
    // registers.
    if (variant.vectorBits) {
      unsigned scale = variant.vectorBits / bitsPerScale(triple);
      function.addFnAttr(
          llvm::Attribute::getWithVScaleRangeArgs(context, scale, scale));
    }
  }
  return translated;
}

/// What is left to do for loops that are vectorised, unrolled and in registers
/// already: scalar arithmetic of addresses and masks. The default pipeline
/// takes three times as long, most of it on vectorising and unrolling once
/// more, for code that is no faster; what each pass here is worth was measured.
/// Without reassociation, address arithmetic stays in the innermost loops.
static llvm::FunctionPassManager buildKernelPipeline() {
  using namespace llvm;
  FunctionPassManager passes;
  auto addLoopInvariantMotion = [&](bool rotate) {
    LoopPassManager loops;
    LICMOptions options;
    if (rotate) {
      loops.addPass(LICMPass(options));
      loops.addPass(LoopRotatePass());
    }
    loops.addPass(LICMPass(options));
    passes.addPass(createFunctionToLoopPassAdaptor(std::move(loops),
                                                   /*UseMemorySSA=*/true));
  };
  passes.addPass(SROAPass(SROAOptions::ModifyCFG));
  passes.addPass(EarlyCSEPass(/*UseMemorySSA=*/true));
  passes.addPass(SimplifyCFGPass());
  passes.addPass(InstCombinePass());
  passes.addPass(ReassociatePass());
  addLoopInvariantMotion(/*rotate=*/true);
  passes.addPass(SimplifyCFGPass());
  passes.addPass(InstCombinePass());
  passes.addPass(createFunctionToLoopPassAdaptor(IndVarSimplifyPass()));
  passes.addPass(GVNPass());
  passes.addPass(InstCombinePass());
  addLoopInvariantMotion(/*rotate=*/false);
  passes.addPass(SimplifyCFGPass());
  return passes;
}

void attn::optimizeModule(llvm::Module &module, llvm::TargetMachine &machine,
                          Sanitizer sanitizer) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder builder(&machine);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);

  llvm::ModulePassManager passes;
  addEarlySanitizerPasses(sanitizer, module, passes);
  passes.addPass(llvm::GlobalDCEPass());
  passes.addPass(llvm::createModuleToFunctionPassAdaptor(
      buildKernelPipeline(), /*EagerlyInvalidate=*/true));
  addLateSanitizerPasses(sanitizer, passes);
  passes.run(module, modules);
}

static std::string emit(llvm::Module &module, llvm::TargetMachine &machine,
                        llvm::CodeGenFileType type) {
  llvm::SmallString<0> bytes;
  llvm::raw_svector_ostream os(bytes);
  llvm::legacy::PassManager passes;
  // False says that the type can be emitted, which holds for ELF targets.
  bool unsupported = machine.addPassesToEmitFile(passes, os, nullptr, type);
  assert(!unsupported && "no emitter for this file type");
  (void)unsupported;
  passes.run(module);
  return bytes.str().str();
}

std::string attn::emitObject(llvm::Module &module,
                             llvm::TargetMachine &machine) {
  return emit(module, machine, llvm::CodeGenFileType::ObjectFile);
}

std::string attn::emitAssembly(llvm::Module &module,
                               llvm::TargetMachine &machine) {
  return emit(module, machine, llvm::CodeGenFileType::AssemblyFile);
}
