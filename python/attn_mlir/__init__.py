"""Attention libraries that `attnc` compiled, called from Python on NumPy arrays."""

from attn_mlir.library import AttentionError, BoundCall, Entry, Library, Prepared

__all__ = ["AttentionError", "BoundCall", "Entry", "Library", "Prepared"]
