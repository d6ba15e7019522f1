"""The JSON of a predict request as arrays.

Bytes in, arrays or a `ServingError` out; no web, no TensorFlow.
https://www.tensorflow.org/tfx/serving/api_rest
"""

import base64
import binascii
import json
import math
import reprlib
from itertools import chain

import numpy as np

from keras_gen.serving.errors import invalid
from keras_gen.serving.signatures import dtype_name

_TYPES = {dict: "Object", list: "Array", str: "String", bool: "Boolean",
          int: "Number", float: "Number", type(None): "Null"}
# What JSON may hold for each kind of dtype: whole numbers pass for floats,
# true and false for nothing else.
_ACCEPTED = {"f": {int, float}, "i": {int}, "u": {int}, "b": {bool},
             "O": {str, dict}}
# NumPy's arrays have no more dimensions.
_MOST_LEVELS = 32


class Request:
    """The body of a predict request.

    Attributes:
        signature_name: "serving_default" if the body names none.
        row: whether it came as `instances`, to be answered by `predictions`,
            else as `inputs`, to be answered by `outputs`.
    """

    def __init__(self, body):
        """Parses bytes.

        Raises:
            ServingError: INVALID_ARGUMENT.
        """
        self._document = parse(body)
        name = self._document.get("signature_name", "")
        if not isinstance(name, str):
            raise invalid(
                "JSON not formatted correctly. 'signature_name' key must be "
                "a string value."
            )
        self.signature_name = name or "serving_default"
        self.row = "instances" in self._document

    def tensors(self, inputs):
        """The request's arrays.

        Args:
            inputs: `Spec` by name, of the signature.

        Returns:
            Arrays of the specs' dtypes by name; bytes in object arrays.

        Raises:
            ServingError: INVALID_ARGUMENT, also for a dtype that JSON cannot
                hold.
        """
        if not self.row and "inputs" not in self._document:
            raise invalid("Missing 'inputs' or 'instances' key")
        if self.row and "inputs" in self._document:
            raise invalid(
                "JSON not formatted correctly, expecting only one of "
                "'inputs' or 'instances' keys to exist"
            )
        if not inputs:
            raise invalid("Failed to get input map: the signature has none")
        if self.row:
            values = _columns(self._document["instances"], inputs)
        else:
            values = _named(self._document["inputs"], inputs)
        return {
            name: array(value, inputs[name].dtype)
            for name, value in values.items()
        }


def parse(body):
    """The object that a body has as JSON, with the tokens NaN and Infinity.

    Raises:
        ServingError: INVALID_ARGUMENT.
    """
    if not body:
        raise invalid("JSON Parse error: The document is empty")
    try:
        # Not orjson, which refuses the tokens NaN and Infinity.
        document = json.loads(body.decode("utf-8-sig"), parse_float=_float)
    except json.JSONDecodeError as error:
        raise invalid(
            f"JSON Parse error: {error.msg} at offset: {error.pos}"
        ) from error
    except UnicodeDecodeError as error:
        raise invalid(
            f"JSON Parse error: not UTF-8 at offset: {error.start}"
        ) from error
    except (ValueError, RecursionError) as error:
        raise invalid(f"JSON Parse error: {error}") from error
    if not isinstance(document, dict):
        raise invalid(f"JSON Value: {short(document)} Is not object")
    return document


def _float(text):
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"number too big to be stored in double: {text[:40]}")
    return number


def _columns(instances, inputs):
    """Lists of rows as a list for each input."""
    if not isinstance(instances, list):
        raise invalid("Expecting 'instances' to be a list/array")
    if not instances:
        raise invalid("No values in 'instances' array")
    named = [isinstance(x, dict) and not _is_base64(x) for x in instances]
    if not any(named):
        if len(inputs) > 1:
            raise invalid(
                "instances is a plain list, but expecting list of objects as "
                "multiple input tensors are required: "
                f"{','.join(sorted(inputs))}"
            )
        return {name: instances for name in inputs}
    if not all(named):
        raise invalid(
            "Expecting object but got list or value at item "
            f"{named.index(False)} of 'instances' list"
        )
    for i, instance in enumerate(instances):
        if instance.keys() != inputs.keys():
            raise invalid(
                f"Failed to process element: {i} of 'instances' list. JSON "
                f"object: {short(instance)} keys must be equal to: "
                f"{','.join(sorted(inputs))}"
            )
    return {name: [x[name] for x in instances] for name in inputs}


def _named(value, inputs):
    """The value of `inputs` as a value for each input."""
    if not isinstance(value, dict) or _is_base64(value):
        if len(inputs) > 1:
            raise invalid(
                "inputs is a plain value/list, but expecting an object as "
                "multiple input tensors are required: "
                f"{','.join(sorted(inputs))}"
            )
        return {name: value for name in inputs}
    for name in sorted(inputs.keys() - value.keys()):
        raise invalid(f"Missing named input: {name} in 'inputs' object.")
    for name in sorted(value.keys() - inputs.keys()):
        raise invalid(
            f"'inputs' object has {short(name)}, which is no input: "
            f"{','.join(sorted(inputs))}"
        )
    return value


def array(value, dtype, strings=None):
    """Nested lists as an array; level by level, so that no nesting is too
    deep and each check runs over all values at once.

    Args:
        strings: "text" or "base64" where strings of bytes are nothing else;
            None: text, or {"b64": base64}.

    Raises:
        ServingError: INVALID_ARGUMENT.
    """
    shape, level = [], [value]
    while list in (types := set(map(type, level))):
        if len(types) > 1:
            odd = next(x for x in level if type(x) is not list)
            raise invalid(
                f"JSON Value: {short(odd)} found at incorrect level: "
                f"{len(shape)} in the JSON DOM, where there are lists"
            )
        sizes = set(map(len, level))
        if len(sizes) > 1:
            raise invalid(
                "Encountered lists of unexpected sizes: "
                f"{' and '.join(map(str, sorted(sizes)))} at level: "
                f"{len(shape)}; all must have the same"
            )
        shape += sizes
        if len(shape) > _MOST_LEVELS:
            raise invalid(f"lists are nested in more than {_MOST_LEVELS}")
        level = list(chain.from_iterable(level))
    if dtype.kind not in _ACCEPTED or dtype.name == "float16":
        raise invalid(
            f"JSON cannot hold {dtype_name(dtype)}: send it over gRPC"
        )
    accepted = {str} if strings else _ACCEPTED[dtype.kind]
    if not types <= accepted:
        odd = next(x for x in level if type(x) not in accepted)
        raise invalid(
            f"JSON Value: {short(odd)} Type: {_TYPES[type(odd)]} is not of "
            f"expected type: {dtype_name(dtype)}"
        )
    if strings == "base64":
        level = [{"b64": text} for text in level]
    convert = {"f": _floats, "i": _integers, "u": _integers, "b": np.array,
               "O": _strings}[dtype.kind]
    return convert(level, dtype).reshape(shape)


def _integers(level, dtype):
    info = np.iinfo(dtype)
    for odd in (min(level, default=0), max(level, default=0)):
        if not info.min <= odd <= info.max:
            raise invalid(
                f"JSON Value: {short(odd)} Type: Number is not of expected "
                f"type: {dtype_name(dtype)}, which ends at {info.min} and "
                f"{info.max}"
            )
    return np.array(level, dtype)


def _floats(level, dtype):
    info = np.finfo(dtype)
    # Whole numbers above this have neighbours that read the same.
    most = 2 ** (info.nmant + 1) - 1
    whole = [x for x in level if type(x) is int]
    for odd in (min(whole, default=0), max(whole, default=0)):
        if abs(odd) > most:
            raise _lossy(odd, dtype)
    numbers = np.array(level, "float64")
    large = np.isfinite(numbers) & (np.abs(numbers) > info.max)
    if large.any():
        raise _lossy(level[large.argmax()], dtype)
    return numbers.astype(dtype)


def _lossy(value, dtype):
    return invalid(
        f"Cannot convert JSON value: {short(value)} to {dtype_name(dtype)} "
        "without loss of precision."
    )


def _strings(level, dtype):
    array = np.empty(len(level), dtype)
    for i, value in enumerate(level):
        array[i] = _bytes(value)
    return array


def _bytes(value):
    if isinstance(value, str):
        try:
            return value.encode()
        except UnicodeEncodeError as error:
            raise invalid(
                f"JSON Value: {short(value)} is not Unicode"
            ) from error
    if not _is_base64(value):
        raise invalid(
            f"JSON Value: {short(value)} not formatted correctly for base64 "
            'data: expecting {"b64": "..."}'
        )
    # As TensorFlow Serving does: white space is skipped, and the padding at
    # the end may be left out.
    text = "".join(value["b64"].split())
    try:
        return base64.b64decode(
            text if text.endswith("=") else text + "=" * (-len(text) % 4),
            validate=True,
        )
    except (binascii.Error, ValueError) as error:
        raise invalid(f"Unable to base64 decode: {error}") from error


def _is_base64(value):
    return (
        isinstance(value, dict) and value.keys() == {"b64"}
        and isinstance(value["b64"], str)
    )


def short(value):
    """A value of JSON for a message, however large or deep it is."""
    if isinstance(value, (dict, list)):
        return reprlib.repr(value)
    if isinstance(value, str):
        value = value[:60]
    return json.dumps(value)[:80]
