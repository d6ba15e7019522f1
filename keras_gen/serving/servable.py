"""One loaded version of a model."""

import itertools
import os
import time

import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2
from tensorflow_serving.apis import prediction_log_pb2

from keras_gen.export import difference, lint, warm_up
from keras_gen.serving import batching, tensor_protos
from keras_gen.serving.errors import ServingError, of_tensorflow
from keras_gen.serving.signatures import Signature, Spec, Unknown

_MOST_WARM_UP_RECORDS = 1000
_serials = itertools.count()


class Servable:
    """A SavedModel, ready to answer.

    Attributes:
        name, version: of the model.
        signature_defs: SignatureDef by name, for the metadata.
        signatures: `Signature` by name.
        limits: `Limits`.
        seconds: what loading took.
        serial: a number that no other `Servable` of this process has.
        repeatable: whether equal requests have equal answers; see
            `lint.keeps_no_state`.
        precision: "float32", or what the export says that it computes in.
    """

    def __init__(self, name, version, path, limits):
        """Loads the SavedModel in the folder `path` and replays its warm-up
        requests.

        Raises:
            ServingError: it cannot be loaded, or a warm-up request fails.
        """
        start = time.monotonic()
        self.name, self.version, self.limits = name, version, limits
        self.serial = next(_serials)
        try:
            self.signature_defs = _signature_defs(path)
            label = difference.read(path) or {"precision": "float32"}
            self.precision = label["precision"]
            self.repeatable = lint.keeps_no_state(path)
            self._loaded = tf.saved_model.load(str(path), tags=["serve"])
            self.signatures = {
                key: _signature(self.signature_defs[key])
                for key in self._loaded.signatures
            }
            self._functions = {
                key: _Function(self._loaded.signatures[key], signature, limits)
                for key, signature in self.signatures.items()
            }
            self._warm_up(path)
        except tf.errors.OpError as error:
            raise of_tensorflow(error) from error
        except ServingError:
            raise
        except OSError as error:
            raise ServingError("NOT_FOUND", str(error)) from error
        except Exception as error:
            # TensorFlow raises nearly anything at a damaged SavedModel.
            raise ServingError(
                "UNKNOWN", f"{type(error).__name__}: {error}"
            ) from error
        self.seconds = time.monotonic() - start

    def signature(self, name):
        """The `Signature` of that name, "serving_default" for "".

        Raises:
            Unknown: there is none.
        """
        name = name or "serving_default"
        if name not in self.signatures:
            raise Unknown(name)
        return self.signatures[name]

    def run(self, name, tensors):
        """Answers one request.

        Args:
            name: of the signature; it exists.
            tensors: arrays by name; bytes in object arrays.

        Returns:
            Arrays by name.

        Raises:
            ServingError: the tensors do not fit, the queue is full, or the
                model refuses them.
        """
        signature = self.signatures[name]
        rows = signature.check(tensors, self.limits.batching.max_batch_size)
        try:
            return self._functions[name](tensors, rows)
        except tf.errors.OpError as error:
            raise of_tensorflow(error) from error

    def _warm_up(self, path):
        file = os.path.join(path, warm_up.FILE)
        if not os.path.exists(file):
            return
        records = tf.data.TFRecordDataset(file).as_numpy_iterator()
        for count, record in enumerate(records):
            if count == _MOST_WARM_UP_RECORDS:
                raise ServingError(
                    "INVALID_ARGUMENT",
                    "Number of warmup records exceeds the maximum "
                    f"({_MOST_WARM_UP_RECORDS})",
                )
            log = prediction_log_pb2.PredictionLog.FromString(record)
            if log.HasField("predict_log"):
                request = log.predict_log.request
                key = request.model_spec.signature_name or "serving_default"
                signature = self.signature(key)
                signature.check_names(request.inputs)
                self.run(key, tensor_protos.arrays(
                    request.inputs, signature.inputs,
                    self.limits.max_body_bytes,
                ))


class _Function:
    """A signature's function, from arrays to arrays."""

    def __init__(self, function, signature, limits):
        self.names = list(signature.inputs)
        self.dtypes = [
            tf.as_dtype(spec.dtype) for spec in signature.inputs.values()
        ]
        specs = [
            tf.TensorSpec(spec.shape, dtype) for spec, dtype
            in zip(signature.inputs.values(), self.dtypes)
        ]
        self.alone = tf.function(
            lambda *tensors: function(**dict(zip(self.names, tensors))),
            autograph=False,
        ).get_concrete_function(*specs)
        self.outputs = sorted(self.alone.structured_outputs)
        self.batched = None
        if limits.enable_batching and signature.batched:
            self.batched = batching.batched(self.alone, limits.batching)

    def __call__(self, arrays, rows):
        tensors = [
            tf.constant(arrays[name], dtype)
            for name, dtype in zip(self.names, self.dtypes)
        ]
        found = None
        if self.batched and rows:
            found = self._in_a_batch(tensors)
        if found is None:
            results = self.alone(*tensors)
            found = [results[name] for name in self.outputs]
        # A scalar of bytes would lose its trailing zeros in another dtype.
        return {
            name: np.asarray(tensor.numpy(), tensor.dtype.as_numpy_dtype)
            for name, tensor in zip(self.outputs, found)
        }

    def _in_a_batch(self, tensors):
        """The outputs, or None where the batch failed: the error may be
        another client's, and is found by running each request alone."""
        try:
            return self.batched(*tensors)
        except tf.errors.UnavailableError as error:
            raise ServingError(
                "RESOURCE_EXHAUSTED", of_tensorflow(error).message
            ) from error
        except tf.errors.OpError:
            return None


def _signature_defs(path):
    """The SignatureDefs of the graph for serving."""
    model = saved_model_pb2.SavedModel()
    with open(os.path.join(path, "saved_model.pb"), "rb") as file:
        model.ParseFromString(file.read())
    for graph in model.meta_graphs:
        if "serve" in graph.meta_info_def.tags:
            return dict(graph.signature_def)
    raise ServingError("NOT_FOUND", "no graph with the tag 'serve'")


def _signature(definition):
    return Signature(
        {key: _spec(definition.inputs[key])
         for key in sorted(definition.inputs)},
        {key: _spec(definition.outputs[key])
         for key in sorted(definition.outputs)},
        definition.method_name,
    )


def _spec(info):
    shape = None
    if not info.tensor_shape.unknown_rank:
        shape = tuple(
            None if dim.size < 0 else dim.size for dim in info.tensor_shape.dim
        )
    dtype = tf.as_dtype(info.dtype)
    return Spec(np.dtype(dtype.as_numpy_dtype), shape)
