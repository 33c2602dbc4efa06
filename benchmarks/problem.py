"""One shape: its tensors, which pairs of query and key are live, and the right answer."""

import re

import numpy

# How far a result may be from the float64 reference before it is called wrong, for data
# around 1. Rounding explains less.
TOLERANCES = {"f64": 1e-5, "f32": 2e-5, "f16": 0.02, "bf16": 0.08}


def numpy_type(dtype):
    """The NumPy type of f32, bf16, i4, ...; a four-bit integer lies in a byte."""
    if dtype == "bf16":
        import ml_dtypes

        return numpy.dtype(ml_dtypes.bfloat16)
    names = {"f16": "f2", "f32": "f4", "f64": "f8", "i4": "i1", "i8": "i1", "i32": "i4"}
    return numpy.dtype(names[dtype])


def aligned(shape, dtype):
    """New memory at a multiple of 64 bytes, as compiled programs have it."""
    dtype = numpy.dtype(dtype)
    size = int(numpy.prod(shape)) * dtype.itemsize
    raw = numpy.empty(size + 64, numpy.uint8)
    start = -raw.ctypes.data % 64
    return raw[start : start + size].view(dtype).reshape(shape)


class Problem:
    """A row of the plan that attn-bench wrote, as Python needs it."""

    def __init__(self, row):
        self.row = row
        self.label = row["label"]
        for key in ("B", "H", "HKV", "SQ", "SK", "D", "DV", "dtype", "score", "layout"):
            setattr(self, key, row[key])
        self.cache_type = row["inputs"][1]["dtype"]
        self.lengths = row["lengths_list"] or None
        self.group = self.H // self.HKV
        self.scale = 1.0 if self.score == "t5" else self.D**-0.5
        # window256 is a mask by name and its size.
        name, size = re.fullmatch(r"([a-z_]+?)(\d*)", row["mask"]).groups()
        self.mask, self.mask_size = self._simplest(name), int(size or 0)
        self.tensors = {
            about["name"]: self._fill(about, seed) for seed, about in enumerate(row["inputs"], 1)
        }

    def _simplest(self, mask):
        """The same mask by the name that peers know."""
        if mask == "causal_br" and self.SQ == self.SK:
            return "causal"
        if mask == "causal_br" and self.SQ == 1:
            return "none"
        return mask

    def _fill(self, about, seed):
        shape, dtype = about["shape"], numpy_type(about["dtype"])
        random = numpy.random.default_rng(seed)
        array = aligned(shape, dtype)
        if about["fill"] == "lengths":
            array[...] = self.lengths
        elif about["fill"] == "slopes":
            array[...] = numpy.exp2(-8 * numpy.arange(1, len(array) + 1) / len(array))
        elif about["fill"] == "scales":
            array[...] = about["deviation"] * random.uniform(0.75, 1.25, shape)
        elif about["fill"] == "levels":
            most = 127 if about["dtype"] == "i8" else 7
            levels = random.standard_normal(shape, numpy.float32) * (most / 3)
            array[...] = numpy.rint(numpy.clip(levels, -most - 1, most))
        else:
            wide = numpy.float64 if about["dtype"] == "f64" else numpy.float32
            array[...] = random.standard_normal(shape, wide)
        return array

    # --- As peers take it -----------------------------------------------------

    def is_plain(self):
        """Nothing but a mask by name changes the scores."""
        return self.score == "none" and self.lengths is None

    def heads_first(self, name):
        """q, k or v as batch, heads, positions, features, of the type it has."""
        array = self.tensors[name]
        if self.layout == "bhsd":
            return array
        swapped = array.swapaxes(1, 2)
        copy = aligned(swapped.shape, array.dtype)
        copy[...] = swapped
        return copy

    def positions_first(self, name):
        """The same as batch, positions, heads, features."""
        array = self.tensors[name]
        if self.layout == "bshd":
            return array
        swapped = array.swapaxes(1, 2)
        copy = aligned(swapped.shape, array.dtype)
        copy[...] = swapped
        return copy

    def live(self, rows=None, causal=True, lengths=True):
        """Which keys the queries `rows` see, batch (or 1) x rows x keys; None for all.
        Without `causal` or `lengths` those are left to the peer."""
        i = (numpy.arange(self.SQ) if rows is None else numpy.asarray(rows))[:, None]
        j = numpy.arange(self.SK)
        live = None
        if self.mask == "causal":
            live = j <= i if causal else None
        elif self.mask == "causal_br":
            live = j <= i + self.SK - self.SQ
        elif self.mask == "window":
            live = abs(i - j) <= self.mask_size
        elif self.mask == "prefix":
            live = (j < self.mask_size) | (j <= i)
        if live is not None:
            live = live[None]
        if lengths and self.lengths is not None:
            inside = j < numpy.asarray(self.lengths)[:, None, None]
            live = inside if live is None else live & inside
            live = numpy.broadcast_to(live, (self.B, len(i), self.SK))
        return live

    def bias(self, rows=None):
        """What is added to the scores, heads x rows x keys, float64; None for nothing."""
        i = (numpy.arange(self.SQ) if rows is None else numpy.asarray(rows))[:, None]
        j = numpy.arange(self.SK)
        if self.score == "alibi":
            return self.tensors["slopes"].astype("f8")[:, None, None] * (j - i)
        if self.score == "bias":
            return self.tensors["bias"][:, i[:, 0]].astype("f8")
        if self.score == "t5":
            far = abs(j - i)
            bucket = numpy.minimum(far, 8) + (j > i) * 16
            for bound in (12, 16, 23, 32, 46, 64, 91):
                bucket = bucket + (far >= bound)
            return self.tensors["table"].astype("f8")[bucket].transpose(2, 0, 1)
        return None

    def cap(self):
        return float(self.score[7:]) if self.score.startswith("softcap") else None

    # --- The right answer -----------------------------------------------------

    def rows_to_check(self):
        """Some query positions, the first and the last among them."""
        if self.SQ <= 16:
            return numpy.arange(self.SQ)
        random = numpy.random.default_rng(self.SQ)
        some = random.choice(self.SQ, 14, replace=False)
        return numpy.unique([0, self.SQ - 1, *some])

    def error_of(self, output):
        """The largest difference of some rows of some heads from float64. `output` is
        batch x heads x queries x features."""
        rows = self.rows_to_check()
        pairs = [(b, h) for b in range(self.B) for h in range(self.H)]
        some = numpy.random.default_rng(1).permutation(len(pairs))[:6]
        live, bias = self.live(rows), self.bias(rows)
        q, k, v = (self._logical(name) for name in "qkv")
        worst = 0.0
        for b, h in (pairs[n] for n in some):
            scores = q(b, h)[rows] @ k(b, h // self.group).T * self.scale
            if bias is not None:
                scores = scores + bias[h]
            if self.cap():
                scores = self.cap() * numpy.tanh(scores / self.cap())
            seen = True if live is None else live[min(b, len(live) - 1)]
            scores = numpy.where(seen, scores, -numpy.inf)
            most = scores.max(-1, keepdims=True, initial=-1e300)
            p = numpy.exp(scores - most)
            total = p.sum(-1, keepdims=True)
            expected = p / numpy.where(total, total, 1) @ v(b, h // self.group)
            error = numpy.abs(output[b, h][rows].astype("f8") - expected)
            worst = max(worst, float(error.max(initial=0)))
            if numpy.isnan(error).any():
                return float("inf")
        return worst

    def _logical(self, name):
        """One head of a tensor in float64, scales included."""

        def head(b, h):
            at = (b, h) if self.layout == "bhsd" else (b, slice(None), h)
            rows = self.tensors[name][at].astype("f8")
            scales = self.tensors.get({"k": "key_scales", "v": "value_scales"}.get(name))
            return rows if scales is None else rows * scales[at].astype("f8")[:, None]

        return head

    def tolerance(self):
        narrowest = {"bf16", "i8", "i4"} & {self.dtype, self.cache_type}
        return TOLERANCES["bf16" if narrowest else self.dtype]
