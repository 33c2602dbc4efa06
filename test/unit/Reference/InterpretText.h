//===- InterpretText.h - Interprets a module given as text -----*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TEST_UNIT_REFERENCE_INTERPRETTEXT_H
#define ATTN_TEST_UNIT_REFERENCE_INTERPRETTEXT_H

#include "attn/Reference/Interpreter.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"
#include <random>

namespace attn::reference {

/// A context with the dialects of the interpreter, and short ways to make
/// values in it. Errors are kept instead of printed.
class InterpretTest : public testing::Test {
protected:
  InterpretTest()
      : context(makeRegistry()),
        handler(&context, [&](mlir::Diagnostic &diagnostic) {
          error = diagnostic.str();
          return mlir::success();
        }) {}

  mlir::Type f32() { return mlir::Float32Type::get(&context); }
  mlir::Type index() { return mlir::IndexType::get(&context); }
  mlir::Type integer(unsigned bits) {
    return mlir::IntegerType::get(&context, bits);
  }
  Tensor floats(llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<double> values) {
    return Tensor::floats(f32(), shape, values);
  }
  Tensor number(double value) { return floats({}, value); }
  Tensor position(int64_t value) {
    return Tensor::integers(index(), {}, value);
  }
  /// Seeded, from N(0,1).
  Tensor random(llvm::ArrayRef<int64_t> shape) {
    Tensor result(f32(), shape);
    std::normal_distribution<double> normal;
    for (int64_t at = 0; at < result.getNumElements(); ++at)
      result[at].f = normal(generator);
    return result;
  }

  /// Runs the first function of `text`; empty on failure, with `error` set.
  std::vector<Tensor> run(llvm::StringRef text,
                          llvm::ArrayRef<Tensor> arguments,
                          const InterpretOptions &options = {}) {
    error.clear();
    module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
    if (!module)
      return {};
    auto function = *module->getOps<mlir::func::FuncOp>().begin();
    auto results = interpret(function, arguments, options);
    return succeeded(results) ? *results : std::vector<Tensor>();
  }

  static mlir::DialectRegistry makeRegistry() {
    mlir::DialectRegistry registry;
    registerDialects(registry);
    return registry;
  }

  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::string error;
  mlir::ScopedDiagnosticHandler handler;
  std::mt19937_64 generator{1};
};

} // namespace attn::reference

#endif // ATTN_TEST_UNIT_REFERENCE_INTERPRETTEXT_H
