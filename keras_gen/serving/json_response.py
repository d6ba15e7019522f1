"""The JSON that answers a predict request, out of arrays.

https://www.tensorflow.org/tfx/serving/api_rest
"""

import base64
import re

import numpy as np
import orjson

from keras_gen.serving.errors import invalid

_ODD = {"nan": b"NaN", "inf": b"Infinity", "-inf": b"-Infinity"}


def encode(outputs, row):
    """The body of the answer.

    Args:
        outputs: arrays by name.
        row: as of `json_request.Request`.

    Returns:
        Bytes. float32 numbers read back as the same float32; NaN and
        infinities are the tokens NaN, Infinity and -Infinity.

    Raises:
        ServingError: INVALID_ARGUMENT: JSON cannot hold the outputs, there
            are none, or they have different numbers of rows.
    """
    if not outputs:
        raise invalid("Cannot convert empty tensor map to JSON")
    alone = next(iter(outputs)) if len(outputs) == 1 else None
    if not row:
        made = {
            name: of_array(name, array) for name, array in outputs.items()
        }
        return orjson.dumps({"outputs": made[alone] if alone else made})
    sizes = {name: array.shape[:1] for name, array in outputs.items()}
    if () in sizes.values() or len(set(sizes.values())) > 1:
        raise invalid(
            f"outputs have no common number of rows ({sizes}): ask with "
            "'inputs' instead of 'instances'"
        )
    if alone:
        return orjson.dumps({"predictions": of_array(alone, outputs[alone])})
    (count,), *_ = sizes.values()
    return orjson.dumps({"predictions": [
        {name: of_array(name, array[i, ...])
         for name, array in outputs.items()}
        for i in range(count)
    ]})


def of_array(name, array):
    """An array of any rank as `orjson` writes it.

    Raises:
        ServingError: INVALID_ARGUMENT: JSON cannot hold it.
    """
    # A row of an array of bytes would become NumPy's padded bytes.
    dtype = object if isinstance(array, bytes) else None
    array = np.asarray(array, dtype, order="C")
    if array.dtype.kind == "O":
        values = np.empty_like(array)
        for i in np.ndindex(array.shape):
            values[i] = _string(name, array[i])
        return values.tolist()
    if array.dtype.kind not in "fiub":
        raise invalid(
            f"Failed to write JSON value for tensor type: {array.dtype.name}"
        )
    text = orjson.dumps(
        np.atleast_1d(array), option=orjson.OPT_SERIALIZE_NUMPY
    )
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        # orjson writes them as null, and nothing else.
        odd = iter(array[~np.isfinite(array)].tolist())
        text = re.sub(b"null", lambda _: _ODD[str(next(odd))], text)
    return orjson.Fragment(text if array.ndim else text[1:-1])


def _string(name, data):
    """Bytes where the name says so, else text."""
    if name.endswith("_bytes"):
        return {"b64": base64.b64encode(data).decode()}
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise invalid(
            f'output "{name}" is not UTF-8: ask over gRPC, or export it under '
            "a name that ends in _bytes"
        ) from error
