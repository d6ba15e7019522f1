"""Labels of models that make what is asked for by its class."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from keras_gen import values
from keras_gen.abilities import TakesLabels
from keras_gen.data.dataset import Dataset
from keras_gen.errors import InputError
from keras_gen.export import signature
from keras_gen.export.signature import Input
from keras_gen.losses import Tensor


class Labelled(TakesLabels):
    """All that a `LatentObjective` does with labels but train on them; its
    class inherits this one first.

    The constructor of the class stores `classes`: labels are 0 ...
    classes - 1, and the networks' inputs are {"latent", "label"} and {what is
    made, "label"}. With 0 classes it is as if this class were not there.
    """

    @property
    def types(self) -> dict[str, values.Value]:
        label = {"label": values.Label()} if self.classes else {}
        return {**super().types, **label}

    @property
    def takes(self) -> dict[str, tuple[str, ...]]:
        label = ("label",) if self.classes else ()
        return {name: (*own, *label) for name, own in super().takes.items()}

    def check_data(self, dataset: Dataset) -> None:
        super().check_data(dataset)
        if not self.classes:
            return
        label = dataset.columns["label"]
        label = np.asarray(label[np.arange(len(label))])
        if label.min() < 0 or label.max() >= self.classes:
            raise InputError(
                f"labels must go from 0 to {self.classes - 1}, the data's go "
                f"from {label.min()} to {label.max()}: change "
                "objective.classes and the networks' classes"
            )

    def labels(self, label: ArrayLike, shape: tuple[int, ...]) -> np.ndarray:
        """Labels that are asked for, checked.

        Args:
            label: int, or ints that broadcast to `shape`. Unlike those of
                data none may be missing.
            shape: of the labels that are wanted.

        Returns:
            int32 array of this shape.

        Raises:
            InputError: a label that there is not, or another shape.
        """
        label = np.asarray(label)
        if label.dtype.kind not in "iu":
            raise InputError(
                f"{self.name}'s labels are whole numbers, got {label}"
            )
        wrong = label[(label < 0) | (label >= self.classes)]
        if wrong.size:
            raise InputError(
                f"{self.name}'s labels go from 0 to {self.classes - 1}, got "
                f"{wrong.flat[0]}"
            )
        try:
            return np.broadcast_to(label, shape).astype("int32")
        except ValueError as error:
            raise InputError(
                "label must be one number or one for each of "
                f"{' x '.join(map(str, shape))}, got the shape {label.shape}"
            ) from error

    def each_class(self, n: int) -> np.ndarray:
        """n labels, class after class, the default of `generate`."""
        return np.arange(n, dtype="int32") % self.classes

    def decode(
        self, latent: Tensor, label: Tensor = None, training: bool = False
    ) -> Tensor:
        """As `LatentObjective.decode`, of a class for each latent."""
        if self.classes:
            latent = {"latent": latent, "label": label}
        return self.generator(latent, training=training)

    def call(self, inputs: Any, training: bool = False) -> Tensor:
        return self.generator(inputs, training=training)

    @property
    def condition_inputs(self) -> dict[str, signature.Input]:
        if not self.classes:
            return super().condition_inputs
        label = Input((None,), "int32", 0, self.classes - 1)
        return {**super().condition_inputs, "label": label}

    def _condition(self, n, condition):
        """Takes `label` too: one, or one for each."""
        if not self.classes:
            return super()._condition(n, condition)
        label = condition.pop("label", None)
        checked = super()._condition(n, condition)
        label = self.each_class(n) if label is None else label
        return {**checked, "label": self.labels(label, (n,))}

    def preview(
        self, batch: dict[str, np.ndarray], seed: int = 0
    ) -> tuple[np.ndarray, int]:
        """One class a column, at most ten of them."""
        if not self.classes:
            return super().preview(batch, seed)
        columns = min(self.classes, 10)
        label = np.tile(np.arange(columns), self.made.shown // 8)
        made = self.generate(len(label), seed=seed, label=label)
        return self.made.sheet(made, columns)

    def monitored(self, batch: dict[str, np.ndarray], seed: int = 0) -> tuple:
        if not self.classes:
            return super().monitored(batch, seed)
        label = batch["label"]
        fakes = self.generate(len(label), seed=seed, label=label)
        return fakes, batch[self.made.column], label
