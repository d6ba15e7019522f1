"""ONNX files of half the size: weights are kept in float16 and cast to float32
when the file is opened. Those of published models are float16 values."""

from pathlib import Path

import numpy as np

# Smaller ones are not worth a node of the graph.
_LEAST = 64


def halve(path: Path) -> None:
    """Rewrites an ONNX file with its float32 constants in float16, each with
    a Cast behind it; computation stays in float32.

    Numbers beyond float16's range, and shapes and the like, are left alone.
    """
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    model = onnx.load(path)
    graph, casts = model.graph, []
    for tensor in graph.initializer:
        if tensor.data_type != TensorProto.FLOAT:
            continue
        values = numpy_helper.to_array(tensor)
        if values.size < _LEAST or np.abs(values).max() > 65504:
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(
            values.astype("float16"), f"{name}__half"
        ))
        casts.append(helper.make_node(
            "Cast", [f"{name}__half"], [name], f"{name}__cast",
            to=TensorProto.FLOAT,
        ))
    # A graph's nodes are in the order in which they are computed.
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.checker.check_model(model)
    onnx.save(model, path)
