"""The base of every training scheme: networks, players, steps, pictures."""

import contextlib
import functools
import threading
from collections.abc import Callable, Iterator, Sequence

import keras
import numpy as np
from keras import ops

from keras_gen import arrays, seeds
from keras_gen.backend import (
    gradients,
    moving_statistics,
    noise,
    replication,
    settings,
)
from keras_gen.losses import Tensor
from keras_gen.objectives.base import arguments
from keras_gen.objectives.base.averages import Averages
from keras_gen.objectives.base.compiles import Compiles
from keras_gen.objectives.base.configured import Configured
from keras_gen.objectives.base.evaluates import Evaluates
from keras_gen.objectives.base.fits import Fits
from keras_gen.objectives.base.gate import Gated
from keras_gen.objectives.base.generates import Generates
from keras_gen.objectives.base.players import Players
from keras_gen.objectives.base.wanted import accepted, named

# A replica of a MirroredStrategy traces the step in a thread of its own.
_active = threading.local()


def training_step(train_step: Callable) -> Callable:
    """Decorator of every `train_step`: `train_step(self, batch) -> logs`.

    The body gets a dict of float pictures in [-1, 1] and int labels, draws
    from `self.noise`, which is new in each step and different on each
    replica, and returns a dict of scalars.
    """

    @functools.wraps(train_step)
    def wrapper(self, data):
        logs = self._run(train_step, data, key=self.step, moving=True)
        self.step.assign_add(1)
        return logs

    return wrapper


class Objective(
    Players, Configured, Averages, Fits, Compiles, Evaluates, Gated,
    Generates, keras.Model,
):
    """A Keras model that owns networks and trains them as players of a game.

    A subclass stores each constructor argument under its own name (this is
    what `get_config` reads), lists which player's optimizer moves which
    networks in `players`, names its data in `types`, and overrides
    `train_step`, decorated with `training_step`. Where a player has several
    networks of a kind, the argument is a list of them. Either may depend on
    the arguments: then the instance sets it.

    Args:
        seed: all noise of training follows from it and the step number.
        name: name of the model.
    """

    # How it is measured: modules of keras_gen.evaluation.
    protocols: tuple = ()
    # Advice of the trainer when all samples look alike.
    against_collapse = (
        "another seed, a lower learning rate of the generator, a larger "
        "batch, or a Wasserstein objective with gradient penalty"
    )

    # What the classes are called that it takes or tells, if they have names.
    class_names: Sequence[str] = ()

    def __init__(self, *, seed: int = 0, name: str | None = None):
        settings.check()
        # Its own numbers; the networks' precision is theirs.
        super().__init__(name=name, dtype="float32")
        self.seed = seeds.signed(seed)
        # What is known of the arrays that users gave it.
        self.given = arrays.Known(self.name)
        self.optimizers: dict[str, keras.optimizers.Optimizer] = {}
        self.ema = None
        # Players that do not move in this stage of a training.
        self.waiting = ()
        # Pixels of the short side of the pictures it was trained on, which
        # `Recipe.build` knows: a served translator scales pictures to it.
        self.picture_size = None
        # {column: (low, high)}: the values of files that are black and white,
        # where their type does not say it.
        self.picture_ranges = {}
        self.step = self.add_weight(
            name="step", shape=(), dtype="int64", initializer="zeros",
            trainable=False, aggregation="only_first_replica",
        )
        self._compiled_functions = {}
        # The networks are built when they come in. Otherwise `fit` would
        # call the model on a batch of pictures to build it.
        self.built = True

    @property
    def steps_done(self) -> int:
        """Training steps so far, as an int."""
        return int(ops.convert_to_numpy(self.step))

    # -- training ------------------------------------------------------------

    @property
    def noise(self) -> noise.Stream:
        """The `noise.Stream` of the step under way."""
        return self._current_step().noise

    @staticmethod
    def _current_step():
        step = getattr(_active, "step", None)
        if step is None:
            raise RuntimeError(
                "update and noise belong inside a train_step decorated with "
                "keras_gen.objectives.base.objective.training_step"
            )
        return step

    def _run(self, train_step, data, key, moving):
        batch, replica, replicas = replication.shared_out(
            self._batch(data), self.updates_per_step
        )
        stream = noise.Stream(
            noise.fold(noise.fold(self.seed, 1 if moving else 2), key),
            replica, replicas,
        )
        with _under_way(stream, moving):
            logs = train_step(self, batch)
        if self.means is not None and logs:
            rows = ops.shape(next(iter(batch.values())))[0] * replicas
            self.means.add(logs, rows)
        # Keras reduces logs over axis 0 when there are several workers.
        shape = (1,) if replication.workers() > 1 else ()
        return {k: ops.reshape(v, shape) for k, v in logs.items()}

    @contextlib.contextmanager
    def unmoved(self, *keys: Tensor) -> Iterator[None]:
        """A block in which what a `train_step` calls may be called outside
        of one, and nothing moves.

        Args:
            *keys: int64 scalars; the block's noise follows from them and the
                seed.
        """
        key = functools.reduce(noise.fold, keys, noise.fold(self.seed, 3))
        stream = noise.Stream(key)
        with _under_way(stream, False), moving_statistics.freeze(
            self._statistics(None)
        ):
            yield

    def _batch(self, data):
        """Whatever `fit` was given, as a dict of tensors ready to train."""
        x, y, weights = keras.utils.unpack_x_y_sample_weight(data)
        if weights is not None:
            arguments.refuse_weights(self, "sample_weight")
        wanted = self.trained_on()
        found = named(self, wanted, x, y)
        if any(isinstance(x, np.ndarray) for x in found.values()):
            # Not `fit`, whose batches are tensors that were checked before.
            found = accepted(self, found, wanted, self.given)
        return {c: wanted[c].value.prepare(x) for c, x in found.items()}

    def ahead(self, player: str, forward: Callable) -> gradients.Ahead:
        """A forward pass of a player before its `update`, which may follow
        those of others: one pass then serves them all.

        Args:
            player: a key of `players`, the only one whose running statistics
                move.
            forward: function without arguments.

        Returns:
            An `Ahead`, for `update`: `made` is what `forward` returns. Other
            players are to take `ops.stop_gradient` of it.
        """
        moving = self._current_step().moving and self.moves(player)
        with moving_statistics.freeze(
            self._statistics(player if moving else None)
        ):
            if moving:
                return gradients.ahead(forward, self.variables_of(player))
            return gradients.Ahead(gradients.constant(forward))

    def update(
        self, player: str, loss_fn: Callable,
        begun: gradients.Ahead | None = None,
    ) -> dict[str, Tensor]:
        """One optimizer step of one player.

        Args:
            player: a key of `players`.
            loss_fn: function without arguments that runs the forward pass
                and returns the player's loss, a scalar mean over rows, or
                `(loss, logs)` with more scalars to log.
            begun: of `ahead`, where the forward pass begins with it.

        Returns:
            Dict of scalars: "<player>_loss", the logs and
            "<player>_gradient_norm", the mean over the player's updates in
            this step. Of a player of `waiting`, or one whose networks are
            all frozen, the loss is only computed, and the norm is 0. Where
            nothing moves all logs are means over the player's updates.

        Raises:
            ValueError: the loss does not depend on some of the player's
                variables.
        """
        variables = self.variables_of(player)

        def loss_and_logs():
            result = loss_fn()
            return result if isinstance(result, tuple) else (result, {})

        step = self._current_step()
        moving = step.moving and self.moves(player)
        with moving_statistics.freeze(
            self._statistics(player if moving else None)
        ):
            if moving:
                loss, logs = gradients.minimize(
                    loss_and_logs, variables, self.optimizers[player], begun
                )
            else:
                loss, logs = gradients.constant(loss_and_logs)
        logs = {f"{player}_loss": loss, **logs}
        if step.moving:
            norm = logs.pop("gradient_norm", ops.zeros(()))
            norm = {f"{player}_gradient_norm": norm}
            logs |= step.means(player, norm)
        else:
            logs = step.means(player, logs)
        if moving:
            self.move_averages(player)
        return logs

    @training_step
    def train_step(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        raise NotImplementedError(
            f"{type(self).__name__} must override train_step"
        )

    def _maybe_symbolic_build(self, *args, **kwargs):
        """Nothing, in place of Keras' own: all is built, and it would first
        reduce a batch over the workers, which fails for a dict."""


@contextlib.contextmanager
def _under_way(stream, moving):
    _active.step = _Step(stream, moving)
    try:
        with noise.using(stream):
            yield
    finally:
        _active.step = None


class _Step:
    """A training step under way: its noise, and whether variables move."""

    def __init__(self, stream, moving):
        self.noise, self.moving = stream, moving
        self._logs = {}

    def means(self, player, logs):
        """The mean of each log over the player's updates so far: not finite
        as soon as one of them is not."""
        known = self._logs.setdefault(player, [])
        known.append(logs)
        return {k: sum(each[k] for each in known) / len(known) for k in logs}
