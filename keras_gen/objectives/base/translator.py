"""What picture-to-picture objectives share: translating any picture."""

from collections.abc import Callable

import numpy as np
from keras import ops
from numpy.typing import ArrayLike

from keras_gen import seeds, values
from keras_gen.abilities import Translates
from keras_gen.accepted import accepted
from keras_gen.backend import moving_statistics, noise
from keras_gen.errors import InputError
from keras_gen.export import noise_inputs, signature
from keras_gen.layers import label_colours
from keras_gen.layers.folded import applied
from keras_gen.losses import Tensor
from keras_gen.networks import sizes
from keras_gen.objectives.base import tiling
from keras_gen.objectives.base.objective import Objective
from keras_gen.objectives.base.wanted import Wanted
from keras_gen.values.picture import shown


class Translator(Translates, Objective):
    """An objective whose networks turn pictures into pictures.

    Subclasses name their translating networks by the column that they make,
    `translators = {"b": "generator_ab"}`; the first is the default.

    Args:
        makes: "picture", or "picture16", whose 16 bits are kept in training
            and in what is made: the type of all of its pictures, of
            `keras_gen.values`.
        seed, name: see `Objective`.
    """

    protocols = ("translation",)
    translators: dict = {}
    dropout_at_test = False

    def __init__(self, *, makes: str = "picture", **kwargs):
        super().__init__(**kwargs)
        self.makes = values.picture_type(makes).name

    @property
    def made(self) -> values.Value:
        """The type of the pictures that are made."""
        return values.named(self.makes)

    def check_sides(self, shapes: dict[str, tuple[int, ...]]) -> None:
        for to, name in self.translators.items():
            source = self.source(to)
            if source not in shapes:
                continue
            given = shapes[source][:2]
            multiple = sizes.multiple(getattr(self, name))
            if any(side % multiple for side in given):
                raise InputError(
                    f"{name} takes pictures whose sides are multiples of "
                    f"{multiple}, the data's {source} is "
                    f"{given[0]} x {given[1]}: resize them (data.size)"
                )
            scale = sizes.scale(getattr(self, name))
            made = tuple(scale * side for side in given)
            wanted = shapes.get(to, made)[:2]
            if wanted != made:
                raise InputError(
                    f"{name} makes {made[0]} x {made[1]} pictures of the "
                    f"data's {source}, but its {to} is {wanted[0]} x "
                    f"{wanted[1]}: change the data's sizes, or the network"
                )

    def call_inputs(self) -> dict[str, Wanted]:
        """Pictures for the first translator, of sides that it takes; the
        result is `translate`'s, in [-1, 1] and not rounded to uint8."""
        if self.dropout_at_test:
            raise InputError(
                f"{self.name} draws dropout by seed when it translates: use "
                "translate(pictures, seed=...)"
            )
        to, name = next(iter(self.translators.items()))
        shape = tuple(getattr(self, name).input_shape[1:])
        source = self.source(to)
        return {source: Wanted(self.types[source], shape)}

    def source(self, to: str) -> str:
        """The column whose pictures become those of the column `to`."""
        return next(c for c in self.columns if c != to)

    def fitted_side(self, to: str) -> int | None:
        """Pixels that the short side of a picture is scaled to before it is
        served or translated on the command line: as in training; None, for
        its own, where that is not known or where the network enlarges."""
        network = getattr(self, self.translators[to])
        return None if sizes.scale(network) > 1 else self.picture_size

    def translated(self, network: str, image: Tensor, seeds: Tensor) -> Tensor:
        """Float pictures in [-1, 1] through the network of that name;
        dropout, if it is on, draws row i from seed i. Nothing moves."""
        network = getattr(self, network)
        still = moving_statistics.freeze(network.non_trainable_variables)
        with noise.using(noise.RowStream(seeds)), still:
            return applied(network, image, self.dropout_at_test)

    @accepted
    def translate(
        self, pictures: ArrayLike, *, to: str | None = None, seed: int = 0,
        precision: str | None = None, tile: int | None = None,
        overlap: int = 64,
    ) -> np.ndarray:
        """Translates pictures of any size.

        A size that the network cannot take is padded by reflection to the
        next that it can, and the result cropped back. A network that
        enlarges makes all of them as many times as high and wide; see
        `sizes.scale`.

        Args:
            pictures: (n, height, width, channels), uint8 or what else
                `keras_gen.arrays` reads; of a network that takes pictures of
                labels (`layers.LabelColours`) also the labels themselves,
                whole numbers (n, height, width).
            to: which translator, a key of `translators`.
            seed: for networks that keep dropout on; picture i has seed + i.
            precision: as of `generate`.
            tile: pixels of a side of square tiles, one of which is computed
                at a time, for pictures that are too large for the memory;
                None: as a whole. Where a quarter of the overlap is as far as
                the network looks around a pixel, the result is that of the
                whole picture. What sees all of its input (normalization by
                picture, a U-Net) sees its tile instead: the result is another
                one, without seams.
            overlap: pixels that neighbouring tiles share, in which one
                smoothly becomes the other.

        Returns:
            uint8, or uint16, (n, scale * height, scale * width, channels).

        Raises:
            InputError: other numbers, shapes or channels, labels that there
                are not, a picture too small to be padded, or tiles that the
                network does not take.
        """
        to = to or next(iter(self.translators))
        if to not in self.translators:
            raise InputError(
                f"there is no translation to {to!r}: choose one of "
                f"{', '.join(self.translators)}"
            )
        name = self.translators[to]
        network = getattr(self, name)
        source = self.source(to)
        shape = (None, None, network.input_shape[-1])
        wanted = Wanted(self.types[source], shape)
        pictures = label_colours.pictures_of(network, pictures, source)
        pictures = wanted.accept(pictures, source, self.given)
        multiple, scale = sizes.multiple(network), sizes.scale(network)
        if tile is not None:
            tiling.check(tile, overlap, multiple, self.name)
        padded, crop = sizes.pad_to_multiple(pictures, multiple)
        numbers = seeds.numbered(seed, len(padded))

        def passed(part, numbers):
            return self.run(
                "translated", name,
                ops.convert_to_tensor(wanted.value.floats(part)),
                ops.convert_to_tensor(numbers), precision=precision,
            )

        if tile is None:
            parts = [
                self.made.restore(passed(padded[i:i + 8], numbers[i:i + 8]))
                for i in range(0, len(padded), 8)
            ]
        else:
            parts = [
                tiling.translated(
                    padded[i], tile, overlap, multiple, scale,
                    lambda part, i=i: passed(part, numbers[i:i + 1]),
                    self.made.restore,
                )[None] for i in range(len(padded))
            ]
        return crop(np.concatenate(parts), scale)

    def functions(self) -> dict[str, Callable]:
        if self.dropout_at_test:
            return {
                name: noise_inputs.with_noise(
                    getattr(self, name), self.made.column, self.example_side
                )
                for name in self.translators.values()
            }
        return {
            name: lambda x, name=name: {
                self.made.column: getattr(self, name)(x)
            }
            for name in self.translators.values()
        }

    def exhibit(
        self, batch: dict[str, np.ndarray], seed: int = 0
    ) -> tuple[np.ndarray, int]:
        """Translations, those of each direction together."""
        pictures = [
            shown(self.translate(
                batch[self.source(to)][:16], to=to, seed=seed
            )) for to in self.translators
        ]
        return np.concatenate(pictures), 4

    def monitored(self, batch: dict[str, np.ndarray], seed: int = 0) -> tuple:
        to = next(iter(self.translators))
        given = batch[self.source(to)][:8]
        return self.translate(given, seed=seed), batch[to][:8], None

    @property
    def example_side(self) -> int:
        # Reflection needs a few pixels even where the strides are small.
        network = getattr(self, next(iter(self.translators.values())))
        return sizes.legal_side(network)

    def signatures(self) -> dict[str, tuple]:
        signatures = {
            f"to_{to}": self._signature(name)
            for to, name in self.translators.items()
        }
        return {
            "serving_default": next(iter(signatures.values())), **signatures
        }

    def _signature(self, name):
        def translate(image):
            # Rows must not depend on their place in a batch.
            seeds = ops.zeros((ops.shape(image)[0],), dtype="int64")
            made = self.translated(name, image, seeds)
            return {self.made.column: made}

        network = getattr(self, name)
        return translate, {
            "image": signature.picture(
                tuple(network.input_shape), sizes.multiple(network)
            )
        }


def side_by_side(*columns, rows: int = 8) -> tuple[np.ndarray, int]:
    """The first pictures of each array in turn, a row for each picture, as
    they can be seen, uint8 (rows * len(columns), h, w, 3), and the number of
    columns. Pixels of smaller ones are repeated."""
    columns = [shown(pictures[:rows]) for pictures in columns]
    height = max(c.shape[1] for c in columns)
    pictures = [
        enlarged(np.broadcast_to(p, (*p.shape[:-1], 3)), height)
        for example in zip(*columns) for p in example
    ]
    return np.stack(pictures), len(columns)


def enlarged(picture: np.ndarray, height: int) -> np.ndarray:
    """A picture (h, w, c) with each pixel repeated as often as makes it at
    most this high."""
    times = height // picture.shape[0]
    return picture.repeat(times, 0).repeat(times, 1)
