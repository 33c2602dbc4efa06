"""Times attention by attn-mlir and by its peers, in turns. attn-bench --peers and --sweep
run this; it needs the plan that they write."""

import argparse
import importlib.util
import json
import math
import os
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

NOT_SUPPORTED, BAD_INPUT, WRONG_RESULT = 4, 3, 1

# A peer that is this much slower in each of the first rounds has no say in the others.
HOPELESS, FIRST_ROUNDS = 3.0, 3
# Seconds in which a contestant must be ready: FlexAttention compiles for ten.
PREPARE_LIMIT, BURST_LIMIT = 300, 120
FORMAT = 1


def main():
    options = parse_options()
    for package, why in (("numpy", "tensors"), ("matplotlib", "--plot")):
        if not importlib.util.find_spec(package) and (package == "numpy" or options.plot):
            stop(BAD_INPUT, f"{why} need the Python package {package}, which {sys.executable} "
                 "does not have; scripts/bootstrap --peers installs it")  # fmt: skip
    import contestants

    plan = json.loads(Path(options.plan).read_text())
    names = choose(options.only, contestants.CONTESTANTS, contestants.installed())
    if options.mode == "peers" and not options.threads_of(plan):
        stop(BAD_INPUT, "--peers measures shapes of one number of threads at a time")
    race = Race(plan, names, options)
    race.run()
    from report import finish

    sys.exit(finish(race, options))


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mode", choices=["peers", "sweep"], required=True)
    parser.add_argument("--plan", required=True)
    parser.add_argument("--attn-bench", required=True)
    parser.add_argument("--attnc", required=True)
    parser.add_argument("--rounds", type=int, required=True)
    parser.add_argument("--budget", type=float, default=math.inf)
    parser.add_argument("--only", default="")
    parser.add_argument("--output")
    parser.add_argument("--plot")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()

    def threads_of(plan):
        counts = {row["threads"] for row in plan["shapes"]}
        return counts.pop() if len(counts) == 1 else None

    options.threads_of = threads_of
    return options


def stop(code, message):
    print(f"attn-bench: error: {message}", file=sys.stderr)
    sys.exit(code)


def choose(only, known, installed):
    """The names of who takes part, ours first."""
    from contestants import OURS

    wanted = [name for name in only.split(",") if name]
    for name in wanted:
        if name not in known:
            stop(2, f"--only={only}: unknown contestant '{name}'; there are {', '.join(known)}")
        if name not in installed:
            stop(NOT_SUPPORTED, f"{name} is not supported here: its Python package is not "
                 "installed; scripts/bootstrap --peers installs all")  # fmt: skip
    names = [name for name in installed if name in (wanted or installed) or name == OURS]
    if len(names) == 1:
        stop(NOT_SUPPORTED, "a comparison is not supported here: no peer is installed for "
             f"{sys.executable}; scripts/bootstrap --peers installs them")  # fmt: skip
    return names


class Race:
    """The shapes of a plan, one after the other; `rows` has what was measured."""

    def __init__(self, plan, names, options):
        import racer

        self.plan, self.names, self.options = plan, names, options
        self.threads = options.threads_of(plan) or 1
        self.racers = [racer.contestant(n, self.threads, options.attnc) for n in names]
        self.probe = racer.prober(options.attn_bench)
        self.start, self.parent = time.monotonic(), os.getppid()
        self.rows = self.resume()

    def resume(self):
        """The rows of an earlier run of the same sweep, or of the beginning of it."""
        path = self.options.output
        if self.options.mode != "sweep" or not path or not os.path.exists(path):
            return []
        try:
            found = json.loads(Path(path).read_text())
            rules = [{**rule, "count": 0} for rule in (found["rule"], self.plan["rule"])]
            same = rules[0] == rules[1] and found["contestants"] == self.names
        except (ValueError, KeyError, TypeError) as error:
            stop(BAD_INPUT, f"{path} is no sweep to go on with: {error!r}")
        if not same:
            stop(BAD_INPUT, f"{path} holds another sweep: of {found['rule']} with "
                 f"{', '.join(found['contestants'])}; name another file")  # fmt: skip
        return found["rows"]

    def seconds(self):
        return time.monotonic() - self.start

    def run(self):
        try:
            self.run_shapes()
        finally:
            for racer in [*self.racers, self.probe]:
                racer.end()

    def run_shapes(self):
        done = {row["label"] for row in self.rows}
        total = len(self.plan["shapes"])
        for number, shape in enumerate(self.plan["shapes"], 1):
            if shape["label"] in done:
                continue
            if self.seconds() > self.options.budget:
                say(f"the budget of {self.options.budget:g} s is spent; "
                    f"{len(self.rows)} of {total} shapes are done")  # fmt: skip
                return
            say(f"[{number}/{total}] {shape['label']}", end="", flush=True)
            self.rows.append(self.measure(shape))
            say(f": {summary(self.rows[-1])} ({self.seconds():.0f} s)")
            self.save()

    def save(self):
        if not self.options.output:
            return
        path = Path(self.options.output)
        temporary = path.with_name(path.name + ".new")
        temporary.write_text(json.dumps(self.document(), indent=1) + "\n")
        os.replace(temporary, path)

    def document(self):
        return {
            "format": FORMAT,
            "rule": self.plan["rule"],
            "machine": self.plan["machine"],
            "threads": self.threads,
            "contestants": self.names,
            "versions": versions(self.names),
            "rows": self.rows,
        }

    # --- One shape ------------------------------------------------------------

    def measure(self, shape):
        result = {key: value for key, value in shape.items() if key not in ("module", "inputs")}
        cells, times = {}, {}
        # Compiling and judging is most of what a shape takes, and nobody's time counts yet.
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            answers = pool.map(lambda racer: ask(racer, PREPARE_LIMIT, prepare=shape), self.racers)
        for racer, answer in zip(self.racers, answers):
            if "ready" in answer:
                times[racer.name] = []
            else:
                cells[racer.name] = answer
                if "error" in answer:
                    say(f"\n  {racer.name}: {answer['error']}", end="", flush=True)
        limits = self.rounds(shape, times, cells)
        for name, of_one in times.items():
            cells[name] = statistics_of(name, times, limits, shape)
        result["peak_gflops"] = statistics.median(limit["peak_gflops"] for limit in limits)
        result["read_bandwidth_gbytes_per_s"] = statistics.median(
            limit["gbytes_per_s"] for limit in limits
        )
        result["contestants"] = {name: cells[name] for name in self.names}
        return result

    def rounds(self, shape, times, cells):
        """Fills in `times`, a list for each contestant that is ready, and takes out who
        fails on the way. The limits before and after each round."""
        probe = {"dtype": shape["dtype"], "bytes": shape["kv_bytes"], "threads": self.threads}
        limits = [self.probe.ask(BURST_LIMIT, **probe)]
        ours = self.names[0]
        for number in range(self.options.rounds):
            if os.getppid() != self.parent:  # attn-bench was killed: nobody waits for this
                sys.exit(BAD_INPUT)
            racers = [racer for racer in self.racers if racer.name in times]
            for racer in racers if number % 2 == 0 else reversed(racers):
                if number >= FIRST_ROUNDS and ours in times and racer.name != ours:
                    pairs = zip(times[racer.name], times[ours])
                    if all(peer > HOPELESS * own for peer, own in pairs):
                        continue
                answer = ask(racer, BURST_LIMIT, burst=shape["burst_seconds"])
                if "refused" in answer:
                    cells[racer.name] = answer
                    del times[racer.name]
                else:
                    times[racer.name].append(answer["microseconds"])
            limits.append(self.probe.ask(BURST_LIMIT, **probe))
        return limits


def versions(names):
    """Of the packages that the contestants come from."""
    from importlib.metadata import version

    from contestants import CONTESTANTS

    return {package: version(package) for package, _ in (CONTESTANTS[name] for name in names)}


def ask(racer, limit, **question):
    from racer import Ended

    try:
        return racer.ask(limit, **question)
    except Ended as ended:
        return {"refused": str(ended)}


def statistics_of(name, times, limits, shape):
    from contestants import OURS
    from intervals import interval_of_ratios

    own = times[name]
    between = list(zip(limits, limits[1:]))
    peaks = [(a["peak_gflops"] + b["peak_gflops"]) / 2 for a, b in between]
    bandwidths = [(a["gbytes_per_s"] + b["gbytes_per_s"]) / 2 for a, b in between]
    cell = {
        "time_us": min(own),
        "median_us": statistics.median(own),
        "rounds": len(own),
        "gflops": shape["flops"] / min(own) * 1e-3,
        "percent_of_peak": 100
        * statistics.median(shape["flops"] / t * 1e-3 / p for t, p in zip(own, peaks)),
        "percent_of_bandwidth": 100
        * statistics.median(shape["bytes"] / t * 1e-3 / b for t, b in zip(own, bandwidths)),
    }
    if name != OURS and times.get(OURS):
        low, ratio, high = interval_of_ratios(times[OURS], own)
        cell |= {"ratio": ratio, "ratio_low": low, "ratio_high": high}
    return cell


def summary(row):
    from contestants import OURS

    cells = row["contestants"]
    own = cells[OURS]
    if "refused" in own:
        return f"attn-mlir: {own['refused']}"
    peers = {n: c for n, c in cells.items() if "ratio" in c}
    if not peers:
        return f"{own['time_us']:.0f} us, no peer"
    best = max(peers, key=lambda name: peers[name]["ratio"])
    return f"{own['time_us']:.0f} us, {peers[best]['ratio']:.2f} of {best}'s time"


def say(text, **how):
    print(text, file=sys.stderr, **how)


if __name__ == "__main__":
    main()
