"""The base of every training scheme: networks, players, steps, pictures."""

import functools
import inspect
import threading

import keras
import numpy as np
from keras import ops

from keras_gen import gradients, noise
from keras_gen.errors import InputError
from keras_gen.layers import state

# A replica of a MirroredStrategy traces the step in a thread of its own.
_active = threading.local()


def training_step(train_step):
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


class Objective(keras.Model):
    """A Keras model that owns networks and trains them as players of a game.

    A subclass stores each constructor argument under its own name (this is
    what `get_config` reads), lists which player's optimizer moves which
    networks in `players`, names its data in `columns`, and overrides
    `train_step`, decorated with `training_step`.

    Args:
        seed: all noise of training follows from it and the step number.
        name: name of the model.
    """

    players: dict = {}
    columns: tuple = ("image",)

    def __init__(self, *, seed=0, name=None):
        super().__init__(name=name)
        self.seed = seed
        self.optimizers = {}
        self.step = self.add_weight(
            name="step", shape=(), dtype="int64", initializer="zeros",
            trainable=False, aggregation="only_first_replica",
        )
        self._compiled_functions = {}
        # The networks are built when they come in. Otherwise `fit` would
        # call the model on a batch of pictures to build it.
        self.built = True

    # -- networks and players ------------------------------------------------

    @property
    def networks(self):
        """The networks by name, in the players' order."""
        names = [n for names in self.players.values() for n in names]
        return {name: getattr(self, name) for name in names}

    @property
    def updates_per_step(self):
        """How many batches one `train_step` splits its data into."""
        return 1

    @property
    def steps_done(self):
        """Training steps so far, as an int."""
        return int(ops.convert_to_numpy(self.step))

    def check_data(self, dataset):
        """Raises an InputError unless the pictures of a `data.Dataset` fit
        the networks' inputs."""
        example = dataset.take(np.zeros(1, int))
        height, width, channels = example[self.columns[0]].shape[1:]
        for name, network in self.networks.items():
            for x in network.inputs:
                if len(x.shape) != 4 or all(
                    wanted in (None, given) for wanted, given
                    in zip(x.shape[1:], (height, width, channels))
                ):
                    continue
                raise InputError(
                    f"the data's pictures are {height} x {width} x {channels} "
                    f"but {name} takes {' x '.join(map(str, x.shape[1:]))}: "
                    "change data.size and data.channels, or the networks"
                )

    def variables_of(self, player):
        """The variables that this player's optimizer moves."""
        return [
            v
            for name in self.players[player]
            for v in getattr(self, name).trainable_variables
        ]

    def compile(self, optimizers, jit_compile=False, **kwargs):
        """Takes one optimizer a player and builds them all, at once and in
        the current strategy's scope.

        Args:
            optimizers: dict from player to `keras.optimizers.Optimizer`.
            jit_compile: compile the step with XLA; not under a strategy.
            **kwargs: `run_eagerly`, `steps_per_execution`.

        Raises:
            InputError: optimizers for other players than `self.players`, or
                an option that Keras cannot do with several replicas.
        """
        if set(optimizers) != set(self.players):
            raise InputError(
                f"{type(self).__name__} takes optimizers for "
                f"{', '.join(self.players)}; got {', '.join(optimizers)}"
            )
        if gradients.replicas() > 1:
            self._refuse_with_replicas(optimizers, jit_compile, kwargs)
        # No optimizer of Keras' own: it would make a stray RMSprop.
        super().compile(optimizer=None, jit_compile=jit_compile, **kwargs)
        self.optimizers = dict(optimizers)
        for player, optimizer in optimizers.items():
            optimizer.build(self.variables_of(player))

    @staticmethod
    def _refuse_with_replicas(optimizers, jit_compile, kwargs):
        advice = "with several replicas; leave it out or train on one device"
        if jit_compile:
            raise InputError(f"Keras cannot do jit_compile {advice}")
        if kwargs.get("steps_per_execution", 1) != 1:
            raise InputError(f"Keras cannot do steps_per_execution {advice}")
        # A LossScaleOptimizer accumulates in the one it wraps.
        inner = [getattr(o, "inner_optimizer", o) for o in optimizers.values()]
        if any(o.gradient_accumulation_steps for o in inner):
            raise InputError(
                f"Keras cannot do gradient_accumulation_steps {advice}"
            )

    # -- training ------------------------------------------------------------

    @property
    def noise(self):
        """The `noise.Stream` of the step under way."""
        return self._current_step().noise

    @staticmethod
    def _current_step():
        step = getattr(_active, "step", None)
        if step is None:
            raise RuntimeError(
                "update and noise belong inside a train_step decorated with "
                "keras_gen.objective.training_step"
            )
        return step

    def _run(self, train_step, data, key, moving):
        stream = noise.Stream(
            noise.fold(noise.fold(self.seed, 1 if moving else 2), key),
            gradients.replica(),
            gradients.replicas(),
        )
        _active.step = _Step(stream, moving)
        try:
            with noise.using(stream):
                logs = train_step(self, self._batch(data))
        finally:
            _active.step = None
        # Keras reduces logs over axis 0 when there are several workers.
        shape = (1,) if gradients.workers() > 1 else ()
        return {k: ops.reshape(v, shape) for k, v in logs.items()}

    def _batch(self, data):
        """Whatever `fit` was given, as a dict of tensors ready to train."""
        x, y, _ = keras.utils.unpack_x_y_sample_weight(data)
        if not isinstance(x, dict):
            values = (x,) if y is None else (x, y)
            x = dict(zip(self.columns, values))
        missing = [c for c in self.columns if c not in x]
        if missing:
            raise InputError(
                f"{type(self).__name__} trains on batches with "
                f"{', '.join(self.columns)}; this one has only "
                f"{', '.join(x)}"
            )
        return {c: _prepared(x[c], c) for c in self.columns}

    def update(self, player, loss_fn):
        """One optimizer step of one player.

        Args:
            player: a key of `players`.
            loss_fn: function without arguments that runs the forward pass
                and returns the player's loss, a scalar mean over rows, or
                `(loss, logs)` with more scalars to log.

        Returns:
            Dict of scalars: "<player>_loss" and the logs.

        Raises:
            ValueError: the loss does not depend on some of the player's
                variables.
        """
        variables = self.variables_of(player)

        def loss_and_logs():
            result = loss_fn()
            return result if isinstance(result, tuple) else (result, {})

        moving = self._current_step().moving
        with state.freeze(self._statistics(None if not moving else player)):
            if moving:
                loss, logs = gradients.minimize(
                    loss_and_logs, variables, self.optimizers[player]
                )
            else:
                loss, logs = gradients.constant(loss_and_logs)
        return {f"{player}_loss": loss, **logs}

    def _statistics(self, player):
        """Running statistics of all networks but this player's."""
        own = self.players.get(player, ())
        return [
            v
            for name, network in self.networks.items()
            for v in network.non_trainable_variables
            if name not in own
        ]

    @training_step
    def train_step(self, batch):
        raise NotImplementedError(
            f"{type(self).__name__} must override train_step"
        )

    def test_step(self, data):
        """The losses of `train_step` on `data`, and nothing moves."""
        body = type(self).train_step.__wrapped__
        return self._run(body, data, key=0, moving=False)

    def evaluate(self, *args, callbacks=None, return_dict=False, **kwargs):
        """The losses on a data set, means over its batches; arguments as of
        `keras.Model.evaluate`."""
        # Keras itself would return the last batch's.
        mean = _Mean()
        if isinstance(callbacks, keras.callbacks.CallbackList):
            callbacks.callbacks.append(mean)
        else:
            callbacks = [*(callbacks or []), mean]
        try:
            super().evaluate(
                *args, callbacks=callbacks, return_dict=True, **kwargs
            )
        finally:
            if not isinstance(callbacks, list):
                callbacks.callbacks.remove(mean)
        return mean.logs if return_dict else list(mean.logs.values())

    # -- pictures ------------------------------------------------------------

    def run(self, method, *arguments):
        """`self.<method>(*arguments)` as a compiled inference function."""
        if method not in self._compiled_functions:
            self._compiled_functions[method] = gradients.compiled(
                getattr(self, method)
            )
        return keras.tree.map_structure(
            ops.convert_to_numpy, self._compiled_functions[method](*arguments)
        )

    def sample(self, seeds, **condition):
        """Pictures in [-1, 1], one for each int64 seed, shape (n, h, w, c).
        Row i depends on seed i alone."""
        raise InputError(
            f"{type(self).__name__} does not generate pictures from noise"
        )

    def generate(self, n, *, seed=None, **condition):
        """Generates pictures; picture i has the seed `seed + i`, and the
        same seed gives the same picture in any batch, on either backend and
        in the exported model.

        Args:
            n: how many, at least 1.
            seed: int; a new one every time by default.
            **condition: what the model is conditioned on, if anything, for
                instance `label`: one value, or one for each picture.

        Returns:
            uint8 array of shape (n, height, width, channels).
        """
        if n < 1:
            raise InputError(f"n must be at least 1, got {n}")
        if seed is None:
            seed = int(np.random.SeedSequence().generate_state(1)[0])
        seeds = np.arange(seed, seed + n, dtype="int64")
        condition = self._condition(n, condition)
        parts = []
        for i in range(0, n, 64):
            rows = slice(i, i + 64)
            chunk = [seeds[rows]] + [c[rows] for c in condition]
            chunk = [ops.convert_to_tensor(c) for c in chunk]
            parts.append(to_uint8(self.run("sample", *chunk)))
        return np.concatenate(parts)

    def _condition(self, n, condition):
        """Checks the keywords of `generate`; a list of arrays of n rows."""
        if condition:
            raise InputError(
                f"{type(self).__name__}.generate takes no "
                f"{', '.join(condition)}"
            )
        return []

    def preview(self, batch, seed=0):
        """Pictures for the sample grid written during training.

        Args:
            batch: dict of arrays as the data set serves them.
            seed: fixes the latents, so that grids show the same ones.

        Returns:
            `(pictures, columns)`: uint8 (n, h, w, c), row by row, and the
            grid's number of columns.
        """
        return self.generate(64, seed=seed), 8

    def signatures(self):
        """What an export serves: `{name: (function, inputs)}`, where the
        function takes tensors and returns a dict of tensors, and inputs is
        `{name: (shape, dtype)}` in the order of the arguments."""
        raise NotImplementedError

    # Height and width at which an export with free sizes is checked.
    example_side = 64

    def export(self, path):
        """Writes the SavedModel of the generating side to the folder `path`
        (see `keras_gen.export`); TensorFlow only."""
        from keras_gen import export

        export.write(self, path)

    # -- configuration -------------------------------------------------------

    def get_config(self):
        arguments = inspect.signature(type(self).__init__).parameters
        names = [
            n for n, p in arguments.items()
            if n != "self" and p.kind is not p.VAR_KEYWORD
        ]
        values = {n: getattr(self, n) for n in [*names, "seed", "name"]}
        return keras.saving.serialize_keras_object(values)

    @classmethod
    def from_config(cls, config, custom_objects=None):
        return cls(
            **keras.saving.deserialize_keras_object(
                config, custom_objects=custom_objects
            )
        )

    def get_compile_config(self):
        if not self.compiled:
            return None
        return {
            "optimizers": {
                player: keras.saving.serialize_keras_object(optimizer)
                for player, optimizer in self.optimizers.items()
            },
            "jit_compile": self.jit_compile,
        }

    def compile_from_config(self, config):
        config = keras.saving.deserialize_keras_object(config)
        self.compile(**config)


class _Step:
    """A training step under way: its noise, and whether variables move."""

    def __init__(self, stream, moving):
        self.noise, self.moving = stream, moving


class _Mean(keras.callbacks.Callback):
    """The mean of each log over the batches of an evaluation."""

    def on_test_begin(self, logs=None):
        self.batches, self.logs = 0, {}

    def on_test_batch_end(self, batch, logs=None):
        self.batches += 1
        for name, value in logs.items():
            value = float(np.mean(ops.convert_to_numpy(value)))
            before = self.logs.get(name, 0.0)
            self.logs[name] = before + (value - before) / self.batches


def _prepared(value, column):
    """Integer labels as they are, uint8 pictures as float32 in [-1, 1]."""
    value = ops.convert_to_tensor(value)
    if column == "label":
        return ops.cast(value, "int32")
    if keras.backend.standardize_dtype(value.dtype) == "uint8":
        return ops.cast(value, "float32") / 127.5 - 1.0
    return ops.cast(value, "float32")


def split(batch, parts):
    """Cuts a tensor, or each tensor of a dict, into `parts` equal batches.

    Batch i takes the rows i, i + parts, ...: replicas that hold consecutive
    rows then train on the same batches as one device with all of them.

    Raises:
        InputError: the number of rows is no multiple of `parts`.
    """
    if isinstance(batch, dict):
        columns = {k: split(v, parts) for k, v in batch.items()}
        return [dict(zip(columns, rows)) for rows in zip(*columns.values())]
    rows = batch.shape[0]
    if rows is not None and rows % parts:
        raise InputError(
            f"a batch of {rows} cannot be split into {parts} equal parts: "
            f"train with batches of a multiple of {parts}"
        )
    return [batch[i::parts] for i in range(parts)]


def has_batch_normalization(network):
    """Whether the network, or one inside it, normalises over the batch."""
    return any(
        isinstance(layer, keras.layers.BatchNormalization)
        or has_batch_normalization(layer)
        for layer in getattr(network, "layers", ())
    )


def to_uint8(pictures):
    """Float pictures in [-1, 1] as uint8 in 0..255, NumPy to NumPy."""
    pictures = np.asarray(pictures, "float32")
    return np.clip(np.round((pictures + 1) * 127.5), 0, 255).astype("uint8")
