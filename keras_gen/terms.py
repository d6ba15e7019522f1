"""Terms that a recipe adds to a player's loss, each with a weight.

    [[objective.penalties]]
    class = "keras_gen.penalties:R1"
    weight = 5.0
    every = 16

A new one is a class here, or in `penalties` where it is of the judge's slope:
it returns its value, and says no more of how it is weighted or how often.
"""

import dataclasses
from typing import Any

import keras
from keras import ops
from keras.optimizers.schedules import LearningRateSchedule as Schedule

from keras_gen.accepted import at_least
from keras_gen.backend import gradients
from keras_gen.errors import InputError


@dataclasses.dataclass
class Round:
    """An update under way, as a term sees it.

    Attributes:
        game: the objective: `made_of`, `judged`, `drawn`.
        network: whose player is updated.
        noise: a `backend.noise.Stream` of the term's own.
        real, fake: items as the networks take them; the fakes are constant
            in an update of the judge. None where there are none.
        label: of both as the game's `made_of` and `judged` take it: int
            (n,), or None.
        latent: of the fakes, (n, latent_dim); None in the judge's update.
    """

    game: Any
    network: keras.Model
    noise: Any
    real: Any = None
    fake: Any = None
    label: Any = None
    latent: Any = None

    def judged(self, items: Any) -> Any:
        """The judge's logits or scores of items of these labels."""
        return self.game.judged(items, self.label, self.noise)


class Term:
    """A number that is added to a loss.

    Args:
        weight: its factor, at least 0, or one that changes with the training
            step: a `keras.optimizers.schedules.LearningRateSchedule`.
        every: 1, or lazy: it counts in each `every`-th training step only,
            there `every` times (Karras et al. 2019,
            https://arxiv.org/abs/1912.04958, appendix B). Its log counts it
            likewise, so that its mean over steps is its mean.
    """

    # What it is called in logs.
    log_name = "term"
    # Whether it is defined for each row by itself, so that the network that
    # judges must not mix them.
    of_single_rows = False
    # Whether its value needs the rows of all replicas. These cannot talk in a
    # branch of a graph, so that it is then computed in each step.
    of_all_rows = False

    def __init__(self, weight: float | Schedule, every: int = 1):
        if not isinstance(weight, Schedule) and not weight >= 0:
            raise InputError(f"weight must be at least 0, got {weight}")
        at_least(1, every=every)
        self.weight = weight
        self.every = every

    def value(self, state: Round) -> Any:
        """The term of a `Round`: float32 scalar, a mean over rows."""
        raise NotImplementedError

    def weight_at(self, step: Any) -> Any:
        """Its factor in a training step, counted from 0."""
        if isinstance(self.weight, Schedule):
            return self.weight(ops.convert_to_tensor(step))
        return self.weight

    def due(self, step: Any, state: Round) -> Any:
        """What counts of it in a training step; all of it without one."""
        if step is None or self.every == 1:
            return self.value(state)
        now = ops.equal(ops.mod(ops.convert_to_tensor(step), self.every), 0)
        if self.of_all_rows and gradients.replicas() > 1:
            return ops.where(now, self.every * self.value(state), 0.0)
        return ops.cond(
            now, lambda: self.every * self.value(state), lambda: ops.zeros(())
        )

    def get_config(self) -> dict:
        weight = self.weight
        if isinstance(weight, Schedule):
            weight = keras.saving.serialize_keras_object(weight)
        return {"weight": weight, "every": self.every}

    @classmethod
    def from_config(cls, config: dict) -> "Term":
        weight = config["weight"]
        if isinstance(weight, dict):
            weight = keras.saving.deserialize_keras_object(weight)
        return cls(**{**config, "weight": weight})


@keras.saving.register_keras_serializable(package="keras_gen")
class ModeSeeking(Term):
    """1 / (|G(z1) - G(z2)| / |z1 - z2| + 1e-5), means over the batch, that
    of all replicas: large where two latents of one label make the same.

    Mao et al. 2019, https://arxiv.org/abs/1903.05628, equation 3, in the
    form that its authors minimise. A term of the generator.
    """

    log_name = "mode_seeking"
    of_all_rows = True

    def value(self, state: Round) -> Any:
        rows = ops.shape(state.latent)[0]
        latent = state.noise.normal(rows, tuple(state.latent.shape[1:]))
        fake = state.game.made_of(latent, state.label)
        apart, moved = (
            gradients.mean_of_all_rows(ops.cast(ops.abs(x), "float32"))
            for x in (fake - state.fake, latent - state.latent)
        )
        return 1.0 / (apart / moved + 1e-5)


@keras.saving.register_keras_serializable(package="keras_gen")
class Orthogonal(Term):
    """|W'W * (1 - I)|^2, the squared products of different columns, summed
    over the network's matrices; a kernel (..., outputs) is one with a column
    for each output. Embeddings are left out. The columns' lengths are free.

    Brock et al. 2018, https://arxiv.org/abs/1809.11096, equation 3, with
    weight 1e-4 on the generator. Its gradient is 4 W (W'W * (1 - I)).
    """

    log_name = "orthogonal"

    def value(self, state: Round) -> Any:
        total = ops.zeros(())
        for variable in state.network.trainable_variables:
            if len(variable.shape) < 2 or "embedding" in variable.path:
                continue
            matrix = ops.cast(ops.convert_to_tensor(variable), "float32")
            matrix = ops.reshape(matrix, (-1, variable.shape[-1]))
            products = ops.matmul(ops.transpose(matrix), matrix)
            products = products * (1.0 - ops.eye(variable.shape[-1]))
            total = total + ops.sum(ops.square(products))
        return total
