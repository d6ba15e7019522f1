"""What a SavedModel must not contain if a server is to run it anywhere.

Read from saved_model.pb and the checkpoint's index alone; nothing is run.
"""

from pathlib import Path
from typing import Any

from keras_gen import atomic

# Operations with state that leave it as it is: they read, call or assert.
_HARMLESS = {
    "Assert", "Case", "If", "ReadVariableOp", "ResourceGather",
    "ResourceGatherNd", "StatefulPartitionedCall", "VarHandleOp", "While",
}
# Python functions that TensorFlow does not even count as stateful.
_PYTHON = {"PyFuncStateless"}


def check(path: str | Path) -> None:
    """Refuses an export that a server could not run, or not repeatably.

    Of each signature: no operation that keeps state or calls Python, which
    are all writes to variables, random generators other than the stateless
    ones, and Python functions; nothing that must be compiled by XLA; inputs
    and outputs whose first dimension is the batch and free; strings go out
    as `*_bytes`, the names that TensorFlow Serving writes in base64, and
    numbers with a fraction as float32. The checkpoint has at most 1.1 times
    the bytes of the variables that the signatures read.

    Args:
        path: the folder with saved_model.pb.

    Raises:
        RuntimeError: in one line, everything that is wrong.
    """
    graph, signatures = _read(atomic.local(path))
    functions = {f.signature.name: f for f in graph.library.function}
    found: list[str] = []
    variables: dict[str, Any] = {}
    for name, signature in signatures.items():
        nodes, called = _reachable(graph, functions, signature)
        wrong = _operations(nodes, called) + _tensors(signature)
        found += [f"signature {name!r} {w}" for w in wrong]
        variables |= {n.name: n for n in nodes if n.op == "VarHandleOp"}
    found += _storage(Path(path), variables.values())
    if found:
        raise RuntimeError(f"{path} cannot be served: {'; '.join(found)}")


def keeps_no_state(path: str | Path) -> bool:
    """Whether the outputs of all signatures follow from their inputs alone:
    nothing is drawn, kept or asked of the clock. One signature that writes
    variables may change what others compute.

    Args:
        path: the folder with saved_model.pb.
    """
    graph, signatures = _read(atomic.local(path))
    functions = {f.signature.name: f for f in graph.library.function}
    return not any(
        _operations(*_reachable(graph, functions, signature))
        for signature in signatures.values()
    )


def _read(path):
    """The graph for serving and the signatures that are served."""
    from tensorflow.core.protobuf import saved_model_pb2

    model = saved_model_pb2.SavedModel()
    model.ParseFromString((path / "saved_model.pb").read_bytes())
    graph = next(
        graph for graph in model.meta_graphs
        if "serve" in graph.meta_info_def.tags
    )
    signatures = {
        name: signature for name, signature in graph.signature_def.items()
        if not name.startswith("__")  # the initialisation has no outputs
    }
    return graph.graph_def, signatures


def _reachable(graph, functions, signature):
    """All nodes that the signature's outputs need, those of the functions
    called too, and these functions by name."""
    known = {node.name: node for node in graph.node}
    waiting = [tensor.name for tensor in signature.outputs.values()]
    seen, nodes, called = set(), [], {}
    while waiting:
        name = waiting.pop().removeprefix("^").partition(":")[0]
        if name not in seen:
            seen.add(name)
            nodes.append(known[name])
            waiting += known[name].input
    for node in nodes:  # which grows meanwhile
        for name in _calls(node):
            if name in functions and name not in called:
                called[name] = functions[name]
                nodes += functions[name].node_def
    return nodes, called


def _calls(node):
    """Names that may be those of functions which the node calls."""
    yield node.op
    for value in node.attr.values():
        yield value.func.name
        yield from (f.name for f in value.list.func)


def _operations(nodes, called):
    from tensorflow.python.framework import op_def_registry

    wrong = []
    for op in sorted({node.op for node in nodes} - set(called)):
        known = op_def_registry.get(op)
        if known is None:
            wrong.append(f"needs the operation {op}, which is not TensorFlow's")
        elif op in _PYTHON or known.is_stateful and op not in _HARMLESS:
            wrong.append(f"keeps state or calls Python: {op}")
    if any(x.attr["_XlaMustCompile"].b for x in [*nodes, *called.values()]):
        wrong.append("must be compiled by XLA (jit_compile)")
    return wrong


def _tensors(signature):
    import tensorflow as tf

    wrong = []
    for side in ("input", "output"):
        for name, tensor in sorted(getattr(signature, f"{side}s").items()):
            shape = tensor.tensor_shape
            if shape.unknown_rank or [d.size for d in shape.dim][:1] != [-1]:
                wrong.append(
                    f"has the {side} {name!r} without a free first dimension"
                )
    for name, tensor in sorted(signature.outputs.items()):
        dtype = tf.as_dtype(tensor.dtype)
        if dtype == tf.string and not name.endswith("_bytes"):
            wrong.append(f"has the string output {name!r}: name it *_bytes")
        if dtype.is_floating and dtype != tf.float32:
            wrong.append(f"has the {dtype.name} output {name!r}: not float32")
    return wrong


def _storage(path, variables):
    """Whether more is stored than the signatures read."""
    import tensorflow as tf

    needed = sum(
        _bytes(v.attr["dtype"].type, v.attr["shape"].shape) for v in variables
    )
    stored = 0
    if (path / "variables" / "variables.index").exists():
        reader = tf.train.load_checkpoint(str(path / "variables/variables"))
        dtypes = reader.get_variable_to_dtype_map()
        stored = sum(
            _bytes(dtypes[name], shape)
            for name, shape in reader.get_variable_to_shape_map().items()
            if dtypes[name] != tf.string  # the table of objects
        )
    if stored <= 1.1 * needed:
        return []
    return [
        f"it stores {stored:,} bytes of variables, its signatures read "
        f"{needed:,}"
    ]


def _bytes(dtype, shape):
    import tensorflow as tf

    return tf.as_dtype(dtype).size * tf.TensorShape(shape).num_elements()
