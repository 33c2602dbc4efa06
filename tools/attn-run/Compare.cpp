//===- Compare.cpp - Against the reference interpreter
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compare.h"
#include "attn/Emit/Description.h"
#include "attn/IR/Updates.h"
#include "attn/Mods/Mods.h"
#include "attn/Reference/Interpreter.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/Errc.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>

using namespace llvm;
using namespace mlir;
using namespace attn;
using namespace attn::run;
using reference::Scalar;
using reference::Tensor;

/// The inputs of `invocation` as the interpreter takes them.
static Expected<std::vector<Tensor>>
makeArguments(func::FuncOp function, const attn_entry &entry,
              const Invocation &invocation) {
  if (function.getNumArguments() != entry.num_inputs)
    return createStringError(errc::invalid_argument,
                             "entry '%s' takes %u arguments in the library and "
                             "%u in its source",
                             entry.name, entry.num_inputs,
                             function.getNumArguments());
  std::vector<Tensor> arguments;
  for (auto [index, type] : enumerate(function.getArgumentTypes())) {
    const attn_argument &argument = *entry.arguments[index];
    Type element = getElementTypeOrSelf(type);
    std::optional<ElementType> described = describeElementType(element);
    if (!described || described->code != argument.dtype.code ||
        described->bits != argument.dtype.bits)
      return createStringError(errc::invalid_argument,
                               "argument '%s' has another type in the source",
                               argument.name);
    if (argument.kind == ATTN_TENSOR) {
      arguments.push_back(Tensor::fromStorage(
          element, invocation.getShape(index),
          invocation.getElements(index, /*before=*/true).data()));
      continue;
    }
    Scalar value;
    if (isa<FloatType>(element))
      // As the library gets it: an f32 scalar is rounded on the way.
      value.f = element.isF32() ? float(invocation.getValue(index).real)
                                : invocation.getValue(index).real;
    else
      value.i = invocation.getValue(index).integer;
    arguments.push_back(Tensor::scalar(element, value));
  }
  return arguments;
}

static std::string describe(StringRef name, ArrayRef<int64_t> shape,
                            int64_t linear, double actual, double expected) {
  SmallVector<int64_t> index(shape.size());
  for (size_t dim = shape.size(); dim-- > 0; linear /= shape[dim])
    index[dim] = linear % shape[dim];
  std::string text;
  raw_string_ostream stream(text);
  stream << name << '[';
  interleaveComma(index, stream);
  stream << format("] is %.9g, the reference %.9g", actual, expected);
  return text;
}

/// |a - b|, 0 for the same infinity or two NaNs.
static double distance(double a, double b) {
  if (a == b || (std::isnan(a) && std::isnan(b)))
    return 0;
  double difference = std::fabs(a - b);
  return std::isfinite(difference) ? difference
                                   : std::numeric_limits<double>::infinity();
}

Expected<Comparison>
attn::run::compareWithReference(const LoadedLibrary &library,
                                const attn_entry &entry, const Options &options,
                                const Invocation &invocation) {
  DialectRegistry registry;
  reference::registerDialects(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  // Diagnostics become the text of the error.
  std::string said;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    if (said.empty())
      said = diagnostic.str();
    return success();
  });

  StringRef path = options.source;
  StringRef name = path.empty() ? StringRef("the library's bytecode") : path;
  std::unique_ptr<MemoryBuffer> file;
  StringRef text = library.getBytecode();
  if (!path.empty()) {
    ErrorOr<std::unique_ptr<MemoryBuffer>> buffer = MemoryBuffer::getFile(path);
    if (!buffer)
      return createStringError(errc::invalid_argument,
                               path + ": " + buffer.getError().message());
    file = std::move(*buffer);
    text = file->getBuffer();
  }
  auto module = parseSourceString<ModuleOp>(text, &context, name);
  if (!module || failed(inlineMods(*module)))
    return createStringError(errc::invalid_argument, name + ": " + said);
  auto function = module->lookupSymbol<func::FuncOp>(entry.name);
  if (!function)
    return createStringError(errc::invalid_argument,
                             name + ": has no function '" + entry.name + "'");
  auto arguments = makeArguments(function, entry, invocation);
  if (!arguments)
    return arguments.takeError();
  auto results = reference::interpret(function, *arguments);
  if (failed(results))
    return createStringError(errc::not_supported,
                             "the reference interpreter stops at: " + said);

  Comparison comparison;
  SmallVector<BlockArgument> updated = getUpdatedArguments(function);
  unsigned output = entry.num_inputs;
  for (auto [index, expected] : enumerate(*results)) {
    unsigned argument =
        updated[index] ? updated[index].getArgNumber() : output++;
    if (argument >= entry.num_arguments ||
        expected.getShape() != invocation.getShape(argument))
      return createStringError(errc::invalid_argument,
                               "result %zu has another shape in the source",
                               size_t(index));
    Tensor actual =
        Tensor::fromStorage(expected.getElementType(), expected.getShape(),
                            invocation.getElements(argument).data());
    for (int64_t at = 0; at < actual.getNumElements(); ++at) {
      bool real = actual.isFloat();
      double a = real ? actual[at].f : actual[at].i;
      double b = real ? expected[at].f : expected[at].i;
      double error = distance(a, b);
      if (error <= comparison.maxAbsError)
        continue;
      comparison.maxAbsError = error;
      comparison.where = describe(entry.arguments[argument]->name,
                                  expected.getShape(), at, a, b);
    }
  }
  return comparison;
}
