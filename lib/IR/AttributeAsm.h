//===- AttributeAsm.h - Attributes in text and in verifiers
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// MLIR drops an attribute of the wrong kind, and keeps a misspelt one as if
// someone else knew it: both would silently compile another attention.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_IR_ATTRIBUTEASM_H
#define ATTN_LIB_IR_ATTRIBUTEASM_H

#include "mlir/IR/OpImplementation.h"

namespace attn::asmutil {

/// Parses the attributes of an `Op` with a syntax of its own, checking their
/// kinds as generated parsers do.
template <typename Op>
mlir::ParseResult parseAttributes(mlir::OpAsmParser &parser,
                                  mlir::OperationState &result) {
  llvm::SMLoc location = parser.getCurrentLocation();
  if (parser.parseOptionalAttrDict(result.attributes))
    return mlir::failure();
  return Op::verifyInherentAttrs(result.name, result.attributes, [&] {
    return parser.emitError(location)
           << "'" << result.name.getStringRef() << "' op ";
  });
}

/// Refuses attributes that the op does not have, unless a dialect owns them.
mlir::LogicalResult verifyAttributeNames(mlir::Operation *op);

} // namespace attn::asmutil

#endif // ATTN_LIB_IR_ATTRIBUTEASM_H
