//===- Zone.cpp - Sets of (query, key) pairs by their bounds
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Zone.h"

using namespace attn;
using namespace attn::mask;

/// More cases than any mask people write needs; beyond, cases are merged, so
/// that the emitted code stays linear in the mask.
static constexpr size_t maxCases = 8;

ZoneBuilder::Span ZoneBuilder::querySpan(const Zone &zone) {
  Span span = {box.iFirst, box.iLast};
  if (zone.lower[Query])
    span.first = scalars.max(span.first, *zone.lower[Query]);
  if (zone.upper[Query])
    span.last = scalars.min(span.last, *zone.upper[Query]);
  return span;
}

ZoneBuilder::Span ZoneBuilder::keySpan(const Zone &zone) {
  Span span = {box.jFirst, box.jLast};
  if (zone.lower[Key])
    span.first = scalars.max(span.first, *zone.lower[Key]);
  if (zone.upper[Key])
    span.last = scalars.min(span.last, *zone.upper[Key]);
  return span;
}

ZoneBuilder::Span ZoneBuilder::closedKeySpan(const Zone &zone) {
  Span queries = querySpan(zone), keys = keySpan(zone);
  if (zone.lower[Distance])
    keys.first = scalars.max(keys.first,
                             scalars.add(queries.first, *zone.lower[Distance]));
  if (zone.upper[Distance])
    keys.last = scalars.min(keys.last,
                            scalars.add(queries.last, *zone.upper[Distance]));
  return keys;
}

// The constraint graph of a zone has the nodes 0, i and j, and the zone holds
// an integer pair iff no cycle of the graph is negative. Those without j:
Bit ZoneBuilder::isPossibleButForKeys(const Case &single) {
  const Zone &zone = single.zone;
  Bit possible = single.possible;
  if (zone.lower[Query] || zone.upper[Query]) {
    Span queries = querySpan(zone);
    possible = scalars.conjoin(possible,
                               scalars.lessEqual(queries.first, queries.last));
  }
  if (zone.lower[Distance] && zone.upper[Distance])
    possible =
        scalars.conjoin(possible, scalars.lessEqual(*zone.lower[Distance],
                                                    *zone.upper[Distance]));
  return possible;
}

Bit ZoneBuilder::isPossible(const Case &single) {
  const Zone &zone = single.zone;
  Span queries = querySpan(zone), keys = keySpan(zone);
  Bit possible = isPossibleButForKeys(single);
  auto require = [&](Scalar a, Scalar b) {
    possible = scalars.conjoin(possible, scalars.lessEqual(a, b));
  };
  if (zone.lower[Key] || zone.upper[Key])
    require(keys.first, keys.last);
  if (zone.upper[Distance])
    require(keys.first, scalars.add(queries.last, *zone.upper[Distance]));
  if (zone.lower[Distance])
    require(scalars.add(queries.first, *zone.lower[Distance]), keys.last);
  return possible;
}

Bit ZoneBuilder::any(const Cases &cases) {
  Bit any = false;
  for (const Case &single : cases)
    if (!any.isTrue())
      any = scalars.disjoin(any, isPossible(single));
  return any;
}

Cases ZoneBuilder::hull(const Cases &cases) {
  auto span = keys(cases);
  if (!span)
    return {};
  Case merged;
  merged.possible = any(cases);
  merged.zone.lower[Key] = span->first;
  merged.zone.upper[Key] = span->second;
  return {merged};
}

Cases ZoneBuilder::meet(const Cases &a, const Cases &b) {
  if (a.size() * b.size() > maxCases)
    return a.size() > b.size() ? meet(hull(a), b) : meet(a, hull(b));
  Cases result;
  for (const Case &x : a)
    for (const Case &y : b) {
      Case both = x;
      both.possible = scalars.conjoin(x.possible, y.possible);
      for (unsigned axis = 0; axis < numAxes; ++axis) {
        auto tighten = [](auto &bound, const auto &other, auto choose) {
          if (bound && other)
            bound = choose(*bound, *other);
          else if (other)
            bound = other;
        };
        tighten(both.zone.lower[axis], y.zone.lower[axis],
                [&](Scalar p, Scalar q) { return scalars.max(p, q); });
        tighten(both.zone.upper[axis], y.zone.upper[axis],
                [&](Scalar p, Scalar q) { return scalars.min(p, q); });
      }
      if (!both.possible.isFalse())
        result.push_back(both);
    }
  return result;
}

Cases ZoneBuilder::join(const Cases &a, const Cases &b) {
  for (const Cases *side : {&a, &b})
    for (const Case &single : *side)
      if (single.isEverything())
        return {single};
  Cases result = a;
  result.append(b.begin(), b.end());
  return result.size() > maxCases ? hull(result) : result;
}

std::optional<std::pair<Scalar, Scalar>> ZoneBuilder::keys(const Cases &cases) {
  std::optional<std::pair<Scalar, Scalar>> result;
  for (const Case &single : cases) {
    // Where the keys of a lone case cross, they say themselves that it is
    // empty; and then it doesn't matter where it begins.
    bool alone = cases.size() == 1;
    Bit counts = alone ? isPossibleButForKeys(single) : isPossible(single);
    if (counts.isFalse())
      continue;
    Span span = closedKeySpan(single.zone);
    Scalar first = scalars.select(alone ? Bit(true) : counts, span.first,
                                  scalars.add(box.jLast, 1));
    Scalar last =
        scalars.select(counts, span.last, scalars.add(box.jFirst, -1));
    result = result ? std::pair(scalars.min(result->first, first),
                                scalars.max(result->second, last))
                    : std::pair(first, last);
  }
  return result;
}

bool ZoneBuilder::mayHaveGap(const Cases &cases) {
  // Intervals that begin, or end, together leave none.
  bool sameFirst = true, sameLast = true;
  std::optional<Span> before;
  for (const Case &single : cases) {
    Span span = closedKeySpan(single.zone);
    sameFirst &= !before || before->first == span.first;
    sameLast &= !before || before->last == span.last;
    before = span;
  }
  return !sameFirst && !sameLast;
}
