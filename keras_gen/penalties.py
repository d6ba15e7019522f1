"""Penalties that keep a discriminator or critic smooth.

Each is `(critic function, tensors) -> float32 scalar`, differentiable with
respect to the critic's variables, and costs one more pass and its gradient.
"""

from collections.abc import Callable

import keras
from keras import ops

from keras_gen.backend.gradients import gradient_wrt_input
from keras_gen.errors import InputError
from keras_gen.losses import Tensor
from keras_gen.terms import Round, Term


def _squared_norms(gradient):
    gradient = ops.cast(gradient, "float32")
    rows = ops.reshape(gradient, (ops.shape(gradient)[0], -1))
    return ops.sum(ops.square(rows), axis=1)


def gradient_penalty(
    critic: Callable, real: Tensor, fake: Tensor, alpha: Tensor
) -> Tensor:
    """E (|grad f(x)| - 1)^2 at x = alpha real + (1 - alpha) fake.

    Gulrajani et al. 2017, https://arxiv.org/abs/1704.00028, algorithm 1.

    Args:
        critic: maps pictures to scores; its rows must not depend on each
            other, so no batch normalization.
        real, fake: float32 tensors of shape (n, ...).
        alpha: uniform (not normal) numbers in (0, 1), shape (n, 1, ..., 1),
            one for each straight line between real and fake.
    """
    # From fake towards real, so that alpha = 0 and 1 give them exactly.
    between = fake + alpha * (real - fake)
    squared = _squared_norms(gradient_wrt_input(critic, between))
    # The square root has no derivative at 0, where a new critic may be.
    return ops.mean(ops.square(ops.sqrt(squared + 1e-12) - 1.0))


def r1(discriminator: Callable, real: Tensor) -> Tensor:
    """1/2 E |grad D(x)|^2 on real pictures.

    Mescheder et al. 2018, https://arxiv.org/abs/1801.04406, equation 9; the
    weight (gamma, 10 in many recipes) is the caller's.
    """
    return 0.5 * ops.mean(
        _squared_norms(gradient_wrt_input(discriminator, real))
    )


@keras.saving.register_keras_serializable(package="keras_gen")
class GradientPenalty(Term):
    """`gradient_penalty` of the judge between real and made, each on a line
    of its own; weight 10 in the paper."""

    log_name = "gradient_penalty"
    of_single_rows = True

    def value(self, state: Round) -> Tensor:
        rank = len(state.real.shape) - 1
        rows = ops.shape(state.real)[0]
        alpha = state.noise.uniform(rows, (1,) * rank)
        return gradient_penalty(state.judged, state.real, state.fake, alpha)


@keras.saving.register_keras_serializable(package="keras_gen")
class R1(Term):
    """`r1` of the judge on what is real; the weight is the paper's gamma."""

    log_name = "r1"
    of_single_rows = True

    def value(self, state: Round) -> Tensor:
        return r1(state.judged, state.real)


@keras.saving.register_keras_serializable(package="keras_gen")
class R2(Term):
    """`r1` on what the generator makes: equation 10 of 1801.04406."""

    log_name = "r2"
    of_single_rows = True

    def value(self, state: Round) -> Tensor:
        return r1(state.judged, state.fake)


@keras.saving.register_keras_serializable(package="keras_gen")
class ClipWeights(keras.constraints.Constraint):
    """Clips every weight into [-limit, limit], the WGAN paper's way to keep
    the critic Lipschitz (1701.07875). Optimizers apply a variable's
    constraint after each of its updates.

    Args:
        limit: the paper's c (0.01), greater than 0.
    """

    def __init__(self, limit: float):
        if not limit > 0:
            raise InputError(f"the clip limit must be above 0, got {limit}")
        self.limit = limit

    def __call__(self, w: Tensor) -> Tensor:
        return ops.clip(w, -self.limit, self.limit)

    def get_config(self) -> dict:
        return {"limit": self.limit}
