"""Layers by which a discriminator sees each row beside the others of its
batch, so that fakes that are all alike give themselves away.

Real and fake rows must come in passes of their own, as games here do: in one
batch they would be compared with each other. Where several replicas train,
the batch is that of all of them together.
"""

from typing import Any

import keras
from keras import ops

from keras_gen.accepted import at_least
from keras_gen.backend import noise, replication
from keras_gen.errors import InputError


class Minibatch(keras.layers.Layer):
    """What both share. They compute the same in training and in inference:
    a row is judged by those that it comes with.

    Attributes:
        mixes_rows: see `keras_gen.objectives.base.tensors.mixing_layer`.
        without: how networks are built that lack it, for messages.
    """

    mixes_rows = True
    without = "minibatch='none'"

    def all_rows(self, x: Any) -> Any:
        """The rows of the whole batch, those of other replicas included."""
        return replication.all_rows(x, noise.current().replicas)

    def own_rows(self, x: Any, rows: Any) -> Any:
        """This replica's `rows` of the whole batch."""
        return replication.own_rows(x, rows, noise.current().replica)


@keras.saving.register_keras_serializable(package="keras_gen")
class MinibatchDiscrimination(Minibatch):
    """Appends to each row how near the others are, by learnt distances.

    Of features f(x_i), M_i = f(x_i) T with T (A, B, C), a row gets the B
    numbers o_b = sum over j != i of exp(-|M_ib - M_jb|_1), plus a bias. In a
    batch of n equal rows each is n - 1, the most there is.

    Input: (n, A), any range. Output: (n, A + B). Memory grows with n^2 B C.

    Args:
        kernels: B, distances that are learnt.
        kernel_dim: C, numbers in a vector that is compared.

    Raises:
        InputError: numbers below 1, or inputs that are no rows of features.

    Paper: Salimans et al., 1606.03498, section 3.2. As in its authors' code
    biases start at -1; that code also normalizes the columns of T and fits
    their lengths to the first batch. Here they start with length 1, about.
    """

    def __init__(self, kernels: int = 100, kernel_dim: int = 5, **kwargs):
        super().__init__(**kwargs)
        at_least(1, kernels=kernels, kernel_dim=kernel_dim)
        self.kernels, self.kernel_dim = kernels, kernel_dim

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        if len(input_shape) != 2:
            raise InputError(
                "MinibatchDiscrimination takes rows of features (n, A), got "
                f"the shape {tuple(input_shape)}: put a Flatten before it"
            )
        self.kernel = self.add_weight(
            name="kernel", initializer="lecun_normal",
            shape=(input_shape[-1], self.kernels * self.kernel_dim),
        )
        self.bias = self.add_weight(
            name="bias", shape=(self.kernels,),
            initializer=keras.initializers.Constant(-1.0),
        )

    def call(self, inputs: Any) -> Any:
        # In float32: an exponential tells small differences of large sums.
        vectors = ops.cast(ops.matmul(inputs, self.kernel), "float32")
        vectors = ops.reshape(vectors, (-1, self.kernels, self.kernel_dim))
        others = self.all_rows(vectors)
        apart = ops.sum(ops.abs(vectors[:, None] - others[None]), axis=-1)
        # A row is at distance 0 from itself, which does not count.
        near = ops.sum(ops.exp(-apart), axis=1) - 1.0
        near = near + ops.cast(self.bias, "float32")
        return ops.concatenate([inputs, ops.cast(near, inputs.dtype)], axis=-1)

    def compute_output_shape(
        self, input_shape: tuple[int | None, ...]
    ) -> tuple[int | None, ...]:
        return (*input_shape[:-1], input_shape[-1] + self.kernels)

    def get_config(self) -> dict:
        return {
            **super().get_config(), "kernels": self.kernels,
            "kernel_dim": self.kernel_dim,
        }


@keras.saving.register_keras_serializable(package="keras_gen")
class MinibatchDeviation(Minibatch):
    """Appends a map that is the same number at each place: how much the
    features vary over a group of rows.

    It is the standard deviation over the group of each feature at each place,
    averaged over all of them; 1e-4, in place of 0, where rows are equal.

    Input: (n, ..., channels), any range. Output: (n, ..., channels + 1).

    Args:
        group: rows that are compared, which follow each other in the batch,
            so that replicas that hold such rows find the same groups. Where
            it does not divide the rows, the least larger number that does,
            and all rows where there are fewer: groups of one would say
            nothing.

    Raises:
        InputError: a group of less than 2.

    Paper: Karras et al., 1710.10196, section 3; groups of 4 as in its
    authors' code, whose groups are of rows far from each other.
    """

    def __init__(self, group: int = 4, **kwargs):
        super().__init__(**kwargs)
        at_least(2, group=group)
        self.group = group
        self.built = True

    def call(self, inputs: Any) -> Any:
        rows = self.all_rows(inputs)
        count = rows.shape[0] or ops.shape(rows)[0]
        size = group_size(count, self.group)
        groups = ops.reshape(
            ops.cast(rows, "float32"), (count // size, size, -1)
        )
        # The square root has no derivative at 0, where all rows are equal.
        found = ops.sqrt(ops.var(groups, axis=1, keepdims=True) + 1e-8)
        found = ops.mean(found, axis=-1)
        found = ops.reshape(
            ops.broadcast_to(found, (count // size, size)), (-1,)
        )
        found = self.own_rows(found, ops.shape(inputs)[0])
        found = ops.reshape(found, (-1, *(1 for _ in inputs.shape[1:])))
        maps = ops.ones_like(inputs[..., :1]) * ops.cast(found, inputs.dtype)
        return ops.concatenate([inputs, maps], axis=-1)

    def compute_output_shape(
        self, input_shape: tuple[int | None, ...]
    ) -> tuple[int | None, ...]:
        return (*input_shape[:-1], input_shape[-1] + 1)

    def get_config(self) -> dict:
        return {**super().get_config(), "group": self.group}


def group_size(rows: Any, least: int) -> Any:
    """The least divisor of `rows` from `least` on; all rows where they are
    fewer. Both whole numbers; rows may be a scalar tensor, and so the
    result."""
    if isinstance(rows, int):
        fitting = (n for n in range(least, rows) if rows % n == 0)
        return next(fitting, rows)
    sizes = ops.arange(1, rows + 1)
    fits = ops.logical_and(rows % sizes == 0, sizes >= least)
    return ops.min(ops.where(fits, sizes, rows))
