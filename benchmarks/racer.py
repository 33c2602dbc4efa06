"""A contestant in a process of its own, which runs only when told to. Run as a program it
is that process: it reads questions on standard input, a line of JSON each, and answers."""

import json
import os
import selectors
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent


class Ended(Exception):
    """The process of a contestant is gone, or was ended because it took too long."""


class Racer:
    """The other side's end of a process that answers questions."""

    def __init__(self, name, command, environment=None):
        self.name, self.command, self.environment = name, command, environment
        self.process = None

    def ask(self, limit, **question):
        """The answer, within `limit` seconds. A process that is gone is started anew."""
        if self.process is None:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=self.environment
            )
            self.selector = selectors.DefaultSelector()
            self.selector.register(self.process.stdout, selectors.EVENT_READ)
        try:
            self.process.stdin.write((json.dumps(question) + "\n").encode())
            self.process.stdin.flush()
            ready = self.selector.select(limit)
            line = self.process.stdout.readline() if ready else b""
        except BrokenPipeError:
            ready, line = True, b""
        if line:
            return json.loads(line)
        self.end()
        raise Ended("crashed" if ready else "too slow")

    def end(self):
        if self.process:
            self.selector.close()
            self.process.kill()
            self.process.wait()
            self.process.stdin.close()
            self.process.stdout.close()
            self.process = None


def contestant(name, threads, attnc):
    command = [sys.executable, HERE / "racer.py", name, str(threads), attnc]
    environment = os.environ | {"OMP_NUM_THREADS": str(threads), "TQDM_DISABLE": "1"}
    return Racer(name, command, environment)


def prober(attn_bench):
    """Answers what the machine can do right now."""
    return Racer("probe", [attn_bench, "--probe"])


# --- The process -------------------------------------------------------------


def prepare(make, row, threads, attnc):
    """The call, once its result has been found right."""
    import numpy

    from contestants import Refused
    from problem import Problem

    problem = Problem(row)
    call, read = make(problem, threads, attnc)
    error = problem.error_of(numpy.asarray(read(call())))
    if not error <= problem.tolerance():
        raise Refused(f"wrong by {error:.0e}")
    return call


def burst(call, seconds):
    """The least time of one call, in microseconds. The first one only warms up, where there
    is time for a second."""
    best, begin = float("inf"), time.perf_counter()
    calls = 0
    while calls < 2 or time.perf_counter() < begin + seconds:
        start = time.perf_counter()
        call()
        elapsed = time.perf_counter() - start
        calls += 1
        if calls > 1 or elapsed > seconds:
            best = min(best, elapsed)
        if elapsed > seconds:
            break
    return best * 1e6


def main():
    from contestants import CONTESTANTS, Refused

    name, threads, attnc = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    make = CONTESTANTS[name][1]
    # What libraries print must not be taken for an answer.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    call = None
    for line in sys.stdin:
        question = json.loads(line)
        if "prepare" in question:
            call = None  # its memory, before there is more
            try:
                call = prepare(make, question["prepare"], threads, attnc)
                answer = {"ready": True}
            except Refused as refusal:
                answer = {"refused": str(refusal)}
            except Exception as error:
                said = f"{type(error).__name__}: {error}".splitlines()[0]
                answer = {"refused": "error", "error": said[:300]}
        else:
            answer = {"microseconds": burst(call, question["burst"])}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
