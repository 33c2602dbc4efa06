//===- TargetRegistry.cpp - The targets there are
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Target/CPU/CPUTarget.h"
#include "attn/Target/Target.h"
#include "llvm/ADT/StringMap.h"

using namespace attn;

const Target *attn::lookupTarget(llvm::StringRef name) {
  // Built once, never changed: a table of constants.
  static const llvm::StringMap<std::unique_ptr<Target>> targets = [] {
    llvm::StringMap<std::unique_ptr<Target>> map;
    for (const std::string &name : targetNames())
      map[name] = CPUTarget::create(name);
    return map;
  }();
  auto it = targets.find(name);
  return it == targets.end() ? nullptr : it->second.get();
}

std::vector<std::string> attn::targetNames() { return CPUTarget::names(); }

std::vector<std::string>
attn::expandTargets(llvm::ArrayRef<std::string> names) {
  auto demands = [](const std::string &name) {
    const Target *target = lookupTarget(name);
    return target ? llvm::count(target->getSpec().features, '+') : 0;
  };
  std::vector<std::string> expanded;
  for (const std::string &name : names) {
    std::vector<std::string> group = CPUTarget::group(name);
    if (group.empty())
      group = {name};
    for (const std::string &member : group) {
      if (llvm::is_contained(expanded, member))
        continue;
      auto place = llvm::find_if(expanded, [&](const std::string &other) {
        return demands(other) < demands(member);
      });
      expanded.insert(place, member);
    }
  }
  return expanded;
}
