//===- ImportRemarks.h - What was raised, and what was not and why
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_CONVERSION_IMPORT_IMPORTREMARKS_H
#define ATTN_LIB_CONVERSION_IMPORT_IMPORTREMARKS_H

#include "attn/Conversion/Import/Passes.h"
#include "mlir/IR/Remarks.h"
#include <string>

namespace attn::raising {

inline void remarkRaised(mlir::func::FuncOp function, mlir::Location loc,
                         const std::string &text) {
  mlir::remark::passed(loc, mlir::remark::RemarkOpts::name("raised")
                                .category(importRemarks)
                                .function(function.getName()))
      << text;
}

/// `culprit`, if any, is the op in the way.
inline void remarkNotRaised(mlir::func::FuncOp function, mlir::Location loc,
                            std::string text, mlir::Operation *culprit) {
  if (culprit) {
    text += ", see " + culprit->getName().getStringRef().str();
    if (auto at = llvm::dyn_cast<mlir::FileLineColLoc>(culprit->getLoc()))
      text += llvm::formatv(" in line {0}", at.getLine()).str();
  }
  mlir::remark::missed(loc, mlir::remark::RemarkOpts::name("not raised")
                                .category(importRemarks)
                                .function(function.getName()))
      << text;
}

} // namespace attn::raising

#endif // ATTN_LIB_CONVERSION_IMPORT_IMPORTREMARKS_H
