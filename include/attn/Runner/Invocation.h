//===- Invocation.h - One call of a compiled entry ------------------ -*- C++
//-*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_RUNNER_INVOCATION_H
#define ATTN_RUNNER_INVOCATION_H

#include "attn/Runner/Memory.h"
#include "attn/Runtime/ABI.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"
#include <vector>

namespace attn {

/// The arguments of an entry, with the memory they lie in. In order: set every
/// input, `allocateOutputs`, `prepare`, then `call` as often as wished.
/// Arguments are counted as in the entry's description.
class Invocation {
public:
  explicit Invocation(const attn_entry &entry,
                      Placement placement = Placement::aligned);

  /// Copies row-major elements of the argument's type.
  void setTensor(unsigned argument, llvm::ArrayRef<int64_t> shape,
                 llvm::ArrayRef<char> elements);
  void setInteger(unsigned argument, int64_t value);
  void setReal(unsigned argument, double value);
  bool isSet(unsigned argument) const { return set[argument]; }

  /// Makes the outputs, whose extents follow from those of the inputs. Fails
  /// for an extent that no input has.
  llvm::Error allocateOutputs();
  /// Packs the weights, and takes the workspace for calls with at most
  /// `threads` workers (0: as many as the library likes). Fails as the library
  /// does, with its own sentence.
  llvm::Error prepare(unsigned threads = 0);
  llvm::Error call();

  llvm::ArrayRef<int64_t> getShape(unsigned argument) const {
    return shapes[argument];
  }
  llvm::ArrayRef<char> getElements(unsigned argument) const {
    return memory[argument].asArray();
  }
  attn_value getValue(unsigned argument) const { return values[argument]; }
  size_t getWorkspaceBytes() const { return workspace.size(); }

private:
  attn_options makeOptions();
  /// An error with what the library said, if `status` is one.
  llvm::Error check(int32_t status) const;
  void bind(unsigned argument, llvm::ArrayRef<int64_t> shape, Memory elements);

  const attn_entry &entry;
  Placement placement;
  std::vector<char> set;
  std::vector<llvm::SmallVector<int64_t>> shapes;
  std::vector<Memory> memory;
  std::vector<DLTensor> tensors;
  std::vector<attn_value> values;
  Memory prepared, workspace;
  attn_env env = {};
  char message[512] = {};
};

/// Bytes of one element.
unsigned elementSize(DLDataType type);
/// f32, bf16, i8, u8, bool, ...
std::string elementName(DLDataType type);

} // namespace attn

#endif // ATTN_RUNNER_INVOCATION_H
