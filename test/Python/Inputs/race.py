"""The parts of benchmarks/ that need no peer: masks, right answers, intervals, verdicts.
race.py FOLDER-OF-BENCHMARKS"""

import sys
from types import SimpleNamespace

sys.path.insert(0, sys.argv[1])
import numpy
from intervals import interval_of_ratios
from problem import Problem
from report import best_peer, cell_text, exit_code, table, verdict


def problem(**changes):
    row = dict(B=2, H=4, HKV=2, SQ=3, SK=5, D=8, DV=8, dtype="f32", score="none", layout="bhsd",
               mask="none", label="", lengths_list=[])  # fmt: skip
    row |= changes
    order = "BHSD" if row["layout"] == "bhsd" else "BSHD"
    sizes = {"q": ("H", "SQ", "D"), "k": ("HKV", "SK", "D"), "v": ("HKV", "SK", "DV")}
    row["inputs"] = []
    for name, (heads, length, features) in sizes.items():
        extents = {"B": row["B"], "H": row[heads], "S": row[length], "D": row[features]}
        row["inputs"].append(dict(name=name, dtype=row["dtype"], fill="normal", deviation=1,
                                  shape=[extents[letter] for letter in order]))  # fmt: skip
    return Problem(row)


def naive(p):
    """Straight from the formula, a query at a time."""
    q, k, v = (p.heads_first(name).astype("f8") for name in "qkv")
    live = p.live()
    o = numpy.zeros((p.B, p.H, p.SQ, p.DV))
    for b, h, i in numpy.ndindex(p.B, p.H, p.SQ):
        scores = k[b, h // p.group] @ q[b, h, i] * p.scale
        weights = numpy.exp(scores)
        if live is not None:
            weights = weights * live[b if len(live) > 1 else 0, i]
        o[b, h, i] = weights @ v[b, h // p.group] / max(weights.sum(), 1e-300)
    return o


# Masks are what their names say.
assert problem().live() is None
assert problem(mask="causal").live()[0].tolist() == numpy.tri(3, 5, 0, bool).tolist()
assert problem(mask="causal_br").live()[0].tolist() == numpy.tri(3, 5, 2, bool).tolist()
assert problem(mask="window1").live()[0].sum(-1).tolist() == [2, 3, 3]
assert problem(mask="prefix2").live()[0].sum(-1).tolist() == [2, 2, 3]
assert problem(mask="causal_br", SQ=5).mask == "causal"
assert problem(mask="causal_br", SQ=1).mask == "none"
assert problem(lengths_list=[1, 4]).live().sum(-1).tolist() == [[1] * 3, [4] * 3]
assert problem(lengths_list=[1, 4], mask="causal").live(lengths=False).shape == (1, 3, 5)

# The judge agrees with the formula, sees what is wrong, and finds NaN.
for changes in ({}, {"mask": "window1"}, {"lengths_list": [2, 5]}, {"layout": "bshd", "DV": 16}):
    p = problem(**changes)
    right = naive(p)
    assert p.error_of(right) < 1e-9, changes
    wrong = right.copy()
    wrong[..., 1] += 1e-3
    assert 9e-4 < p.error_of(wrong) < 1.1e-3
    wrong[...] = numpy.nan
    assert p.error_of(wrong) == float("inf")
for name in "qkv":
    assert problem().tensors[name].ctypes.data % 64 == 0

# Intervals: of equal ratios nothing is left, of one pair all is open.
low, ratio, high = interval_of_ratios([1, 2, 4], [2, 4, 8])
assert abs(low - 0.5) < 1e-9 and abs(ratio - 0.5) < 1e-9 and abs(high - 0.5) < 1e-9
low, ratio, high = interval_of_ratios([1.0, 1.1, 0.9, 1.05], [1.0] * 4)
assert low < ratio < high and 0.8 < low and high < 1.2
low, ratio, high = interval_of_ratios([3], [1])
assert low == 0 and abs(ratio - 3) < 1e-9 and high > 1e6


# Verdicts: who is faster, and beyond doubt.
def cell(ratio, low, high):
    about = {"ratio": ratio, "ratio_low": low, "ratio_high": high}
    return {"time_us": 10.0, "percent_of_peak": 50.0, **about}


def row(label, a, b):
    return {"label": label, "contestants": {"attn-mlir": own, "A": a, "B": b}}


own = {"time_us": 123.4, "percent_of_peak": 80.0}
none = {"refused": "–"}
rows = [
    row("ahead", cell(0.5, 0.4, 0.6), cell(0.8, 0.7, 0.9)),
    row("behind", cell(1.2, 1.1, 1.3), none),
    row("near", cell(1.01, 0.9, 1.1), none),
    row("alone", none, none),
]
race = SimpleNamespace(rows=rows, names=["attn-mlir", "A", "B"], threads=1,
                       plan={"machine": "M", "shapes": rows})  # fmt: skip
assert best_peer(rows[0])[0] == "B" and best_peer(rows[3]) is None
text = verdict(race)
assert "4 of 4 shapes, 3 of them with a peer" in text, text
assert "faster than every peer on 1 (33.3 %)" in text, text
assert "wholly above 1.03: 1" in text, text
assert text.index("| behind | A | 1.200 | 1.10 – 1.30 | 123 |") < text.index("| near |"), text
assert "| ahead | 123 (80 %) | 10.0 (50 %) | 10.0 (50 %) | 1.25 |" in table(race), table(race)
# Who reads more than multiplies is measured by that.
reader = {"time_us": 5.0, "percent_of_peak": 3.0, "percent_of_bandwidth": 60.0}
decode = {"label": "decode", "contestants": {"attn-mlir": reader, "A": none, "B": none}}
assert cell_text(decode, reader) == "5.00 (60 % of reading)"
assert exit_code(rows) == 0
for refusal, code in (("not supported", 4), ("wrong by 1e+00", 1), ("error", 3)):
    assert exit_code([*rows, {"contestants": {"attn-mlir": {"refused": refusal}}}]) == code
print("all right")
