"""What a race says at its end: a table or JSON, a plot, an exit code."""

import json
import sys

from contestants import OURS

# A peer counts as faster beyond doubt where the whole interval lies above this.
NOISE = 1.03


def finish(race, options):
    """Prints, plots, and returns the exit code."""
    if options.json:
        print(json.dumps(race.document(), indent=1))
    elif options.mode == "peers":
        print(table(race))
    else:
        print(verdict(race))
    if options.plot:
        from plot import plot_peers, plot_sweep

        draw = plot_peers if options.mode == "peers" else plot_sweep
        draw(race.document(), options.plot)
    return exit_code(race.rows)


def exit_code(rows):
    """As attn-bench's own: 1 if a result of ours was wrong, 4 if something did not compile."""
    refusals = [row["contestants"][OURS].get("refused") for row in rows]
    if any(text and text.startswith("wrong") for text in refusals):
        return 1
    return 4 if "not supported" in refusals else 3 if any(refusals) else 0


def about(race):
    return f"{race.plan['machine']}; {race.threads} thread{'s' if race.threads > 1 else ''}"


def table(race):
    """Times and shares of the peak, a line a shape."""
    head = ["µs (% of peak)", *race.names, "best peer / ours"]
    lines = [about(race), "", markdown(head), "|---|" + "--:|" * (len(head) - 1)]
    for row in race.rows:
        cells = [cell_text(row, row["contestants"][name]) for name in race.names]
        lines.append(markdown([row["label"], *cells, best_text(row)]))
    return "\n".join(lines)


def markdown(cells):
    return "| " + " | ".join(cells) + " |"


def nearer_limit(row):
    """The share to show of a shape: of the multiply-adds, or of the read bandwidth where
    the best comes nearer to that."""
    best = {
        key: max((cell.get(key, 0) for cell in row["contestants"].values()), default=0)
        for key in ("percent_of_peak", "percent_of_bandwidth")
    }
    return max(best, key=best.get)


def cell_text(row, cell):
    if "refused" in cell:
        return cell["refused"]
    limit = nearer_limit(row)
    unit = "%" if limit == "percent_of_peak" else "% of reading"
    return f"{digits(cell['time_us'])} ({cell[limit]:.0f} {unit})"


def digits(number):
    """At least three of them."""
    return f"{number:.{max(0, 2 - len(str(int(number))) + 1)}f}"


def best_peer(row):
    """The peer nearest to us or before us, and its cell; nothing without a peer."""
    cells = row["contestants"]
    peers = {name: cell for name, cell in cells.items() if "ratio" in cell}
    if not peers:
        return None
    name = max(peers, key=lambda name: peers[name]["ratio"])
    return name, peers[name]


def best_text(row):
    best = best_peer(row)
    return f"{1 / best[1]['ratio']:.2f}" if best else "–"


def verdict(race):
    """Of a sweep: how many shapes, where a peer is faster, and by how much."""
    compared = [(row, *best_peer(row)) for row in race.rows if best_peer(row)]
    behind = [entry for entry in compared if entry[2]["ratio"] > 1]
    beyond = [entry for entry in behind if entry[2]["ratio_low"] > NOISE]
    lines = [about(race), ""]
    total = len(race.plan["shapes"])
    lines.append(f"{len(race.rows)} of {total} shapes, {len(compared)} of them with a peer")
    if compared:
        share = 100 * (1 - len(behind) / len(compared))
        lines.append(f"faster than every peer on {len(compared) - len(behind)} ({share:.1f} %)")
    lines.append(f"95 % interval of our time / the peer's wholly above {NOISE}: {len(beyond)}")
    if behind:
        lines += ["", markdown(["a peer is faster", "peer", "ours / peer", "95 %", "ours µs"])]
        lines.append("|---|---|--:|--:|--:|")
    for row, name, cell in sorted(behind, key=lambda entry: -entry[2]["ratio"]):
        interval = f"{cell['ratio_low']:.2f} – {cell['ratio_high']:.2f}"
        ours = digits(row["contestants"][OURS]["time_us"])
        lines.append(markdown([row["label"], name, f"{cell['ratio']:.3f}", interval, ours]))
    for row in race.rows:
        if "refused" in row["contestants"][OURS]:
            lines.append(f"not measured: {row['label']}: {row['contestants'][OURS]['refused']}")
    return "\n".join(lines)
