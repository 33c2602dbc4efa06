"""Attention libraries that `attnc` compiled, called from Python on NumPy arrays."""

from attn_mlir.library import AttentionError, Entry, Library, Prepared

__all__ = ["AttentionError", "Entry", "Library", "Prepared"]
