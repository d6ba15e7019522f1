"""What keras_gen leans on that Keras, TensorFlow and PyTorch do not promise:
one entry for each, with its check. `test_canary.py` runs them."""

import argparse
from typing import Callable, NamedTuple

import keras
import numpy as np
from keras import ops


class Lean(NamedTuple):
    """One private: who uses it, what breaks without it, and its check."""

    file: str
    private: str
    breaks: str
    check: Callable
    backend: str = ""


def _dense(optimizer):
    """A variable that the optimizer moves, and the optimizer."""
    variable = keras.Variable(np.ones(3, "float32"))
    optimizer.build([variable])
    return variable, optimizer


def _symbolic_build():
    """`fit` calls it once, before the first step, and needs no result."""
    calls = []

    class Model(keras.Model):
        def _maybe_symbolic_build(self, *args, **kwargs):
            calls.append(kwargs)

        def train_step(self, data):
            return {"loss": ops.zeros(())}

    model = Model()
    model.built = True
    model.compile(optimizer=None)
    model.fit(np.zeros((2, 1)), verbose=0)
    assert len(calls) == 1


def _all_reduce():
    """An instance's own function takes and gives (gradient, variable)s."""
    variable, optimizer = _dense(keras.optimizers.SGD(1.0))
    seen = []

    def once(pairs):
        seen.extend(pairs)
        return list(pairs)

    vars(optimizer)["_all_reduce_sum_gradients"] = once
    optimizer.apply([ops.ones(3)], [variable])
    assert len(seen) == 1 and len(seen[0]) == 2
    np.testing.assert_array_equal(ops.convert_to_numpy(variable), 0)


def _trainable_variables():
    optimizer, variable = keras.optimizers.SGD(), keras.Variable(ops.ones(3))
    optimizer.build([variable])
    assert [id(v) for v in optimizer._trainable_variables] == [id(variable)]


def _available():
    from keras.src.utils.module_utils import tensorflow

    known = tensorflow._available
    try:
        tensorflow._available = False
        assert tensorflow.available is False
    finally:
        tensorflow._available = known


def _data_adapters():
    """`fit` takes an adapter of ours in place of one of its own."""
    from keras.src.trainers import data_adapters

    class Adapter(data_adapters.data_adapter.DataAdapter):
        pass

    own = Adapter()
    assert data_adapters.get_data_adapter(own) is own
    assert not data_adapters.is_tf_dataset(own)
    assert not data_adapters.is_torch_dataloader(own)
    assert not data_adapters.is_grain_dataset(own)


def _slots():
    """The moments of a variable, at the index of the variable."""
    variable, optimizer = _dense(keras.optimizers.Adam())
    index = optimizer._get_variable_index(variable)
    optimizer.apply([2 * ops.ones(3)], [variable])
    first = ops.convert_to_numpy(optimizer._momentums[index])
    second = ops.convert_to_numpy(optimizer._velocities[index])
    np.testing.assert_allclose(first, 2 * (1 - optimizer.beta_1), rtol=1e-5)
    np.testing.assert_allclose(second, 4 * (1 - optimizer.beta_2), rtol=1e-4)


def _parallel():
    """`apply` hands all variables to it at once, with their gradients."""
    calls = []

    class Adam(type(keras.optimizers.Adam())):
        def _parallel_update_step(self, grads, variables, learning_rate):
            calls.append((len(grads), len(variables), float(learning_rate)))

    variable, optimizer = _dense(Adam(0.5))
    optimizer.apply([ops.ones(3)], [variable])
    assert calls == [(1, 1, 0.5)]


def _torch_adam():
    import torch
    from torch.optim.adam import adam

    value, zero = torch.ones(2), torch.zeros(2)
    adam(
        [value], [torch.ones(2)], [zero], [zero.clone()], [],
        [torch.tensor(0.0)], fused=True, amsgrad=False, beta1=0.9,
        beta2=0.999, lr=0.1, weight_decay=0.0, eps=1e-8, maximize=False,
    )
    assert torch.allclose(value, torch.full((2,), 0.9))


def _torch_norm():
    import torch

    x = torch.randn(4, 3, 5, 5)
    y, mean, inverse = torch.native_batch_norm(
        x, torch.ones(3), torch.zeros(3), None, None, True, 0.0, 1e-5
    )
    assert torch.allclose(mean, x.mean((0, 2, 3)), atol=1e-5)
    variance = x.var((0, 2, 3), unbiased=False)
    assert torch.allclose(inverse**-2 - 1e-5, variance, atol=1e-4)
    assert abs(float(y.std()) - 1) < 0.01


def _patience():
    """The context's method takes the time that a worker may be silent."""
    import inspect

    from tensorflow.python.eager import context

    configure = context.context().configure_coordination_service
    assert "heartbeat_timeout_in_ms" in inspect.signature(
        getattr(configure, "func", configure)
    ).parameters


def _op_registry():
    from tensorflow.python.framework import op_def_registry

    assert op_def_registry.get("Relu").is_stateful is False
    assert op_def_registry.get("RandomUniform").is_stateful is True
    assert op_def_registry.get("NoSuchOperation") is None


def _xla_mark():
    import tensorflow as tf

    function = tf.function(lambda x: x + 1, jit_compile=True)
    graph = function.get_concrete_function(tf.zeros(())).function_def
    assert graph.attr["_XlaMustCompile"].b


def _saved_model_proto():
    from tensorflow.core.protobuf import saved_model_pb2

    message = saved_model_pb2.SavedModel()
    message.meta_graphs.add().signature_def["x"].inputs["y"].name = "z"
    again = saved_model_pb2.SavedModel.FromString(message.SerializeToString())
    assert again == message


def _types_proto():
    import tensorflow as tf
    from tensorflow.core.framework import types_pb2

    assert tf.as_dtype(types_pb2.DT_FLOAT) == tf.float32


def _frozen_graph():
    import tensorflow as tf

    with tf.Graph().as_default() as graph:
        x = tf.compat.v1.placeholder("float32", (None,))
        y = x + 1
    definition = graph.as_graph_def().SerializeToString()
    assert tf.compat.v1.GraphDef.FromString(definition).node
    with tf.compat.v1.Session(graph=graph) as session:
        assert session.run(y, {x: [1.0]}) == [2.0]


def _callbacks():
    """`fit` evaluates with its own list, which takes one more."""

    class Last(keras.callbacks.Callback):
        pass

    found = keras.callbacks.CallbackList([Last()])
    found.callbacks.append(Last())
    found.callbacks.remove(found.callbacks[-1])
    assert any(isinstance(c, Last) for c in found.callbacks)


def _instance_call():
    layer = keras.layers.Dense(1)
    layer(np.zeros((1, 1)))
    vars(layer)["call"] = lambda inputs: inputs + 5
    assert float(layer(np.zeros((1, 1)))[0, 0]) == 5
    del vars(layer)["call"]
    assert float(layer(np.zeros((1, 1)))[0, 0]) == 0


def _run_through_graph():
    """A functional model hands every operation, with its arguments, to a
    function, whose results need be no tensors."""
    inputs = keras.Input((2,))
    x = keras.layers.Dense(3)(inputs)
    network = keras.Model(inputs, {"a": x, "b": keras.layers.ReLU()(x)})
    names = []

    def call(operation, *arguments, **keywords):
        names.append((type(operation).__name__, *arguments))
        return f"of {arguments[0]}"

    found = network._run_through_graph(["x"], call_fn=call)
    assert names == [("Dense", "x"), ("ReLU", "of x")]
    assert found == {"a": "of x", "b": "of of x"}


IMAGINED = "unrolled GANs cannot imagine their discriminator's steps"
ADAM = (
    "keras_gen.optimizers.Adam cannot find a variable's moments: fall back "
    "to Keras' own step"
)
V1 = "InceptionV3 of 2015, a frozen graph, cannot be run: no classic FID"


def _actions():
    """All that a parser takes, which argparse does not list in public."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--out")
    assert [action.dest for action in parser._actions] == ["help", "out"]


LEANS = [
    Lean(
        "cli/completion.py", "_actions", "keras-gen completion fails",
        _actions,
    ),
    Lean(
        "objectives/base/objective.py", "_maybe_symbolic_build",
        "with several workers fit reduces a batch, a dict, and fails",
        _symbolic_build, "tensorflow",
    ),
    Lean(
        "backend/gradients.py", "_all_reduce_sum_gradients",
        "gradients are summed over replicas twice: steps too long",
        _all_reduce, "tensorflow",
    ),
    Lean(
        "objectives/base/compiles.py", "_trainable_variables",
        "an optimizer of other variables fails in the middle of a step",
        _trainable_variables,
    ),
    Lean(
        "backend/without_tensorflow.py", "keras.src.utils.module_utils",
        "on PyTorch, loading a model imports TensorFlow, for seconds",
        _available,
    ),
    Lean(
        "backend/without_tensorflow.py", "_available",
        "on PyTorch, loading a model imports TensorFlow, for seconds",
        _available,
    ),
    Lean(
        "objectives/base/streams.py", "keras.src.trainers.data_adapters",
        "batches of tf.data, PyDataset, DataLoader and generators are not "
        "checked, and fit refuses them",
        _data_adapters,
    ),
    Lean(
        "layers/folded.py", "_run_through_graph",
        "batch normalization is not folded: call the network itself there",
        _run_through_graph,
    ),
    Lean(
        "export/noise_inputs.py", "_run_through_graph",
        "no page, no ONNX and no LiteRT of networks that draw dropout",
        _run_through_graph,
    ),
    Lean("optimizers.py", "_get_variable_index", ADAM, _slots),
    Lean("optimizers.py", "_momentums", ADAM, _slots),
    Lean("optimizers.py", "_velocities", ADAM, _slots),
    Lean(
        "objectives/base/imagined.py", "_get_variable_index", IMAGINED, _slots
    ),
    Lean("objectives/base/imagined.py", "_momentums", IMAGINED, _slots),
    Lean("objectives/base/imagined.py", "_velocities", IMAGINED, _slots),
    Lean(
        "optimizers.py", "_parallel_update_step",
        "Adam on PyTorch takes Keras' step: slower, the numbers stay",
        _parallel, "torch",
    ),
    Lean(
        "export/lint.py", "tensorflow.python.framework",
        "an export's operations with state are not found", _op_registry,
        "tensorflow",
    ),
    Lean(
        "export/lint.py", "_XlaMustCompile",
        "an export that must be compiled by XLA is not refused", _xla_mark,
        "tensorflow",
    ),
    Lean(
        "export/lint.py", "tensorflow.core.protobuf",
        "exports cannot be read, so not checked", _saved_model_proto,
        "tensorflow",
    ),
    Lean(
        "serving/servable.py", "tensorflow.core.protobuf",
        "the server cannot read signatures", _saved_model_proto,
        "tensorflow",
    ),
    Lean(
        "serving/tensor_protos.py", "tensorflow.core.framework",
        "the server's gRPC cannot read dtypes", _types_proto, "tensorflow",
    ),
    Lean(
        "evaluation/inception_graph.py", "tf.compat.v1", V1, _frozen_graph,
        "tensorflow",
    ),
    Lean(
        "training/devices/__init__.py", "tensorflow.python.eager",
        "a worker that is silent for ten seconds is given up", _patience,
        "tensorflow",
    ),
]
# By name no private, but not promised either: the search cannot find these.
UNPROMISED = [
    Lean(
        "optimizers.py", "torch.optim.adam.adam", "Adam on PyTorch fails",
        _torch_adam, "torch",
    ),
    Lean(
        "backend/normalize.py", "torch.native_batch_norm",
        "batch and instance normalisation on PyTorch fail", _torch_norm,
        "torch",
    ),
    Lean(
        "objectives/base/evaluates.py", "CallbackList.callbacks",
        "evaluate gives the last batch's losses, not their means",
        _callbacks,
    ),
    Lean(
        "training/diagnosis.py", 'vars(layer)["call"]',
        "a NaN's layer is not named", _instance_call,
    ),
]
