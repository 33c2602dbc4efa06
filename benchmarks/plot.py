"""Plots of a race, as PNG or SVG by the name of the file."""

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

from contestants import OURS
from report import best_peer, nearer_limit

# Colours of this many contestants that differ also in greys; ours stands out.
COLOURS = ["#c1272d", "#0b3c5d", "#328cc1", "#7fb2d6", "#52796f", "#84a98c", "#b7c9a8"]
COLOURS += ["#6d597a", "#b5a6c9"]


def plot_peers(document, path):
    """The share of the nearer limit by shape, a bar for each contestant."""
    names, rows = document["contestants"], document["rows"]
    figure, axes = plt.subplots(figsize=(max(7, 1.1 * len(rows)), 4.5), layout="constrained")
    width = 0.85 / len(names)
    for number, name in enumerate(names):
        shares = [row["contestants"][name].get(nearer_limit(row), 0) for row in rows]
        places = [x + (number - (len(names) - 1) / 2) * width for x in range(len(rows))]
        axes.bar(places, shares, width, label=name, color=COLOURS[number % len(COLOURS)])
    reading = ["\n(of reading)" if "bandwidth" in nearer_limit(row) else "" for row in rows]
    labels = [row["label"] + note for row, note in zip(rows, reading)]
    axes.set_xticks(range(len(rows)), labels, rotation=25, ha="right")
    axes.set_ylabel("% of the limit in the same run")
    axes.set_ylim(0, 100)
    axes.grid(axis="y", alpha=0.3)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(ncols=3, loc="outside upper center", frameon=False)
    figure.supxlabel(document["machine"], fontsize=7)
    figure.savefig(path, dpi=150)
    plt.close(figure)


def plot_sweep(document, path):
    """How much faster than the best peer, by shape, from the least to the most."""
    entries = sorted(
        (
            (1 / best[1]["ratio"], best[1], row)
            for row in document["rows"]
            if (best := best_peer(row))
        ),
        key=lambda entry: entry[0],
    )
    figure, axes = plt.subplots(figsize=(9, 4.5), layout="constrained")
    kinds = sorted({row["dtype"] for _, _, row in entries})
    for number, kind in enumerate(kinds):
        some = [(x, *entry) for x, entry in enumerate(entries) if entry[2]["dtype"] == kind]
        places = [x for x, *_ in some]
        ratios = [ratio for _, ratio, *_ in some]
        below = [max(0, ratio - 1 / cell["ratio_high"]) for _, ratio, cell, _ in some]
        above = [min(1e3, 1 / max(cell["ratio_low"], 1e-3)) - ratio for _, ratio, cell, _ in some]
        above = [max(0, length) for length in above]
        axes.errorbar(places, ratios, (below, above), fmt=".", ms=5, lw=0.8,
                      color=COLOURS[number], label=kind)  # fmt: skip
    axes.axhline(1, color="black", lw=0.8)
    axes.set_yscale("log")
    axes.set_ylabel("time of the best peer / ours, 95 % interval")
    axes.set_xlabel(f"{len(entries)} shapes, in order of it")
    axes.grid(axis="y", alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    if entries:
        axes.legend(frameon=False)
    figure.supxlabel(document["machine"], fontsize=7)
    figure.savefig(path, dpi=150)
    plt.close(figure)
