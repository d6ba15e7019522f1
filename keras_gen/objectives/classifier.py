"""Classifiers of pictures: what measures generated ones."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_gen import losses, values
from keras_gen.abilities import Predicts
from keras_gen.data.dataset import Dataset
from keras_gen.errors import InputError
from keras_gen.export import signature
from keras_gen.layers.folded import applied
from keras_gen.losses import Tensor
from keras_gen.objectives.base import wiring
from keras_gen.objectives.base.objective import Objective, training_step
from keras_gen.objectives.base.tells import TellsClasses, class_loss
from keras_gen.objectives.base.wanted import Wanted


@keras.saving.register_keras_serializable(package="keras_gen")
class Classifier(TellsClasses, Predicts, Objective):
    """Predicts a label, or several attributes, of each picture.

    Not a generative model: it is the feature network of measurements.

    Args:
        classifier: pictures -> {"features": (n, d), "logits": (n, classes)}.
        classes: their names, in the order of the logits.
        multi_label: every class is a yes or no of its own, the labels are
            rows of 0 and 1 (n, classes). By default a picture has one class,
            and labels are int (n,).
        label_smoothing: share of the target that is spread over all classes
            alike, https://arxiv.org/abs/1512.00567, section 7; in [0, 1).
        seed, name: see `Objective`.
    """

    protocols = ("classification",)
    players = {"classifier": ("classifier",)}
    takes = {"classifier": ("image",)}
    teller = "classifier"

    @property
    def types(self) -> dict[str, values.Value]:
        label = values.Attributes() if self.multi_label else values.Label()
        return {"image": values.Picture(), "label": label}

    def __init__(
        self, classifier: keras.Model, *, classes: Sequence[str],
        multi_label: bool = False, label_smoothing: float = 0.0, **kwargs,
    ):
        super().__init__(**kwargs)
        self.classifier = classifier
        self.check_networks()
        wiring.check_outputs("classifier", classifier, ("features", "logits"))
        (outputs,) = wiring.output(classifier, "logits")
        if outputs != len(classes):
            raise InputError(
                f"classes has {len(classes)} names, but the network has "
                f"{outputs} outputs: give one name for each"
            )
        if not 0 <= label_smoothing < 1 or label_smoothing and multi_label:
            raise InputError(
                "label_smoothing must be at least 0 and below 1, and 0 with "
                f"multi_label; got {label_smoothing}"
            )
        self.classes = list(classes)
        self.multi_label = multi_label
        self.label_smoothing = label_smoothing

    @property
    def class_names(self) -> list[str]:
        """`classes`."""
        return self.classes

    @property
    def counts(self) -> dict[str, int]:
        return {"label": 2 if self.multi_label else len(self.classes)}

    def item_shapes(self) -> dict[str, tuple]:
        label = (len(self.classes),) if self.multi_label else ()
        image = tuple(self.classifier.input_shape[1:])
        return {"image": image, "label": label}

    def call_inputs(self) -> dict[str, Wanted]:
        """Pictures; the result is `classify`'s."""
        return {"image": self.trained_on()["image"]}

    def check_data(self, dataset: Dataset) -> None:
        super().check_data(dataset)
        label = dataset.columns["label"]
        count = len(self.classes)
        if self.multi_label and label.shape[1:] != (count,):
            raise InputError(
                f"labels must be rows of {count} attributes, the data's are "
                f"{label.shape}: set data.kind to 'attributes', or change "
                "objective.classes and the network's classes"
            )
        if not self.multi_label and (label.ndim > 1 or label.max() >= count):
            raise InputError(
                f"labels must be numbers from 0 to {count - 1}, the data's "
                f"are {label.shape} and go to {label.max()}: change "
                "objective.classes and the network's classes"
            )
        if label.min() < 0:
            raise InputError(
                f"{(label < 0).sum():,} of {len(label):,} labels are "
                f"{label.min()}, which stands for an unknown class: leave "
                "these pictures out, and data.unlabelled, too"
            )

    @training_step
    def train_step(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        return self.update(
            "classifier",
            lambda: self.classifier_loss(batch["image"], batch["label"]),
        )

    def classifier_loss(
        self, image: Tensor, label: Tensor
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Mean cross entropy, nats per picture, and the share of labels that
        are predicted right."""
        logits = self.classifier(image, training=True)["logits"]
        if self.multi_label:
            loss = ops.mean(losses.bernoulli(label, logits))
            right = ops.equal(logits > 0, label > 0)
            accuracy = ops.mean(ops.cast(right, "float32"))
        else:
            loss, accuracy = class_loss(label, logits, self.label_smoothing)
        return loss, {"accuracy": accuracy}

    def functions(self) -> dict[str, Callable]:
        return {"classifier": self.predicted}

    def call(self, inputs: Any, training: bool = False) -> Tensor:
        return self.predicted(inputs, training)["probabilities"]

    def predicted(
        self, image: Tensor, training: bool = False
    ) -> dict[str, Tensor]:
        """Float pictures in [-1, 1] -> {"features", "probabilities"}."""
        found = applied(self.classifier, image, training)
        turn = ops.sigmoid if self.multi_label else ops.softmax
        return {
            "features": found["features"],
            "probabilities": turn(found["logits"]),
        }

    def accuracy_on(self, batch: dict[str, np.ndarray]) -> float:
        """`accuracy` on a batch as the data set serves it."""
        return self.accuracy(batch["image"], batch["label"])

    def features(self, pictures: np.ndarray) -> np.ndarray:
        """The features of `predictions`."""
        return self.predictions(pictures)["features"]

    def preview(
        self, batch: dict[str, np.ndarray], seed: int = 0
    ) -> tuple[np.ndarray, int]:
        """The pictures of the batch that the network is least certain of,
        in the order of their most probable class."""
        found = self.classify(batch["image"])
        certainty = found.max(-1)
        if self.multi_label:
            certainty = np.abs(found - 0.5).mean(-1)
        chosen = np.argsort(certainty, kind="stable")[:64]
        chosen = chosen[np.argsort(found[chosen].argmax(-1), kind="stable")]
        return batch["image"][np.resize(chosen, 64)], 8

    def signatures(self) -> dict[str, tuple]:
        def serving_default(image):
            return self.predicted(image)

        shape = tuple(self.classifier.input_shape)
        image = {"image": signature.picture(shape)}
        return {"serving_default": (serving_default, image)}
