//===- Tune.cpp - Which schedule is fastest here --------------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Bench/Tune.h"
#include "CompiledShape.h"
#include "Data.h"
#include "attn/Bench/Module.h"
#include "attn/Target/Target.h"
#include "attn/Target/TunedSchedules.h"
#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/Builders.h"
#include "llvm/Support/Format.h"

using namespace mlir;
using namespace attn;
using namespace attn::bench;
using llvm::Expected;

/// A schedule must be this much faster than the target's to be kept: a file of
/// differences that are noise would be worse than none.
static constexpr double enough = 1.01;

std::vector<ScheduleAttr> attn::bench::listCandidates(ScheduleAttr chosen,
                                                      int64_t vectorRegisters) {
  std::vector<ScheduleAttr> candidates;
  int64_t lanes = chosen.getLanes();
  auto add = [&](int64_t queryTile, int64_t keyBlock, int64_t registers,
                 int64_t keyTile) {
    int64_t split = chosen.getSplit();
    int64_t matrix = chosen.getMatrix();
    keyTile -= keyTile % std::max(keyBlock, matrix);
    if (!keyTile || keyBlock % chosen.getDot() || (split && split % keyTile) ||
        (matrix && (matrix % keyBlock || queryTile > matrix)))
      return;
    auto candidate = ScheduleAttr::get(
        chosen.getContext(), chosen.getKind(), queryTile, keyTile, keyBlock,
        lanes, registers, chosen.getDot(), split, chosen.getMatrix());
    if (candidate != chosen && !llvm::is_contained(candidates, candidate))
      candidates.push_back(candidate);
  };
  for (double factor : {0.25, 0.5, 1.0, 2.0, 4.0}) {
    auto keyTile = int64_t(double(chosen.getKeyTile()) * factor);
    add(chosen.getQueryTile(), chosen.getKeyBlock(), chosen.getRegisters(),
        keyTile);
    // Where queries are not in the lanes, tiles of them count something else.
    if (chosen.keysInLanes())
      continue;
    for (int64_t vectors = 1; vectors <= 4; ++vectors)
      for (int64_t keyBlock : {4, 6, 8, 12, 24}) {
        // A row of the other operand and a broadcast need registers too.
        bool fits = vectors * keyBlock + vectors + 1 <= vectorRegisters;
        // Fewer than half of them could not hide the latency.
        if (fits && vectors * keyBlock * 2 >= vectorRegisters)
          add(vectors * lanes, keyBlock, vectors * keyBlock, keyTile);
      }
  }
  return candidates;
}

/// `schedule` for whatever the module asks.
static ArrayAttr forAll(ScheduleAttr schedule) {
  Builder b(schedule.getContext());
  return b.getArrayAttr(
      b.getDictionaryAttr(b.getNamedAttr("schedule", schedule)));
}

namespace {
/// A compiled shape, ready to be called.
struct Contestant {
  CompiledShape compiled;
  std::unique_ptr<Invocation> invocation;
};
} // namespace

static Expected<Contestant> makeContestant(const Shape &shape,
                                           const RunOptions &options,
                                           MLIRContext &context,
                                           ArrayAttr schedules) {
  Expected<CompiledShape> compiled =
      compileShape(shape, options.targets, context, schedules);
  if (!compiled)
    return compiled.takeError();
  Contestant contestant = {std::move(*compiled), nullptr};
  contestant.invocation =
      std::make_unique<Invocation>(*contestant.compiled.entry);
  setInputs(shape, contestant.compiled.function, *contestant.invocation);
  if (llvm::Error error = contestant.invocation->allocateOutputs())
    return fail(std::move(error));
  if (llvm::Error error = contestant.invocation->prepare(shape.threads))
    return fail(std::move(error));
  return contestant;
}

/// How much faster than `own`: the median over neighbouring repetitions.
static Expected<double> compare(Contestant &own, Contestant &other,
                                const Budget &budget) {
  auto nothing = [] { return 1.0; };
  Expected<std::vector<Samples>> samples =
      measure({[&] { return own.invocation->call(); },
               [&] { return other.invocation->call(); }},
              {nothing, nothing}, budget);
  if (!samples)
    return fail(samples.takeError());
  std::vector<double> ratios;
  for (auto [mine, theirs] :
       llvm::zip_equal((*samples)[0].seconds, (*samples)[1].seconds))
    ratios.push_back(mine / theirs);
  return median(ratios);
}

/// The ratio of one candidate, or why there is none.
static Candidate tryCandidate(ScheduleAttr schedule, const Shape &shape,
                              Contestant &own, const RunOptions &options,
                              const Budget &budget) {
  Candidate candidate;
  llvm::raw_string_ostream(candidate.schedule) << schedule;
  auto because = [&](std::string why) {
    candidate.reason = why.empty() ? "does not compile" : std::move(why);
    candidate.ratio = 0;
    return candidate;
  };
  // What a generator cannot do it says on the way; the candidate's line says so
  // too.
  ScopedDiagnosticHandler quiet(schedule.getContext(),
                                [](Diagnostic &) { return success(); });
  Expected<Contestant> other =
      makeContestant(shape, options, *schedule.getContext(), forAll(schedule));
  if (!other)
    return because(llvm::toString(other.takeError()));
  Expected<double> ratio = compare(own, *other, budget);
  if (!ratio)
    return because(llvm::toString(ratio.takeError()));
  Expected<double> error =
      findLargestError(shape, other->compiled.function, *other->compiled.entry,
                       *other->invocation);
  if (!error)
    return because(llvm::toString(error.takeError()));
  if (!(*error <= 0.1))
    return because("wrong result");
  candidate.ratio = *ratio;
  return candidate;
}

/// The one of an attention's schedules, with a comma between, that `shape`
/// runs.
static ScheduleAttr scheduleFor(const Shape &shape, StringRef schedules,
                                MLIRContext &context) {
  auto all = dyn_cast_or_null<ArrayAttr>(
      parseAttribute(("[" + schedules + "]").str(), &context));
  if (!all)
    return {};
  // Rows of keys in the lanes are those of all heads that share them.
  int64_t rows = shape.queries * shape.heads / shape.keyHeads;
  ScheduleAttr others;
  for (auto schedule : all.getAsRange<ScheduleAttr>()) {
    if (schedule.keysInLanes() && rows <= schedule.getQueryTile())
      return schedule;
    if (!schedule.keysInLanes() || all.size() == 1)
      others = schedule;
  }
  return others;
}

Expected<TuneResult> attn::bench::tune(const Shape &shape,
                                       const RunOptions &options,
                                       MLIRContext &context) {
  if (shape.op != OpKind::attention)
    return fail(CompileStatus::unsupported,
                "tuning op=" + shape.opName() + " is not supported");
  options.progress("compile");
  Expected<Contestant> own =
      makeContestant(shape, options, context, /*schedules=*/{});
  if (!own)
    return own.takeError();
  TuneResult result;
  result.chosen = own->compiled.entry->schedule;
  ScheduleAttr chosen = scheduleFor(shape, result.chosen, context);
  if (!chosen)
    return fail(CompileStatus::unsupported,
                "tuning the schedules " + result.chosen + " is not supported");
  result.chosen.clear();
  llvm::raw_string_ostream(result.chosen) << chosen;
  const TargetSpec &spec =
      lookupTarget(expandTargets(options.targets).front())->getSpec();
  std::vector<ScheduleAttr> schedules =
      listCandidates(chosen, spec.vectorRegisters);

  options.progress("measure " + std::to_string(schedules.size()));
  Budget each = options.budget;
  each.seconds /= 4;
  ScheduleAttr best;
  double bestRatio = 0;
  for (ScheduleAttr schedule : schedules) {
    result.candidates.push_back(
        tryCandidate(schedule, shape, *own, options, each));
    if (result.candidates.back().ratio > bestRatio) {
      bestRatio = result.candidates.back().ratio;
      best = schedule;
    }
  }
  if (bestRatio < enough)
    return result;
  // The best of many is lucky: only a look of its own tells.
  options.progress("confirm");
  Candidate again = tryCandidate(best, shape, *own, options, options.budget);
  if (again.ratio < enough)
    return result;
  AttentionOp op;
  own->compiled.module->walk([&](AttentionOp found) { op = found; });
  std::string note;
  llvm::raw_string_ostream(note)
      << shape.label() << llvm::format(": %.3f x ", again.ratio)
      << result.chosen;
  result.best = TunedSchedule{describeProblem(op, spec), best, note};
  return result;
}
