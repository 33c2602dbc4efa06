"""Times each function of scores.mlir beside `plain`, which has no score region and reads all keys.

scores.py [--keys N] [--only NAME,...] [--rounds N] [--bin DIR]

    time     its fastest call as a part of that of `plain`, called in turns with it on one thread
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from problem import aligned

HERE = Path(__file__).parent
HEADS, FEATURES, PAIRS = 4, 64, 0.01
random = np.random.default_rng(0)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", default=HERE.parent / "build" / "bin")
    parser.add_argument("--keys", type=int, default=2048)
    parser.add_argument("--only", type=lambda text: text.split(","))
    parser.add_argument("--rounds", type=int, default=10)
    options = parser.parse_args()
    sys.path.insert(0, str(HERE.parent / "python"))
    from attn_mlir import Library

    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/scores"
        attnc = f"{options.bin}/attnc" if options.bin else "attnc"
        subprocess.run([attnc, HERE / "scores.mlir", "-o", path, "--emit=lib"], check=True)
        library, values = Library(path + ".so"), arguments(options.keys)
        print(f"{'score':<12}{'time':>7}")
        for name, entry in library.entries.items():
            if name != "plain" and (not options.only or name in options.only):
                print(f"{name:<12}{compare(library, entry, values, options.rounds):>7.3f}", flush=True)


def compare(library, entry, values, rounds):
    """The fastest of `rounds` turns of `entry`, divided by that of `plain`."""
    calls = [library[name].bind(*(values[argument.name] for argument in library[name].inputs), threads=1)
             for name in ("plain", entry.name)]  # fmt: skip
    best = [float("inf")] * 2
    for _ in range(rounds):
        for number, call in enumerate(calls):
            start = time.perf_counter()
            call()
            best[number] = min(best[number], time.perf_counter() - start)
    return best[1] / best[0]


def arguments(keys):
    """All arguments of scores.mlir by name."""

    def normal(*shape):
        array = aligned(shape, np.float32)
        array[...] = random.standard_normal(shape)
        return array

    degrees = random.binomial(keys, PAIRS, keys)
    columns = [np.sort(random.permutation(keys)[:count]) for count in degrees]
    return {
        **{name: normal(1, HEADS, keys, FEATURES) for name in "qkv"},
        "slopes": np.exp2(-np.arange(1, HEADS + 1)).astype(np.float32),
        "buckets": normal(32, HEADS),
        "bias": normal(HEADS, keys, keys),
        "sinks": normal(HEADS),
        "keys": normal(129, FEATURES),
        "values": normal(129, FEATURES),
        "row_ptr": np.concatenate([[0], np.cumsum(degrees)]).astype(np.int32),
        "col_idx": np.concatenate(columns).astype(np.int32),
    }


if __name__ == "__main__":
    main()
