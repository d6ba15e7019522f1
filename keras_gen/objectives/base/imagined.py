"""Steps of an optimizer that are computed and not taken."""

from collections.abc import Sequence

import keras
from keras import ops

from keras_gen.accepted import shown
from keras_gen.errors import InputError
from keras_gen.losses import Tensor

# Options of an optimizer that change what a step is; the value that does not.
_PLAIN = {
    "nesterov": False, "amsgrad": False, "weight_decay": None,
    "clipnorm": None, "clipvalue": None, "global_clipnorm": None,
    "gradient_accumulation_steps": None,
}


def check(player: str, optimizer: keras.optimizers.Optimizer) -> None:
    """Raises an InputError unless `Imagined` knows this optimizer's steps."""
    inner = getattr(optimizer, "inner_optimizer", optimizer)
    known = keras.optimizers.Adam, keras.optimizers.SGD
    options = [
        name for name, plain in _PLAIN.items()
        if getattr(inner, name, plain) not in (plain, None, False)
    ]
    if not isinstance(inner, known) or options:
        raise InputError(
            f"the {player}'s steps are unrolled for Adam and SGD without "
            f"{', '.join(options or _PLAIN)}, got {shown(type(inner).__name__)}"
            ": take keras_gen.optimizers.Adam, as the paper does"
        )


class Imagined:
    """The steps that an optimizer would take from where it is, as functions
    that can be differentiated. It stays as it is: its averages are copied.

    Adam's step is that of `keras_gen.optimizers.Adam` but for a 1e-20 under
    the square root, which has no derivative at 0. The rate is that of now
    throughout, of a schedule, too.

    Args:
        optimizer: built, and one that `check` lets through.
        variables: those that would move, in the order of `move`'s lists.
    """

    def __init__(
        self, optimizer: keras.optimizers.Optimizer,
        variables: Sequence[keras.Variable],
    ):
        self.optimizer = getattr(optimizer, "inner_optimizer", optimizer)
        self.rate = ops.convert_to_tensor(self.optimizer.learning_rate)
        self.done = ops.cast(self.optimizer.iterations, "float32")
        self.adam = isinstance(self.optimizer, keras.optimizers.Adam)
        if self.adam:
            self.first = self._copied(self.optimizer._momentums, variables)
            self.second = self._copied(self.optimizer._velocities, variables)
        else:
            kept = self.optimizer.momentums if self.optimizer.momentum else []
            self.first = self._copied(kept, variables)

    def _copied(self, averages, variables):
        """Those of these variables; empty where the optimizer has none."""
        places = map(self.optimizer._get_variable_index, variables)
        return [ops.convert_to_tensor(averages[i]) for i in places if averages]

    def move(
        self, values: list[Tensor], gradients: list[Tensor]
    ) -> list[Tensor]:
        """The values after the next step."""
        self.done = self.done + 1.0
        steps = self._adam(gradients) if self.adam else self._sgd(gradients)
        return [value + step for value, step in zip(values, steps)]

    def _sgd(self, gradients):
        steps = [-self.rate * gradient for gradient in gradients]
        if self.first:
            kept = self.optimizer.momentum
            steps = self.first = [
                kept * before + step for before, step in zip(self.first, steps)
            ]
        return steps

    def _adam(self, gradients):
        one, two = self.optimizer.beta_1, self.optimizer.beta_2
        rate = self.rate * (
            ops.sqrt(1.0 - ops.power(two, self.done))
            / (1.0 - ops.power(one, self.done))
        )
        self.first = [
            one * mean + (1.0 - one) * gradient
            for mean, gradient in zip(self.first, gradients)
        ]
        self.second = [
            two * mean + (1.0 - two) * ops.square(gradient)
            for mean, gradient in zip(self.second, gradients)
        ]
        return [
            -rate * mean / (ops.sqrt(square + 1e-20) + self.optimizer.epsilon)
            for mean, square in zip(self.first, self.second)
        ]
