"""Calls the entries of a library by attn-run, which compares with the reference."""

import os
import subprocess
import sys

import numpy as np

random = np.random.default_rng(0)


def normal(*shape):
    return random.standard_normal(shape).astype(np.float32)


def close(name, actual, expected, tolerance):
    """Elements that are -inf in both are equal."""
    both = np.isneginf(actual) & np.isneginf(expected)
    error = np.max(np.where(both, 0, np.abs(np.where(both, 0, actual) - np.where(both, 0, expected))),
                   initial=0)
    if not error <= tolerance:
        sys.exit(f"{name}: off by {error}")


class Comparison:
    """Of the library at `path`, of the entries `only` where some are named; arrays go
    through files in `folder`."""

    def __init__(self, path, folder, *only):
        self.path, self.folder, self.only = path, folder, only
        os.makedirs(folder, exist_ok=True)

    def __call__(self, entry, arguments, outputs=1, tolerance=1e-5, options=()):
        """The first `outputs` results of a call that agrees with the reference."""
        if self.only and entry not in self.only:
            return None
        command = ["attn-run", self.path, "--entry=" + entry, "--threads=2", "--compare=reference",
                   f"--tolerance={tolerance}", *options]
        for number, array in enumerate(arguments):
            file = os.path.join(self.folder, f"{entry}{number}.npy")
            np.save(file, array)
            command.append("--input=" + file)
        files = [os.path.join(self.folder, f"out{number}.npy") for number in range(outputs)]
        status = subprocess.run(command + ["--output=" + file for file in files],
                                capture_output=True, text=True)
        print(entry, status.stdout.strip(), status.stderr.strip())
        if status.returncode:
            sys.exit(f"{entry}: exit code {status.returncode}")
        return [np.load(file) for file in files]
