"""Requests that TensorFlow Serving makes to itself when it has loaded a model,
so that the first user does not wait for what a first call sets up.

The file is TFRecords of `PredictionLog` messages. Their classes come with the
package tensorflow-serving-api, which an export should not need: the messages
are three nested tables, written here field by field in protobuf's wire format.
A test reads them with the official classes.
"""

from pathlib import Path

import numpy as np

FILE = "assets.extra/tf_serving_warmup_requests"


def write(folder: Path, model: str, requests: dict) -> None:
    """Writes the warm-up file of an export.

    Args:
        folder: the version's folder.
        model: name that the model is served under.
        requests: an `{input: array}` for each signature's name.
    """
    import tensorflow as tf

    file = folder / FILE
    file.parent.mkdir(parents=True)
    with tf.io.TFRecordWriter(str(file)) as records:
        for signature, inputs in requests.items():
            records.write(prediction_log(model, signature, inputs))


def prediction_log(
    model: str, signature: str, inputs: dict[str, np.ndarray]
) -> bytes:
    """A serialised `PredictionLog` with one `PredictRequest`."""
    import tensorflow as tf

    spec = _field(1, model.encode()) + _field(3, signature.encode())
    request = _field(1, spec)
    for name, value in inputs.items():
        tensor = tf.make_tensor_proto(value).SerializeToString()
        request += _field(2, _field(1, name.encode()) + _field(2, tensor))
    return _field(6, _field(1, request))


def _field(number, payload):
    """A length-delimited field: its number and wire type 2, length, bytes."""
    return bytes([number << 3 | 2]) + _varint(len(payload)) + payload


def _varint(value):
    """Seven bits a byte, the low ones first."""
    groups = b""
    while value > 127:
        groups += bytes([value & 127 | 128])
        value >>= 7
    return groups + bytes([value])
