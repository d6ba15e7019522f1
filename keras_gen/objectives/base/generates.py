"""Values out of a model: generated, previewed, drawn, exported."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_gen import atomic, seeds
from keras_gen.accepted import accepted
from keras_gen.backend import gradients
from keras_gen.errors import InputError
from keras_gen.layers.precision import PRECISIONS, computing_in, warn_if_slow
from keras_gen.losses import Tensor

# Items made at a time.
_BATCH = 64


class Generates:
    """What an `Objective` does with trained networks. Subclasses give
    `sample` and `signatures`; compiled functions are kept in
    `self._compiled_functions`.

    Attributes:
        made: the type of value that is made, see `keras_gen.values`; None
            for a model that makes nothing.
    """

    made: Any = None

    def can(self, ability: type) -> bool:
        """Whether the model has an ability of `keras_gen.abilities`."""
        return ability.held_by(self)

    def in_precision(self, precision: str | None) -> keras.Model:
        """What `generating` gives, with networks on the same variables that
        compute in a precision: float32, or bfloat16, which some processors
        are faster in. A line on stderr tells where this one is not.

        Args:
            precision: "float32" or "bfloat16"; None for the networks as they
                are, in float32 unless they were loaded otherwise.

        Raises:
            InputError: another precision.
        """
        generating = self.generating()
        if precision is None:
            return generating
        if precision not in PRECISIONS:
            raise InputError(
                f"precision must be one of {', '.join(PRECISIONS)}, got "
                f"{precision!r}"
            )
        networks = generating.networks
        copies = {
            name: computing_in(network, precision)
            for name, network in networks.items()
        }
        if all(copies[name] is networks[name] for name in networks):
            return generating
        if precision == "bfloat16":
            warn_if_slow()
        twin = type(generating)(**generating.with_networks(copies))
        for name, value in generating.known_facts().items():
            setattr(twin, name, value)
        return twin

    def run(
        self, method: str, *arguments, precision: str | None = None, **keywords
    ) -> Any:
        """`self.<method>(*arguments, **keywords)` as a compiled inference
        function, with the averaged networks where there are any, in a
        precision; see `in_precision`."""
        key = method, precision
        if key not in self._compiled_functions:
            self._compiled_functions[key] = gradients.compiled(
                getattr(self.in_precision(precision), method)
            )
        function = self._compiled_functions[key]
        return keras.tree.map_structure(
            ops.convert_to_numpy, function(*arguments, **keywords)
        )

    def sample(self, seeds: Tensor, **condition) -> Tensor:
        """What is made, as the networks give it: pictures in [-1, 1] (n, h,
        w, c), or another type; one for each int64 seed. Row i depends on
        seed i alone."""
        raise InputError(
            f"{type(self).__name__} does not generate pictures from noise"
        )

    @accepted
    def generate(
        self, n: int, *, seed: int | None = None,
        precision: str | None = None, **condition
    ) -> np.ndarray:
        """Generates items; item i has the seed `seed + i`, and the same
        seed gives the same item in any batch, on either backend and in the
        exported model.

        Args:
            n: how many, at least 1.
            seed: any whole number, see `keras_gen.seeds`; a new one every
                time by default.
            precision: "bfloat16" for processors that are faster in it, and
                pictures that differ by some levels of 255 in places; the
                networks' own by default, float32.
            **condition: what the model is conditioned on, if anything, for
                instance `label`, the number or name of a class, by default
                that of each seed, seed modulo the number of classes; and for
                models with latents `truncation`, the largest absolute value
                of their numbers (the lower, the more typical and less varied
                the pictures, where the model bears it; see
                `keras_gen.zoo.truncation`): one value, or one for each item.

        Returns:
            What `made.restore` gives: uint8 pictures (n, height, width,
            channels), videos (n, time, height, width, channels) or voxels
            (n, depth, height, width, 1); float32 points (n, 2).

        Raises:
            InputError: n below 1, another precision, or a condition that the
                model does not take, or that is out of its range.
        """
        if n < 1:
            raise InputError(f"n must be at least 1, got {n}")
        if seed is None:
            seed = int(np.random.SeedSequence().generate_state(1)[0])
        numbers = seeds.numbered(seed, n)
        condition = self._condition(numbers, condition)
        parts = []
        for i in range(0, n, _BATCH):
            rows = slice(i, i + _BATCH)
            made = self.run(
                "sample", ops.convert_to_tensor(numbers[rows]),
                precision=precision, **{
                    name: ops.convert_to_tensor(value[rows])
                    for name, value in condition.items()
                }
            )
            parts.append(self.made.restore(made))
        return np.concatenate(parts)

    def _condition(self, numbers, condition):
        """Checks the keywords of `generate`; a dict of arrays with a row for
        each of the seeds `numbers`, the keywords of `sample`."""
        if condition:
            raise InputError(
                f"{type(self).__name__}.generate takes no "
                f"{', '.join(condition)}"
            )
        return {}

    def preview(
        self, batch: dict[str, np.ndarray], seed: int = 0
    ) -> tuple[np.ndarray, int]:
        """Pictures for the sample grid written during training.

        Args:
            batch: dict of arrays as the data set serves them.
            seed: fixes the latents, so that grids show the same ones.

        Returns:
            `(pictures, columns)`: uint8 (n, h, w, c), row by row, and the
            grid's number of columns.
        """
        return self.made.sheet(self.generate(self.made.shown, seed=seed))

    def exhibit(
        self, batch: dict[str, np.ndarray], seed: int = 0
    ) -> tuple[np.ndarray, int]:
        """Like `preview`, but nothing of the data is among the pictures:
        what a model's card shows when the data must not be published."""
        return self.preview(batch, seed)

    def moving(self, seed: int = 0) -> list | None:
        """What a still picture does not show: PIL images of what the model
        makes, for `values.write_gif`; None unless its type moves."""
        if self.made is None or not self.made.moving:
            return None
        return self.made.frames(self.generate(self.made.shown, seed=seed))

    def card_pictures(
        self, folder: atomic.Path, batch: dict[str, np.ndarray], seed: int = 0,
        with_data: bool = False,
    ) -> None:
        """Writes what the model's card shows to a folder: samples.png, and
        samples.gif where it moves; nothing for a model that makes nothing.

        Args:
            folder: a `Path` that is there.
            batch, seed: as of `preview`.
            with_data: whether pictures of the data may be shown.
        """
        from keras_gen import plot, values

        if self.made is None:
            return
        draw = self.preview if with_data else self.exhibit
        pictures, columns = draw(batch, seed)
        plot.grid(pictures, folder / "samples.png", columns)
        frames = self.moving(seed)
        if frames:
            values.write_gif(frames, folder / "samples.gif")

    def monitored(self, batch: dict[str, np.ndarray], seed: int = 0) -> tuple:
        """Items to watch the training by.

        Args:
            batch, seed: as of `preview`.

        Returns:
            `(made, real, groups)`: items as `generate` gives them that the
            model makes, as many that it should resemble, and int (n,) when
            only those of one group should resemble each other, else None.
        """
        raise NotImplementedError

    def signatures(self) -> dict[str, tuple]:
        """What an export serves: `{name: (function, inputs)}`, where the
        function takes tensors and returns a dict of tensors, whose row i
        depends on row i of its arguments alone, and inputs is
        `{name: signature.Input}` in the order of the arguments. What is made
        is called by its type's `column`."""
        raise NotImplementedError

    def functions(self) -> dict[str, Callable]:
        """What `keras_gen.export.onnx_litert` writes: `{network: function}`,
        of the networks that serve, where the function takes what the network
        takes and returns a dict of tensors; or a `keras.Model` that is written
        in the network's place."""
        raise NotImplementedError

    # Height and width at which an export with free sizes is checked.
    example_side = 64

    def export(
        self, folder: str | atomic.Path, precision: str | None = None
    ) -> atomic.Path:
        """Writes the SavedModel of the generating side as the next version
        in `folder`, TensorFlow Serving's base path, and returns the version's
        path (see `keras_gen.export.saved_model.write`); TensorFlow only.

        Args:
            folder: of the versions.
            precision: as of `generate`; an export in bfloat16 says so, and
                how far it is from float32.
        """
        from keras_gen.export import saved_model

        return saved_model.write(self, folder, precision)
