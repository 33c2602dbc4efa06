//===- ShapeReader.h - Keys and texts make a shape --------------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_BENCH_SHAPEREADER_H
#define ATTN_LIB_BENCH_SHAPEREADER_H

#include "attn/Bench/Shape.h"
#include "llvm/ADT/StringMap.h"

namespace attn::bench {

/// Fills a shape from keys and texts, whatever file they came from.
class ShapeReader {
public:
  explicit ShapeReader(llvm::StringMap<std::string> texts)
      : texts(std::move(texts)) {}

  llvm::Expected<Shape> read();

private:
  bool has(llvm::StringRef key) const { return texts.contains(key); }
  std::string text(llvm::StringRef key, llvm::StringRef fallback) const {
    auto found = texts.find(key);
    return found == texts.end() ? fallback.str() : found->second;
  }
  llvm::Error integer(llvm::StringRef key, int64_t low, int64_t &value) const;
  /// One of the words in `choices`.
  llvm::Error choice(llvm::StringRef key, llvm::StringRef choices,
                     std::string &value) const;
  llvm::Error readOp();
  llvm::Error readAttention();
  llvm::Error readKeyValueType();
  llvm::Error readProjection();
  llvm::Error readLayer();
  llvm::Error readMask();
  llvm::Error readScore();
  llvm::Error readLengths();
  llvm::Error checkKeys() const;

  llvm::StringMap<std::string> texts;
  Shape shape;
};

} // namespace attn::bench

#endif // ATTN_LIB_BENCH_SHAPEREADER_H
