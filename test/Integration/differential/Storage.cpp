//===- Storage.cpp - How a function's tensors are stored
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Storage.h"

using namespace attn::differential;

std::vector<std::string> Storage::features() const {
  std::vector<std::string> words;
  if (query != "f32")
    words.push_back("q:" + query);
  if (key.element != query)
    words.push_back("k:" + key.element);
  if (value.element != query)
    words.push_back("v:" + value.element);
  if (output != query)
    words.push_back("o:" + output);
  for (auto [cache, name] : {std::pair(&key, "key"), {&value, "value"}}) {
    if (cache->groups)
      words.push_back(name + std::string("_scales"));
    if (!cache->zeroPoint.empty())
      words.push_back(name + std::string("_zero_points"));
  }
  if (pageSize)
    words.push_back("page_table");
  if (packed)
    words.push_back("query_starts");
  return words;
}

static Cache makeCache(Random &random, const std::string &query, int64_t size) {
  Cache cache;
  // Mostly a cache of the query's type, or a quantised one.
  cache.element = random.chance(40)
                      ? query
                      : random.pick<std::string>(
                            {"f32", "bf16", "f16", "i8", "i8", "i4", "i4"});
  // Rows of i4 begin at a byte.
  if (cache.element == "i4" && size % 2)
    cache.element = "i8";
  bool integers = cache.element[0] == 'i';
  if (!random.chance(integers ? 85 : 15))
    return cache;
  cache.groups = 0;
  if (random.chance(50)) {
    int64_t groups = random.pick<int64_t>({1, 2, 4, 8});
    cache.groups = size % groups == 0 ? groups : 1;
  }
  cache.scale = random.chance(70) ? "f32" : random.chance(50) ? "bf16" : "f16";
  if (random.chance(30))
    cache.zeroPoint = random.chance(60) ? "i8" : "f32";
  return cache;
}

Storage attn::differential::makeStorage(Random &random, int64_t headSize,
                                        int64_t valueSize, bool batched) {
  Storage storage;
  storage.query = random.pick<std::string>(
      {"f32", "f32", "f32", "bf16", "bf16", "bf16", "f16", "f16", "f64"});
  storage.output = storage.query;
  storage.key.element = storage.value.element = storage.query;
  if (!storage.isDouble()) {
    if (random.chance(20))
      storage.output = "f32";
    if (random.chance(60)) {
      storage.key = makeCache(random, storage.query, headSize);
      storage.value = makeCache(random, storage.query, valueSize);
    }
  }
  if (batched && random.chance(30))
    storage.pageSize = random.pick<int64_t>({1, 2, 8, 16, 16, 32, 64});
  storage.packed = !batched && random.chance(60);
  return storage;
}
