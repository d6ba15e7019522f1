"""CUT: translation without pairs, one way, https://arxiv.org/abs/2007.15651."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_gen import losses, values
from keras_gen.accepted import at_least, fits, shown
from keras_gen.errors import InputError
from keras_gen.losses import Tensor
from keras_gen.networks import sizes
from keras_gen.networks.taps import taps as tapped
from keras_gen.objectives.base import wiring
from keras_gen.objectives.base.objective import training_step
from keras_gen.objectives.base.tensors import passes
from keras_gen.objectives.base.translator import Translator, side_by_side
from keras_gen.objectives.gan import accuracy


@keras.saving.register_keras_serializable(package="keras_gen")
class CUT(Translator):
    """Park et al. 2020: each place of a translation is to be more like the
    same place of its source than like the source's other places.

    One generator, no way back: what is compared are maps of the generator's
    own encoder, each through a small head. FastCUT is `nce_weight=10`,
    `identity_nce=False`. Its authors also mirror half of the sources, and
    mirror the maps of what is made of them back. That is left out: the
    centres of maps that a stride has halved twice are each fourth pixel from
    one side, so mirrored ones lie three pixels off, and the loss would ask
    for pictures that have moved.

    Args:
        generator: pictures a -> pictures b, of one size.
        discriminator: pictures b -> patch logits.
        heads: a network for each tap, "features" (n, places, channels) ->
            vectors, such as `networks.patch_features.head`. They belong to
            the generator's player: its loss is theirs, and for Adam, which
            scales each number by itself, the authors' optimizer of their
            own at the same rate is the same.
        taps: names of the generator's layers whose maps are compared, that
            of its input for the pixels.
        adversarial: name of a pair in `keras_gen.losses`.
        adversarial_weight: factor of the generator's adversarial loss; 2
            undoes the 1/2 of least squares, which the paper leaves out here.
        nce_weight: of the contrastive loss, `losses.patch_nce`, the mean
            over taps.
        identity_nce: whether the generator is given b, too, which is to stay
            as it is; the contrastive loss is then the mean of both, as in
            the authors' code.
        places: how many of each map are compared, all of a smaller one.
        temperature: of `losses.patch_nce`.
        makes, seed, name: see `Translator`.

    Raises:
        InputError: unknown taps, heads that do not fit them, a generator
            that enlarges, no places, or a temperature that is not above 0.
    """

    players = {
        "discriminator": ("discriminator",),
        "generator": ("generator", "heads"),
    }
    feeds = {"generator": {"input": "a"}, "discriminator": {"image": "b"}}
    takes = {
        "generator": ("input",), "discriminator": ("image",),
        "heads": ("features",),
    }
    flows = (
        ("generator", None, "discriminator", "image"),
        ("generator", None, "generator", "input"),
    )
    translators = {"b": "generator"}

    def __init__(
        self, generator: keras.Model, discriminator: keras.Model,
        heads: Sequence[keras.Model], *, taps: Sequence[str],
        adversarial: str = "least_squares", adversarial_weight: float = 2.0,
        nce_weight: float = 1.0, identity_nce: bool = True,
        places: int = 256, temperature: float = 0.07, **kwargs,
    ):
        super().__init__(**kwargs)
        self.generator = generator
        self.discriminator = discriminator
        lone = isinstance(heads, keras.Model)
        self.heads, self.taps = [heads] if lone else list(heads), list(taps)
        self.check_networks()
        encoder, whole = self._tapped()
        # In functions, for Keras saves every model among the attributes.
        self._encoded = lambda *images: passes(encoder, *images)
        self._made = lambda *images: passes(whole, *images)
        self.adversarial = adversarial
        self.pair = losses.adversarial(adversarial)
        self.adversarial_weight = adversarial_weight
        self.nce_weight = nce_weight
        self.identity_nce = identity_nce
        at_least(1, places=places)
        if not fits(temperature, float) or temperature <= 0:
            raise InputError(
                f"temperature must be above 0, got {shown(temperature)}"
            )
        self.places = places
        self.temperature = temperature

    def _tapped(self):
        """The generator up to its taps, and all of it with them, checked."""
        encoder = tapped(self.generator, self.taps)
        if len(self.heads) != len(self.taps):
            raise InputError(
                f"there are {len(self.heads)} heads for {len(self.taps)} "
                "taps: give one for each, in their order"
            )
        times = sizes.scale(self.generator)
        if times != 1:
            raise InputError(
                f"the generator enlarges {times} times, and CUT compares "
                "places of a picture with the same places of its "
                "translation: take one that does not"
            )
        maps = {
            tap: self.generator.get_layer(tap).output for tap in self.taps
        }
        for i, tap in enumerate(self.taps):
            taken = self.named_inputs(f"heads_{i}").get("features")
            wiring.check_flow(
                f"the generator's {tap}", (None, maps[tap].shape[-1]),
                f"heads_{i}", None if taken is None else taken.shape[1:],
                "CUT(generator, discriminator, heads, taps=...)",
            )
        return encoder, keras.Model(
            self.generator.input, (self.generator.output, maps)
        )

    @property
    def types(self) -> dict[str, values.Value]:
        return {"a": self.made, "b": self.made}

    @training_step
    def train_step(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        a, b = batch["a"], batch["b"]
        sources = (a, b) if self.identity_nce else (a,)
        # One pass through the generator serves both players.
        begun = self.ahead("generator", lambda: self._made(*sources))
        fake = ops.stop_gradient(begun.made[0][0])
        logs = self.update(
            "discriminator", lambda: self.discriminator_loss(b, fake)
        )
        return logs | self.update(
            "generator", lambda: self.generator_loss(*begun.made), begun
        )

    def discriminator_loss(
        self, real: Tensor, fake: Tensor
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss on true pictures against translations."""
        real_logits, fake_logits = passes(self.discriminator, real, fake)
        loss = self.pair.discriminator(real_logits, fake_logits)
        right = accuracy(real_logits, fake_logits, self.pair.boundary)
        return loss, {"discriminator_accuracy": right}

    def generator_loss(
        self, *made: tuple[Tensor, dict[str, Tensor]]
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Adversarial and contrastive loss.

        Args:
            *made: (pictures, the taps' maps of their sources), made of a
                and, for the identity, of b.
        """
        images, sources = zip(*made)
        logits = self.discriminator(images[0], training=True)
        logs = {"adversarial": self.pair.generator(logits)}
        found = [
            self.contrast(of_made, of_source)
            for of_made, of_source in zip(self._encoded(*images), sources)
        ]
        logs |= dict(zip(("nce", "identity_nce"), found))
        loss = self.adversarial_weight * logs["adversarial"]
        return loss + self.nce_weight * sum(found) / len(found), logs

    def contrast(
        self, made: dict[str, Tensor], source: dict[str, Tensor]
    ) -> Tensor:
        """The contrastive loss of the taps' maps, mean over taps and
        pictures."""
        total = 0.0
        for tap, head in zip(self.taps, self.heads):
            at = self.drawn_places(source[tap])
            query, key = (
                head(_at(maps[tap], at), training=True)
                for maps in (made, source)
            )
            total = total + ops.mean(
                losses.patch_nce(query, key, self.temperature)
            )
        return total / len(self.taps)

    def drawn_places(self, maps: Tensor) -> Tensor:
        """Numbers of places in each picture's map (n, height, width,
        channels), of this step's noise: int (n, places), none twice."""
        _, height, width, _ = maps.shape
        order = self.noise.uniform(ops.shape(maps)[0], (height * width,))
        return ops.top_k(order, min(self.places, height * width))[1]

    def call(self, inputs: Any, training: bool = False) -> Tensor:
        return self.generator(inputs, training=training)

    def preview(
        self, batch: dict[str, np.ndarray], seed: int = 0
    ) -> tuple[np.ndarray, int]:
        """a, a to b; b, and what the generator makes of it."""
        a, b = batch["a"][:8], batch["b"][:8]
        return side_by_side(
            a, self.translate(a, seed=seed), b, self.translate(b, seed=seed)
        )


def _at(maps, places):
    """What maps (n, height, width, channels) have at some places, int (n,
    places): (n, places, channels)."""
    n, height, width, _ = ops.shape(maps)
    first = ops.arange(n, dtype="int32")[:, None] * (height * width)
    rows = ops.reshape(maps, (-1, maps.shape[-1]))
    return ops.take(rows, ops.cast(places, "int32") + first, axis=0)
