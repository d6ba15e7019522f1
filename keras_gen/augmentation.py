"""What the judge sees of pictures, real and made alike, so that it cannot
learn a few pictures by heart; differentiable, for the generator's sake."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from keras_gen import compression
from keras_gen.accepted import at_least, fits, shown
from keras_gen.errors import InputError

_POLICIES = ("colour", "translation", "cutout")


@keras.saving.register_keras_serializable(package="keras_gen")
class DiffAugment:
    """Zhao et al. 2020, https://arxiv.org/abs/2006.10738, section 3.2.

    - colour: brightness moved by up to 0.5 in [-1, 1] units, saturation
      between 0 and 2 of what it was, contrast between 0.5 and 1.5.
    - translation: by up to an eighth of the sides; grey comes in.
    - cutout: a square of half the sides, at a random place, becomes grey.

    Args:
        policy: which of them, in this order.
        probability: of a picture to be changed at all, above 0 and at most
            1, the paper's. With a lower one the generator has no reason to
            make changed pictures (Karras et al. 2020,
            https://arxiv.org/abs/2006.06676, section 2.2).
    """

    def __init__(
        self, policy: Sequence[str] = _POLICIES, probability: float = 1.0
    ):
        names = tuple(policy) if fits(policy, Sequence[str]) else ()
        if not names or set(names) - set(_POLICIES):
            raise InputError(
                f"policy must be some of {', '.join(_POLICIES)}, got "
                f"{shown(policy)}"
            )
        if not fits(probability, float) or not 0 < probability <= 1:
            raise InputError(
                "probability must be above 0 and at most 1, got "
                f"{shown(probability)}: leave augment out for none"
            )
        self.policy = names
        self.probability = probability

    def __call__(
        self, pictures: Any, noise: Any, memory: Any = None
    ) -> Any:
        """Pictures (n, height, width, channels) in about [-1, 1] -> others,
        row i from row i of the noise.

        Args:
            noise: a `backend.noise.Stream`.
            memory: the numbers that it keeps in a model, by name, where it
                `remembers` any.
        """
        if len(pictures.shape) != 4:
            raise InputError(
                "DiffAugment is of pictures (n, height, width, channels), "
                f"got {len(pictures.shape)} axes: leave augment out"
            )
        changed = pictures
        for name in self.policy:
            changed = getattr(self, f"_{name}")(changed, noise)
        share = self.share(memory)
        if isinstance(share, (int, float)) and share == 1:
            return changed
        chance = noise.uniform(ops.shape(pictures)[0], (1, 1, 1))
        return ops.where(chance < share, changed, pictures)

    def share(self, memory: Any) -> Any:
        """Of the pictures that are changed, by what is remembered."""
        return self.probability

    def get_config(self) -> dict:
        return {
            "policy": list(self.policy), "probability": self.probability
        }

    @classmethod
    def from_config(cls, config: dict) -> "DiffAugment":
        return cls(**config)

    @staticmethod
    def _colour(x, noise):
        chance = noise.uniform(ops.shape(x)[0], (3, 1, 1, 1))
        x = x + (chance[:, 0] - 0.5)
        grey = ops.mean(x, axis=3, keepdims=True)
        x = grey + 2.0 * chance[:, 1] * (x - grey)
        mean = ops.mean(x, axis=(1, 2, 3), keepdims=True)
        return mean + (0.5 + chance[:, 2]) * (x - mean)

    @staticmethod
    def _translation(x, noise):
        chance = noise.uniform(ops.shape(x)[0], (2,))
        for number, axis in enumerate((1, 2)):
            side = x.shape[axis]
            reach = int(side / 8 + 0.5)
            shift = ops.floor(chance[:, number] * (2 * reach + 1)) - reach
            # Where each line comes from; outside it is grey, which is 0.
            source = ops.arange(side, dtype="float32")[None] - shift[:, None]
            inside = ops.logical_and(source >= 0, source < side)
            source = ops.cast(ops.clip(source, 0, side - 1), "int32")
            shape = [-1, 1, 1, 1]
            shape[axis] = side
            source = ops.reshape(source, shape)
            inside = ops.cast(ops.reshape(inside, shape), x.dtype)
            x = ops.take_along_axis(x, source, axis=axis) * inside
        return x

    @staticmethod
    def _cutout(x, noise):
        chance = noise.uniform(ops.shape(x)[0], (2,))
        hidden = []
        for number, axis in enumerate((1, 2)):
            side = x.shape[axis]
            length = int(side / 2 + 0.5)
            # The square's middle is anywhere, so that it may stick out.
            middle = ops.floor(chance[:, number] * (side + 1 - length % 2))
            place = ops.arange(side, dtype="float32")[None]
            first = middle[:, None] - length // 2
            within = ops.logical_and(place >= first, place < first + length)
            shape = [-1, 1, 1, 1]
            shape[axis] = side
            hidden.append(ops.cast(ops.reshape(within, shape), x.dtype))
        return x * (1.0 - hidden[0] * hidden[1])


@keras.saving.register_keras_serializable(package="keras_gen")
class AdaptiveAugment(DiffAugment):
    """As much of `DiffAugment` as it takes to keep the judge from learning
    its data by heart: Karras et al. 2020 (ADA),
    https://arxiv.org/abs/2006.06676, section 3, with the changes of
    `DiffAugment` instead of the paper's eighteen.

    The probability begins with 0 in each model. After every few steps it
    rises where the judge has been surer of what is real than `target`, and
    falls where it has been less sure: by the share that the real pictures
    shown in these steps are of `images`, between 0 and 1. How sure it is is
    E sign(D(x)), counted from the boundary of its loss: 1 where it has never
    been wrong, 0 where it guesses.

    Args:
        policy: as of `DiffAugment`; cutout spoils pictures of one kind, such
            as faces, more than it helps.
        target: in [-1, 1].
        images: how many real pictures take the probability from 0 to 1.
        every: training steps between two changes.
    """

    remembers = {"probability": 0.0, "signs": 0.0, "seen": 0.0}

    def __init__(
        self, policy: Sequence[str] = ("colour", "translation"),
        target: float = 0.6, images: int = 500_000, every: int = 4,
    ):
        super().__init__(policy)
        if not fits(target, float) or not -1 <= target <= 1:
            raise InputError(
                "target must be at least -1 and at most 1, got "
                f"{shown(target)}"
            )
        at_least(1, images=images, every=every)
        self.target, self.images, self.every = target, images, every

    def share(self, memory: Any) -> Any:
        return memory["probability"]

    def learn(self, memory: Any, sign: Any, rows: Any, step: Any) -> None:
        """Takes note of an update of the judge.

        Args:
            memory: of the model that is trained.
            sign: E sign(D(x)) over the real rows of all replicas.
            rows: how many these are.
            step: the training step, counted from 0.
        """
        rows = ops.cast(rows, "float32")
        signs = memory["signs"] + rows * sign
        seen = memory["seen"] + rows
        change = ops.sign(signs / seen - self.target) * seen / self.images
        probability = ops.clip(memory["probability"] + change, 0.0, 1.0)
        due = ops.equal((ops.convert_to_tensor(step) + 1) % self.every, 0)
        memory.keep(
            probability=ops.where(due, probability, memory["probability"]),
            signs=ops.where(due, 0.0, signs), seen=ops.where(due, 0.0, seen),
        )

    def get_config(self) -> dict:
        return {
            "policy": list(self.policy), "target": self.target,
            "images": self.images, "every": self.every,
        }


@keras.saving.register_keras_serializable(package="keras_gen")
class Compress:
    """JPEG, of another quality for each picture, as in Wang et al. 2020,
    https://arxiv.org/abs/1912.11035, section 3.2: what looks at pictures of
    two origins, of which one has been through JPEG files, is to see the
    pictures and not the files. See `compression.compressed`.

    Args:
        quality: (least, most), from 1 to 100, between which all are as
            likely.
    """

    def __init__(self, quality: Sequence[float] = (50, 100)):
        if not fits(quality, Sequence[float]) or len(quality) != 2 or not (
            1 <= quality[0] <= quality[1] <= 100
        ):
            raise InputError(
                "quality must be the least and the most, from 1 to 100, got "
                f"{shown(quality)}"
            )
        self.quality = tuple(quality)

    def __call__(
        self, pictures: Any, noise: Any, memory: Any = None
    ) -> Any:
        """Pictures (n, height, width, 1 or 3) in [-1, 1] -> others, row i
        from row i of the noise, a `backend.noise.Stream`."""
        if len(pictures.shape) != 4 or pictures.shape[-1] not in (1, 3):
            raise InputError(
                "JPEG is of pictures (n, height, width, 1 or 3), got "
                f"{tuple(pictures.shape)}: leave augment out"
            )
        least, most = self.quality
        chance = noise.uniform(ops.shape(pictures)[0], ())
        return compression.compressed(
            pictures, least + (most - least) * chance
        )

    def get_config(self) -> dict:
        return {"quality": list(self.quality)}

    @classmethod
    def from_config(cls, config: dict) -> "Compress":
        return cls(**config)
