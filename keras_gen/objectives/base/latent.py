"""What all objectives share that turn latent vectors into values."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from keras_gen import values
from keras_gen.abilities import DrawsLatents
from keras_gen.backend import noise
from keras_gen.errors import InputError
from keras_gen.export import signature
from keras_gen.layers.folded import applied
from keras_gen.losses import Tensor
from keras_gen.objectives.base.objective import Objective
from keras_gen.objectives.base.wanted import LATENTS, Wanted


class LatentObjective(DrawsLatents, Objective):
    """An objective with a `generator` from latents to what it makes:
    pictures in [-1, 1], or another type of value.

    The training scheme is the subclass's.

    Args:
        makes: name of the type of value that is made, of
            `keras_gen.values`: "picture", "points", "video", "voxels".
        seed, name: see `Objective`.
    """

    protocols: tuple = ("samples", "truncation")
    takes: Any = {"generator": ("latent",)}
    facts = (*Objective.facts, "truncation_limit")

    def __init__(self, *, makes: str = "picture", **kwargs):
        super().__init__(**kwargs)
        self.makes = makes
        # {"least": the least truncation that is taken, "says": why}, which
        # `zoo.load` knows of published models by measurement; None takes
        # all, and is right again where such a model has been trained on.
        self.truncation_limit: dict[str, Any] | None = None
        values.named(makes)

    @property
    def made(self) -> values.Value:
        """The type of value that is made."""
        return values.named(self.makes)

    @property
    def types(self) -> dict[str, values.Value]:
        return {self.made.column: self.made}

    def call_inputs(self) -> dict[str, Wanted]:
        """Latents; the result is what `explore.decode` makes of them, as the
        network gives it, such as pictures in [-1, 1]."""
        return {"latent": Wanted(LATENTS, (self.latent_dim,))}

    @property
    def latent_dim(self) -> int:
        """Length of the latent vector."""
        inputs = self.named_inputs("generator")
        if "latent" not in inputs:
            raise InputError(
                "the generator's inputs are not known: build it of layers, as "
                "keras.Model(inputs, outputs)"
            )
        return inputs["latent"].shape[-1]

    def decode(self, latent: Tensor, training: bool = False) -> Tensor:
        """Latents (n, latent_dim) -> what is made, for instance pictures
        (n, h, w, c) in [-1, 1]."""
        return applied(self.generator, latent, training)

    def latents(
        self, seeds: Tensor, truncation: Tensor | None = None
    ) -> Tensor:
        """Standard normal latents (n, latent_dim), row i from seed i.

        Args:
            seeds: int64 (n,).
            truncation: the largest absolute value, above 0, a scalar or one
                for each row (n,); see `noise.truncated_normal`. None for
                the whole normal distribution.
        """
        keys = noise.fold(0, seeds)
        if truncation is None:
            return noise.normal(keys, (self.latent_dim,))
        return noise.truncated_normal(keys, (self.latent_dim,), truncation)

    def call(self, inputs: Any, training: bool = False) -> Tensor:
        return self.decode(inputs, training=training)

    def functions(self) -> dict[str, Callable]:
        return {
            "generator": lambda x: {self.made.column: self.generator(x)}
        }

    def sample(
        self, seeds: Tensor, truncation: Tensor | None = None, **condition
    ) -> Tensor:
        return self.decode(self.latents(seeds, truncation), **condition)

    @property
    def condition_inputs(self) -> dict[str, signature.Input]:
        """What `decode` takes beside latents: {name: signature.Input}."""
        return {}

    def _condition(self, numbers, condition):
        """Takes `truncation`; see `latents`."""
        truncation = condition.pop("truncation", None)
        super()._condition(numbers, condition)
        if truncation is None:
            return {}
        return {"truncation": self.truncations(truncation, len(numbers))}

    def truncations(self, truncation: ArrayLike, n: int) -> np.ndarray:
        """Truncations that are asked for, checked.

        Args:
            truncation: one number, or one for each of n.

        Returns:
            float32 array (n,).

        Raises:
            InputError: other numbers, or some that the model was measured
                not to bear; see `keras_gen.zoo.truncation`.
        """
        try:
            bound = np.asarray(truncation, "float32")
        except (TypeError, ValueError):
            bound = np.zeros(0, "float32")
        if bound.shape not in [(), (n,)] or not (bound > 0).all():
            raise InputError(
                "truncation must be one number above 0 or one for each of "
                f"the {n} {self.made.plural}, got {truncation}"
            )
        limit = self.truncation_limit
        if limit and (bound < np.float32(limit["least"])).any():
            raise InputError(
                f"{self.name} {limit['says']}; got {bound.min():g}: leave "
                "truncation out for whole latents"
            )
        return np.broadcast_to(bound, n)

    def monitored(self, batch: dict[str, np.ndarray], seed: int = 0) -> tuple:
        real = batch[self.made.column]
        return self.generate(len(real), seed=seed), real, None

    def signatures(self) -> dict[str, tuple]:
        column, conditions = self.made.column, self.condition_inputs

        def serving_default(latent, *condition):
            return {column: self.decode(latent, *condition)}

        def sample(seed, *condition):
            *condition, truncation = condition
            condition = dict(zip(conditions, condition))
            return {column: self.sample(seed, truncation, **condition)}

        latent = signature.Input((None, self.latent_dim), "float32")
        return {
            "serving_default": (
                serving_default, {"latent": latent, **conditions}
            ),
            "sample": (sample, {
                "seed": signature.SEED, **conditions,
                "truncation": signature.TRUNCATION,
            }),
        }
