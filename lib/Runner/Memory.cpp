//===- Memory.cpp - Where the arguments of a call lie
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Runner/Memory.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

using namespace attn;

/// The size of a huge page on x86-64.
static constexpr size_t hugePage = 2 << 20;

Memory::Memory(size_t size, Placement placement) : count(size) {
  if (placement == Placement::heap) {
    bytes = heap = new char[size];
    std::memset(bytes, 0xff, size);
    return;
  }
  // More than needed: the guard, or room to put the begin or the end anywhere.
  bool isLarge = placement == Placement::aligned && size >= hugePage;
  size_t page = isLarge ? hugePage : sysconf(_SC_PAGESIZE);
  size_t used = llvm::alignTo(size, page);
  mapped = used + page;
  void *pages = mmap(nullptr, mapped, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED)
    llvm::report_bad_alloc_error("no memory for the arguments of a call");
  mapping = static_cast<char *>(pages);
  bytes = mapping;
  if (placement == Placement::guarded) {
    bytes = mapping + used - size;
    mprotect(mapping + used, page, PROT_NONE);
  } else if (placement == Placement::guardedBefore) {
    bytes = mapping + page;
    mprotect(mapping, page, PROT_NONE);
  } else if (isLarge) {
    // Only a wish, which the system may be configured not to grant.
    bytes = reinterpret_cast<char *>(
        llvm::alignTo(reinterpret_cast<uintptr_t>(mapping), hugePage));
    madvise(bytes, used, MADV_HUGEPAGE);
  }
  std::memset(bytes, 0xff, size);
}

Memory::Memory(Memory &&other) noexcept { *this = std::move(other); }

Memory &Memory::operator=(Memory &&other) noexcept {
  std::swap(bytes, other.bytes);
  std::swap(count, other.count);
  std::swap(heap, other.heap);
  std::swap(mapping, other.mapping);
  std::swap(mapped, other.mapped);
  return *this;
}

Memory::~Memory() {
  delete[] heap;
  if (mapping)
    munmap(mapping, mapped);
}
