//===- AttentionOp.cpp - attn.attention: syntax, constraints, result shapes
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AttributeAsm.h"
#include "RegionAsm.h"
#include "attn/IR/AttentionShape.h"
#include "attn/IR/AttnOps.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/StringSet.h"
#include <cmath>

using namespace mlir;
using namespace attn;

/// Query, key and value.
static constexpr unsigned numFixedOperands = 3;

//===----------------------------------------------------------------------===//
// Accessors
//===----------------------------------------------------------------------===//

ArrayRef<StringLiteral> AttentionOp::getGroupNames() {
  static constexpr StringLiteral names[] = {"sinks",
                                            "key_scales",
                                            "key_zero_points",
                                            "value_scales",
                                            "value_zero_points",
                                            "page_table",
                                            "value_table",
                                            "csr",
                                            "blocks",
                                            "query_starts",
                                            "key_starts",
                                            "value_pairs",
                                            "offsets"};
  return names;
}

bool AttentionOp::hasGroups() {
  return getNumOperands() != numFixedOperands + getOffsets().size();
}

Value AttentionOp::getAuxResult(StringRef name) {
  if (!getAux())
    return {};
  for (auto [index, attr] : llvm::enumerate(*getAux()))
    if (cast<StringAttr>(attr).getValue() == name)
      return getResult(index + 1);
  return {};
}

double AttentionOp::getScaleValue() {
  if (getScale())
    return getScale()->convertToDouble();
  return 1.0 / std::sqrt(double(getAttentionShape(*this).headSize));
}

FloatType AttentionOp::getAccumulatorType() {
  return asmutil::accumulatorFor(
      cast<RankedTensorType>(getQuery().getType()).getElementType());
}

void AttentionOp::cloneRegionsInto(AttentionOp other) {
  IRMapping mapping;
  for (auto [from, to] : llvm::zip((*this)->getRegions(), other->getRegions()))
    from.cloneInto(&to, mapping);
}

void AttentionOp::build(OpBuilder &builder, OperationState &state,
                        TypeRange results, Value query, Value key,
                        Value value) {
  state.addOperands({query, key, value});
  auto &segments = state.getOrAddProperties<Properties>().operandSegmentSizes;
  segments.fill(0);
  segments[0] = segments[1] = segments[2] = 1;
  state.addTypes(results);
  for (unsigned region = 0; region < std::size(asmutil::pairRegionNames);
       ++region)
    state.addRegion();
}

//===----------------------------------------------------------------------===//
// Syntax
//===----------------------------------------------------------------------===//

ParseResult AttentionOp::parse(OpAsmParser &parser, OperationState &result) {
  SmallVector<OpAsmParser::UnresolvedOperand> fixed;
  for (StringRef keyword : {"query", "key", "value"})
    if (parser.parseKeyword(keyword) || parser.parseLParen() ||
        parser.parseOperand(fixed.emplace_back()) || parser.parseRParen())
      return failure();

  ArrayRef<StringLiteral> names = getGroupNames();
  SmallVector<SmallVector<OpAsmParser::UnresolvedOperand>> groups(names.size());
  for (bool any = true; any;) {
    any = false;
    for (auto [name, group] : llvm::zip(names, groups)) {
      if (failed(parser.parseOptionalKeyword(name)))
        continue;
      SMLoc location = parser.getCurrentLocation();
      if (!group.empty())
        return parser.emitError(location)
               << "operand group '" << name << "' is given twice";
      if (asmutil::parseOperandGroup(parser, group))
        return failure();
      if (group.empty())
        return parser.emitError(location)
               << "operand group '" << name << "' is empty";
      any = true;
    }
  }

  FunctionType type;
  SMLoc typeLoc;
  asmutil::ModUses mods[std::size(asmutil::pairRegionNames)];
  if (asmutil::parsePairRegions(parser, result, mods) ||
      asmutil::parseAttributes<AttentionOp>(parser, result) ||
      parser.parseColon() || parser.getCurrentLocation(&typeLoc) ||
      parser.parseType(type))
    return failure();

  // Offsets are index values: they have no place in the list of types.
  auto &offsets = groups.back();
  SmallVector<OpAsmParser::UnresolvedOperand> tensors(fixed);
  auto &segments = result.getOrAddProperties<Properties>().operandSegmentSizes;
  segments[0] = segments[1] = segments[2] = 1;
  for (auto [index, group] : llvm::enumerate(groups)) {
    segments[numFixedOperands + index] = group.size();
    if (&group != &offsets)
      tensors.append(group);
  }
  if (type.getNumInputs() != tensors.size())
    return parser.emitError(typeLoc)
           << "expects one type for each of the " << tensors.size()
           << " tensor operands, got " << type.getNumInputs();
  result.addTypes(type.getResults());
  return failure(
      parser.resolveOperands(tensors, type.getInputs(), typeLoc,
                             result.operands) ||
      parser.resolveOperands(offsets, parser.getBuilder().getIndexType(),
                             result.operands) ||
      asmutil::buildModRegions(
          parser, result, mods,
          asmutil::accumulatorFor(getElementTypeOrSelf(type.getInput(0)))));
}

void AttentionOp::print(OpAsmPrinter &printer) {
  printer << " query(" << getQuery() << ") key(" << getKey() << ") value("
          << getValue() << ")";
  for (auto [index, name] : llvm::enumerate(getGroupNames()))
    if (OperandRange group = getGroup(index); !group.empty())
      printer << ' ' << name << '(' << group << ')';
  asmutil::printPairRegions(printer, *this);
  SmallVector<StringRef> elided = {getOperandSegmentSizesAttrName()};
  if (getLayout().empty())
    elided.push_back(getLayoutAttrName());
  if (getNormalizer() == "softmax")
    elided.push_back(getNormalizerAttrName());
  printer.printOptionalAttrDict((*this)->getAttrDictionary().getValue(),
                                elided);
  OperandRange tensors = getOperands().drop_back(getOffsets().size());
  printer << " : ";
  printer.printFunctionalType(tensors.getTypes(), getResultTypes());
}

//===----------------------------------------------------------------------===//
// Constraints
//===----------------------------------------------------------------------===//

/// Static sizes that disagree; a dynamic one agrees with everything.
static bool disagree(int64_t a, int64_t b) {
  return ShapedType::isStatic(a) && ShapedType::isStatic(b) && a != b;
}

/// A size as types spell it.
static std::string spell(int64_t size) {
  return ShapedType::isDynamic(size) ? "?" : std::to_string(size);
}

/// The shape that the result called `name` must have; "output" is the first.
static SmallVector<int64_t> resultShape(const AttentionShape &shape,
                                        StringRef name) {
  const HeadLayout &at = shape.layout;
  if (name == "output") {
    SmallVector<int64_t> sizes(at.rank());
    if (at.batch)
      sizes[*at.batch] = shape.batch;
    sizes[at.head] = shape.queryHeads;
    sizes[at.sequence] = shape.queries;
    sizes[at.feature] = shape.valueSize;
    return sizes;
  }
  SmallVector<int64_t> sizes;
  if (at.batch)
    sizes.push_back(shape.batch);
  sizes.append({shape.queryHeads, shape.queries});
  if (name == "scores" || name == "probabilities")
    sizes.push_back(shape.keys);
  return sizes;
}

static bool isQueryType(Type type) {
  return type.isF32() || type.isBF16() || type.isF16() || type.isF64();
}

/// Whether keys and values of `type` go with queries of the element `query`.
static bool isCacheType(Type type, Type query) {
  if (query.isF64())
    return type.isF64();
  return type.isF32() || type.isBF16() || type.isF16() ||
         type.isSignlessInteger(8) || type.isSignlessInteger(4);
}

static LogicalResult verifyShapes(AttentionOp op) {
  auto query = cast<RankedTensorType>(op.getQuery().getType());
  auto key = cast<RankedTensorType>(op.getKey().getType());
  auto value = cast<RankedTensorType>(op.getValue().getType());
  int64_t rank = query.getRank();
  // attention_c1
  if ((rank != 3 && rank != 4) || key.getRank() != rank ||
      value.getRank() != rank)
    return op.emitOpError()
           << "expects query, key and value of one rank, 3 or 4, got " << rank
           << ", " << key.getRank() << " and " << value.getRank();
  // attention_c2
  Type element = query.getElementType();
  if (!isQueryType(element))
    return op.emitOpError()
           << "expects a query of f32, bf16, f16 or f64, got " << element;
  for (auto [name, type] : {std::pair("key", key), {"value", value}})
    if (!isCacheType(type.getElementType(), element))
      return op.emitOpError()
             << "expects a " << name << " of "
             << (element.isF64() ? "f64" : "f32, bf16, f16, i8 or i4")
             << " for a query of " << element << ", got "
             << type.getElementType();
  // attention_c7
  auto layout = parseHeadLayout(op.getLayout(), rank);
  if (!layout)
    return op.emitOpError()
           << "expects layout " << headLayoutNames(rank) << " for rank " << rank
           << ", got \"" << op.getLayout() << '"';
  // attention_c19, attention_c20: what the shape is read from.
  if (failed(asmutil::verifySequenceGroups(op, *layout)))
    return failure();
  AttentionShape shape = getAttentionShape(op);
  // attention_c4
  for (auto [name, type] :
       {std::pair("query", query), {"key", key}, {"value", value}})
    for (auto [what, dim] :
         {std::pair("heads", layout->head), {"head size", layout->feature}})
      if (int64_t size = type.getDimSize(dim); size <= 0)
        return op.emitOpError() << "expects static, positive " << name << ' '
                                << what << ", got " << spell(size);
  // attention_c3
  if (key.getDimSize(layout->feature) != shape.headSize)
    return op.emitOpError()
           << "expects query and key of one head size, got " << shape.headSize
           << " and " << key.getDimSize(layout->feature);
  // attention_c5
  if (value.getDimSize(layout->head) != shape.keyHeads)
    return op.emitOpError()
           << "expects as many value heads as key heads, got "
           << value.getDimSize(layout->head) << " and " << shape.keyHeads;
  if (shape.queryHeads % shape.keyHeads != 0)
    return op.emitOpError() << "expects key heads to divide query heads, got "
                            << shape.keyHeads << " and " << shape.queryHeads;
  // attention_c6
  if (auto dim = layout->batch)
    for (auto [one, other] :
         {std::pair(key, value), {query, key}, {query, value}})
      if ((one == key || !shape.isPaged()) &&
          disagree(one.getDimSize(*dim), other.getDimSize(*dim)))
        return op.emitOpError()
               << "expects one batch size, got " << one.getDimSize(*dim)
               << " and " << other.getDimSize(*dim);
  int64_t keyLength = key.getDimSize(layout->sequence);
  if (disagree(keyLength, value.getDimSize(layout->sequence)))
    return op.emitOpError()
           << "expects key and value of one "
           << (shape.isPaged() ? "page size" : "length") << ", got "
           << keyLength << " and " << value.getDimSize(layout->sequence);
  // attention_c17, attention_c18, attention_c23, attention_c24, attention_c25
  if (failed(asmutil::verifyScaleGroups(op, *layout)) ||
      failed(asmutil::verifySinks(op, shape.queryHeads)) ||
      failed(asmutil::verifyKeyLists(op)))
    return failure();
  // attention_c26, attention_c27
  if (op.getValueTable().size() > 1)
    return op.emitOpError() << "expects one tensor in value_table, got "
                            << op.getValueTable().size();
  return asmutil::verifyValueTable(op, op.getValueTableOperand(),
                                   op.getValueRow(), shape.valueSize,
                                   op.getAccumulatorType());
}

static LogicalResult verifyResults(AttentionOp op) {
  static constexpr StringLiteral known[] = {"lse", "row_max", "scores",
                                            "probabilities"};
  // attention_c8
  SmallVector<StringRef> names = {"output"};
  llvm::StringSet<> seen;
  if (op.getAux())
    for (auto attr : op.getAux()->getAsRange<StringAttr>()) {
      StringRef name = attr.getValue();
      if (!llvm::is_contained(known, name) || !seen.insert(name).second)
        return op.emitOpError()
               << "expects aux to hold distinct names of lse, row_max, scores, "
                  "probabilities, got \""
               << name << '"';
      names.push_back(name);
    }
  // attention_c9
  if (op.getNumResults() != names.size())
    return op.emitOpError()
           << "expects " << names.size()
           << " results: the output and one for each of aux, got "
           << op.getNumResults();
  AttentionShape shape = getAttentionShape(op);
  Type element =
      cast<RankedTensorType>(op.getQuery().getType()).getElementType();
  for (auto [name, type] : llvm::zip(names, op.getResultTypes())) {
    auto actual = cast<RankedTensorType>(type);
    Type accumulator = op.getAccumulatorType();
    auto expected = RankedTensorType::get(
        resultShape(shape, name), name == "output" ? element : accumulator);
    bool rightType = actual.getElementType() == expected.getElementType() ||
                     actual.getElementType() == accumulator;
    if (!rightType || failed(verifyCompatibleShape(actual, expected)))
      return op.emitOpError() << "expects the result '" << name << "' to be a "
                              << expected << ", got " << actual;
  }
  return success();
}

LogicalResult AttentionOp::verify() {
  if (failed(verifyShapes(*this)) || failed(verifyResults(*this)))
    return failure();
  // attention_c13
  if (failed(asmutil::verifyNormalizer(*this, getNormalizer())))
    return failure();
  // attention_c14
  if (!getOffsets().empty() && getOffsets().size() != 4)
    return emitOpError() << "expects no offsets, or four (b, h, i, j), got "
                         << getOffsets().size();
  // attention_c22
  if (std::optional<ScheduleAttr> decode = getDecodeSchedule())
    if (!decode->keysInLanes() || !getSchedule() ||
        getSchedule()->keysInLanes())
      return emitOpError()
             << "expects a decode_schedule of kind decode beside a "
                "schedule of another kind, got "
             << *decode;
  // attention_c15
  if (getScale() && !getScale()->isFinite())
    return emitOpError() << "expects a finite scale, got "
                         << getScale()->convertToDouble();
  // attention_c16
  return asmutil::verifyAttributeNames(*this);
}

LogicalResult AttentionOp::verifyRegions() {
  // attention_c10, attention_c11, attention_c12, attention_c27
  if (failed(asmutil::verifyScoreAndMask(*this, getScore(), getMask(),
                                         getAccumulatorType(),
                                         bool(getAuxResult("scores")))))
    return failure();
  return asmutil::verifyValueRow(*this, getValueTableOperand(), getValueRow());
}

//===----------------------------------------------------------------------===//
// Result shapes
//===----------------------------------------------------------------------===//

OpFoldResult AttentionOp::getKeyCount(OpBuilder &builder) {
  AttentionShape shape = getAttentionShape(*this);
  if (!shape.isPaged())
    return tensor::getMixedSize(builder, getLoc(), getKey(),
                                shape.layout.sequence);
  AffineExpr pages = builder.getAffineDimExpr(0);
  return affine::makeComposedFoldedAffineApply(
      builder, getLoc(), pages * shape.pageSize,
      tensor::getMixedSize(builder, getLoc(), getPageTableOperand(), 1));
}

LogicalResult
AttentionOp::reifyResultShapes(OpBuilder &builder,
                               ReifiedRankedShapedTypeDims &reified) {
  Location loc = getLoc();
  AttentionShape shape = getAttentionShape(*this);
  const HeadLayout &at = shape.layout;
  auto size = [&](Value tensor, unsigned dim) {
    return tensor::getMixedSize(builder, loc, tensor, dim);
  };
  SmallVector<OpFoldResult> output(at.rank()), rows;
  if (at.batch) {
    output[*at.batch] = size(getQuery(), *at.batch);
    rows.push_back(output[*at.batch]);
  }
  output[at.head] = size(getQuery(), at.head);
  output[at.sequence] = size(getQuery(), at.sequence);
  output[at.feature] = size(getValue(), at.feature);
  rows.append({output[at.head], output[at.sequence]});
  reified.push_back(output);
  if (getAux())
    for (auto name : getAux()->getAsValueRange<StringAttr>()) {
      reified.push_back(rows);
      if (name == "scores" || name == "probabilities")
        reified.back().push_back(getKeyCount(builder));
    }
  return success();
}
