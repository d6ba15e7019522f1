"""What a signature takes and gives, and whether tensors fit it."""

import dataclasses

import numpy as np

from keras_gen.serving.errors import ServingError, invalid

STRING = np.dtype(object)
# As TensorFlow Serving's messages name them.
_NAMES = {"float32": "float", "float64": "double", "float16": "half",
          "object": "string"}


def dtype_name(dtype):
    """A NumPy dtype as TensorFlow Serving names it."""
    return _NAMES.get(dtype.name, dtype.name)


@dataclasses.dataclass(frozen=True)
class Spec:
    """One tensor of a signature.

    Attributes:
        dtype: NumPy dtype; `STRING` for bytes.
        shape: tuple with None for what is free; None for any rank.
    """

    dtype: np.dtype
    shape: tuple | None

    def check(self, name, dtype, shape):
        """INVALID_ARGUMENT unless a tensor `name` of this shape and dtype, by
        its name, fits. Nothing is converted."""
        if dtype != dtype_name(self.dtype):
            raise invalid(
                f'input "{name}" is expected to be {dtype_name(self.dtype)} '
                f"but {dtype} is provided"
            )
        self.check_shape(name, shape)

    def check_shape(self, name, shape):
        """INVALID_ARGUMENT unless a tensor `name` of this shape fits."""
        if self.shape is None:
            return
        fits = len(shape) == len(self.shape) and all(
            wanted in (None, given)
            for wanted, given in zip(self.shape, shape)
        )
        if not fits:
            raise invalid(
                f'input "{name}" is expected to have shape '
                f"{_shape(self.shape)} but {_shape(shape)} is provided"
            )

    @property
    def batched(self):
        """Whether the first dimension is free."""
        return bool(self.shape) and self.shape[0] is None


@dataclasses.dataclass(frozen=True)
class Signature:
    """A signature of a SavedModel.

    Attributes:
        inputs, outputs: `Spec` by name.
        method: the SignatureDef's method_name.
    """

    inputs: dict
    outputs: dict
    method: str

    @property
    def batched(self):
        """Whether rows of different requests can run as one batch."""
        specs = [*self.inputs.values(), *self.outputs.values()]
        return all(spec.batched for spec in specs)

    def check_names(self, names):
        """INVALID_ARGUMENT unless the names are those of the inputs."""
        extra = set(names) - set(self.inputs)
        missing = set(self.inputs) - set(names)
        if extra or missing:
            raise invalid(
                "inputs do not match the signature. Sent extra: "
                f"{{{','.join(sorted(extra))}}}. Missing but required: "
                f"{{{','.join(sorted(missing))}}}."
            )

    def check(self, tensors, most):
        """Checks a request's tensors.

        Args:
            tensors: arrays by name.
            most: the largest number of rows.

        Returns:
            The number of rows, or None where no input has a free first
            dimension.

        Raises:
            ServingError: names, dtypes, ranks or known dimensions differ,
                or there are too many rows.
        """
        self.check_names(tensors)
        for name, spec in self.inputs.items():
            tensor = tensors[name]
            spec.check(name, dtype_name(tensor.dtype), tensor.shape)
        rows = {
            len(tensors[name]) for name, spec in self.inputs.items()
            if spec.batched
        }
        if len(rows) > 1:
            raise invalid(
                "Batching Run() input tensors must have equal 0th-dimension "
                f"size, got {' and '.join(map(str, sorted(rows)))}"
            )
        if rows and max(rows) > most:
            raise invalid(
                f"Task size {max(rows)} is larger than maximum input batch "
                f"size {most}"
            )
        return rows.pop() if rows else None

    def chosen(self, names):
        """The outputs that a request asks for, all if it names none."""
        for name in names:
            if name not in self.outputs:
                raise invalid(
                    f"output tensor alias not found in signature: {name} "
                    "Outputs expected to be in the set "
                    f"{{{','.join(sorted(self.outputs))}}}."
                )
        if len(set(names)) < len(names):
            raise invalid(f"duplicate output tensor alias in {list(names)}")
        return list(names) or sorted(self.outputs)


class Unknown(ServingError):
    """A signature that the model does not have; the two protocols of
    TensorFlow Serving answer differently."""

    def __init__(self, name):
        super().__init__(
            "FAILED_PRECONDITION", f'Serving signature key "{name}" not found.'
        )
        self.name = name


def _shape(shape):
    sizes = ("?" if size is None else str(size) for size in shape)
    return f"[{','.join(sizes)}]"
