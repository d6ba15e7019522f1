"""What the judge sees of pictures, real and made alike, so that it cannot
learn a few pictures by heart; differentiable, for the generator's sake."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

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
        policy = tuple(policy)
        unknown = [name for name in policy if name not in _POLICIES]
        if unknown or not policy:
            raise InputError(
                f"policy must be some of {', '.join(_POLICIES)}, got "
                f"{', '.join(policy) or 'none'}"
            )
        if not 0 < probability <= 1:
            raise InputError(
                "probability must be above 0 and at most 1, got "
                f"{probability}: leave augment out for none"
            )
        self.policy = policy
        self.probability = probability

    def __call__(self, pictures: Any, noise: Any) -> Any:
        """Pictures (n, height, width, channels) in about [-1, 1] -> others,
        row i from row i of the noise.

        Args:
            noise: a `backend.noise.Stream`.
        """
        if len(pictures.shape) != 4:
            raise InputError(
                "DiffAugment is of pictures (n, height, width, channels), "
                f"got {len(pictures.shape)} axes: leave augment out"
            )
        changed = pictures
        for name in self.policy:
            changed = getattr(self, f"_{name}")(changed, noise)
        if self.probability == 1:
            return changed
        chance = noise.uniform(ops.shape(pictures)[0], (1, 1, 1))
        return ops.where(chance < self.probability, changed, pictures)

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
