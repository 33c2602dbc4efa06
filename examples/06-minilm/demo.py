"""Sentence similarity by all-MiniLM-L6-v2 with attention layers that attnc compiled.

    python examples/06-minilm/demo.py [--attnc=build/bin/attnc] [--threads=1] [--peers]

Compiles layer.mlir, packs the weights of the six layers, encodes sentences of
different lengths in one batch, prints their similarities, and compares every
layer's result with a float64 reference. Exits with 1 if that differs by more
than 1e-5. With --peers, PyTorch and ONNX Runtime are timed too, where installed.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path

import numpy

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / "python"))

import attn_mlir
import encoder
import peers

TOLERANCE = 1e-5

SENTENCES = [
    "That is a happy person",
    "That is a very happy person",
    "That is a happy dog",
    "Today is a sunny day",
    "The compiler keeps the running maximum and the sum of each query in registers, "
    "so that the scores never travel to memory.",
    "A kernel is fast when its intermediate values stay in registers.",
    "Wie wird das Wetter morgen?",
    "Grind the beans just before brewing, use water a little below boiling, and pour "
    "slowly in circles; a good cup of coffee takes about three minutes.",
]


def main():
    options = parse_options()
    library = compile_layer(options.attnc)
    tokens, lengths = encoder.tokenize(SENTENCES)
    print(f"{len(lengths)} sentences of {lengths.min()} to {lengths.max()} tokens\n")

    weights = encoder.load_weights()
    layers = [encoder.attention_weights(weights, n) for n in range(encoder.LAYERS)]
    prepared = [library["layer"].prepare(**layer) for layer in layers]
    inputs, outputs = [], []

    def attention(n, x, lengths):
        y = prepared[n](x, lengths, threads=options.threads)
        inputs.append(x)
        outputs.append(y)
        return y

    vectors = encoder.encode(weights, tokens, lengths, attention)
    print_similarities(vectors)
    difference = largest_difference(inputs, outputs, lengths, layers)
    print(f"\nlargest difference from the float64 reference, any layer: {difference:.1e}")
    print(f"largest difference of a similarity, whole encoder: {encoder_difference(vectors):.1e}")

    calls = [
        layer.bind(x, lengths, threads=options.threads) for layer, x in zip(prepared, inputs)
    ]

    def compiled():
        for call in calls:
            call()

    contestants = {"attn-mlir": compiled}
    if options.peers:
        contestants.update(peers.available(inputs, lengths, layers, options.threads))
    print_times(contestants, options.threads)
    if not difference <= TOLERANCE:
        sys.exit(f"the difference is above {TOLERANCE}")


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--attnc", default=ROOT / "build" / "bin" / "attnc", type=Path)
    parser.add_argument("--threads", default=1, type=int)
    parser.add_argument("--peers", action="store_true")
    return parser.parse_args()


def compile_layer(attnc):
    prefix = ROOT / "build" / "demo" / "layer"
    prefix.parent.mkdir(parents=True, exist_ok=True)
    start = time.perf_counter()
    subprocess.run([attnc, HERE / "layer.mlir", "-o", prefix], check=True)
    elapsed = time.perf_counter() - start
    library = attn_mlir.Library(prefix.with_suffix(".so"))
    print(f"attnc compiled layer.mlir for {library.target} in {elapsed:.2f} s")
    return library


def print_similarities(vectors):
    for n, sentence in enumerate(SENTENCES):
        print(f"  {n + 1}  {sentence if len(sentence) <= 66 else sentence[:63] + '...'}")
    print("\n     " + "".join(f"{n + 1:7}" for n in range(len(SENTENCES))))
    for n, row in enumerate(vectors @ vectors.T):
        print(f"  {n + 1}  " + "".join(f"{similarity:7.3f}" for similarity in row))


def largest_difference(inputs, outputs, lengths, layers):
    """Each layer's result against the reference on the very same input."""
    live = numpy.arange(inputs[0].shape[1]) < lengths[:, None]
    largest = 0.0
    for x, y, weights in zip(inputs, outputs, layers):
        exact = {name: weight.astype(numpy.float64) for name, weight in weights.items()}
        reference = encoder.numpy_attention(x.astype(numpy.float64), lengths, **exact)
        largest = max(largest, numpy.abs(y - reference)[live].max())
    return largest


def encoder_difference(vectors):
    """The similarities against an encoder that is float64 throughout."""
    weights = encoder.load_weights(numpy.float64)
    layers = [encoder.attention_weights(weights, n) for n in range(encoder.LAYERS)]
    exact = encoder.encode(
        weights,
        *encoder.tokenize(SENTENCES),
        lambda n, x, lengths: encoder.numpy_attention(x, lengths, **layers[n]),
    )
    return numpy.abs(vectors @ vectors.T - exact @ exact.T).max()


def print_times(contestants, threads):
    """Everyone's six attention layers on the same tensors, in turns."""
    best = dict.fromkeys(contestants, float("inf"))
    for run in contestants.values():
        run()
    for _ in range(30):
        for name, run in contestants.items():
            start = time.perf_counter()
            run()
            best[name] = min(best[name], time.perf_counter() - start)
    print(f"\nsix attention layers, projections included, {threads} thread(s), best of 30:")
    for name, seconds in best.items():
        print(f"  {name:14}{seconds * 1e3:8.2f} ms")


if __name__ == "__main__":
    main()
