"""Times attention by attn-mlir and by its peers, in turns.

    python benchmarks/compare.py [--threads=N] [--rounds=N] [--only=NAME,...]
"""

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path

import contestants

HERE = Path(__file__).resolve().parent


class Racer:
    """A contestant in its own process, which runs only when told to."""

    def __init__(self, name, options):
        self.name = name
        self.process = subprocess.Popen(
            [sys.executable, HERE / "contestants.py", name, str(options.threads), options.attnc],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, **question):
        print(json.dumps(question), file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"{self.name} ended with {self.process.wait()}")
        return json.loads(answer)


def main():
    options = parse_options()
    names = contestants.installed()
    racers = [Racer(name, options) for name in names]
    print(f"| µs, {options.threads} thread(s) | " + " | ".join(names) + " | best peer / ours |")
    print("|---|" + "--:|" * (len(names) + 1))
    for shape in contestants.SHAPES:
        if not options.only or shape["name"] in options.only.split(","):
            print(row(shape, racers, options.rounds), flush=True)


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", default=1, type=int)
    parser.add_argument("--rounds", default=15, type=int)
    parser.add_argument("--only", help="names of shapes, separated by commas")
    parser.add_argument("--attnc", default=HERE.parent / "build" / "bin" / "attnc")
    return parser.parse_args()


def row(shape, racers, rounds):
    answers = {racer.name: racer.ask(prepare=shape) for racer in racers}
    ready = [racer for racer in racers if "ready" in answers[racer.name]]
    times = {racer.name: [] for racer in ready}
    for _ in range(rounds):
        for racer in ready:
            times[racer.name].append(racer.ask(burst=0.05)["microseconds"])
    cells = [cell(times.get(racer.name), answers[racer.name]) for racer in racers]
    ours = min(times.pop("attn-mlir"))
    peers = [min(of_peer) for of_peer in times.values()]
    ratio = f"**{min(peers) / ours:.2f}**" if peers else "–"
    return f"| {shape['name']} {contestants.describe(shape)} | {' | '.join(cells)} | {ratio} |"


def cell(times, answer):
    if times is None:
        return answer["refused"]
    return f"{min(times):.0f} (median {statistics.median(times):.0f})"


if __name__ == "__main__":
    main()
