"""Terms that a recipe adds to a player's loss, each with a weight.

    [[objective.penalties]]
    class = "keras_gen.penalties:R1"
    weight = 5.0
    every = 16

A new one is a class here, or in `penalties` where it is of the judge's slope:
it returns its value, and says no more of how it is weighted or how often. One
that keeps numbers from step to step names them in `remembers` and moves them
in `learn`.
"""

import dataclasses
import math
from typing import Any

import keras
from keras import ops
from keras.optimizers.schedules import LearningRateSchedule as Schedule

from keras_gen.accepted import at_least, fits, shown
from keras_gen.backend import gradients, replication
from keras_gen.errors import InputError


def checked(name: str, number: float | Schedule, most: float = math.inf) -> Any:
    """A number from 0 to `most`, or a schedule of such, as it is.

    Raises:
        InputError: another number; the message has its name.
    """
    if isinstance(number, Schedule) or (
        fits(number, float) and 0 <= number <= most
    ):
        return number
    limit = f" and at most {most:g}" if most < math.inf else ""
    raise InputError(f"{name} must be at least 0{limit}, got {shown(number)}")


def at(number: float | Schedule, step: Any) -> Any:
    """A number, or what a schedule of it says in a training step, counted
    from 0."""
    if isinstance(number, Schedule):
        return number(ops.convert_to_tensor(step))
    return number


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
        logits: (of what is real, of the fakes), the judge's in its own
            update; None in the generator's.
        memory: of the term, see `Term.remembers`; None without.
    """

    game: Any
    network: keras.Model
    noise: Any
    real: Any = None
    fake: Any = None
    label: Any = None
    latent: Any = None
    logits: Any = None
    memory: Any = None

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
    # {name: at the start}: numbers that it keeps from step to step, which are
    # the model's `Memory`, not its own: two models may share a term.
    remembers: dict[str, float] = {}

    def __init__(self, weight: float | Schedule, every: int = 1):
        self.weight = checked("weight", weight)
        at_least(1, every=every)
        self.every = every

    def value(self, state: Round) -> Any:
        """The term of a `Round`: float32 scalar, a mean over rows."""
        raise NotImplementedError

    def learn(self, state: Round) -> None:
        """Moves what it remembers: in each update of its player before its
        value is asked for, in those too in which it does not count."""

    def weight_at(self, step: Any) -> Any:
        """Its factor in a training step, counted from 0."""
        return at(self.weight, step)

    def due(self, step: Any, state: Round) -> Any:
        """What counts of it in a training step; all of it without one."""
        if step is None or self.every == 1:
            return self.value(state)
        now = ops.equal(ops.mod(ops.convert_to_tensor(step), self.every), 0)
        if self.of_all_rows and replication.replicas() > 1:
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
            replication.mean_of_all_rows(ops.cast(ops.abs(x), "float32"))
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


@keras.saving.register_keras_serializable(package="keras_gen")
class LeCam(Term):
    """E max(0, D(x) - a_F)^2 + E max(0, a_R - D(G(z)))^2 of the judge's own
    logits, a_R and a_F being their moving means on what is real and made: it
    pulls what the judge says of either towards what it has said of the other,
    for data so few that it would learn them by heart. A term of the judge.

    Tseng et al. 2021, https://arxiv.org/abs/2104.03310, equation 3, in the
    form of its authors' code, which leaves logits alone that are beyond the
    other side's mean.

    Args:
        weight: lambda; the paper's is 0.3 on CIFAR with the hinge loss.
        every: see `Term`.
        decay: share of the means that survives an update, in [0, 1). They
            count the updates so far, so that none is drawn towards the 0
            that they begin with.
    """

    log_name = "lecam"
    remembers = {"real": 0.0, "fake": 0.0, "updates": 0.0}

    def __init__(
        self, weight: float | Schedule = 0.3, every: int = 1,
        decay: float = 0.99,
    ):
        super().__init__(weight, every)
        if not fits(decay, float) or not 0 <= decay < 1:
            raise InputError(
                f"decay must be at least 0 and below 1, got {shown(decay)}"
            )
        self.decay = decay

    def learn(self, state: Round) -> None:
        updates = state.memory["updates"] + 1.0
        rate = (1.0 - self.decay) / (1.0 - ops.power(self.decay, updates))
        means = {
            name: gradients.constant(
                lambda: replication.mean_of_all_rows(ops.cast(x, "float32"))
            )
            for name, x in zip(("real", "fake"), state.logits)
        }
        state.memory.keep(updates=updates, **{
            name: state.memory[name] + rate * (mean - state.memory[name])
            for name, mean in means.items()
        })

    def value(self, state: Round) -> Any:
        real, fake = (ops.cast(x, "float32") for x in state.logits)
        real = ops.relu(real - state.memory["fake"])
        fake = ops.relu(state.memory["real"] - fake)
        return ops.mean(ops.square(real)) + ops.mean(ops.square(fake))

    def get_config(self) -> dict:
        return {**super().get_config(), "decay": self.decay}
