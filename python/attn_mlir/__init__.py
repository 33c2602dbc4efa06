"""Attention libraries that `attnc` compiled, called from Python on NumPy arrays."""

from attn_mlir.library import AttentionError, BoundCall, Entry, Library, Prepared
from attn_mlir.library import pack_int4, unpack_int4

__all__ = [
    "AttentionError",
    "BoundCall",
    "Entry",
    "Library",
    "Prepared",
    "pack_int4",
    "unpack_int4",
]
