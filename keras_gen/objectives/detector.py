"""Detectors: is a picture real, or has a generator made it?"""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_gen import compression, values
from keras_gen.backend import gradients, noise
from keras_gen.data.dataset import Dataset
from keras_gen.errors import InputError
from keras_gen.losses import Tensor
from keras_gen.objectives.base import wiring
from keras_gen.objectives.base.objective import Objective, training_step
from keras_gen.objectives.classifier import Classifier
from keras_gen.seeds import numbered

_ROWS = 256


@keras.saving.register_keras_serializable(package="keras_gen")
class Detector(Classifier):
    """Wang et al. 2020, https://arxiv.org/abs/1912.11035: a classifier of
    real pictures against those of one generator, to be tried on those of
    others.

    Each step draws as many pictures as it sees real ones, rounded to 8 bits
    like these: a detector of floats against levels would be right always.

    Args:
        classifier: pictures -> {"features": (n, d), "logits": (n, 2)}, of
            real and of made.
        generator: latent (n, latent_dim), which is N(0, 1), -> pictures in
            [-1, 1] of the classifier's size; it does not move.
        augment: what the classifier sees of both alike, such as
            `keras_gen.augmentation.Compress`; None for them as they are.
        label_smoothing, seed, name: see `Classifier`.

    Raises:
        InputError: networks that do not fit each other.
    """

    protocols = ("detection",)
    frozen = ("generator",)

    def __init__(
        self, classifier: keras.Model, generator: keras.Model, *,
        augment: Callable | None = None, **kwargs,
    ):
        super().__init__(
            classifier, classes=["real", "made"], multi_label=False, **kwargs
        )
        wiring.check("generator", generator)
        wiring.check_names("generator", generator, ("latent",))
        made = wiring.output(generator)
        wanted = tuple(classifier.input_shape[1:])
        if made != wanted:
            raise InputError(
                f"generator makes pictures of the shape {made}, and the "
                f"classifier takes {wanted}: build it for those"
            )
        self.generator = self.freeze(generator)
        self.augment = augment

    def arguments(self) -> dict[str, Any]:
        fixed = ("classes", "multi_label")
        found = super().arguments()
        return {n: value for n, value in found.items() if n not in fixed}

    @property
    def types(self) -> dict[str, values.Value]:
        return {"image": values.Picture()}

    def item_shapes(self) -> dict[str, tuple]:
        return {"image": tuple(self.classifier.input_shape[1:])}

    @property
    def counts(self) -> dict[str, int]:
        return {}

    def check_data(self, dataset: Dataset) -> None:
        """As of any objective: there are no labels."""
        Objective.check_data(self, dataset)

    @training_step
    def train_step(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        image, label = gradients.constant(lambda: self.shown(batch["image"]))
        return self.update(
            "classifier", lambda: self.classifier_loss(image, label)
        )

    def shown(self, real: Tensor) -> tuple[Tensor, Tensor]:
        """(pictures, labels) of a step: real ones (n, h, w, c) in [-1, 1],
        whose label is 0, and after them as many made ones, of this step's
        noise."""
        rows = ops.shape(real)[0]
        latent = self.noise.normal(rows, self.generator.input_shape[1:])
        made = compression.levels(self.generator(latent, training=False))
        if self.augment is not None:
            real = self.augment(real, self.noise)
            made = self.augment(made, self.noise)
        label = ops.concatenate([ops.zeros(rows), ops.ones(rows)])
        return ops.concatenate([real, made]), ops.cast(label, "int32")

    def drawn(self, seeds: Tensor) -> Tensor:
        """The generator's pictures in [-1, 1], row i from the int64 seed i:
        those that a GAN with this generator has of it."""
        latent = noise.normal(
            noise.fold(0, seeds), self.generator.input_shape[1:]
        )
        return self.generator(latent, training=False)

    def fakes(self, n: int, seed: int = 0) -> np.ndarray:
        """Pictures of the generator, uint8 (n, height, width, channels); i
        has the seed `seed + i`."""
        parts = [
            self.run("drawn", ops.convert_to_tensor(numbers))
            for numbers in np.split(
                numbered(seed, n), range(_ROWS, n, _ROWS)
            )
        ]
        return self.types["image"].restore(np.concatenate(parts))

    def preview(
        self, batch: dict[str, np.ndarray], seed: int = 0
    ) -> tuple[np.ndarray, int]:
        """Made pictures, from those that pass as real to those that do not;
        none of the data."""
        made = self.fakes(64, seed)
        return made[np.argsort(self.says_made(made), kind="stable")], 8

    def accuracy_on(self, batch: dict[str, np.ndarray]) -> float:
        """Share told right of the real pictures of a batch and of as many
        made ones."""
        real = self.says_made(batch["image"])
        made = self.says_made(self.fakes(len(real)))
        return float(np.mean([*(real <= 0.5), *(made > 0.5)]))

    def says_made(self, pictures: np.ndarray) -> np.ndarray:
        """How sure it is that pictures are made, in [0, 1], float32 (n,):
        where real and made ones are as many, as in training. See `classify`
        for what it takes."""
        return self.classify(pictures)[:, 1]
