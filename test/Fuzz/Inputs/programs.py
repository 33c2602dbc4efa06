"""Mutated files and arguments through the programs: they refuse them, and never die.

programs.py FOLDER KIND[,KIND...] [--seed=N] [--count=N]

Exit codes are documented ones; who refuses says why, and leaves no file behind.
"""

import argparse
import json
import random
import re
import resource
import subprocess
import sys
from pathlib import Path

from mutate import Mutator, mutate_bytes
from modules import FATAL, UPSTREAM

HERE = Path(__file__).parent
# What a program may take; a large request must be refused, not tried.
MEMORY = 4 << 30


class Case:
    """One call: its words, and files that they name, beside where it runs."""

    def __init__(self, words, files=(), codes=(0, 2, 3, 4)):
        self.words, self.files, self.codes = words, dict(files), codes

    def run(self, folder):
        folder.mkdir(parents=True)
        for name, data in self.files.items():
            (folder / name).write_bytes(data)

        def limit():
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))

        try:
            run = subprocess.run(
                self.words, cwd=folder, capture_output=True, timeout=60, preexec_fn=limit, stdin=subprocess.DEVNULL
            )
        except subprocess.TimeoutExpired:
            return None, "takes too long"
        errors = run.stderr.decode(errors="replace")
        if FATAL.search(errors) or run.returncode not in self.codes:
            return run.returncode, None if UPSTREAM.search(errors) else f"ends with {run.returncode}: {errors[-2000:]}"
        left = {path.name for path in folder.iterdir()} - set(self.files)
        if run.returncode > 1 and not errors.strip():
            return run.returncode, "refuses without a word"
        if run.returncode and left:
            return run.returncode, f"is refused, and leaves {sorted(left)}"
        return run.returncode, None


class Cases:
    """Draws cases of each kind."""

    def __init__(self, random):
        self.random = random
        self.texts = {path.name: path.read_text() for path in (HERE / "files").iterdir()}
        self.mutators = {}

    def mutated(self, *names):
        """A text like those of these files."""
        if names not in self.mutators:
            self.mutators[names] = Mutator(self.random, [self.texts[name] for name in names])
        rough = self.random.random() < 0.4
        return self.mutators[names].text(rough).encode()

    def words(self, words):
        """Some of them changed."""
        words = list(words)
        at = self.random.randrange(len(words))
        mutator = Mutator(self.random, words)
        mutator.corpus = [mutator.corpus[at]]
        words[at] = mutator.text(rough=True).replace("\0", "")
        if self.random.random() < 0.2:
            words.insert(self.random.randrange(len(words)), self.random.choice(words))
        return words

    def mods(self):
        files = {"m.mlir": self.texts["named.mlir"].encode(), "own.mlir": self.mutated("own.mlir")}
        return Case(["attnc", "m.mlir", "--mods=own.mlir", "--stop-after=fuse", "-o", "out"], files)

    def named(self):
        files = {"m.mlir": self.mutated("named.mlir"), "own.mlir": self.texts["own.mlir"].encode()}
        return Case(["attnc", "m.mlir", "--mods=own.mlir", "--stop-after=fuse", "-o", "out"], files)

    def schedules(self):
        files = {"m.mlir": self.texts["named.mlir"].encode(), "own.mlir": self.texts["own.mlir"].encode()}
        files["s.json"] = self.mutated("schedules.json")
        words = ["attnc", "m.mlir", "--mods=own.mlir", "--schedules=s.json", "--target=x86-64-v4", "--stop-after=lower"]
        return Case([*words, "-o", "out"], files)

    def arguments(self):
        files = {"m.mlir": self.texts["tensors.mlir"].encode()}
        words = ["m.mlir", "-o", "out", "--target=x86-64-v4,x86-64-v3", "--stop-after=tile", "--remarks"]
        words += ["--print-mod=causal", "--print-schedule", "--emit=mlir"]
        return Case(["attnc", *self.words(self.random.sample(words, self.random.randrange(3, len(words))))], files)

    def shapes(self):
        files = {"s.json": self.mutated("shapes.json")}
        return Case(["attn-bench", "--print-mlir", "--shapes=s.json"], files)

    def shape(self):
        shapes = json.loads(self.texts["shapes.json"])
        text = ",".join(f"{key}={value}" for key, value in self.random.choice(shapes).items())
        words = [f"--shape={text}", "--threads=1", "--target=x86-64-v4"]
        return Case(["attn-bench", "--print-mlir", *self.words(words)])

    def library(self):
        return str(Path("library.so").resolve())

    def arrays(self):
        """attn-run with tensors of files that are nearly right."""
        tensors = {"q": (1, 2, 3, 8), "k": (1, 2, 5, 8), "v": (1, 2, 5, 8)}
        files = {f"{name}.npy": npy(sizes) for name, sizes in tensors.items()}
        name = self.random.choice(sorted(files))
        files[name] = mutate_bytes(self.random, files[name])
        inputs = [f"--input={name[0]}={name}" for name in sorted(files)]
        return Case(["attn-run", self.library(), "--entry=plain", *inputs, "--output=o.npy"], files)

    def calls(self):
        sizes = ["--random=q=1x2x3x8", "--random=k=1x2x5x8", "--random=v=1x2x5x8"]
        more = ["--compare=reference", "--tolerance=1e-3", "--seed=3", "--repeat=2", "--threads=2", "--json", "--output=o.npy"]
        words = [*sizes, *self.random.sample(more, 3)]
        return Case(["attn-run", self.library(), "--entry=plain", *self.words(words)], codes=(0, 1, 2, 3, 4))

    def sources(self):
        """The reference interprets another module than the one that was compiled."""
        files = {"m.mlir": self.mutated("tensors.mlir")}
        sizes = ["--random=q=1x2x3x8", "--random=k=1x2x5x8", "--random=v=1x2x5x8"]
        words = ["attn-run", self.library(), "--entry=plain", *sizes, "--compare=reference", "--source=m.mlir"]
        return Case(words, files, codes=(0, 1, 2, 3, 4))


def npy(sizes):
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {sizes}, }}".ljust(117) + "\n"
    count = 1
    for size in sizes:
        count *= size
    return b"\x93NUMPY\1\0" + len(header).to_bytes(2, "little") + header.encode() + bytes(4 * count)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("kinds")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=10)
    options = parser.parse_args()
    found = 0
    for kind in options.kinds.split(","):
        cases = Cases(random.Random(f"{kind} {options.seed}"))
        seen = {}
        for number in range(options.count):
            folder = options.folder / f"{kind}-{options.seed}-{number}"
            case = getattr(cases, kind)()
            code, problem = case.run(folder)
            seen[code] = seen.get(code, 0) + 1
            if problem:
                found += 1
                print(f"{folder}: {problem}\n{' '.join(case.words)}")
        print(f"{kind}, seed {options.seed}: exit codes {dict(sorted(seen.items(), key=str))}")
    sys.exit(found != 0)


if __name__ == "__main__":
    main()
