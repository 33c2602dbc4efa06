//===- RegionParsing.cpp - Regions of attention, and mods in their place
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RegionAsm.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace attn;

ParseResult asmutil::parseRegion(OpAsmParser &parser, StringRef keyword,
                                 Region &region) {
  if (failed(parser.parseOptionalKeyword(keyword)))
    return success();
  SmallVector<OpAsmParser::Argument> arguments;
  return failure(parser.parseArgumentList(arguments,
                                          OpAsmParser::Delimiter::Paren,
                                          /*allowType=*/true) ||
                 parser.parseRegion(region, arguments));
}

//===----------------------------------------------------------------------===//
// Names of mods
//===----------------------------------------------------------------------===//

/// `%x : TYPE`, or a number, with or without a type.
static ParseResult parseParameter(OpAsmParser &parser,
                                  asmutil::ModParameter &parameter) {
  SMLoc location = parser.getCurrentLocation();
  OptionalParseResult operand = parser.parseOptionalOperand(parameter.operand);
  if (operand.has_value())
    return failure(*operand || parser.parseColonType(parameter.type));
  Attribute literal;
  OptionalParseResult parsed = parser.parseOptionalAttribute(literal);
  if (parsed.has_value() && failed(*parsed))
    return failure();
  if (!isa_and_present<IntegerAttr, FloatAttr>(literal))
    return parser.emitError(location)
           << "expects a value with its type, or a number, as a mod's "
              "parameter";
  parameter.literal = cast<TypedAttr>(literal);
  return success();
}

/// `@NAME` and perhaps `(PARAMETERS)`. False: there is no name.
static OptionalParseResult parseMod(OpAsmParser &parser, asmutil::ModUse &mod) {
  mod.location = parser.getCurrentLocation();
  if (failed(parser.parseOptionalSymbolName(mod.name)))
    return std::nullopt;
  return parser.parseCommaSeparatedList(
      OpAsmParser::Delimiter::OptionalParen,
      [&] { return parseParameter(parser, mod.parameters.emplace_back()); });
}

/// `(@MOD, ...)` or `(ARGS) REGION`, of which the parenthesis is read.
static ParseResult parseModsOrRegion(OpAsmParser &parser, Region &region,
                                     asmutil::ModUses &mods) {
  asmutil::ModUse mod;
  OptionalParseResult first = parseMod(parser, mod);
  if (!first.has_value()) {
    SmallVector<OpAsmParser::Argument> arguments;
    if (failed(parser.parseOptionalRParen()) &&
        (parser.parseArgumentList(arguments, OpAsmParser::Delimiter::None,
                                  /*allowType=*/true) ||
         parser.parseRParen()))
      return failure();
    return parser.parseRegion(region, arguments);
  }
  if (failed(*first))
    return failure();
  mods.push_back(std::move(mod));
  while (succeeded(parser.parseOptionalComma())) {
    SMLoc location = parser.getCurrentLocation();
    OptionalParseResult next = parseMod(parser, mods.emplace_back());
    if (!next.has_value())
      return parser.emitError(location) << "expects the name of a mod, @NAME";
    if (failed(*next))
      return failure();
  }
  return parser.parseRParen();
}

ParseResult asmutil::parsePairRegions(OpAsmParser &parser,
                                      OperationState &result,
                                      MutableArrayRef<ModUses> mods) {
  StringRef last;
  for (auto [index, name] : llvm::enumerate(pairRegionNames)) {
    Region *region = result.addRegion();
    if (mods.empty() || name == "value_row") {
      if (parseRegion(parser, name, *region))
        return failure();
    } else if (succeeded(parser.parseOptionalKeyword(name))) {
      if (parser.parseLParen() ||
          parseModsOrRegion(parser, *region, mods[index]))
        return failure();
      last = name;
    }
    if (!region->empty())
      last = name;
  }
  SMLoc location = parser.getCurrentLocation();
  for (StringRef name : ArrayRef(pairRegionNames).drop_back())
    if (succeeded(parser.parseOptionalKeyword(name)))
      return parser.emitError(location)
             << "the " << name << " region comes before the " << last
             << " region";
  return success();
}

//===----------------------------------------------------------------------===//
// Regions from names
//===----------------------------------------------------------------------===//

/// A literal without a type is an index, or has the type of scores. MLIR reads
/// such literals as i64 and f64.
static TypedAttr typeLiteral(TypedAttr literal, FloatType accumulator) {
  Builder builder(accumulator.getContext());
  if (auto number = dyn_cast<FloatAttr>(literal);
      number && number.getType().isF64())
    return FloatAttr::get(accumulator, number.getValueAsDouble());
  if (auto number = dyn_cast<IntegerAttr>(literal);
      number && number.getType().isSignlessInteger(64))
    return builder.getIndexAttr(number.getInt());
  return literal;
}

/// Appends what `mod` gives, after its `arguments`, the pair's.
static FailureOr<Value> applyMod(OpAsmParser &parser, OpBuilder &builder,
                                 const asmutil::ModUse &mod,
                                 ArrayRef<Value> arguments,
                                 FloatType accumulator, Type result) {
  Location location = parser.getEncodedSourceLoc(mod.location);
  SmallVector<Value> inputs(arguments);
  for (const asmutil::ModParameter &parameter : mod.parameters) {
    if (parameter.literal) {
      inputs.push_back(arith::ConstantOp::create(
          builder, location, typeLiteral(parameter.literal, accumulator)));
      continue;
    }
    if (parser.resolveOperand(parameter.operand, parameter.type, inputs))
      return failure();
  }
  return ApplyOp::create(builder, location, result,
                         FlatSymbolRefAttr::get(mod.name), inputs)
      .getResult();
}

ParseResult asmutil::buildModRegions(OpAsmParser &parser,
                                     OperationState &result,
                                     ArrayRef<ModUses> mods,
                                     FloatType accumulator) {
  OpBuilder builder(parser.getContext());
  for (auto [name, uses, region] :
       llvm::zip(pairRegionNames, mods, result.regions)) {
    if (uses.empty())
      continue;
    bool isScore = name == "score";
    Location location = parser.getEncodedSourceLoc(uses.front().location);
    SmallVector<Type> types(4, builder.getIndexType());
    if (isScore)
      types.insert(types.begin(), accumulator);
    Block *block =
        builder.createBlock(region.get(), region->end(), types,
                            SmallVector<Location>(types.size(), location));
    SmallVector<Value> arguments(block->getArguments());
    Value value;
    for (const ModUse &mod : uses) {
      FailureOr<Value> one =
          applyMod(parser, builder, mod, arguments, accumulator,
                   isScore ? Type(accumulator) : builder.getI1Type());
      if (failed(one))
        return failure();
      if (isScore)
        value = arguments.front() = *one;
      else
        value = value ? arith::AndIOp::create(builder, location, value, *one)
                            .getResult()
                      : *one;
    }
    YieldOp::create(builder, location, value);
  }
  return success();
}
