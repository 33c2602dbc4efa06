//===- RunCompiled.cpp - Compiling and calling random functions
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RunCompiled.h"
#include "attn/Runner/Invocation.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/Errc.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>
#include <limits>
#include <unistd.h>

using namespace llvm;
using namespace attn;
using namespace attn::differential;
using attn::reference::Tensor;

/// What a program wrote.
static std::string contentsOf(StringRef path) {
  auto buffer = MemoryBuffer::getFile(path);
  return buffer ? (*buffer)->getBuffer().str() : "";
}

/// The sentence of the first error.
static StringRef firstError(StringRef text) {
  StringRef rest = text.split("error: ").second;
  return rest.take_until([](char c) { return c == '\n'; });
}

Expected<std::string> Compiler::compile(StringRef text, StringRef name) const {
  SmallString<128> source(folder), prefix(folder), log(folder);
  sys::path::append(source, name + ".mlir");
  sys::path::append(prefix, name);
  sys::path::append(log, name + ".log");
  std::error_code code;
  raw_fd_ostream file(source, code);
  if (code)
    return createStringError(code, source);
  file << text;
  file.close();
  std::string program = attnc;
  if (program.empty()) {
    auto found = sys::findProgramByName("attnc");
    if (!found)
      return createStringError(found.getError(), "attnc is not on the PATH");
    program = *found;
  }
  std::string targetOption = "--target=" + target;
  SmallVector<StringRef> arguments = {program, source,       "-o",
                                      prefix,  targetOption, "--emit=lib"};
  if (sanitize)
    arguments.push_back("--sanitize=address");
  std::optional<StringRef> redirects[] = {std::nullopt, std::nullopt,
                                          StringRef(log)};
  std::string problem;
  // The sanitizer's runtime, which is preloaded, is not for the compiler.
  SmallVector<StringRef> environment;
  for (char **variable = environ; *variable; ++variable)
    if (!StringRef(*variable).starts_with("LD_PRELOAD="))
      environment.push_back(*variable);
  int status = sys::ExecuteAndWait(program, arguments, ArrayRef(environment),
                                   redirects, 0, 0, &problem);
  if (status == 0)
    return (prefix + ".so").str();
  std::string said = contentsOf(log);
  if (status == 4)
    return createStringError(errc::not_supported, firstError(said));
  return createStringError("attnc ended with %d %s\n%s", status,
                           problem.c_str(), said.c_str());
}

/// The type that the library stores so.
static mlir::Type typeOf(DLDataType type, mlir::MLIRContext *context) {
  if (type.code == kDLBfloat)
    return mlir::BFloat16Type::get(context);
  if (type.code == kDLFloat)
    return type.bits == 16   ? mlir::Type(mlir::Float16Type::get(context))
           : type.bits == 32 ? mlir::Type(mlir::Float32Type::get(context))
                             : mlir::Type(mlir::Float64Type::get(context));
  return mlir::IntegerType::get(context, type.bits);
}

Expected<std::vector<Tensor>>
attn::differential::runCompiled(const attn_entry &entry,
                                ArrayRef<Tensor> arguments,
                                const Placing &placing) {
  Invocation invocation(entry, placing.memory, placing.padding);
  for (auto [index, tensor] : enumerate(arguments)) {
    if (entry.arguments[index]->kind == ATTN_SCALAR) {
      if (tensor.isFloat())
        invocation.setReal(index, tensor[0].f);
      else
        invocation.setInteger(index, tensor[0].i);
      continue;
    }
    std::vector<char> bytes(tensor.storageSize());
    tensor.toStorage(bytes.data());
    invocation.setTensor(index, tensor.getShape(), bytes);
  }
  if (Error error = invocation.allocateOutputs())
    return std::move(error);
  if (Error error = invocation.prepare(placing.threads, placing.prepared))
    return std::move(error);
  if (Error error = invocation.call())
    return std::move(error);
  std::vector<Tensor> results;
  mlir::MLIRContext *context = arguments.front().getElementType().getContext();
  for (unsigned index = entry.num_inputs; index < entry.num_arguments;
       ++index) {
    if (!invocation.isPaddingUntouched(index))
      return createStringError("the padding of '%s' was written",
                               entry.arguments[index]->name);
    std::vector<char> bytes = invocation.getElements(index);
    results.push_back(
        Tensor::fromStorage(typeOf(entry.arguments[index]->dtype, context),
                            invocation.getShape(index), bytes.data()));
  }
  return results;
}

double attn::differential::distance(double a, double b) {
  if (a == b || (std::isnan(a) && std::isnan(b)))
    return 0;
  double difference = std::fabs(a - b);
  return std::isfinite(difference) ? difference
                                   : std::numeric_limits<double>::infinity();
}
