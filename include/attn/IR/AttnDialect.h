//===- AttnDialect.h - The attn dialect -------------------------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_IR_ATTNDIALECT_H
#define ATTN_IR_ATTNDIALECT_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"

#include "attn/IR/AttnDialect.h.inc"

#define GET_ATTRDEF_CLASSES
#include "attn/IR/AttnAttributes.h.inc"

#endif // ATTN_IR_ATTNDIALECT_H
