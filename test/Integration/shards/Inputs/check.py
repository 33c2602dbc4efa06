"""Calls the entries of shards.mlir and compares them with the reference, with
NumPy's merge, and with attention over all keys at once.

    check.py LIBRARY SCRATCH-FOLDER
"""

import os
import subprocess
import sys

import numpy as np

path, folder = sys.argv[1:]
random = np.random.default_rng(0)
os.makedirs(folder, exist_ok=True)


def normal(*shape):
    return random.standard_normal(shape).astype(np.float32)


def run(entry, arguments, outputs=1, tolerance=1e-5):
    """The outputs of a call that agrees with the reference."""
    command = ["attn-run", path, "--entry=" + entry, "--threads=2",
               "--compare=reference", f"--tolerance={tolerance}"]
    for number, array in enumerate(arguments):
        file = os.path.join(folder, f"{entry}{number}.npy")
        np.save(file, array)
        command.append("--input=" + file)
    files = [os.path.join(folder, f"out{number}.npy") for number in range(outputs)]
    status = subprocess.run(command + ["--output=" + file for file in files],
                            capture_output=True, text=True)
    print(entry, status.stdout.strip(), status.stderr.strip())
    if status.returncode:
        sys.exit(f"{entry}: exit code {status.returncode}")
    return [np.load(file) for file in files]


def merge(outputs, lses):
    """What the op says, in float64; heads in front of queries."""
    lses = lses.astype(np.float64)
    with np.errstate(divide="ignore"):
        lse = np.logaddexp.reduce(lses, axis=0, initial=-np.inf)
    weights = np.exp(lses - np.where(lse == -np.inf, 0, lse))
    return (weights[..., None] * outputs).sum(axis=0), lse


def close(name, actual, expected, tolerance):
    both = np.isneginf(actual) & np.isneginf(expected)
    error = np.max(np.where(both, 0, np.abs(np.where(both, 0, actual) - np.where(both, 0, expected))),
                   initial=0)
    if not error <= tolerance:
        sys.exit(f"{name}: off by {error}")


for shards, queries in (5, 70), (1, 1), (3, 32), (2, 33), (0, 4), (4, 0):
    o, l = normal(shards, 2, 3, queries, 40), 50 * normal(shards, 2, 3, queries)
    if shards > 1 and queries > 2:
        l[1, :, :, 0] = -np.inf  # a shard without a live key, which holds NaN
        o[1, :, :, 0] = np.nan
        l[:, 1, 2, 1] = -np.inf  # no live key at all
        l[:, 0, 1, 2] += 5e4  # whose exponential f32 does not hold
    out, lse = run("stack", [o, l], 2, 1e-4)
    expected = merge(np.where(np.isneginf(l)[..., None], 0, o), l)
    close("stack", out, expected[0], 1e-4)
    if shards > 1 and queries > 2:
        assert (out[1, 2, 1] == 0).all() and lse[1, 2, 1] == -np.inf
        # A NaN stays in its row.
        l[0, 0, 0, 0] = np.nan
        spoilt = run("stack", [o, l], 2, 1e-4)
        assert np.isnan(spoilt[0][0, 0, 0]).all() and np.isnan(spoilt[1][0, 0, 0])
        spoilt[0][0, 0, 0], spoilt[1][0, 0, 0] = out[0, 0, 0], lse[0, 0, 0]
        assert (spoilt[0] == out).all() and (spoilt[1] == lse).all()

o, l = normal(2, 9, 3, 40), normal(2, 3, 9)
l[0, 1, 4] = -np.inf
out, lse = run("one", [o, l], 2)
assert (out[0, 4, 1] == 0).all() and (np.isneginf(lse) == np.isneginf(l)).all()
run("mixed", [normal(2, 9, 3, 64), normal(3, 2, 9, 3, 64), normal(2, 3, 9), normal(3, 2, 3, 9)], tolerance=2e-2)
run("half", [normal(4, 40, 8, 17).astype(np.float16), normal(4, 8, 40)], tolerance=2e-3)
run("wide", [random.standard_normal((6, 8, 1, 128)), 3 * random.standard_normal((6, 8, 1))], 2, 1e-12)

# One attention, whole and in three shards. Where a sequence starts at 40 or 80,
# whole shards are masked; at 1000, all keys are.
for queries in 1, 20, 60:
    starts = np.array([0, 40, 93, 1000, 17], np.int32)
    arguments = [normal(5, 4, queries, 64), normal(5, 2, 131, 64), normal(5, 2, 131, 48), starts]
    whole, cut = run("whole", arguments, 2), run("cut", arguments, 2)
    for name, one, other in zip(("output", "lse"), whole, cut):
        close(f"{name} of shards", other, one, 2e-6)
    assert (cut[0][3] == 0).all() and np.isneginf(cut[1][3]).all()
