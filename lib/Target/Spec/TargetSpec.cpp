//===- TargetSpec.cpp - What the stages know of a target
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Target/TargetSpec.h"
#include "mlir/Dialect/DLTI/DLTI.h"
#include "mlir/IR/Builders.h"
#include "mlir/Interfaces/DataLayoutInterfaces.h"

using namespace mlir;
using namespace attn;

static constexpr StringLiteral device = "CPU";

void attn::setTargetSpec(ModuleOp module, const TargetSpec &spec) {
  Builder b(module.getContext());
  SmallVector<DataLayoutEntryInterface> entries;
  auto add = [&](StringRef key, Attribute value) {
    entries.push_back(DataLayoutEntryAttr::get(b.getStringAttr(key), value));
  };
  add("name", b.getStringAttr(spec.name));
  add("triple", b.getStringAttr(spec.triple));
  add("cpu", b.getStringAttr(spec.cpu));
  add("features", b.getStringAttr(spec.features));
  add("vector_bits", b.getI64IntegerAttr(spec.vectorBits));
  add("vector_registers", b.getI64IntegerAttr(spec.vectorRegisters));
  add("scalable_registers", b.getBoolAttr(spec.scalableRegisters));
  add("fused_multiply_add", b.getBoolAttr(spec.fusedMultiplyAdd));
  add("bf16_dot_pack", b.getI64IntegerAttr(spec.bf16DotPack));
  add("matrix_tiles", b.getBoolAttr(spec.matrixTiles));
  add("converts_f16", b.getBoolAttr(spec.convertsF16));
  add("converts_bf16", b.getBoolAttr(spec.convertsBF16));
  add("l1_cache_bytes", b.getI64IntegerAttr(spec.l1Bytes));
  add("l2_cache_bytes", b.getI64IntegerAttr(spec.l2Bytes));
  add("last_level_cache_bytes", b.getI64IntegerAttr(spec.llcBytes));
  auto deviceSpec = TargetDeviceSpecAttr::get(b.getContext(), entries);
  auto entry = DataLayoutEntryAttr::get(b.getStringAttr(device), deviceSpec);
  module->setAttr(
      DLTIDialect::kTargetSystemDescAttrName,
      TargetSystemSpecAttr::get(b.getContext(),
                                ArrayRef<DataLayoutEntryInterface>{entry}));
}

std::optional<TargetSpec> attn::getTargetSpec(Operation *op) {
  auto module =
      isa<ModuleOp>(op) ? cast<ModuleOp>(op) : op->getParentOfType<ModuleOp>();
  auto system = module ? module->getAttrOfType<TargetSystemSpecAttr>(
                             DLTIDialect::kTargetSystemDescAttrName)
                       : TargetSystemSpecAttr();
  if (!system)
    return std::nullopt;
  TargetSpec spec{};
  Builder b(op->getContext());
  auto deviceSpec = system.getDeviceSpecForDeviceID(b.getStringAttr(device));
  if (!deviceSpec)
    return std::nullopt;
  auto find = [&](StringRef key) -> Attribute {
    auto entry = deviceSpec->getSpecForIdentifier(b.getStringAttr(key));
    return entry ? entry.getValue() : Attribute();
  };
  auto text = [&](StringRef key, std::string &into) {
    if (auto attr = dyn_cast_or_null<StringAttr>(find(key)))
      into = attr.str();
  };
  auto number = [&](StringRef key, int64_t &into) {
    if (auto attr = dyn_cast_or_null<IntegerAttr>(find(key)))
      into = attr.getInt();
  };
  auto flag = [&](StringRef key, bool &into) {
    if (auto attr = dyn_cast_or_null<BoolAttr>(find(key)))
      into = attr.getValue();
  };
  text("name", spec.name);
  text("triple", spec.triple);
  text("cpu", spec.cpu);
  text("features", spec.features);
  number("vector_bits", spec.vectorBits);
  number("vector_registers", spec.vectorRegisters);
  // A specification from before the fact was known means the plain case.
  spec.bf16DotPack = 1;
  number("bf16_dot_pack", spec.bf16DotPack);
  number("l1_cache_bytes", spec.l1Bytes);
  number("l2_cache_bytes", spec.l2Bytes);
  number("last_level_cache_bytes", spec.llcBytes);
  flag("scalable_registers", spec.scalableRegisters);
  flag("fused_multiply_add", spec.fusedMultiplyAdd);
  flag("matrix_tiles", spec.matrixTiles);
  flag("converts_f16", spec.convertsF16);
  flag("converts_bf16", spec.convertsBF16);
  return spec;
}
