//===- Team.cpp - Threads that start together -----------------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Bench/Probe.h"
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>

using namespace attn::bench;
using Clock = std::chrono::steady_clock;

struct Team::Impl {
  std::mutex lock;
  std::condition_variable wake;
  uint64_t round = 0; ///< Counts the runs; what the others wait for.
  bool stop = false;
  const std::function<void(unsigned)> *task = nullptr;
  std::atomic<unsigned> arrived = 0, finished = 0;
  std::vector<Clock::time_point> begins, ends;
};

Team::Team(unsigned size) : impl(std::make_unique<Impl>()) {
  impl->begins.resize(size);
  impl->ends.resize(size);
  for (unsigned member = 1; member < size; ++member)
    others.emplace_back([this, member] { work(member); });
}

Team::~Team() {
  {
    std::lock_guard<std::mutex> guard(impl->lock);
    impl->stop = true;
  }
  impl->wake.notify_all();
  for (std::thread &thread : others)
    thread.join();
}

void Team::work(unsigned member) {
  for (uint64_t seen = 0;;) {
    {
      std::unique_lock<std::mutex> guard(impl->lock);
      impl->wake.wait(guard, [&] { return impl->stop || impl->round != seen; });
      if (impl->stop)
        return;
      seen = impl->round;
    }
    takePart(member);
  }
}

/// Spins: the wait is for threads that are awake already or about to be. Lets
/// them run where there are more threads than processors.
static void waitFor(const std::atomic<unsigned> &count, unsigned wanted) {
  for (int polls = 0; count.load(std::memory_order_acquire) < wanted; ++polls)
    if (polls > 10000)
      std::this_thread::yield();
}

void Team::takePart(unsigned member) {
  unsigned everybody = impl->begins.size();
  impl->arrived.fetch_add(1, std::memory_order_acq_rel);
  waitFor(impl->arrived, everybody);
  impl->begins[member] = Clock::now();
  (*impl->task)(member);
  impl->ends[member] = Clock::now();
  impl->finished.fetch_add(1, std::memory_order_acq_rel);
}

double Team::run(const std::function<void(unsigned)> &task) {
  {
    std::lock_guard<std::mutex> guard(impl->lock);
    impl->task = &task;
    impl->arrived = impl->finished = 0;
    ++impl->round;
  }
  impl->wake.notify_all();
  takePart(0);
  waitFor(impl->finished, impl->begins.size());
  return std::chrono::duration<double>(
             *std::max_element(impl->ends.begin(), impl->ends.end()) -
             *std::min_element(impl->begins.begin(), impl->begins.end()))
      .count();
}
