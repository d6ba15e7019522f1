"""TensorProto messages of gRPC requests as arrays."""

import math

import tensorflow as tf
from tensorflow.core.framework import types_pb2

from keras_gen.serving.errors import ServingError, invalid
from keras_gen.serving.signatures import STRING


def arrays(protos, inputs, most):
    """The arrays of a request. Nothing is converted.

    A few bytes can announce any size: dtypes and shapes are checked before
    memory is taken.

    Args:
        protos: TensorProto by name.
        inputs: `Spec` by name, of the signature; the same names.
        most: bytes that one array may take.

    Returns:
        Arrays by name; bytes in object arrays.

    Raises:
        ServingError: INVALID_ARGUMENT; RESOURCE_EXHAUSTED: too large.
    """
    return {
        name: _array(name, protos[name], spec, most)
        for name, spec in inputs.items()
    }


def _array(name, proto, spec, most):
    shape = tuple(dim.size for dim in proto.tensor_shape.dim)
    if proto.tensor_shape.unknown_rank or min(shape, default=0) < 0:
        raise invalid(f'input "{name}" has no complete shape')
    spec.check(name, _dtype_name(proto.dtype), shape)
    size = _size(proto, math.prod(shape), spec.dtype)
    if size > most:
        raise ServingError(
            "RESOURCE_EXHAUSTED",
            f'input "{name}" has {size} bytes, the limit is {most}',
        )
    try:
        return tf.make_ndarray(proto)
    except (TypeError, ValueError, IndexError, OverflowError) as error:
        raise invalid(f'input "{name}" cannot be read: {error}') from error


def _dtype_name(number):
    """DT_INT64 as int64, as messages name it."""
    names = types_pb2.DataType.DESCRIPTOR.values_by_number
    if number not in names:
        return str(number)
    return names[number].name.removeprefix("DT_").lower()


def _size(proto, count, dtype):
    """Bytes of the array; values that are left out repeat the last one."""
    if dtype != STRING:
        return count * dtype.itemsize
    lengths = [len(value) for value in proto.string_val] or [0]
    # An array has a pointer for each value, too.
    return 8 * count + sum(lengths) + (count - len(lengths)) * lengths[-1]
