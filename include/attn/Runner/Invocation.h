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
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"
#include <vector>

namespace attn {

/// The arguments of an entry, with the memory they lie in. In order: set every
/// input, `allocateOutputs`, `prepare`, then `call` as often as wished.
/// Arguments are counted as in the entry's description.
class Invocation {
public:
  /// `padding` elements (bytes, for those that share one) lie between the rows
  /// (the last dimension) of tensors of rank 2 and more.
  explicit Invocation(const attn_entry &entry,
                      Placement placement = Placement::aligned,
                      unsigned padding = 0);

  /// Copies row-major elements of the argument's type.
  void setTensor(unsigned argument, llvm::ArrayRef<int64_t> shape,
                 llvm::ArrayRef<char> elements);
  void setInteger(unsigned argument, int64_t value);
  void setReal(unsigned argument, double value);
  bool isSet(unsigned argument) const { return set[argument]; }

  /// Makes the outputs, whose extents follow from those of the inputs. Fails
  /// for an extent that no input has.
  llvm::Error allocateOutputs();
  /// Packs the weights, unless each call shall do so, and takes the workspace
  /// for calls with at most `threads` workers (0: as many as the library
  /// likes). Fails as the library does, with its own sentence.
  llvm::Error prepare(unsigned threads = 0, bool packWeights = true);
  llvm::Error call();

  llvm::ArrayRef<int64_t> getShape(unsigned argument) const {
    return shapes[argument];
  }
  /// The in/out arguments as they were set: calls change them. Each call works
  /// on what the one before left, unless they are put back.
  void restoreInOuts();
  /// Row-major, without padding; of an in/out argument what was set, with
  /// `before`.
  std::vector<char> getElements(unsigned argument, bool before) const;
  /// Row-major, without padding.
  std::vector<char> getElements(unsigned argument) const;
  /// Whether the padding of an output is as it was made.
  bool isPaddingUntouched(unsigned argument) const;
  attn_value getValue(unsigned argument) const { return values[argument]; }
  size_t getWorkspaceBytes() const { return workspace.size(); }

private:
  attn_options makeOptions();
  /// An error with what the library said, if `status` is one.
  llvm::Error check(int32_t status) const;
  void write(unsigned argument, llvm::ArrayRef<char> elements);
  /// Makes the memory of a tensor and its description.
  void bind(unsigned argument, llvm::ArrayRef<int64_t> shape);
  /// Calls `visit` with the place of each row in memory and in row-major
  /// elements, and its bytes.
  void forEachRow(unsigned argument,
                  llvm::function_ref<void(size_t, size_t, size_t)> visit) const;

  const attn_entry &entry;
  Placement placement;
  unsigned padding;
  std::vector<char> set;
  std::vector<llvm::SmallVector<int64_t>> shapes, strides;
  std::vector<Memory> memory;
  std::vector<DLTensor> tensors;
  std::vector<attn_value> values;
  /// The elements that in/out arguments were set to.
  std::vector<std::vector<char>> originals;
  Memory prepared, workspace;
  attn_env env = {};
  char message[512] = {};
};

/// Bytes of one element, or of those that share one byte.
unsigned elementSize(DLDataType type);
/// Elements that share one byte, as two i4 do; else 1.
unsigned elementsPerByte(DLDataType type);
/// Bytes of row-major elements, rows of which begin at a byte.
size_t storageSize(DLDataType type, llvm::ArrayRef<int64_t> shape);
/// f32, bf16, i8, u8, bool, ...
std::string elementName(DLDataType type);

} // namespace attn

#endif // ATTN_RUNNER_INVOCATION_H
