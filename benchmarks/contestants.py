"""Who takes part in compare.py; run by it, one process each.

Reads questions on standard input, a line of JSON each: to prepare a shape, or to
run a burst. A contestant is a function of the shape, the tensors and the number of
threads that returns one call, which returns the output.
"""

import importlib.util
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy

ROOT = Path(__file__).resolve().parent.parent

SHAPES = [
    {"name": "minilm", "B": 1, "H": 12, "S": 128, "D": 32, "mask": "none"},
    {"name": "vit", "B": 4, "H": 12, "S": 197, "D": 64, "mask": "none"},
    {"name": "bert", "B": 8, "H": 12, "S": 128, "D": 64, "mask": "none"},
    {"name": "dense-64", "B": 1, "H": 4, "S": 2048, "D": 64, "mask": "none"},
    {"name": "dense-128", "B": 1, "H": 2, "S": 4096, "D": 128, "mask": "none"},
    {"name": "causal-64", "B": 1, "H": 4, "S": 2048, "D": 64, "mask": "causal"},
    {"name": "causal-128", "B": 1, "H": 2, "S": 4096, "D": 128, "mask": "causal"},
    {"name": "window-64", "B": 1, "H": 4, "S": 4096, "D": 64, "mask": "window"},
]

WINDOW = 256


def describe(shape):
    mask = {"none": "", "causal": " causal", "window": f" window ±{WINDOW}"}[shape["mask"]]
    return "B{B} H{H} S{S} D{D}".format(**shape) + mask


def live_pairs(shape):
    """The mask as an array, true where a query sees a key; None for all."""
    i, j = numpy.arange(shape["S"])[:, None], numpy.arange(shape["S"])
    return {"none": None, "causal": j <= i, "window": abs(i - j) <= WINDOW}[shape["mask"]]


# --- The contestants --------------------------------------------------------


def attn_mlir_call(shape, q, k, v, threads, attnc):
    sys.path.insert(0, str(ROOT / "python"))
    import attn_mlir

    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "attention.mlir"
        source.write_text(module(shape))
        subprocess.run([attnc, source, "-o", source.with_suffix("")], check=True)
        entry = attn_mlir.Library(source.with_suffix(".so"))["attention"]
    return entry.bind(q, k, v, threads=threads)


def module(shape):
    tensor = "tensor<?x{H}x?x{D}xf32>".format(**shape)
    masks = {
        "none": "",
        "causal": "%keep = arith.cmpi sle, %j, %i : index",
        "window": f"""%difference = arith.subi %i, %j : index
      %distance = math.absi %difference : index
      %width = arith.constant {WINDOW} : index
      %keep = arith.cmpi sle, %distance, %width : index""",
    }
    body = masks[shape["mask"]]
    region = f"""mask(%b: index, %h: index, %i: index, %j: index) {{
      {body}
      attn.yield %keep : i1
    }}"""
    return f"""
func.func @attention(%q: {tensor}, %k: {tensor}, %v: {tensor}) -> {tensor} {{
  %o = attn.attention query(%q) key(%k) value(%v) {region if body else ""}
    : ({tensor}, {tensor}, {tensor}) -> {tensor}
  return %o : {tensor}
}}
"""


def torch_call(shape, q, k, v, threads, _):
    import torch
    import torch.nn.functional as F

    torch.set_num_threads(threads)
    q, k, v = map(torch.from_numpy, (q, k, v))
    mask = torch.from_numpy(live_pairs(shape)) if shape["mask"] == "window" else None
    causal = shape["mask"] == "causal"

    def call():
        with torch.inference_mode():
            return F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=causal)

    return call


def onnxruntime_call(shape, q, k, v, threads, _):
    from onnx import TensorProto, helper

    size = list(q.shape)
    feed = {"q": q, "k": k, "v": v}
    inputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, size) for name in "qkv"]
    if shape["mask"] == "window":
        feed["mask"] = live_pairs(shape)
        inputs.append(helper.make_tensor_value_info("mask", TensorProto.BOOL, size[2:3] * 2))
    node = helper.make_node(
        "Attention", list(feed), ["o"], is_causal=int(shape["mask"] == "causal")
    )
    output = helper.make_tensor_value_info("o", TensorProto.FLOAT, size)
    graph = helper.make_graph([node], "attention", inputs, [output])
    return onnxruntime_binding(graph, 23, feed, threads)


def onnxruntime_mha_call(shape, q, k, v, threads, _):
    """The older fused operator, on tensors of shape (batch, sequence, heads·size)."""
    if shape["mask"] == "window":
        raise NotImplementedError("–")
    from onnx import TensorProto, helper

    def flat(x):
        return numpy.ascontiguousarray(x.transpose(0, 2, 1, 3)).reshape(*sizes)

    sizes = [shape["B"], shape["S"], shape["H"] * shape["D"]]
    values = [helper.make_tensor_value_info(n, TensorProto.FLOAT, sizes) for n in "qkvo"]
    node = helper.make_node(
        "MultiHeadAttention",
        ["q", "k", "v"],
        ["o"],
        domain="com.microsoft",
        num_heads=shape["H"],
        unidirectional=int(shape["mask"] == "causal"),
    )
    graph = helper.make_graph([node], "attention", values[:3], values[3:])
    feed = {"q": flat(q), "k": flat(k), "v": flat(v)}
    call = onnxruntime_binding(graph, 17, feed, threads)
    heads = (*sizes[:2], shape["H"], shape["D"])
    return lambda: call().reshape(heads).transpose(0, 2, 1, 3)


def onnxruntime_binding(graph, opset, feed, threads):
    import onnxruntime
    from onnx import helper

    opsets = [helper.make_opsetid("", opset), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=10)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, ["CPUExecutionProvider"]
    )
    output = numpy.zeros([d.dim_value for d in graph.output[0].type.tensor_type.shape.dim], "f4")
    binding = session.io_binding()
    for name, array in feed.items():
        binding.bind_cpu_input(name, array)
    binding.bind_output("o", "cpu", 0, numpy.float32, output.shape, output.ctypes.data)

    def call(_kept=feed):
        session.run_with_iobinding(binding)
        return output

    return call


def openvino_call(shape, q, k, v, threads, _):
    import openvino
    import openvino.opset13 as ops

    feed = [q, k, v]
    parameters = [ops.parameter(x.shape, openvino.Type.f32) for x in feed]
    if shape["mask"] == "window":
        feed.append(live_pairs(shape)[None, None])
        parameters.append(ops.parameter(feed[-1].shape, openvino.Type.boolean))
    causal = shape["mask"] == "causal"
    node = ops.scaled_dot_product_attention(*parameters, causal=causal)
    compiled = openvino.Core().compile_model(
        openvino.Model([node], parameters),
        "CPU",
        {"INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": openvino.Type.f32},
    )
    request = compiled.create_infer_request()
    for index, array in enumerate(feed):
        request.set_input_tensor(index, openvino.Tensor(array, shared_memory=True))

    def call(_kept=feed):
        request.infer()
        return request.get_output_tensor().data

    return call


CONTESTANTS = {
    "attn-mlir": ("numpy", attn_mlir_call),
    "PyTorch": ("torch", torch_call),
    "ORT Attention": ("onnxruntime", onnxruntime_call),
    "ORT MultiHeadAttention": ("onnxruntime", onnxruntime_mha_call),
    "OpenVINO": ("openvino", openvino_call),
}


def installed():
    return [
        name for name, (package, _) in CONTESTANTS.items() if importlib.util.find_spec(package)
    ]


# --- One contestant's process ------------------------------------------------


def prepare(make, shape, threads, attnc):
    """The call, once its result has been found right."""
    random = numpy.random.default_rng(1)
    size = (3, shape["B"], shape["H"], shape["S"], shape["D"])
    q, k, v = random.standard_normal(size, numpy.float32)
    call = make(shape, q, k, v, threads, attnc)
    output = numpy.asarray(call())
    rows = random.integers(0, shape["S"], 64)
    scores = q[:, :, rows].astype("f8") @ k.astype("f8").swapaxes(-1, -2) / shape["D"] ** 0.5
    live = live_pairs(shape)
    p = numpy.exp(scores) if live is None else numpy.where(live[rows], numpy.exp(scores), 0)
    error = numpy.abs(output[:, :, rows] - p @ v / p.sum(-1, keepdims=True)).max()
    if not error < 1e-5:
        raise NotImplementedError(f"wrong by {error:.0e}")  # shown in the table
    return call


def burst(call, seconds):
    """The least time of one call, in microseconds."""
    best, end = float("inf"), time.perf_counter() + seconds
    while (start := time.perf_counter()) < end or best == float("inf"):
        call()
        best = min(best, time.perf_counter() - start)
    return best * 1e6


def main():
    name, threads, attnc = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    make = CONTESTANTS[name][1]
    for line in sys.stdin:
        question = json.loads(line)
        if "prepare" in question:
            try:
                call = prepare(make, question["prepare"], threads, attnc)
                answer = {"ready": True}
            except NotImplementedError as refusal:
                answer = {"refused": str(refusal)}
            except Exception as error:
                print(f"{name}: {error}", file=sys.stderr)
                answer = {"refused": "error"}
        else:
            answer = {"microseconds": burst(call, question["burst"])}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
