"""Mutated modules through attn-opt: it refuses them or prints them, and never dies.

modules.py FOLDER [--seed=N] [--count=N] [--rough] [--passes=FLAG,...] FILE.mlir...

One process takes hundreds of modules. A batch that dies, or takes too long, is halved
until one module is left, which is written to FOLDER. Of each module that is refused
there must be an error; what is printed must be read again, and print the same.
"""

import argparse
import random
import re
import subprocess
import sys
from pathlib import Path

from mutate import Mutator

MARK = "// -----"
# Where upstream says that it cannot go on, and what it prints when it dies.
FATAL = re.compile(r"LLVM ERROR|Stack dump|PLEASE submit|AddressSanitizer|UndefinedBehavior|runtime error:")
# Parsers of MLIR 22 that die of some input themselves, and not by our doing.
UPSTREAM = re.compile(r"linalg::\w+::parse|Parser::parseDenseArrayAttr")


def single_functions(module):
    """Of a module of several functions, one for each: one error spoils less."""
    parts = re.split(r"^(?=func\.func)", module, flags=re.M)
    return [parts[0] + function for function in parts[1:]] if len(parts) > 2 else []


def read_corpus(paths):
    """The modules in files that are right."""
    modules = []
    for path in paths:
        text = re.sub(r"^\s*//(?! ?-----).*\n", "", Path(path).read_text(), flags=re.M)
        for module in text.split(MARK):
            if 20 < len(module) < 8000 and module.isascii():
                module = module.strip() + "\n"
                modules += single_functions(module) or [module]
    outputs = Run(modules, [], seconds=60).outputs
    return [module for module, output in zip(modules, outputs, strict=True) if output]


class Run:
    """Many modules through one process."""

    def __init__(self, modules, passes, seconds):
        text = f"\n{MARK}\n".join(modules)
        command = ["attn-opt", "--split-input-file", "--mlir-disable-threading", *passes, "-"]
        self.modules, self.timed_out = modules, False
        try:
            run = subprocess.run(command, input=text.encode(), capture_output=True, timeout=seconds)
        except subprocess.TimeoutExpired:
            self.timed_out = True
            return
        self.code = run.returncode
        self.errors = run.stderr.decode(errors="replace")
        self.outputs = [part.strip() for part in run.stdout.decode(errors="replace").split(MARK)]

    def died(self):
        return self.timed_out or self.code not in (0, 1) or FATAL.search(self.errors)

    def reported(self):
        """Numbers of the modules that errors name, by the lines on which they begin."""
        begins, line = {}, 1
        for number, module in enumerate(self.modules):
            begins[line] = number
            line += module.count("\n") + 2
        named = re.findall(r"<stdin>:(\d+)(?::\d+| offset :\S*):? error:", self.errors)
        return {begins[max(first for first in begins if first <= int(at))] for at in named}


def find_deadly(modules, passes, seconds):
    """The first module that kills attn-opt by itself, or None."""
    while len(modules) > 1:
        half = len(modules) // 2
        first = Run(modules[:half], passes, seconds)
        modules = modules[:half] if first.died() else modules[half:]
    return modules[0] if Run(modules, passes, seconds).died() else None


class Fuzzer:
    def __init__(self, options):
        self.options, self.found = options, 0
        self.accepted = self.refused = 0

    def fail(self, why, module):
        self.found += 1
        folder = Path(self.options.folder)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"seed{self.options.seed}-{self.found}.mlir"
        path.write_text(module)
        print(f"{why}: attn-opt {' '.join(self.options.passes)} {path}\n{module}")

    def batch(self, modules):
        options = self.options
        run = Run(modules, options.passes, options.seconds)
        if run.died():
            deadly = find_deadly(modules, options.passes, options.seconds)
            if deadly is None:
                print("a batch dies, and none of its modules alone")
                self.found += 1
                return
            alone = Run([deadly], options.passes, options.seconds)
            if alone.timed_out or not UPSTREAM.search(alone.errors):
                self.fail("takes too long" if alone.timed_out else "dies", deadly)
            rest = modules[modules.index(deadly) + 1 :]
            if rest and self.found < 10:
                self.batch(rest)
            return
        reported = run.reported()
        printed = [output for output in run.outputs if output]
        for number, (module, output) in enumerate(zip(modules, run.outputs, strict=True)):
            if not output and number not in reported:
                self.fail("neither printed nor refused", module)
        self.accepted += len(printed)
        self.refused += len(modules) - len(printed)
        if printed and not options.passes:
            self.again(printed)

    def again(self, printed):
        """What was printed is read, and printed alike."""
        run = Run(printed, [], self.options.seconds)
        if run.died():
            return self.fail("dies of what it printed", find_deadly(printed, [], 60) or "")
        for before, after in zip(printed, run.outputs, strict=True):
            if before != after:
                self.fail("is read as another one", before)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("corpus", nargs="+")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--batch", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=60, help="that a batch may take")
    parser.add_argument("--rough", action="store_true")
    parser.add_argument("--passes", type=lambda text: text.split(","), default=[])
    options = parser.parse_args()
    mutator = Mutator(random.Random(options.seed), read_corpus(options.corpus))
    fuzzer = Fuzzer(options)
    for begin in range(0, options.count, options.batch):
        size = min(options.batch, options.count - begin)
        fuzzer.batch([mutator.text(options.rough) for _ in range(size)])
    print(f"seed {options.seed}: {fuzzer.accepted} accepted, {fuzzer.refused} refused, {fuzzer.found} found")
    sys.exit(fuzzer.found != 0)


if __name__ == "__main__":
    main()
