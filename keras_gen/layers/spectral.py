"""Spectral normalization: linear layers whose matrix has norm 1.

Miyato et al. 2018, https://arxiv.org/abs/1802.05957. The layer's kernel W,
(..., outputs), is a matrix with a column for each output. What multiplies is
W / sigma, where sigma = |W u| is the largest singular value as far as u, the
singular vector that one power iteration a training pass follows, is right.
The gradient goes through sigma, with u as a constant: that is the paper's
equation 12. `keras.layers.SpectralNormalization` is another thing: it assigns
W / sigma to the trained kernel and stops the gradient at sigma.

It is the matrix that has norm 1: as a map of pictures, a convolution's norm
is between 1 and kernel size / stride.
"""

from typing import Any

import keras
from keras import ops

from keras_gen.backend import moving_statistics
from keras_gen.layers.convolutions import Conv2D


def _unit(vector):
    # A kernel of zeros has no direction, and no gradient at its length.
    return vector * ops.rsqrt(ops.sum(ops.square(vector)) + 1e-12)


class Spectral:
    """What the layers below add to those they are made of, which each name
    their matrix's variable.

    They have one more variable, u (outputs,), which moves in training passes
    unless `moving_statistics.freeze` names it: it follows its own player's
    steps only.
    """

    # The attribute that holds the matrix's variable, and its name.
    _matrix_name = "kernel"

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        self.u = self.add_weight(
            name="u", shape=(self._variable.shape[-1],), trainable=False,
            initializer=keras.initializers.RandomNormal(0.0, 1.0),
            autocast=False,
        )

    def add_weight(self, *args: Any, **kwargs: Any) -> keras.Variable:
        # sigma is computed of all the digits, whatever the layer computes in.
        if kwargs.get("name") == self._matrix_name:
            kwargs["autocast"] = False
        return super().add_weight(*args, **kwargs)

    @property
    def _variable(self):
        return getattr(self, f"_{self._matrix_name}")

    def _as_matrix(self):
        matrix = ops.convert_to_tensor(self._variable)
        return ops.reshape(matrix, (-1, matrix.shape[-1]))

    def sigma(self) -> Any:
        """The largest singular value of the matrix as u has it, float32."""
        # Averaged over training, u has not length 1.
        u = ops.stop_gradient(_unit(ops.convert_to_tensor(self.u)))
        reached = ops.matmul(self._as_matrix(), u[:, None])
        return ops.sqrt(ops.sum(ops.square(reached)) + 1e-12)

    def iterate(self, times: int = 1) -> None:
        """Moves u by power iterations."""
        matrix = ops.stop_gradient(self._as_matrix())
        u = _unit(ops.convert_to_tensor(self.u))
        for _ in range(times):
            v = _unit(ops.matmul(matrix, u[:, None])[:, 0])
            u = _unit(ops.matmul(v[None], matrix)[0])
        self.u.assign(u)

    def normalized(self) -> Any:
        """W / sigma in the precision that the layer computes in."""
        matrix = ops.convert_to_tensor(self._variable) / self.sigma()
        return ops.cast(matrix, self.compute_dtype)

    def call(self, inputs: Any, training: bool = False) -> Any:
        if training and self.trainable and not moving_statistics.frozen(self.u):
            self.iterate()
        return self._linear(inputs, training)

    def _linear(self, inputs, training):
        return super().call(inputs)

    # Keras' own write and read the kernel and the bias, and nothing else.
    def save_own_variables(self, store: Any) -> None:
        keras.layers.Layer.save_own_variables(self, store)

    def load_own_variables(self, store: Any) -> None:
        keras.layers.Layer.load_own_variables(self, store)


@keras.saving.register_keras_serializable(package="keras_gen")
class SpectralConv2D(Spectral, Conv2D):
    """`keras_gen.layers.Conv2D` with a matrix (height * width * inputs,
    filters) of norm 1; see this module.

    Input: (n, height, width, channels), any range. Output: (n, ceil(height /
    stride), ceil(width / stride), filters) with padding "same".
    """

    @property
    def kernel(self) -> Any:
        return self.normalized()

    def _linear(self, inputs, training):
        return Conv2D.call(self, inputs, training=training)


@keras.saving.register_keras_serializable(package="keras_gen")
class SpectralDense(Spectral, keras.layers.Dense):
    """`keras.layers.Dense` with a matrix (inputs, units) of norm 1; see this
    module.

    Input: (n, ..., inputs), any range. Output: (n, ..., units).
    """

    @property
    def kernel(self) -> Any:
        return self.normalized()


@keras.saving.register_keras_serializable(package="keras_gen")
class SpectralEmbedding(Spectral, keras.layers.Embedding):
    """`keras.layers.Embedding` with a matrix (classes, outputs) of norm 1;
    see this module.

    Input: int (n, ...), labels. Output: (n, ..., outputs).
    """

    _matrix_name = "embeddings"

    @property
    def embeddings(self) -> Any:
        return self.normalized()

    def compute_output_spec(
        self, inputs: Any, training: bool = False
    ) -> keras.KerasTensor:
        # Keras' own does not know of training.
        return super().compute_output_spec(inputs)
