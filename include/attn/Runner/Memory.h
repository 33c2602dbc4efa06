//===- Memory.h - Where the arguments of a call lie ----------------- -*- C++
//-*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_RUNNER_MEMORY_H
#define ATTN_RUNNER_MEMORY_H

#include "llvm/ADT/ArrayRef.h"
#include <cstddef>

namespace attn {

/// How memory is placed.
enum class Placement {
  aligned, ///< At a multiple of 64 bytes, as fast code likes it; huge pages
           ///< for what fills some, if the system grants them.
  guarded, ///< Its end at the end of a page, before one that must not be
           ///< touched, at least: aligned as its size is. For tests.
  guardedBefore, ///< Its begin behind such a page. For tests.
  heap ///< Where the program's allocator puts it, and may watch it. For tests.
};

/// A fixed number of bytes, owned; all 0xff at first, which is a NaN as f32.
class Memory {
public:
  Memory() = default;
  Memory(size_t size, Placement placement);
  Memory(Memory &&other) noexcept;
  Memory &operator=(Memory &&other) noexcept;
  ~Memory();

  char *data() { return bytes; }
  const char *data() const { return bytes; }
  size_t size() const { return count; }
  llvm::ArrayRef<char> asArray() const { return {bytes, count}; }

private:
  char *bytes = nullptr;
  size_t count = 0;
  char *heap = nullptr;
  char *mapping = nullptr;
  size_t mapped = 0;
};

} // namespace attn

#endif // ATTN_RUNNER_MEMORY_H
