"""Pictures compared by the inner maps of a frozen network."""

from collections.abc import Sequence

import keras
from keras import ops

from keras_gen import losses
from keras_gen.errors import InputError
from keras_gen.losses import Tensor
from keras_gen.networks.taps import taps as tapped
from keras_gen.objectives.base.objective import Objective


class Perceptual(Objective):
    """An objective that may have a perceptual loss (Johnson et al.,
    1603.08155; of autoencoders Hou et al., 1610.00291).

    Args:
        perceptual: a network whose maps are compared; the papers' is VGG19,
            ours one that the zoo has published: a classifier, or what judges
            in a GAN, as in Larsen et al., 1512.09300. None for no such loss.
            It is no measure of what was trained by it: measure in another.
        taps: names of its layers; see `networks.taps`.
        perceptual_weight: of the loss; 0 without `perceptual`.
        makes, seed, name: see the objective's base.

    Raises:
        InputError: a weight without `perceptual` or the other way round, or
            names of layers that it does not have.
    """

    frozen = ("perceptual",)

    def __init__(
        self, *, perceptual: keras.Model | None = None,
        taps: Sequence[str] = (), perceptual_weight: float = 0.0, **kwargs,
    ):
        super().__init__(**kwargs)
        if perceptual_weight < 0 or (perceptual is None) != (
            not perceptual_weight
        ):
            raise InputError(
                "perceptual_weight is above 0 with [frozen.perceptual] and 0 "
                f"without it; got the weight {perceptual_weight} and "
                f"{'no' if perceptual is None else 'a'} network"
            )
        self.perceptual = self.freeze(perceptual)
        self.taps = list(taps)
        # In a function, for Keras saves every model among the attributes.
        maps = perceptual and tapped(perceptual, self.taps)
        self._maps = lambda image: maps(image, training=False)
        self.perceptual_weight = perceptual_weight

    def perceptual_loss(self, target: Tensor, fake: Tensor) -> Tensor:
        """Mean square error of each tapped map, summed over the taps:
        1603.08155, equation 2. Pictures in [-1, 1]."""
        right, made = self._maps(target), self._maps(fake)
        return sum(ops.mean(losses.l2(right[t], made[t])) for t in self.taps)
