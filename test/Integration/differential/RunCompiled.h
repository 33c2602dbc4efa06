//===- RunCompiled.h - Compiling and calling random functions ------ -*- C++
//-*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TEST_DIFFERENTIAL_RUNCOMPILED_H
#define ATTN_TEST_DIFFERENTIAL_RUNCOMPILED_H

#include "attn/Reference/Tensor.h"
#include "attn/Runner/Memory.h"
#include "attn/Runtime/ABI.h"
#include "llvm/Support/Error.h"
#include <string>
#include <vector>

namespace attn::differential {

/// The program to test, how, and where it may write.
struct Compiler {
  std::string attnc; ///< Empty: the one on the PATH.
  std::string target, folder;
  bool sanitize = false; ///< Instruments the code for AddressSanitizer.

  /// Compiles `text` under that name. The library's path, or an error:
  /// `not_supported` where the compiler says so, with its words.
  llvm::Expected<std::string> compile(llvm::StringRef text,
                                      llvm::StringRef name) const;
};

/// How one call is made.
struct Placing {
  unsigned threads = 1;
  unsigned padding = 0; ///< Elements between rows.
  bool prepared = true; ///< Weights are packed before the call, not in it.
  Placement memory = Placement::guarded;
};

/// Calls an entry once, with its tensors where a touch beside them shows; its
/// outputs.
/// Writing into the padding is an error.
llvm::Expected<std::vector<reference::Tensor>>
runCompiled(const attn_entry &entry,
            llvm::ArrayRef<reference::Tensor> arguments,
            const Placing &placing);

/// |a - b|; 0 for the same infinity and for two NaNs, infinite where only one
/// is finite.
double distance(double a, double b);

} // namespace attn::differential

#endif // ATTN_TEST_DIFFERENTIAL_RUNCOMPILED_H
