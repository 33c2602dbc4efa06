//===- CommandLine.cpp - What attnc was asked to do -----------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Not llvm::cl: libLLVM registers hundreds of options there, and one of them is
// --stop-after.
//
//===----------------------------------------------------------------------===//

#include "CommandLine.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/WithColor.h"

using namespace attn;
using llvm::StringRef;

namespace {

/// What is wrong with the command line, and what would be right.
struct Mistake {
  std::string message, hint;
};
using Outcome = std::optional<Mistake>;

struct Option {
  StringRef name;
  StringRef value; ///< How --help calls its value; empty: it takes none.
  std::string help;
  std::function<Outcome(StringRef)> take;
};

} // namespace

/// The parts of a comma-separated list.
static std::vector<std::string> split(StringRef list) {
  std::vector<std::string> parts;
  for (StringRef part : llvm::split(list, ','))
    if (!part.trim().empty())
      parts.push_back(part.trim().str());
  return parts;
}

static Outcome takeOutputs(StringRef list, CommandLine &line) {
  line.compile.outputs.clear();
  for (const std::string &name : split(list)) {
    std::optional<Output> output = parseOutput(name);
    if (!output)
      return Mistake{"unknown output '" + name + "' in --emit",
                     "the outputs are " + llvm::join(outputNames(), ", ")};
    if (!llvm::is_contained(line.compile.outputs, *output))
      line.compile.outputs.push_back(*output);
  }
  return std::nullopt;
}

static Outcome takeStage(StringRef name, CommandLine &line) {
  line.stopAfter = name.str();
  if (llvm::is_contained(stageNames(), name))
    return std::nullopt;
  return Mistake{"unknown stage '" + name.str() + "'",
                 "the stages are " + llvm::join(stageNames(), ", ")};
}

static Outcome takeSanitizer(StringRef name, CommandLine &line) {
  if (name == "address")
    line.compile.sanitizer = Sanitizer::address;
  else if (name == "thread")
    line.compile.sanitizer = Sanitizer::thread;
  else if (name == "undefined")
    line.compile.sanitizer = Sanitizer::undefined;
  else
    return Mistake{"unknown sanitizer '" + name.str() + "'",
                   "the sanitizers are address, thread, undefined"};
  return std::nullopt;
}

static std::vector<Option> options(CommandLine &line) {
  auto flag = [](bool &target) {
    return [&target](StringRef) -> Outcome {
      target = true;
      return std::nullopt;
    };
  };
  auto with = [&line](auto take) {
    return [&line, take](StringRef value) { return take(value, line); };
  };
  return {
      {"o", "PREFIX", "write PREFIX.so and so on",
       [&line](StringRef value) -> Outcome {
         line.prefix = value.str();
         return std::nullopt;
       }},
      {"target", "T[,T...]", "what to compile for (default: host)",
       [&line](StringRef value) -> Outcome {
         line.compile.targets = split(value);
         return std::nullopt;
       }},
      {"emit", "KIND[,KIND...]",
       "what to write (default: lib,header,manifest): " +
           llvm::join(outputNames(), ", "),
       with(takeOutputs)},
      {"schedules", "FILE.json",
       "use the schedules that attn-bench --tune measured, where they fit",
       [&line](StringRef value) -> Outcome {
         line.schedules = value.str();
         return std::nullopt;
       }},
      {"mods", "FILE.mlir",
       "let regions apply the mods of a file, before those of the library; "
       "may be repeated",
       [&line](StringRef value) -> Outcome {
         line.mods.push_back(value.str());
         return std::nullopt;
       }},
      {"stop-after", "STAGE",
       "write the module after a stage to PREFIX.mlir, or without -o to "
       "stdout: " +
           llvm::join(stageNames(), ", "),
       with(takeStage)},
      {"print-schedule", "", "print the schedule of each entry",
       flag(line.printSchedule)},
      {"remarks", "", "say what was raised, chosen and missed",
       flag(line.remarks)},
      {"list-targets", "", "list the targets", flag(line.listTargets)},
      {"print-target", "", "print what is known of the target",
       flag(line.printTarget)},
      {"list-mods", "", "list the mods of the library, and of --mods",
       flag(line.listMods)},
      {"print-mod", "NAME", "print a mod of these",
       [&line](StringRef value) -> Outcome {
         line.printMod = value.str();
         return std::nullopt;
       }},
      {"sanitize", "KIND",
       "instrument the generated code: address or thread (the program brings "
       "the sanitizer's runtime), undefined",
       with(takeSanitizer)},
      {"check-scales", "",
       "let calls fail whose caches have scales of 0, NaN or infinity",
       flag(line.compile.checkScales)},
      {"mlir-timing", "", "print how long each pass takes", flag(line.timing)},
      {"mlir-print-ir-after-all", "", "print the module after each pass",
       flag(line.printAfterAll)},
      {"version", "", "print the version", flag(line.version)},
      {"help", "", "print this", flag(line.help)},
  };
}

void attn::printHelp(llvm::raw_ostream &os) {
  os << "attnc - attention as MLIR in, a native library out\n\n"
        "usage: attnc [FILE|-] -o PREFIX [options]\n\n"
        "  attnc causal.mlir -o causal\n"
        "      writes causal.so, causal.h, causal.json\n"
        "  attnc causal.mlir -o causal --target=x86-64-v4,x86-64-v2\n"
        "      for both; the first that a machine can run is picked there\n"
        "  attnc causal.mlir -o causal --emit=archive,header\n"
        "      writes causal.a, causal.h\n"
        "  attnc causal.mlir --stop-after=tile\n"
        "      prints the module after that stage\n\n"
        "Every public function of the module becomes an entry of the library;\n"
        "causal.h says how to call it.\n\noptions:\n";
  CommandLine line;
  for (const Option &option : options(line)) {
    std::string head =
        (option.name.size() == 1 ? "-" : "--") + option.name.str();
    if (!option.value.empty())
      head += (option.name.size() == 1 ? " " : "=") + option.value.str();
    os << "  " << head << "\n      " << option.help << '\n';
  }
  os << "\nexit codes: 0 right, 2 wrong usage, 3 bad input, 4 not supported\n";
}

/// What goes beyond single options.
static Outcome check(const CommandLine &line) {
  if (line.compile.targets.empty())
    return Mistake{"--target is empty", "--list-targets shows what there is"};
  if (line.compile.outputs.empty())
    return Mistake{"--emit is empty",
                   "the outputs are " + llvm::join(outputNames(), ", ")};
  if (line.prefix.empty() && line.stopAfter.empty() && !line.printSchedule)
    return Mistake{"-o PREFIX is missing",
                   "'-o name' writes name.so, name.h and name.json"};
  if (StringRef(line.prefix).ends_with("/"))
    return Mistake{"-o '" + line.prefix + "' names a directory",
                   "the library is called like the last part of PREFIX"};
  return std::nullopt;
}

static Outcome parse(llvm::ArrayRef<char *> arguments, CommandLine &line) {
  std::vector<Option> known = options(line);
  bool hasInput = false;
  for (size_t i = 0; i < arguments.size(); ++i) {
    StringRef argument = arguments[i];
    if (argument == "-" || !argument.starts_with("-")) {
      if (hasInput)
        return Mistake{"two inputs: '" + line.input + "' and '" +
                           argument.str() + "'",
                       "one module is compiled at a time"};
      line.input = argument.str();
      hasInput = true;
      continue;
    }
    StringRef name, value;
    std::tie(name, value) = argument.ltrim('-').split('=');
    bool hasValue = argument.contains('=');
    auto option = llvm::find_if(
        known, [&](const Option &option) { return option.name == name; });
    if (option == known.end()) {
      auto near = llvm::min_element(known, [&](auto &a, auto &b) {
        return a.name.edit_distance(name) < b.name.edit_distance(name);
      });
      return Mistake{"unknown option '" + argument.str() + "'",
                     "did you mean --" + near->name.str() +
                         "? --help lists them all"};
    }
    if (option->value.empty() && hasValue)
      return Mistake{"--" + name.str() + " takes no value", "--help says more"};
    if (!option->value.empty() && !hasValue) {
      if (i + 1 == arguments.size())
        return Mistake{argument.str() +
                           " needs a value: " + option->value.str(),
                       "--help says more"};
      value = arguments[++i];
    }
    if (Outcome mistake = option->take(value))
      return mistake;
  }
  if (line.help || line.version || line.listTargets || line.printTarget ||
      line.listMods || !line.printMod.empty())
    return line.compile.targets.empty() ? check(line) : std::nullopt;
  return check(line);
}

std::optional<CommandLine> attn::parseCommandLine(int argc, char **argv) {
  CommandLine line;
  Outcome mistake = parse({argv + 1, argv + argc}, line);
  if (!mistake)
    return line;
  llvm::WithColor::error(llvm::errs(), "attnc") << mistake->message << '\n';
  llvm::errs() << "hint: " << mistake->hint << '\n';
  return std::nullopt;
}
