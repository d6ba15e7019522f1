"""Labels of models that make what is asked for by its class."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from keras_gen import values
from keras_gen.abilities import TakesLabels
from keras_gen.data.dataset import Dataset
from keras_gen.errors import InputError, alike
from keras_gen.export import signature
from keras_gen.export.signature import Input
from keras_gen.layers.folded import applied
from keras_gen.losses import Tensor
from keras_gen.objectives.base.wanted import Wanted

# Names of classes in a message.
_SHOWN = 20


def place(name: object, names: Sequence[str]) -> int | None:
    """Where a name is among others: itself, or the only one that differs in
    capital letters alone; None where there is none."""
    if name in names:
        return list(names).index(name)
    alike = [
        number for number, each in enumerate(names)
        if isinstance(name, str) and each.casefold() == name.casefold()
    ]
    return alike[0] if len(alike) == 1 else None


def checked_names(names: Sequence[str], classes: int) -> list[str]:
    """The names of `classes` labels; InputError unless there are as many, or
    none, all different."""
    names = list(names)
    if names and len(names) != classes:
        raise InputError(
            f"class_names has {len(names)} names, and there are {classes} "
            "classes: give one for each in their order, or none"
        )
    if not all(isinstance(name, str) for name in names) or (
        len(set(names)) < len(names)
    ):
        raise InputError(
            f"class_names must be strings, each another one; got {names}"
        )
    return names


class Labelled(TakesLabels):
    """All that a `LatentObjective` does with labels but train on them; its
    class inherits this one first.

    The constructor of the class stores `classes` and `class_names`: labels
    are 0 ... classes - 1, and the networks' inputs are {"latent", "label"}
    and {what is made, "label"}. With 0 classes it is as if this class were
    not there.
    """

    @property
    def types(self) -> dict[str, values.Value]:
        label = {"label": values.Label()} if self.classes else {}
        return {**super().types, **label}

    @property
    def takes(self) -> dict[str, tuple[str, ...]]:
        label = ("label",) if self.classes else ()
        return {name: (*own, *label) for name, own in super().takes.items()}

    @property
    def counts(self) -> dict[str, int]:
        return {"label": self.classes} if self.classes else {}

    def call_inputs(self) -> dict[str, Wanted]:
        if not self.classes:
            return super().call_inputs()
        label = Wanted(values.Label(), (), self.classes)
        return {**super().call_inputs(), "label": label}

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
            label: int or the name of a class, or several that broadcast to
                `shape`. Unlike those of data none may be missing.
            shape: of the labels that are wanted.

        Returns:
            int32 array of this shape.

        Raises:
            InputError: a label that there is not, or another shape.
        """
        try:
            label = np.asarray(label)
        except ValueError as error:  # lists of several lengths
            raise InputError(
                f"{self.name}'s labels must be one or an array, got {label!r}"
            ) from error
        if label.dtype.kind in "UO":
            numbers = [self.label_of(name) for name in label.flat]
            label = np.reshape(numbers, label.shape)
        if label.dtype.kind not in "iu":
            raise InputError(
                f"{self.name}'s labels are whole numbers, got {label}"
            )
        wrong = label[(label < 0) | (label >= self.classes)]
        if wrong.size:
            raise InputError(
                f"{self.name}'s labels go from 0 to {self.classes - 1}, got "
                f"{wrong.flat[0]}{self._named()}"
            )
        try:
            return np.broadcast_to(label, shape).astype("int32")
        except ValueError as error:
            raise InputError(
                "label must be one number or one for each of "
                f"{' x '.join(map(str, shape))}, got the shape {label.shape}"
            ) from error

    def label_of(self, name: str | int) -> int:
        """The number of a class: by its name, which may be written in small
        or capital letters where that is clear, or the number itself, "3".

        Raises:
            InputError: no such class; the message has near names.
        """
        found = place(name, self.class_names)
        if found is not None:
            return found
        try:
            return int(name)
        except (TypeError, ValueError):
            raise InputError(
                f"{self.name} has no class {str(name)!r}"
                f"{self._near(str(name))}: its labels go from 0 to "
                f"{self.classes - 1}{self._named()}"
            ) from None

    def _near(self, name):
        """Names like one that there is not, for a message, "" without."""
        small = {each.casefold(): each for each in self.class_names}
        near = alike(name.casefold(), small)
        near = [small[each] for each in near]
        return f", did you mean {' or '.join(near)}" if near else ""

    def _named(self):
        """The names of the classes for a message, "" without."""
        shown = ", ".join(map(str, self.class_names[:_SHOWN]))
        more = ", ..." * (len(self.class_names) > _SHOWN)
        return f" ({shown}{more})" * bool(shown)

    def each_class(self, seeds: np.ndarray) -> np.ndarray:
        """A label by each seed, int64 (n,), the default of `generate`: seeds
        one after the other are of class after class."""
        return (seeds % self.classes).astype("int32")

    def decode(
        self, latent: Tensor, label: Tensor = None, training: bool = False
    ) -> Tensor:
        """As `LatentObjective.decode`, of a class for each latent."""
        if self.classes:
            latent = {"latent": latent, "label": label}
        return applied(self.generator, latent, training)

    def call(self, inputs: Any, training: bool = False) -> Tensor:
        return self.generator(inputs, training=training)

    @property
    def condition_inputs(self) -> dict[str, signature.Input]:
        if not self.classes:
            return super().condition_inputs
        label = Input((None,), "int32", 0, self.classes - 1)
        return {**super().condition_inputs, "label": label}

    def _condition(self, numbers, condition):
        """Takes `label` too: a number or a name, or one for each."""
        if not self.classes:
            return super()._condition(numbers, condition)
        label = condition.pop("label", None)
        checked = super()._condition(numbers, condition)
        label = self.each_class(numbers) if label is None else label
        return {**checked, "label": self.labels(label, numbers.shape)}

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
