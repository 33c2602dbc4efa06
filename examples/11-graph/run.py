"""Attends along the edges of a random graph, and compares with NumPy.

    run.py graph.so [--time]    times beside dense attention, one thread, and beside
                                FlexAttention where PyTorch is installed
"""

import sys
import time

import numpy
from attn_mlir import Library

random = numpy.random.default_rng(0)


def make_graph(nodes, live):
    """Row pointers and column indices of an adjacency matrix, a share of it `live`."""
    rows = [numpy.flatnonzero(random.random(nodes) < live) for _ in range(nodes)]
    row_ptr = numpy.cumsum([0] + [len(row) for row in rows])
    return row_ptr.astype(numpy.int32), numpy.concatenate(rows).astype(numpy.int32)


def make_nodes(nodes):
    return (random.standard_normal((1, 4, nodes, 64), dtype=numpy.float32) for _ in range(3))


def attend(q, k, v, row_ptr, col_idx, edges):
    out = numpy.zeros(v.shape)
    for node in range(len(row_ptr) - 1):
        own = slice(row_ptr[node], row_ptr[node + 1])
        near = col_idx[own]
        scores = numpy.einsum("hd,hnd->hn", q[0, :, node], k[0, :, near].swapaxes(0, 1)).astype(numpy.float64) / 8
        weights = numpy.exp(scores + edges[:, own])
        total = weights.sum(-1, keepdims=True)
        out[0, :, node] = numpy.einsum("hn,nhd->hd", weights / numpy.where(total, total, 1), v[0, :, near])
    return out


def close(actual, expected):
    return bool(abs(actual - expected).max() < 1e-5)


def fastest(call, repeats=15):
    def once():
        begin = time.perf_counter()
        call()
        return time.perf_counter() - begin

    return min(once() for _ in range(repeats))


def time_flex(q, k, v, adjacent):
    import torch
    from torch.nn.attention.flex_attention import create_block_mask, flex_attention

    torch.set_num_threads(1)
    edges = torch.from_numpy(adjacent)
    q, k, v = (torch.from_numpy(x) for x in (q, k, v))
    mask = create_block_mask(lambda b, h, i, j: edges[i, j], None, None, *adjacent.shape, device="cpu")
    compiled = torch.compile(flex_attention)
    with torch.no_grad():
        return fastest(lambda: compiled(q, k, v, block_mask=mask), 3)


def main():
    library = Library(sys.argv[1])
    graph, dense = library["graph"], library["dense"]
    row_ptr, col_idx = make_graph(500, 0.02)
    q, k, v = make_nodes(500)
    edges = random.standard_normal((4, len(col_idx)), dtype=numpy.float32)
    print("edges: %d of %d pairs" % (len(col_idx), 500 * 500))
    plain = attend(q, k, v, row_ptr, col_idx, numpy.zeros_like(edges))
    print("as NumPy:", close(graph(q, k, v, row_ptr, col_idx), plain))
    weighted = library["weighted"](q, k, v, row_ptr, col_idx, edges)
    print("with a number for each edge:", close(weighted, attend(q, k, v, row_ptr, col_idx, edges)))
    if "--time" not in sys.argv:
        return
    row_ptr, col_idx = make_graph(4096, 0.01)
    q, k, v = make_nodes(4096)
    along = fastest(lambda: graph(q, k, v, row_ptr, col_idx, threads=1))
    every = fastest(lambda: dense(q, k, v, threads=1))
    print("4096 nodes, 1 %% of pairs: %.2f ms, dense %.1f ms: %.1f times" % (1e3 * along, 1e3 * every, every / along))
    adjacent = numpy.zeros((4096, 4096), bool)
    adjacent[numpy.repeat(numpy.arange(4096), numpy.diff(row_ptr)), col_idx] = True
    try:
        flex = time_flex(q, k, v, adjacent)
    except ImportError:
        return
    print("FlexAttention: %.1f ms: %.0f times" % (1e3 * flex, flex / along))


main()
