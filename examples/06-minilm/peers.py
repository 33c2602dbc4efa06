"""The same attention layers in PyTorch and ONNX Runtime, where installed."""

import numpy

from encoder import HEADS, numpy_attention


def available(inputs, lengths, layers, threads):
    """By name, a function that runs all layers on `inputs`. Each has been
    checked against the NumPy reference."""
    found = {}
    for name, make in {"PyTorch": make_torch, "ONNX Runtime": make_onnxruntime}.items():
        try:
            run = make(inputs, lengths, layers, threads)
        except ImportError:
            continue
        reference = numpy_attention(inputs[0], lengths, **layers[0])
        live = numpy.arange(reference.shape[1]) < lengths[:, None]
        difference = numpy.abs(run()[0] - reference)[live].max()
        assert difference < 1e-4, f"{name} differs from the reference by {difference}"
        found[name] = run
    return found


def make_torch(inputs, lengths, layers, threads):
    import torch
    import torch.nn.functional as F

    torch.set_num_threads(threads)
    inputs = [torch.from_numpy(x) for x in inputs]
    live = torch.arange(inputs[0].shape[1]) < torch.from_numpy(lengths)[:, None, None, None]
    # One product for Q, K and V, as PyTorch's own attention module does it.
    joined = [[torch.from_numpy(array) for array in join_projections(layer)] for layer in layers]

    def attention(x, weight, bias, wo, bo):
        q, k, v = F.linear(x, weight, bias).unflatten(-1, (3, HEADS, -1)).permute(2, 0, 3, 1, 4)
        a = F.scaled_dot_product_attention(q, k, v, attn_mask=live)
        return F.linear(a.transpose(1, 2).flatten(2), wo, bo)

    def run():
        with torch.inference_mode():
            return [attention(x, *w).numpy() for x, w in zip(inputs, joined)]

    return run


def make_onnxruntime(inputs, lengths, layers, threads):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    sessions = [
        onnxruntime.InferenceSession(onnx_layer(layer), options, ["CPUExecutionProvider"])
        for layer in layers
    ]

    def run():
        return [
            session.run(None, {"x": x, "lengths": lengths})[0]
            for session, x in zip(sessions, inputs)
        ]

    return run


def join_projections(weights):
    """wq, wk and wv as one matrix, their biases, wo and bo."""
    w, b = (numpy.concatenate([weights[kind + n] for n in "qkv"]) for kind in "wb")
    return w, b, weights["wo"], weights["bo"]


def onnx_layer(weights):
    """One layer with ONNX Runtime's fused Attention operator."""
    from onnx import TensorProto, helper, numpy_helper

    w, b, wo, bo = join_projections(weights)
    size = w.shape[1]
    constants = {
        "w": numpy.ascontiguousarray(w.T),
        "b": b,
        "wo": numpy.ascontiguousarray(wo.T),
        "bo": bo,
    }
    nodes = [
        helper.make_node(
            "Attention", ["x", "w", "b", "lengths"], ["a"], domain="com.microsoft", num_heads=HEADS
        ),
        helper.make_node("MatMul", ["a", "wo"], ["m"]),
        helper.make_node("Add", ["m", "bo"], ["y"]),
    ]
    graph = helper.make_graph(
        nodes,
        "layer",
        [
            helper.make_tensor_value_info("x", TensorProto.FLOAT, ["b", "s", size]),
            helper.make_tensor_value_info("lengths", TensorProto.INT32, ["b"]),
        ],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["b", "s", size])],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    return model.SerializeToString()
