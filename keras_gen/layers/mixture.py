"""A mixture of Gaussians as a layer: from standard normal numbers to its."""

import math
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_gen.accepted import at_least


@keras.saving.register_keras_serializable(package="keras_gen")
class Mixture(keras.layers.Layer):
    """Draws of a mixture of k Gaussians with full covariances: mean_j + L_j
    z of standard normal numbers z, where L_j L_j' is the covariance of
    component j, which another number chooses.

    It is not trained, but given a mixture by `assign`. Until then all
    components are N(0, I), and it returns z.

    Called with (normal, choice). Normal: float (n, d), rows of N(0, I).
    Choice: float (n,), uniform in (0, 1). Output: (n, d).

    Args:
        components: k.

    Raises:
        InputError: `components` is not at least 1.
    """

    exact = True  # see `keras_gen.layers.precision`

    def __init__(self, components: int, **kwargs):
        at_least(1, components=components)
        # Whatever the networks compute in: rounded, the same numbers would
        # choose other components, and make other pictures.
        super().__init__(**kwargs | {"dtype": "float32"})
        self.components = components

    def build(
        self, normal_shape: tuple[int | None, ...],
        choice_shape: tuple[int | None, ...],
    ) -> None:
        k, d = self.components, normal_shape[-1]
        self.shares = self._add("shares", (k,), np.full(k, 1 / k))
        self.means = self._add("means", (k, d), np.zeros((k, d)))
        self.factors = self._add(
            "factors", (k, d, d), np.tile(np.eye(d), (k, 1, 1))
        )

    def _add(self, name, shape, start):
        return self.add_weight(
            name=name, shape=shape, trainable=False,
            initializer=lambda shape, dtype: ops.cast(start, dtype),
        )

    def assign(
        self, shares: np.ndarray, means: np.ndarray, covariances: np.ndarray
    ) -> None:
        """Takes a mixture, such as a fitted `metrics.mixture`'s.

        Args:
            shares: (k,), above 0, of sum 1.
            means: (k, d).
            covariances: (k, d, d), positive definite.
        """
        self.shares.assign(shares)
        self.means.assign(means)
        self.factors.assign(np.linalg.cholesky(covariances))

    def call(self, normal: Any, choice: Any) -> Any:
        # Not by their sum being 1, which published weights are rounded from.
        ends = ops.cumsum(self.shares)
        beyond = choice[:, None] * ends[-1] >= ends[None, :-1]
        chosen = ops.one_hot(
            ops.sum(ops.cast(beyond, "int32"), axis=1), self.components,
            dtype=self.compute_dtype,
        )
        k, d = self.means.shape
        # All components, by one product: the factors of each row's own would
        # take d x d numbers a row.
        factors = ops.transpose(self.factors, (2, 0, 1))
        every = ops.matmul(normal, ops.reshape(factors, (d, k * d)))
        every = ops.reshape(every, (-1, k, d)) + self.means
        return ops.sum(chosen[:, :, None] * every, axis=1)

    def log_density(self, rows: Any) -> Any:
        """The mixture's log-density at rows (n, d), in nats: (n,)."""
        k, d = self.means.shape
        centred = ops.transpose(rows[None] - self.means[:, None], (0, 2, 1))
        white = ops.solve_triangular(self.factors, centred, lower=True)
        scales = ops.diagonal(self.factors, axis1=1, axis2=2)
        joint = (
            ops.log(self.shares / ops.sum(self.shares))
            - ops.sum(ops.log(scales), axis=1)
        )[:, None] - 0.5 * ops.sum(white**2, axis=1)
        return ops.logsumexp(joint, axis=0) - 0.5 * d * math.log(2 * math.pi)

    def compute_output_shape(
        self, normal_shape: tuple[int | None, ...],
        choice_shape: tuple[int | None, ...],
    ) -> tuple[int | None, ...]:
        return normal_shape

    def get_config(self) -> dict:
        return {**super().get_config(), "components": self.components}
