//===- RegionText.h - Writing ops with fresh names ------------------ -*- C++
//-*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TEST_DIFFERENTIAL_REGIONTEXT_H
#define ATTN_TEST_DIFFERENTIAL_REGIONTEXT_H

#include "Function.h"
#include "llvm/ADT/STLExtras.h"

namespace attn::differential {

/// The ops of a region as text. Each function returns the name of a value.
class RegionText {
public:
  RegionText(const Function &function, std::vector<Capture> &captures)
      : hasEntries(function.lists.has_value()), captures(captures) {}

  const bool hasEntries; ///< Whether keys are listed.

  /// `%n = code : type`, with the type that the op prints, which need not be
  /// that of its result.
  std::string op(const std::string &code, const std::string &type) {
    std::string name = "%" + std::to_string(next++);
    text += "      " + name + " = " + code + " : " + type + "\n";
    return name;
  }
  /// The number of the entry that names the key.
  std::string entry() {
    std::string name = "%" + std::to_string(next++);
    text += "      " + name + " = attn.entry\n";
    return name;
  }
  std::string constant(int64_t value) {
    return op("arith.constant " + std::to_string(value), "index");
  }
  std::string boolean(bool value) {
    return op(value ? "arith.constant -1" : "arith.constant 0", "i1");
  }
  std::string real(double value, const std::string &type = "f32") {
    char buffer[40];
    snprintf(buffer, sizeof(buffer), "arith.constant %.6e", value);
    return op(buffer, type);
  }
  /// A scalar argument of the function.
  std::string capture(Capture which) {
    use(which);
    return which == Capture::width ? "%width" : "%factor";
  }
  /// The element of the batch, as an index.
  std::string perBatch(Capture which) {
    use(which);
    std::string element =
        op(which == Capture::lengths ? "tensor.extract %lengths[%b]"
                                     : "tensor.extract %starts[%b]",
           "tensor<?xi32>");
    return op("arith.index_cast " + element, "i32 to index");
  }
  void use(Capture which) {
    if (!llvm::is_contained(captures, which))
      captures.push_back(which);
  }
  std::string finish(const std::string &value, const std::string &type) {
    return text + "      attn.yield " + value + " : " + type + "\n";
  }

private:
  std::vector<Capture> &captures;
  std::string text;
  unsigned next = 0;
};

} // namespace attn::differential

#endif // ATTN_TEST_DIFFERENTIAL_REGIONTEXT_H
