"""What picture-to-picture objectives share: translating any picture."""

import numpy as np
from keras import ops

from keras_gen import values
from keras_gen.backend import noise
from keras_gen.errors import InputError
from keras_gen.export import signature
from keras_gen.networks import sizes
from keras_gen.objectives.base.abilities import Translates
from keras_gen.objectives.base.objective import Objective
from keras_gen.objectives.base.tensors import to_uint8


class Translator(Translates, Objective):
    """An objective whose networks turn pictures into pictures.

    Subclasses name their translating networks as a path through
    `translators`: `{"b": "generator_ab"}`; the first is the default.
    """

    protocols = ("translation",)
    made = values.Picture()
    translators: dict = {}
    dropout_at_test = False

    def check_data(self, dataset):
        super().check_data(dataset)
        example = dataset.take(np.zeros(1, int))[self.columns[0]]
        for name in self.translators.values():
            multiple = sizes.multiple(getattr(self, name))
            if example.shape[1] % multiple or example.shape[2] % multiple:
                raise InputError(
                    f"{name} trains on pictures whose sides are multiples "
                    f"of {multiple}, the data's are {example.shape[1]} x "
                    f"{example.shape[2]}: change data.size"
                )

    def translated(self, network, image, seeds):
        """Float pictures in [-1, 1] through the network of that name;
        dropout, if it is on, draws row i from seed i."""
        with noise.using(noise.RowStream(seeds)):
            return getattr(self, network)(
                image, training=self.dropout_at_test
            )

    def translate(self, pictures, *, to=None, seed=0):
        """Translates pictures of any size.

        A size that the network cannot take is padded by reflection to the
        next that it can, and the result cropped back.

        Args:
            pictures: uint8 (n, height, width, channels).
            to: which translator, a key of `translators`.
            seed: for networks that keep dropout on; picture i has seed + i.

        Returns:
            uint8 (n, height, width, channels).

        Raises:
            InputError: another dtype, shape or number of channels, or a
                picture too small to be padded.
        """
        to = to or next(iter(self.translators))
        if to not in self.translators:
            raise InputError(
                f"there is no translation to {to!r}: choose one of "
                f"{', '.join(self.translators)}"
            )
        name = self.translators[to]
        network = getattr(self, name)
        pictures = np.asarray(pictures)
        channels = network.input_shape[-1]
        if (
            pictures.dtype != np.uint8 or pictures.ndim != 4
            or pictures.shape[-1] != channels
        ):
            raise InputError(
                "expected uint8 pictures of shape (n, height, width, "
                f"{channels}), got {pictures.dtype} of shape {pictures.shape}"
            )
        padded, crop = sizes.pad_to_multiple(pictures, sizes.multiple(network))
        parts = []
        for i in range(0, len(padded), 8):
            part = padded[i:i + 8].astype("float32") / 127.5 - 1
            seeds = np.arange(seed + i, seed + i + len(part), dtype="int64")
            parts.append(self.run(
                f"to_{to}",
                ops.convert_to_tensor(part), ops.convert_to_tensor(seeds),
            ))
        return crop(to_uint8(np.concatenate(parts)))

    def functions(self):
        if self.dropout_at_test:
            raise InputError(
                f"{self.name} draws dropout by seed when it translates, which "
                "ONNX and LiteRT cannot do: export a SavedModel"
            )
        return {
            name: lambda x, name=name: {"image": getattr(self, name)(x)}
            for name in self.translators.values()
        }

    def exhibit(self, batch, seed=0):
        """Translations, those of each direction together."""
        pictures = [
            self.translate(batch[column][:16], to=to, seed=seed)
            for column, to in zip(self.columns, self.translators)
        ]
        return np.concatenate(pictures), 4

    def monitored(self, batch, seed=0):
        given, wanted = (batch[c][:8] for c in self.columns)
        return self.translate(given, seed=seed), wanted, None

    @property
    def example_side(self):
        # Reflection needs a few pixels even where the strides are small.
        network = getattr(self, next(iter(self.translators.values())))
        return max(sizes.multiple(network), 64)

    def signatures(self):
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
            return {"image": self.translated(name, image, seeds)}

        network = getattr(self, name)
        return translate, {
            "image": signature.picture(
                tuple(network.input_shape), sizes.multiple(network)
            )
        }


def side_by_side(*columns, rows=8):
    """The first pictures of each array in turn, a row for each picture, as
    uint8 (rows * len(columns), h, w, 3), and the number of columns."""
    pictures = [
        np.broadcast_to(p, (*p.shape[:-1], 3))
        for example in zip(*(c[:rows] for c in columns)) for p in example
    ]
    return np.stack(pictures), len(columns)
