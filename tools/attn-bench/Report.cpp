//===- Report.cpp - What attn-bench prints --------------------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Report.h"
#include "attn/Bench/Plan.h"
#include "attn/Compile/Version.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/TargetParser/Host.h"
#include <cmath>
#include <ctime>
#include <thread>

using namespace llvm;
using namespace attn;
using namespace attn::bench;

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

/// JSON has no infinity.
static json::Value number(double value) {
  return std::isfinite(value) ? json::Value(value) : json::Value("inf");
}

static void writeRow(const Row &row, json::OStream &json) {
  json.object([&] {
    writeShape(row.shape, json);
    json.attribute("schedule", row.schedule);
    json.attribute("isa", row.isa);
    json.attribute("threads", row.shape.threads);
    json.attribute("repeats", row.repeats);
    json.attribute("time_us", row.timeUs);
    json.attribute("median_us", row.medianUs);
    json.attribute("flops", row.flops);
    json.attribute("gflops", row.gflops);
    json.attribute("peak_gflops", row.peakGflops);
    json.attribute("percent_of_peak", row.percentOfPeak);
    json.attribute("bytes", row.bytes);
    json.attribute("gbytes_per_s", row.gbytesPerS);
    json.attribute("read_bandwidth_gbytes_per_s", row.bandwidth);
    json.attribute("percent_of_bandwidth", row.percentOfBandwidth);
    json.attribute("scratch_bytes", row.scratchBytes);
    json.attribute("prepare_us", row.prepareUs);
    json.attribute("max_abs_error", number(row.maxAbsError));
    if (!row.baseline)
      return;
    json.attribute("baseline", row.baseline->name);
    json.attribute("baseline_us", row.baseline->timeUs);
    json.attribute("baseline_percent", row.baseline->percentOfPeak);
    json.attribute("baseline_percent_of_bandwidth",
                   row.baseline->percentOfBandwidth);
    json.attribute("ratio_to_baseline", row.baseline->ratio);
  });
}

void attn::bench::printJSON(ArrayRef<Row> rows, raw_ostream &os) {
  json::OStream json(os, 2);
  json.array([&] {
    for (const Row &row : rows)
      writeRow(row, json);
  });
  os << '\n';
}

//===----------------------------------------------------------------------===//
// The table
//===----------------------------------------------------------------------===//

std::string attn::bench::describeMachine() {
  std::string text;
  raw_string_ostream os(text);
  std::string model = "unknown processor";
  if (auto info = MemoryBuffer::getFileAsStream("/proc/cpuinfo"))
    for (StringRef line : split((*info)->getBuffer(), '\n'))
      if (line.starts_with("model name")) {
        model = line.split(':').second.trim().str();
        break;
      }
  char date[32] = "";
  std::time_t now = std::time(nullptr);
  if (std::tm parts; gmtime_r(&now, &parts))
    std::strftime(date, sizeof(date), "%Y-%m-%d", &parts);
  os << model << " (" << sys::getHostCPUName() << "), "
     << std::thread::hardware_concurrency() << " CPUs, " << date << "; "
     << compilerVersion();
  return text;
}

/// Three significant digits, and a unit that fits.
static std::string formatTime(double us) {
  double value = us >= 1000 ? us / 1000 : us;
  std::string text;
  raw_string_ostream(text) << format(value >= 100  ? "%.0f"
                                     : value >= 10 ? "%.1f"
                                                   : "%.2f",
                                     value)
                           << (us >= 1000 ? " ms" : " us");
  return text;
}

static std::string formatBytes(int64_t bytes) {
  std::string text;
  raw_string_ostream os(text);
  if (bytes < 10240)
    os << bytes << " B";
  else if (bytes < (10 << 20))
    os << (bytes >> 10) << " KiB";
  else
    os << (bytes >> 20) << " MiB";
  return text;
}

template <typename T>
static std::string printed(const char *pattern, T value) {
  std::string text;
  raw_string_ostream(text) << format(pattern, value);
  return text;
}

/// Columns as wide as their widest cell; the first one flush left.
static void printAligned(ArrayRef<SmallVector<std::string>> lines,
                         raw_ostream &os) {
  SmallVector<size_t> widths(lines.front().size());
  for (const auto &line : lines)
    for (auto [width, cell] : zip(widths, line))
      width = std::max(width, cell.size());
  for (const auto &line : lines) {
    os << left_justify(line.front(), widths.front());
    for (size_t at = 1; at < line.size(); ++at)
      os << "  " << right_justify(line[at], widths[at]);
    os << '\n';
  }
}

/// What more threads gained, of what they gained the multiply-adds alone.
static void printGains(ArrayRef<Row> rows, raw_ostream &os) {
  for (const Row &row : rows) {
    if (row.shape.threads == 1)
      continue;
    const Row *single = find_if(rows, [&](const Row &other) {
      return other.shape.threads == 1 &&
             other.shape.label() == row.shape.label();
    });
    if (single == rows.end() || !single->gflops)
      continue;
    os << format("%s: %d threads %.2f x one, multiply-adds alone %.2f x: "
                 "ratio %.3f\n",
                 row.shape.label().c_str(), int(row.shape.threads),
                 row.gflops / single->gflops,
                 row.peakGflops / single->peakGflops,
                 row.percentOfPeak / single->percentOfPeak);
  }
}

void attn::bench::printTable(ArrayRef<Row> rows, raw_ostream &os) {
  if (rows.empty())
    return;
  os << describeMachine() << "\n\n";
  SmallVector<SmallVector<std::string>> lines = {
      {"", "threads", "time", "median", "GFLOP/s", "peak", "% of peak", "GB/s",
       "reading", "% of that", "scratch", "prepare", "error"}};
  bool hasBaseline =
      any_of(rows, [](const Row &row) { return row.baseline.has_value(); });
  if (hasBaseline)
    lines.front().append({"by hand", "% of peak", "ratio"});
  for (const Row &row : rows) {
    lines.push_back(
        {row.shape.label(), std::to_string(row.shape.threads),
         formatTime(row.timeUs), formatTime(row.medianUs),
         printed("%.1f", row.gflops), printed("%.1f", row.peakGflops),
         printed("%.1f", row.percentOfPeak), printed("%.1f", row.gbytesPerS),
         printed("%.1f", row.bandwidth),
         printed("%.1f", row.percentOfBandwidth), formatBytes(row.scratchBytes),
         row.prepareUs ? formatTime(row.prepareUs) : "-",
         printed("%.1e", row.maxAbsError)});
    if (!hasBaseline)
      continue;
    if (const auto &baseline = row.baseline)
      lines.back().append({formatTime(baseline->timeUs),
                           printed("%.1f", baseline->percentOfPeak),
                           printed("%.3f", baseline->ratio)});
    else
      lines.back().append({"-", "-", "-"});
  }
  printAligned(lines, os);
  os << "\npeak: " << rows.front().peakName << ", isa: " << rows.front().isa
     << '\n';
  printGains(rows, os);
}
