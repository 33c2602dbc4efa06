//===- RaisingTest.cpp - Raising keeps what a module computes
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every function in the tests of the import stage, whatever they check for, is
// interpreted in float64 before and after the stage, on the same random
// arguments.
//
//===----------------------------------------------------------------------===//

#include "attn/Conversion/Import/Passes.h"
#include "attn/Reference/Interpreter.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "gtest/gtest.h"
#include <cmath>
#include <random>

using namespace mlir;
using namespace attn;
using attn::reference::Tensor;

static std::vector<std::string> caseFiles() {
  std::vector<std::string> files;
  std::error_code error;
  for (llvm::sys::fs::recursive_directory_iterator at(ATTN_IMPORT_CASES, error),
       end;
       at != end && !error; at.increment(error))
    if (StringRef(at->path()).ends_with(".mlir"))
      files.push_back(at->path());
  llvm::sort(files);
  return files;
}

/// N(0,1) floats, booleans that are mostly true, and small integers: lengths.
static Tensor randomTensor(Type type, std::mt19937_64 &generator) {
  Type element = getElementTypeOrSelf(type);
  SmallVector<int64_t> shape;
  if (auto tensor = dyn_cast<RankedTensorType>(type))
    for (auto [dim, size] : llvm::enumerate(tensor.getShape()))
      shape.push_back(!ShapedType::isDynamic(size) ? size : dim == 0 ? 2 : 6);
  Tensor result(element, shape);
  std::normal_distribution<double> normal;
  std::uniform_int_distribution<int64_t> small(1, 6);
  for (int64_t at = 0; at < result.getNumElements(); ++at) {
    if (isa<FloatType>(element))
      result[at].f = normal(generator);
    else if (element.isInteger(1))
      result[at].i = small(generator) != 1;
    else
      result[at].i = small(generator);
  }
  return result;
}

static void expectEqual(const Tensor &before, const Tensor &after) {
  ASSERT_EQ(before.getShape(), after.getShape());
  if (!before.isFloat())
    return;
  for (int64_t at = 0; at < before.getNumElements(); ++at) {
    // A row without a live key is 0/0 as it was written, and 0 by definition
    // of attn.attention.
    if (std::isnan(before[at].f) && after[at].f == 0)
      continue;
    ASSERT_NEAR(before[at].f, after[at].f, 1e-6 * (1 + std::abs(before[at].f)))
        << "element " << at;
  }
}

class RaisingTest : public testing::TestWithParam<std::string> {};

TEST_P(RaisingTest, KeepsTheMeaning) {
  DialectRegistry registry;
  reference::registerDialects(registry);
  registry.insert<AttnDialect>();
  MLIRContext context(registry);
  auto file = llvm::MemoryBuffer::getFile(GetParam());
  ASSERT_TRUE(bool(file));
  SmallVector<StringRef> parts;
  (*file)->getBuffer().split(parts, "// -----");
  std::mt19937_64 generator(1);
  for (StringRef part : parts) {
    OwningOpRef<ModuleOp> before = parseSourceString<ModuleOp>(part, &context);
    ASSERT_TRUE(bool(before));
    OwningOpRef<ModuleOp> after = before->clone();
    PassManager pm(&context);
    buildImportPipeline(pm);
    ASSERT_TRUE(succeeded(pm.run(*after)));
    for (auto function : before->getOps<func::FuncOp>()) {
      SCOPED_TRACE(function.getName().str());
      std::vector<Tensor> arguments;
      for (Type type : function.getArgumentTypes())
        arguments.push_back(randomTensor(type, generator));
      auto expected = reference::interpret(function, arguments);
      auto raised = after->lookupSymbol<func::FuncOp>(function.getName());
      auto actual = reference::interpret(raised, arguments);
      ASSERT_TRUE(succeeded(expected));
      ASSERT_TRUE(succeeded(actual));
      ASSERT_EQ(expected->size(), actual->size());
      for (auto [a, b] : llvm::zip(*expected, *actual))
        expectEqual(a, b);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Import, RaisingTest, testing::ValuesIn(caseFiles()),
                         [](const testing::TestParamInfo<std::string> &info) {
                           std::string name =
                               llvm::sys::path::stem(info.param).str();
                           llvm::replace(name, '-', '_');
                           return name;
                         });
