"""Calls that a library must refuse."""

import sys

import numpy as np
from attn_mlir import AttentionError


def refused(library, message, entry, *arguments, codes=(11,)):
    """The call fails with one of `codes`, and leaves every array as it was."""
    before = [np.copy(array) for array in arguments]
    try:
        library[entry](*arguments)
    except AttentionError as error:
        assert error.code in codes, error.code
        assert message in str(error), f"expected '{message}', got '{error}'"
        for array, copy in zip(arguments, before):
            assert np.array_equal(array, copy, equal_nan=True), f"{entry} wrote"
        return
    sys.exit(f"{entry}: not refused: {message}")
