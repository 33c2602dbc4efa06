//===- ToyLibrary.cpp - A library that needs no lowering of ours ----------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ToyLibrary.h"
#include "attn/Emit/Source.h"
#include "attn/IR/AttnDialect.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/TargetParser/Host.h"

using namespace mlir;
using namespace attn;

static const char *kSource = R"(
func.func @toy(%x: tensor<?x?xf32>, %f: f32, %w: tensor<4xf32>)
    -> tensor<?x?xf32> {
  %y = arith.mulf %x, %x : tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}
)";

static const char *kLowered = R"(
#any = strided<[?, 1], offset: ?>
func.func @toy(%x: memref<?x?xf32, #any>, %f: f32, %w: memref<4xf32>,
               %y: memref<?x?xf32, #any>, %prepared: memref<?xi8>,
               %workspace: memref<?xi8>, %env: !llvm.ptr)
    attributes {llvm.emit_c_interface, attn.prepared_bytes = 4 : i64,
                attn.weight_args = array<i64: 2>,
                attn.schedule_text = "by hand"} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %p = memref.view %prepared[%c0][] : memref<?xi8> to memref<1xf32>
  %scratch = memref.view %workspace[%c0][] : memref<?xi8> to memref<1xf32>
  %bias = memref.load %p[%c0] : memref<1xf32>
  memref.store %bias, %scratch[%c0] : memref<1xf32>
  %m = memref.dim %x, %c0 : memref<?x?xf32, #any>
  %n = memref.dim %x, %c1 : memref<?x?xf32, #any>
  scf.for %i = %c0 to %m step %c1 {
    scf.for %j = %c0 to %n step %c1 {
      %b = memref.load %scratch[%c0] : memref<1xf32>
      %v = memref.load %x[%i, %j] : memref<?x?xf32, #any>
      %s = arith.mulf %v, %f : f32
      %r = arith.addf %s, %b : f32
      memref.store %r, %y[%i, %j] : memref<?x?xf32, #any>
    }
  }
  return
}
func.func @toy_workspace_size(%x: memref<?x?xf32, #any>, %f: f32,
    %w: memref<4xf32>, %y: memref<?x?xf32, #any>, %workers: i64) -> i64
    attributes {llvm.emit_c_interface} {
  %c100 = arith.constant 100 : i64
  %bytes = arith.muli %workers, %c100 : i64
  return %bytes : i64
}
func.func @toy_prepare(%w: memref<4xf32>, %prepared: memref<?xi8>)
    attributes {llvm.emit_c_interface} {
  %c0 = arith.constant 0 : index
  %v = memref.load %w[%c0] : memref<4xf32>
  %d = arith.addf %v, %v : f32
  %p = memref.view %prepared[%c0][] : memref<?xi8> to memref<1xf32>
  memref.store %d, %p[%c0] : memref<1xf32>
  return
}
)";

void attn::loadToyDialects(MLIRContext &context) {
  context.loadDialect<arith::ArithDialect, AttnDialect, func::FuncDialect,
                      linalg::LinalgDialect, LLVM::LLVMDialect,
                      memref::MemRefDialect, scf::SCFDialect,
                      tensor::TensorDialect>();
}

static OwningOpRef<ModuleOp> lowerToy(MLIRContext &context) {
  auto module = parseSourceString<ModuleOp>(kLowered, &context);
  PassManager passes(&context);
  passes.addPass(createSCFToControlFlowPass());
  passes.addPass(memref::createExpandStridedMetadataPass());
  passes.addPass(createFinalizeMemRefToLLVMConversionPass());
  passes.addPass(createConvertFuncToLLVMPass());
  passes.addPass(createArithToLLVMConversionPass());
  passes.addPass(createConvertControlFlowToLLVMPass());
  passes.addPass(createReconcileUnrealizedCastsPass());
  if (!module || failed(passes.run(*module)))
    return nullptr;
  return module;
}

std::string attn::emitToy(StringRef prefix, ArrayRef<Output> outputs,
                          ArrayRef<std::string> targets) {
  MLIRContext context;
  loadToyDialects(context);
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(llvm::MemoryBuffer::getMemBuffer(kSource), {});
  auto source = parseSource(sources, &context);
  auto lowered = lowerToy(context);
  if (!source || !lowered)
    return "the toy does not parse";
  auto entries = describeEntries(*source);
  if (failed(entries))
    return "the toy has no entries";

  LibraryDescription library;
  library.name = libraryName(prefix);
  library.compiler = "attn-mlir test";
  library.entries = std::move(*entries);
  library.bytecode = writeBytecode(*source);
  SmallVector<ModuleOp> modules;
  for (const std::string &target : targets) {
    VariantDescription &variant = library.variants.emplace_back();
    variant.target = target;
    variant.triple = llvm::sys::getProcessTriple();
    variant.cpu = "x86-64";
    if (target != "host")
      variant.features = "+xop,+tbm,+avxneconvert,+avx512fp16";
    describeLowering(*lowered, library.entries, variant);
    modules.push_back(*lowered);
  }
  OutputFiles files;
  if (llvm::Error error = emitLibrary(library, modules, outputs,
                                      Sanitizer::none, prefix, files))
    return llvm::toString(std::move(error));
  if (llvm::Error error = files.commit())
    return llvm::toString(std::move(error));
  return "";
}

TestDirectory::TestDirectory() {
  llvm::sys::fs::createUniqueDirectory("attn-test", root);
}

TestDirectory::~TestDirectory() { llvm::sys::fs::remove_directories(root); }

std::string TestDirectory::file(StringRef name) const {
  SmallString<128> result(root);
  llvm::sys::path::append(result, name);
  return result.str().str();
}

std::string TestDirectory::read(StringRef name) const {
  auto buffer = llvm::MemoryBuffer::getFile(file(name));
  return buffer ? (*buffer)->getBuffer().str() : "";
}
