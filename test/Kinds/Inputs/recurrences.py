"""Recurrences beside numpy, token by token in float64: each element of each result has
the bound that docs/tolerances.md derives. Also what no draw of numbers has: decays of
-inf and close to 1, and tokens of NaN, which reach no earlier one.

    recurrences.py LIBRARY of recurrences.mlir
"""

import sys

import numpy as np
from attn_mlir import Library

random = np.random.default_rng(0)
library = Library(sys.argv[1])
worst = 0


def normal(*shape):
    return random.standard_normal(shape).astype(np.float32)


def recurrence(q, k, v, g, beta, state, scale):
    """Outputs, the final state and bounds for both; all B x H x ..., in float64."""
    group = q.shape[1] // k.shape[1]
    q, k, v = (x.astype(np.float64) for x in (q, k, v))
    state = state.astype(np.float64)
    tokens = q.shape[2]
    out = np.zeros((*q.shape[:3], v.shape[3]))
    bound = np.zeros_like(out)
    error = np.zeros((*state.shape[:2], state.shape[3]))  # of a column of the state
    unit = 2.0**-23
    norm = np.linalg.norm
    for t in range(tokens):
        key, value = k[:, :, t], v[:, :, t]
        size = norm(key, axis=-1)[..., None]
        remains = np.exp(g[:, :, t].astype(np.float64)) if g is not None else np.ones(1)
        if g is not None:
            remains = remains.reshape(*remains.shape[:2], -1)
            state = state * remains[..., None]
            most = remains.max(-1, keepdims=True)
        else:
            most = 1.0
        old = norm(state, axis=2)
        update, local = value, old + size * np.abs(value)
        growth = most
        if beta is not None:
            b = beta[:, :, t].astype(np.float64)[..., None]
            update = b * (value - np.einsum("bhdc,bhd->bhc", state, key))
            local = old + size * (np.abs(update) + np.abs(b) * (np.abs(value) + size * old))
            growth = most * np.maximum(1, np.abs(1 - b * size**2))
        state = state + key[..., None] * update[:, :, None]
        error = np.sqrt((growth * error) ** 2 + (2 * unit * local) ** 2)
        now = norm(state, axis=2)
        for h in range(q.shape[1]):
            query = q[:, h, t]
            out[:, h, t] = scale * np.einsum("bd,bdc->bc", query, state[:, h // group])
            length = abs(scale) * norm(query, axis=-1)[:, None]
            bound[:, h, t] = length * (error + 2 * unit * now)[:, h // group]
    whole = np.broadcast_to(error[:, :, None], state.shape)
    return out, state, bound, whole + unit * np.abs(state)


def judge(name, actual, expected, bound):
    global worst
    same = (actual == expected) | (np.isnan(actual) & np.isnan(expected))
    ratio = np.where(same, 0, np.abs(actual - expected) / bound)
    worst = max(worst, ratio.max(initial=0))
    if not (ratio <= 1).all():
        sys.exit(f"{name}: {ratio.max()} of its bound")


# What each entry takes beside query, key and value, and its sizes: query and key heads,
# features of key and value.
ENTRIES = {
    "linear": ("", 4, 4, 32, 32),
    "linear_state": ("s", 4, 2, 32, 48),
    "heads": ("h", 4, 4, 32, 32),
    "gated": ("ts", 4, 2, 32, 80),
    "features": ("fs", 4, 2, 32, 40),
    "delta": ("b", 4, 4, 32, 32),
    "gated_delta": ("tbs", 4, 2, 32, 48),
    "features_delta": ("fbs", 4, 2, 32, 48),
}


def compare(name, tokens, decay=lambda shape: -random.exponential(0.3, shape), poison=None):
    takes, heads, keys, rows, columns = ENTRIES[name]
    q, k, v = normal(2, heads, tokens, rows), normal(2, keys, tokens, rows), normal(2, keys, tokens, columns)
    beta = state = g = None
    arguments = []
    if "h" in takes:
        arguments = [decay((keys,)).astype(np.float32)]
        g = np.broadcast_to(arguments[0][None, :, None], (2, keys, tokens))
    for kind, shape in (("t", (2, keys, tokens)), ("f", (2, keys, tokens, rows))):
        if kind in takes:
            g = decay(shape).astype(np.float32)
            arguments = [g]
    if "b" in takes:
        k /= np.linalg.norm(k, axis=-1, keepdims=True)
        beta = random.uniform(0, 2, (2, keys, tokens)).astype(np.float32)
        arguments.append(beta)
    if poison is not None:
        for x in (q, k, v):
            x[:, :, poison] = np.nan
        v[:, :, poison + 1 :] = np.inf
    if "s" in takes:
        state = normal(2, keys, rows, columns)
        arguments.append(state)
    results = library[name](q, k, v, *arguments)
    results = results if isinstance(results, (tuple, list)) else (results,)
    if state is None:
        state = np.zeros((2, keys, rows, columns))
    scale = 1 if name == "delta" else rows**-0.5
    with np.errstate(invalid="ignore"):
        out, last, bound, of_state = recurrence(q, k, v, g, beta, state, scale)
    if poison is not None:  # What is before it is as if it were not there.
        judge(f"{name} before NaN", results[0][:, :, :poison], out[:, :, :poison], bound[:, :, :poison])
        assert not np.isfinite(results[0][:, :, poison:]).any(), name
        return
    judge(f"{name} of {tokens}", results[0], out, bound)
    if len(results) > 1:
        judge(f"{name} of {tokens}, state", results[1], last, of_state)


def forgetful(shape):
    """Almost nothing, everything, or -inf."""
    return random.choice([-1e-6, -0.01, -30, -200, -np.inf], shape, p=[0.4, 0.4, 0.1, 0.05, 0.05])


for entry in ENTRIES:
    for tokens in (1, 2, 40, 257):
        compare(entry, tokens)
    for tokens in (5, 100):
        compare(entry, tokens, forgetful)
        compare(entry, tokens, lambda shape: np.zeros(shape))
        compare(entry, tokens, poison=tokens - 2)
compare("linear_state", 0)
print(f"largest error: {worst:.2f} of its bound")
