"""The JSON of the Open Inference Protocol, KServe's version 2.

Bytes in, arrays out, and back; no web, no TensorFlow.
https://github.com/kserve/open-inference-protocol
"""

import base64
import importlib
import math

import numpy as np
import orjson

from keras_gen.serving import json_request, json_response
from keras_gen.serving.errors import invalid

# As the protocol names NumPy's dtypes.
DATATYPES = {
    "bool": "BOOL", "object": "BYTES",
    "uint8": "UINT8", "uint16": "UINT16", "uint32": "UINT32",
    "uint64": "UINT64", "int8": "INT8", "int16": "INT16", "int32": "INT32",
    "int64": "INT64", "float16": "FP16", "float32": "FP32", "float64": "FP64",
}


class Request:
    """The body of an inference request.

    Attributes:
        signature_name: of its parameters, else "serving_default".
        outputs: names of the outputs that it asks for; none for all.
    """

    def __init__(self, body):
        """Parses bytes.

        Raises:
            ServingError: INVALID_ARGUMENT.
        """
        document = json_request.parse(body)
        self._id = _value(document, "id", str, "", "the request")
        parameters = _value(document, "parameters", dict, {}, "the request")
        name = _value(parameters, "signature_name", str, "", "parameters")
        self.signature_name = name or "serving_default"
        self._inputs = _named(document, "inputs")
        self.outputs = list(_named(document, "outputs"))
        for asked in (parameters, *_parameters(document)):
            if asked.keys() & {
                "binary_data", "binary_data_output", "binary_data_size",
            }:
                raise invalid(
                    "binary tensor data is not served: send and ask for JSON"
                )

    def tensors(self, signature):
        """The request's arrays.

        Args:
            signature: `Signature`.

        Returns:
            Arrays of its inputs' dtypes by name; bytes in object arrays.

        Raises:
            ServingError: INVALID_ARGUMENT.
        """
        signature.check_names(self._inputs)
        return {
            name: _array(self._inputs[name], name, spec)
            for name, spec in signature.inputs.items()
        }

    def answer(self, servable, outputs):
        """The body of the answer.

        Args:
            servable: the `Servable` that computed it.
            outputs: arrays by name.

        Raises:
            ServingError: INVALID_ARGUMENT: JSON cannot hold them.
        """
        return orjson.dumps({
            "model_name": servable.name,
            "model_version": str(servable.version),
            **({"id": self._id} if self._id else {}),
            "parameters": {"signature_name": self.signature_name},
            "outputs": [
                _output(name, array) for name, array in outputs.items()
            ],
        })


def server():
    """What the protocol tells of the server."""
    version = importlib.import_module("keras_gen").__version__
    return {"name": "keras_gen", "version": version, "extensions": []}


def metadata(name, versions, signature):
    """What the protocol tells of a model, of one of its signatures.

    Args:
        name: of the model.
        versions: numbers of those that are available.
        signature: `Signature`.
    """
    return {
        "name": name, "versions": [str(v) for v in versions],
        "platform": "tensorflow_savedmodel",
        "inputs": [_spec(*item) for item in signature.inputs.items()],
        "outputs": [_spec(*item) for item in signature.outputs.items()],
    }


def _spec(name, spec):
    # A tensor of any rank has no shape here.
    shape = [] if spec.shape is None else [
        -1 if size is None else size for size in spec.shape
    ]
    return {"name": name, "datatype": _datatype(spec.dtype), "shape": shape}


def _datatype(dtype):
    # Ours alone where the protocol has no name, such as bfloat16.
    return DATATYPES.get(dtype.name, dtype.name.upper())


def _value(document, key, kind, default, where):
    value = document.get(key, default)
    if not isinstance(value, kind):
        what = {str: "a string", dict: "an object", list: "a list"}[kind]
        raise invalid(f"'{key}' of {where} must be {what}")
    return value


def _named(document, key):
    """The tensors of a list by their names."""
    if key == "inputs" and key not in document:
        raise invalid("Missing 'inputs': a list of tensors")
    found = {}
    for entry in _value(document, key, list, [], "the request"):
        if not isinstance(entry, dict) or not isinstance(
            entry.get("name"), str
        ):
            raise invalid(f"'{key}' must be a list of objects with a 'name'")
        if entry["name"] in found:
            raise invalid(f"'{key}' has {entry['name']} twice")
        found[entry["name"]] = entry
    return found


def _parameters(document):
    for key in ("inputs", "outputs"):
        for entry in document.get(key, []):
            yield _value(entry, "parameters", dict, {}, entry["name"])


def _array(tensor, name, spec):
    wanted, datatype = _datatype(spec.dtype), tensor.get("datatype")
    if datatype != wanted:
        raise invalid(
            f'input "{name}" is expected to be of the datatype {wanted} but '
            f"{json_request.short(datatype)} is provided"
        )
    shape = _value(tensor, "shape", list, None, name)
    if any(type(size) is not int or size < 0 for size in shape):
        raise invalid(f"'shape' of {name} must be a list of whole numbers")
    spec.check_shape(name, tuple(shape))
    data = _value(tensor, "data", list, None, name)
    strings = wanted == "BYTES" and _strings(tensor, name)
    array = json_request.array(data, spec.dtype, strings)
    if array.size != math.prod(shape):
        raise invalid(
            f"'data' of {name} has {array.size} values, its shape "
            f"{math.prod(shape)}"
        )
    if array.ndim > 1 and list(array.shape) != shape:
        raise invalid(
            f"'data' of {name} must be flat, or nested as its shape {shape} "
            f"is: it is nested as {list(array.shape)}"
        )
    return array.reshape(shape)


def _strings(tensor, name):
    """How a tensor's strings are read, as `json_request.array` takes it."""
    kind = tensor.get("parameters", {}).get("content_type", "text")
    if kind not in ("text", "base64"):
        raise invalid(
            f"'content_type' of {name} must be base64, or left out for text"
        )
    return kind


def _output(name, array):
    made = {"name": name, "shape": list(array.shape),
            "datatype": _datatype(array.dtype)}
    flat = np.reshape(array, -1)
    if array.dtype.kind == "O" and name.endswith("_bytes"):
        made["parameters"] = {"content_type": "base64"}
        made["data"] = [base64.b64encode(x).decode() for x in flat]
    else:
        made["data"] = json_response.of_array(name, flat)
    return made
