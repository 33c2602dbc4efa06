//===- ChooseCPUSchedule.cpp - Tile sizes from registers and caches
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Three numbers follow from the registers: the accumulators of one contraction
// block fill all of them but those for one row of B and a broadcast; a block is
// three vectors of queries wide, as wide as lets loads keep half their slots.
// The key tile follows from the cache: its probabilities should stay there.
//
// Where there are matrix registers, products of pairs have their sums in four
// of them, and two for each factor: 32 keys (or features) x 32 queries.
//
//===----------------------------------------------------------------------===//

#include "attn/Analysis/MaskAnalysis.h"
#include "attn/IR/AttentionShape.h"
#include "attn/IR/KeyLists.h"
#include "attn/Support/RegisterTile.h"
#include "attn/Target/CPU/CPUTarget.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace attn;

ScheduleAttr attn::chooseCPUSchedule(MLIRContext *context,
                                     const TargetSpec &spec,
                                     const ScheduleProblem &problem) {
  int64_t lanes = spec.vectorBits / problem.elementBits;
  // 32 registers: 24 accumulators (8 keys x 3), 3 query vectors, 1 broadcast
  // and 4 for addresses of the softmax constants. 16 registers: 4 x 3, 3 and 1;
  // a separate multiply needs one more for the product, so 4 x 2.
  int64_t vectors = spec.vectorRegisters >= 32 || spec.fusedMultiplyAdd ? 3 : 2;
  int64_t keyBlock = spec.vectorRegisters >= 32 ? 8 : 4;
  // Blocks of masks have powers of two: a tile across two of them would visit
  // the keys of both.
  int64_t queryTile =
      (problem.holes ? llvm::bit_floor(uint64_t(vectors)) : vectors) * lanes;

  // Pairs of bf16 need pairs of features; a scale of zero has no sign to keep.
  bool pairs =
      problem.bf16 && spec.bf16DotPack == 2 && problem.headSize % 2 == 0;
  int64_t dot = pairs ? 2 : 1;
  int64_t matrix = 0, copies = 1;
  if (pairs && spec.matrixTiles && problem.headSize >= matrixDepth &&
      problem.valueSize % matrixRows == 0) {
    matrix = 2 * matrixRows;
    queryTile = matrix;
    copies = 2; // as they are computed, and as rows of queries
  }

  int64_t rowBytes = copies * queryTile * problem.elementBits / 8 / dot;
  int64_t keyTile = keyBlock;
  while (keyTile * 2 * rowBytes <= spec.l1Bytes)
    keyTile *= 2;
  StringRef kind = "prefill";
  if (!ShapedType::isDynamic(problem.keys) && problem.keys <= keyTile)
    kind = "short";
  return ScheduleAttr::get(context, kind, queryTile, keyTile, keyBlock, lanes,
                           keyBlock * vectors, dot, /*split=*/0, matrix);
}

ScheduleAttr attn::chooseCPUDecodeSchedule(MLIRContext *context,
                                           const TargetSpec &spec,
                                           const ScheduleProblem &problem) {
  int64_t lanes = spec.vectorBits / problem.elementBits;
  int64_t queries =
      ShapedType::isDynamic(problem.queries) ? fewQueries : problem.queries;
  bool pairs = problem.narrow && spec.bf16DotPack == 2 && lanes % 2 == 0 &&
               problem.headSize % 2 == 0;
  // Keys and values are read in turns, a tile of each: long enough for the
  // hardware to fetch ahead, short enough that what it fetched beyond the end
  // is still there when the tile after comes.
  int64_t rowBytes = std::max(problem.headSize, problem.valueSize) *
                     std::max<int64_t>(problem.keyBits / 8, 1);
  int64_t keyTile = lanes;
  while (keyTile * 2 * rowBytes * 4 <= spec.l1Bytes && keyTile < 128)
    keyTile *= 2;
  // 32 registers: six rows of four partial sums; 16: three.
  int64_t registers = spec.vectorRegisters >= 32 ? 24 : 12;
  // Half a thousand keys are worth a task.
  int64_t split = llvm::alignTo(problem.holes ? 1024 : 512, keyTile);
  return ScheduleAttr::get(context, "decode", queries * problem.group, keyTile,
                           lanes, lanes, registers, pairs ? 2 : 1, split,
                           /*matrix=*/0);
}

/// Whether the kernel can multiply what lies in memory, as pairs of bf16.
static bool isPlainBF16(AttentionOp op) {
  bool scaled = !op.getKeyScales().empty() || !op.getValueScales().empty();
  return !scaled && op.getScaleValue() != 0 &&
         llvm::all_of(ValueRange{op.getQuery(), op.getKey(), op.getValue()},
                      [](Value operand) {
                        return getElementTypeOrSelf(operand).isBF16();
                      });
}

/// Whether bf16 holds every element of a cache, but for a scale that a row
/// shares. A pair of i4 is the same half of two bytes.
static bool isExactInBF16(Value cache, ValueRange scales,
                          ValueRange zeroPoints) {
  auto type = cast<RankedTensorType>(cache.getType());
  Type element = type.getElementType();
  if (element.isBF16())
    return scales.empty();
  bool byRow =
      scales.empty() || cast<RankedTensorType>(scales[0].getType()).getRank() ==
                            type.getRank() - 1;
  bool wholePairs = !element.isInteger(4) || type.getShape().back() % 4 == 0;
  return element.isSignlessInteger() && element.getIntOrFloatBitWidth() <= 8 &&
         zeroPoints.empty() && byRow && wholePairs;
}

/// The same where keys and values may be converted on the way.
static bool isNarrow(AttentionOp op) {
  return op.getScaleValue() != 0 &&
         getElementTypeOrSelf(op.getQuery()).isBF16() &&
         isExactInBF16(op.getKey(), op.getKeyScales(), op.getKeyZeroPoints()) &&
         isExactInBF16(op.getValue(), op.getValueScales(),
                       op.getValueZeroPoints());
}

/// Whether tiles of queries are multiplied as pairs of bf16: where keys and
/// values are converted on the way, nothing else may need them with the scale
/// of their row. Pairs of keys whose features share bytes would be taken apart
/// number by number.
static bool isPaired(AttentionOp op) {
  bool hasTables =
      op.getValueTableOperand() || !op.getScore().getOps<KeyDotOp>().empty();
  bool hasNibbles =
      llvm::any_of(ValueRange{op.getKey(), op.getValue()}, [](Value cache) {
        return getElementTypeOrSelf(cache).getIntOrFloatBitWidth() < 8;
      });
  return isPlainBF16(op) || (isNarrow(op) && !hasTables && !hasNibbles);
}

static ScheduleProblem problemOf(AttentionOp op) {
  AttentionShape shape = getAttentionShape(op);
  int64_t keyBits = 0;
  for (Value cache : {op.getKey(), op.getValue()})
    keyBits = std::max<int64_t>(
        keyBits, getElementTypeOrSelf(cache).getIntOrFloatBitWidth());
  return {shape.queries,
          shape.keys,
          shape.headSize,
          shape.valueSize,
          op.getAccumulatorType().getWidth(),
          isPaired(op),
          isNarrow(op),
          getHeadsTogether(op),
          keyBits,
          !getKeyLists(op) && summarizeMask(op.getMask()).hasHoles};
}

/// Whether few queries, if there are no more, have one list.
static bool isSharedByFew(const KeyLists &lists) {
  return lists.isSingle || lists.queryBlock >= fewQueries;
}

/// The decode schedule of `op`, in which keys are split between tasks where
/// those have one writer for what they leave.
static ScheduleAttr chooseDecode(AttentionOp op, const TargetSpec &spec,
                                 const ScheduleProblem &problem) {
  ScheduleAttr schedule =
      chooseCPUDecodeSchedule(op.getContext(), spec, problem);
  return mayShareLists(op) ? schedule : schedule.withSplit(0);
}

/// The schedule of an op whose queries list their keys: tiles of queries that
/// share a list, with keys in the lanes where few do.
static ScheduleAttr chooseForLists(AttentionOp op, const TargetSpec &spec,
                                   ScheduleProblem problem,
                                   const KeyLists &lists) {
  ScheduleAttr schedule = chooseCPUSchedule(op.getContext(), spec, problem);
  int64_t lanes = schedule.getLanes();
  if (!lists.isSingle && lists.queryBlock < lanes) {
    problem.queries = lists.queryBlock;
    return chooseDecode(op, spec, problem);
  }
  return schedule.withQueryTile(
      llvm::alignTo(lists.getQueryStep(schedule.getQueryTile()), lanes));
}

FailureOr<ScheduleAttr> CPUTarget::chooseSchedule(AttentionOp op) const {
  ScheduleProblem problem = problemOf(op);
  bool isPacked = getAttentionShape(op).isPacked;
  bool areFew =
      !ShapedType::isDynamic(problem.queries) && problem.queries <= fewQueries;
  if (std::optional<KeyLists> lists = getKeyLists(op);
      lists && (isPacked || !(areFew && isSharedByFew(*lists))))
    return chooseForLists(op, spec, problem, *lists);
  if (!isPacked && areFew)
    return chooseDecode(op, spec, problem);
  return chooseCPUSchedule(op.getContext(), spec, problem);
}

std::optional<ScheduleAttr>
CPUTarget::chooseDecodeSchedule(AttentionOp op) const {
  ScheduleProblem problem = problemOf(op);
  std::optional<KeyLists> lists = getKeyLists(op);
  if (getAttentionShape(op).isPacked || (lists && !isSharedByFew(*lists)) ||
      !ShapedType::isDynamic(problem.queries))
    return std::nullopt;
  return chooseDecode(op, spec, problem);
}
