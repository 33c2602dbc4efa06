"""Who takes part. A contestant is a function of the problem, the number of threads and the
path of attnc. It returns the call to time, and what makes of the call's result an array of
batch, heads, queries and features. What it cannot do it refuses by raising Refused."""

import importlib.util
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy

from problem import aligned

ROOT = Path(__file__).resolve().parent.parent
# A mask of more elements than this is not made: it would be gigabytes.
MOST_ELEMENTS = 1 << 29


class Refused(Exception):
    """Why a contestant has no time for a problem; the text is a cell of the table."""


def refuse_unless(condition, reason):
    if not condition:
        raise Refused(reason)


def live_pairs(problem, **how):
    """The mask of all pairs, batch (or 1) x 1 x queries x keys; None where all are live."""
    refuse_unless(problem.SQ * problem.SK <= MOST_ELEMENTS, "mask too large")
    live = problem.live(**how)
    return None if live is None else numpy.array(live[:, None], order="C")


def with_bias(problem, live, dtype):
    """A mask to add to scores, where there is a bias, else `live`."""
    bias = problem.bias()
    if bias is None:
        return live
    refuse_unless(bias.size <= MOST_ELEMENTS, "mask too large")
    mask = bias[None] if live is None else numpy.where(live, bias[None], -numpy.inf)
    return mask.astype(dtype, order="C")


# --- attn-mlir ---------------------------------------------------------------


def attn_mlir_call(problem, threads, attnc):
    sys.path.insert(0, str(ROOT / "python"))
    import attn_mlir

    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "attention.mlir"
        source.write_text(problem.row["module"])
        command = [attnc, source, "-o", source.with_suffix("")]
        done = subprocess.run(command, stderr=subprocess.PIPE, text=True)
        if done.returncode:
            print(done.stderr, file=sys.stderr)
            raise Refused("not supported" if done.returncode == 4 else "error")
        entry = attn_mlir.Library(source.with_suffix(".so"))["attention"]
    inputs = [problem.tensors[argument.name] for argument in entry.inputs]
    if problem.cache_type == "i4":
        inputs[1:3] = [attn_mlir.pack_int4(cache) for cache in inputs[1:3]]
    # As the peers' own results, which their allocators align.
    extents = list(problem.tensors["q"].shape[:3]) + [problem.DV]
    out = aligned(extents, entry.outputs[0].dtype)
    call = entry.bind(*inputs, threads=threads, out=out)
    return call, (lambda o: o) if problem.layout == "bhsd" else (lambda o: o.swapaxes(1, 2))


# --- PyTorch -----------------------------------------------------------------


def torch_tensor(array):
    import torch

    if array.dtype.name == "bfloat16":
        return torch.from_numpy(array.view(numpy.int16)).view(torch.bfloat16)
    return torch.from_numpy(array)


def torch_inputs(problem, threads):
    """q, and a function that gives k and v in its type: a cache of another type is widened
    in each call, as a program would have to."""
    import torch

    torch.set_num_threads(threads)
    q, k, v = (torch_tensor(problem.heads_first(name)) for name in "qkv")
    if problem.cache_type == problem.dtype:
        return q, lambda: (k, v)
    scales = [problem.tensors.get(name) for name in ("key_scales", "value_scales")]
    if scales[0] is not None and problem.layout == "bshd":
        scales = [numpy.ascontiguousarray(s.swapaxes(1, 2)) for s in scales]
    scales = [None if s is None else torch_tensor(s)[..., None] for s in scales]

    def widened():
        pair = (x.to(q.dtype) if s is None else (x * s).to(q.dtype) for x, s in zip((k, v), scales))
        return tuple(pair)

    return q, widened


def torch_mask(problem, q):
    """What PyTorch adds to scores or takes as a boolean mask, and whether it is causal."""
    import torch

    refuse_unless(problem.cap() is None, "no soft cap")
    causal = problem.mask == "causal" and problem.is_plain()
    live = live_pairs(problem) if hides(problem, causal) else None
    mask = with_bias(problem, live, numpy.float64)
    if mask is None or mask.dtype == bool:
        return mask if mask is None else torch.from_numpy(mask), causal
    return torch.from_numpy(mask).to(q.dtype), False


def hides(problem, causal):
    return (problem.mask != "none" and not causal) or problem.lengths is not None


def torch_result(output):
    import torch

    return output.to(torch.float64).numpy() if output.dtype != torch.float64 else output.numpy()


def torch_call(problem, threads, _):
    import torch
    import torch.nn.functional as F

    q, keys_and_values = torch_inputs(problem, threads)
    mask, causal = torch_mask(problem, q)

    def call():
        with torch.inference_mode():
            return F.scaled_dot_product_attention(
                q,
                *keys_and_values(),
                attn_mask=mask,
                is_causal=causal,
                scale=problem.scale,
                enable_gqa=problem.group > 1,
            )

    return call, torch_result


def torch_eager_call(problem, threads, _):
    """The formula as one writes it: two products and a softmax."""
    import torch

    q, keys_and_values = torch_inputs(problem, threads)
    pairs = problem.B * problem.H * problem.SQ * problem.SK
    refuse_unless(pairs <= MOST_ELEMENTS, "scores too large")
    mask, causal = torch_mask(problem, q)
    if causal:
        mask = torch.from_numpy(numpy.ascontiguousarray(problem.live()[:, None]))
    grouped = (problem.B, problem.HKV, problem.group, problem.SQ, -1)

    def call():
        with torch.inference_mode():
            k, v = keys_and_values()
            if problem.group > 1:
                scores = q.reshape(grouped) * problem.scale @ k[:, :, None].transpose(-1, -2)
                scores = scores.reshape(problem.B, problem.H, problem.SQ, problem.SK)
            else:
                scores = q * problem.scale @ k.transpose(-1, -2)
            if mask is not None:
                if mask.dtype == torch.bool:
                    scores = scores.masked_fill(~mask, float("-inf"))
                else:
                    scores = scores + mask
            p = torch.softmax(scores, -1)
            if problem.group > 1:
                o = p.reshape(grouped) @ v[:, :, None]
                return o.reshape(problem.B, problem.H, problem.SQ, problem.DV)
            return p @ v

    return call, torch_result


def flex_call(problem, threads, _):
    import torch
    from torch.nn.attention.flex_attention import create_block_mask, flex_attention

    refuse_unless(problem.dtype != "f64", "no f64")
    refuse_unless(problem.SQ * problem.SK <= MOST_ELEMENTS // 4, "mask too large")
    torch._dynamo.reset()
    q, keys_and_values = torch_inputs(problem, threads)
    score_mod, mask_mod = flex_score(problem), flex_mask(problem)
    block_mask = None
    if mask_mod:
        batch = problem.B if problem.lengths is not None else None
        block_mask = create_block_mask(
            mask_mod, batch, None, problem.SQ, problem.SK, device="cpu"
        )
    compiled = torch.compile(flex_attention, dynamic=False)

    def call():
        with torch.no_grad():
            return compiled(
                q,
                *keys_and_values(),
                score_mod=score_mod,
                block_mask=block_mask,
                scale=problem.scale,
                enable_gqa=problem.group > 1,
            )

    return call, torch_result


def flex_mask(problem):
    import torch

    more, size = problem.SK - problem.SQ, problem.mask_size
    masks = {
        "none": None,
        "causal": lambda b, h, i, j: j <= i,
        "causal_br": lambda b, h, i, j: j <= i + more,
        "window": lambda b, h, i, j: (i - j).abs() <= size,
        "prefix": lambda b, h, i, j: (j < size) | (j <= i),
    }
    mask = masks[problem.mask]
    if problem.lengths is None:
        return mask
    lengths = torch.tensor(problem.lengths)
    if mask is None:
        return lambda b, h, i, j: j < lengths[b]
    return lambda b, h, i, j: mask(b, h, i, j) & (j < lengths[b])


def flex_score(problem):
    import torch

    if problem.score == "none":
        return None
    if problem.cap():
        cap = problem.cap()
        return lambda s, b, h, i, j: torch.tanh(s / cap) * cap
    if problem.score == "alibi":
        slopes = torch_tensor(problem.tensors["slopes"])
        return lambda s, b, h, i, j: s + slopes[h] * (j - i)
    bias = torch.from_numpy(problem.bias()).float()
    return lambda s, b, h, i, j: s + bias[h, i, j]


# --- ONNX Runtime ------------------------------------------------------------


def onnx_type(array):
    from onnx import TensorProto

    types = {"float32": TensorProto.FLOAT, "float16": TensorProto.FLOAT16}
    types |= {"float64": TensorProto.DOUBLE, "bool": TensorProto.BOOL, "int32": TensorProto.INT32}
    types |= {"bfloat16": TensorProto.BFLOAT16}
    return types[array.dtype.name]


def onnxruntime_session(node, opset, feed, outputs, threads):
    """A call of one node. An output that is an array of the feed too is written in place."""
    import onnxruntime
    from onnx import helper

    def infos(arrays):
        return [
            helper.make_tensor_value_info(name, onnx_type(array), array.shape)
            for name, array in arrays.items()
        ]

    opsets = [helper.make_opsetid("", opset), helper.make_opsetid("com.microsoft", 1)]
    graph = helper.make_graph([node], "attention", infos(feed), infos(outputs))
    model = helper.make_model(graph, opset_imports=opsets, ir_version=10)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 4  # what it cannot do is a cell of the table
    try:
        session = onnxruntime.InferenceSession(
            model.SerializeToString(), options, ["CPUExecutionProvider"]
        )
    except Exception as error:
        # Its kernels are registered by type.
        if type(error).__name__ in ("NotImplemented", "InvalidGraph"):
            raise Refused("no kernel") from None
        raise
    binding = session.io_binding()
    for name, array in feed.items():
        binding.bind_input(name, "cpu", 0, array.dtype, array.shape, array.ctypes.data)
    for name, array in outputs.items():
        binding.bind_output(name, "cpu", 0, array.dtype, array.shape, array.ctypes.data)

    def call(_kept=(feed, outputs)):
        session.run_with_iobinding(binding)
        return outputs["o"]

    return call


def refuse_mixed(problem):
    refuse_unless(problem.cache_type == problem.dtype, "no such cache")


def onnxruntime_call(problem, threads, _):
    """ONNX's own operator."""
    from onnx import helper

    refuse_mixed(problem)
    feed = {name: problem.heads_first(name) for name in "qkv"}
    # Its causal mask is not ours where the lengths differ: there it gets the mask.
    causal = problem.mask == "causal" and problem.SQ == problem.SK
    live = live_pairs(problem, causal=not causal)
    mask = with_bias(problem, live, feed["q"].dtype)
    if mask is not None:
        feed["mask"] = mask
    node = helper.make_node(
        "Attention",
        list(feed),
        ["o"],
        is_causal=int(causal),
        scale=problem.scale,
        softcap=problem.cap() or 0.0,
    )
    outputs = {"o": aligned([problem.B, problem.H, problem.SQ, problem.DV], feed["q"].dtype)}
    return onnxruntime_session(node, 23, feed, outputs, threads), lambda o: o


def flat(problem, name):
    array = problem.positions_first(name)
    return array.reshape(*array.shape[:2], -1)


def unflatten(problem):
    shape = (problem.B, problem.SQ, problem.H, problem.DV)
    return lambda o: o.reshape(shape).transpose(0, 2, 1, 3)


def onnxruntime_mha_call(problem, threads, _):
    """The older fused operator, on tensors of shape (batch, sequence, heads·size)."""
    from onnx import helper

    refuse_mixed(problem)
    refuse_unless(problem.group == 1, "no groups")
    # Its causal mask is not ours where the lengths differ.
    known = problem.mask == "none" or (problem.mask == "causal" and problem.SQ == problem.SK)
    refuse_unless(known and problem.score == "none", "no such mask")
    feed = {name: flat(problem, name) for name in "qkv"}
    names = list(feed)
    if problem.lengths is not None:
        refuse_unless(problem.mask == "none", "no such mask")
        feed["padding"] = numpy.ascontiguousarray(problem.live()[:, 0]).astype(numpy.int32)
        names += ["", "padding"]
    node = helper.make_node(
        "MultiHeadAttention",
        names,
        ["o"],
        domain="com.microsoft",
        num_heads=problem.H,
        scale=problem.scale,
        unidirectional=int(problem.mask == "causal"),
    )
    outputs = {"o": aligned([problem.B, problem.SQ, problem.H * problem.DV], feed["q"].dtype)}
    return onnxruntime_session(node, 17, feed, outputs, threads), unflatten(problem)


def onnxruntime_gqa_call(problem, threads, _):
    """The operator of decoders: causal, with a cache that it appends to. Of a single query
    the last key and value are those appended; with as many queries as keys, all are."""
    from onnx import helper

    refuse_mixed(problem)
    decodes = problem.SQ == 1 and problem.mask == "none"
    prompts = problem.SQ == problem.SK and problem.mask == "causal" and problem.lengths is None
    refuse_unless(problem.score == "none" and (decodes or prompts), "no such mask")
    lengths = numpy.array(problem.lengths or [problem.SK] * problem.B, numpy.int32)
    refuse_unless(lengths.min(initial=1) > 0 and problem.D == problem.DV, "no such shape")
    caches = {name: problem.heads_first(name) for name in "kv"}
    # The cache is written in place: not into what others read.
    caches = {name: numpy.array(array) for name, array in caches.items()}
    new = [numpy.arange(problem.SK)] * problem.B if prompts else lengths[:, None] - 1
    feed = {"q": flat(problem, "q")}
    for name, cache in caches.items():
        rows = [cache[b][:, new[b]].swapaxes(0, 1) for b in range(problem.B)]
        feed[name] = numpy.ascontiguousarray(numpy.stack(rows)).reshape(
            problem.B, problem.SQ, -1
        )
    feed |= {"past_k": caches["k"], "past_v": caches["v"], "last": lengths - 1}
    feed["total"] = numpy.array(problem.SK, numpy.int32)
    node = helper.make_node(
        "GroupQueryAttention",
        list(feed),
        ["o", "present_k", "present_v"],
        domain="com.microsoft",
        num_heads=problem.H,
        kv_num_heads=problem.HKV,
        scale=problem.scale,
    )
    result = aligned([problem.B, problem.SQ, problem.H * problem.DV], feed["q"].dtype)
    outputs = {"o": result, "present_k": caches["k"], "present_v": caches["v"]}
    return onnxruntime_session(node, 17, feed, outputs, threads), unflatten(problem)


# --- OpenVINO and JAX --------------------------------------------------------


def openvino_call(problem, threads, _):
    import openvino
    import openvino.opset13 as ops

    refuse_mixed(problem)
    refuse_unless(problem.dtype in ("f32", "bf16"), f"no {problem.dtype}")
    refuse_unless(problem.cap() is None, "no soft cap")
    # It computes in bf16 what it is given in f32.
    feed = [problem.heads_first(name).astype(numpy.float32) for name in "qkv"]
    parameters = [ops.parameter(x.shape, openvino.Type.f32) for x in feed]
    q, k, v = parameters
    if problem.group > 1:
        k, v = (repeat_heads(problem, x) for x in (k, v))
    causal = problem.mask == "causal" and problem.is_plain()
    live = None if causal else live_pairs(problem)
    mask = with_bias(problem, live, numpy.float32)
    if mask is not None:
        feed.append(mask)
        kind = openvino.Type.boolean if mask.dtype == bool else openvino.Type.f32
        parameters.append(ops.parameter(mask.shape, kind))
    scale = ops.constant(problem.scale, openvino.Type.f32)
    mask = parameters[3] if len(parameters) > 3 else ops.constant(0.0, openvino.Type.f32)
    node = ops.scaled_dot_product_attention(q, k, v, mask, scale, causal=causal)
    precision = openvino.Type.f32 if problem.dtype == "f32" else openvino.Type.bf16
    compiled = openvino.Core().compile_model(
        openvino.Model([node], parameters),
        "CPU",
        {"INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": precision},
    )
    request = compiled.create_infer_request()
    for index, array in enumerate(feed):
        request.set_input_tensor(index, openvino.Tensor(array, shared_memory=True))

    def call(_kept=feed):
        request.infer()
        return request

    return call, lambda request: request.get_output_tensor().data


def repeat_heads(problem, x):
    """Each key head for the query heads of its group."""
    import openvino.opset13 as ops

    B, HKV, G = problem.B, problem.HKV, problem.group
    size = list(x.shape[2:])
    grouped = ops.reshape(x, ops.constant([B, HKV, 1, *size]), False)
    wide = ops.broadcast(grouped, ops.constant([B, HKV, G, *size]))
    return ops.reshape(wide, ops.constant([B, HKV * G, *size]), False)


def jax_call(problem, threads, _):
    import os

    # Its pool has a thread for each processor that it may use.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-threads:])
    os.environ["JAX_PLATFORMS"] = "cpu"
    os.environ["JAX_ENABLE_X64"] = "1"
    if threads == 1:
        os.environ["XLA_FLAGS"] = (
            "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
        )
    import jax

    refuse_mixed(problem)
    refuse_unless(problem.cap() is None, "no soft cap")
    q, k, v = (jax.numpy.asarray(problem.positions_first(name)) for name in "qkv")
    options = {"scale": problem.scale, "is_causal": problem.mask == "causal"}
    extra = {}
    if problem.mask == "window":
        options["local_window_size"] = problem.mask_size
    elif problem.mask not in ("none", "causal"):
        extra["mask"] = jax.numpy.asarray(live_pairs(problem, lengths=False))
    if problem.lengths is not None:
        extra["key_value_seq_lengths"] = jax.numpy.asarray(problem.lengths, "int32")
    if problem.bias() is not None:
        extra["bias"] = jax.numpy.asarray(problem.bias()[None].astype(q.dtype))
    attend = jax.jit(lambda q, k, v, e: jax.nn.dot_product_attention(q, k, v, **e, **options))
    call = lambda: attend(q, k, v, extra).block_until_ready()
    return call, lambda o: numpy.asarray(o).swapaxes(1, 2)


# --- All of them -------------------------------------------------------------

OURS = "attn-mlir"
# Their names, and the package that must be installed.
CONTESTANTS = {
    OURS: ("numpy", attn_mlir_call),
    "PyTorch": ("torch", torch_call),
    "PyTorch eager": ("torch", torch_eager_call),
    "FlexAttention": ("torch", flex_call),
    "ORT Attention": ("onnxruntime", onnxruntime_call),
    "ORT MultiHeadAttention": ("onnxruntime", onnxruntime_mha_call),
    "ORT GroupQueryAttention": ("onnxruntime", onnxruntime_gqa_call),
    "OpenVINO": ("openvino", openvino_call),
    "JAX": ("jax", jax_call),
}


def installed():
    return [
        name for name, (package, _) in CONTESTANTS.items() if importlib.util.find_spec(package)
    ]
