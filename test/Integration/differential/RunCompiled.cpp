//===- RunCompiled.cpp - Compiling and calling random functions
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RunCompiled.h"
#include "attn/Runner/Invocation.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>
#include <limits>

using namespace llvm;
using namespace attn;
using namespace attn::differential;
using attn::reference::Tensor;

Expected<std::string> attn::differential::compile(StringRef text,
                                                  StringRef folder,
                                                  std::string attnc,
                                                  StringRef target) {
  SmallString<128> source(folder), prefix(folder);
  sys::path::append(source, "random.mlir");
  sys::path::append(prefix, "random");
  std::error_code code;
  raw_fd_ostream file(source, code);
  if (code)
    return createStringError(code, source);
  file << text;
  file.close();
  if (attnc.empty()) {
    auto found = sys::findProgramByName("attnc");
    if (!found)
      return createStringError(found.getError(), "attnc is not on the PATH");
    attnc = *found;
  }
  std::string targetOption = ("--target=" + target).str();
  StringRef arguments[] = {attnc,  source,       "-o",
                           prefix, targetOption, "--emit=lib"};
  std::string problem;
  int status =
      sys::ExecuteAndWait(attnc, arguments, std::nullopt, {}, 0, 0, &problem);
  if (status)
    return createStringError("attnc ended with %d %s", status, problem.c_str());
  return (prefix + ".so").str();
}

Expected<std::vector<Tensor>>
attn::differential::runCompiled(const attn_entry &entry,
                                ArrayRef<Tensor> arguments,
                                const Placing &placing) {
  Invocation invocation(entry, Placement::guarded, placing.padding);
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
  mlir::Type element = arguments.front().getElementType();
  for (unsigned index = entry.num_inputs; index < entry.num_arguments;
       ++index) {
    if (!invocation.isPaddingUntouched(index))
      return createStringError("the padding of '%s' was written",
                               entry.arguments[index]->name);
    std::vector<char> bytes = invocation.getElements(index);
    results.push_back(
        Tensor::fromStorage(element, invocation.getShape(index), bytes.data()));
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
