//===- AttributeAsm.cpp - Attributes in text and in verifiers
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AttributeAsm.h"

using namespace mlir;
using namespace attn;

LogicalResult asmutil::verifyAttributeNames(Operation *op) {
  for (NamedAttribute attribute : op->getDiscardableAttrs()) {
    if (attribute.getName().getValue().contains('.'))
      continue;
    auto error = op->emitOpError()
                 << "has an unknown attribute '"
                 << attribute.getName().getValue() << "'; known: ";
    SmallVector<StringRef> known;
    for (StringAttr name : op->getName().getAttributeNames())
      if (name != "operandSegmentSizes")
        known.push_back(name);
    llvm::interleaveComma(known, error);
    return error;
  }
  return success();
}
