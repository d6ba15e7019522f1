"""What a network tells about the classes of what it sees."""

import numpy as np
from keras import ops

from keras_gen import losses
from keras_gen.losses import Tensor
from keras_gen.objectives.base.wanted import same_rows

_ROWS = 256


class TellsClasses:
    """What an `Objective` does with a network that tells classes. Its class
    gives `predicted`, from what the network takes to a dict of tensors, of
    which "probabilities" (n, classes).

    Attributes:
        teller: name of that network.
        multi_label: whether each class is a yes or no of its own.
    """

    teller: str
    multi_label = False

    def predictions(self, pictures: np.ndarray) -> dict[str, np.ndarray]:
        """What the network makes of pictures, or of what else it was trained
        on.

        Args:
            pictures: (n, height, width, channels) of its size, uint8 or
                what else `keras_gen.arrays` reads.

        Returns:
            Dict of float32 arrays, one of them "probabilities" (n, classes)
            in [0, 1]; its rows sum to 1 unless `multi_label`. A classifier's
            has "features" (n, d), too.

        Raises:
            InputError: other numbers or shapes.
        """
        (column,) = self.takes[self.teller]
        network = self.networks[self.teller]
        pictures = self.accepted(pictures, column, network)
        parts = []
        for i in range(0, len(pictures), _ROWS):
            part = self.types[column].prepare(pictures[i:i + _ROWS])
            parts.append(self.run("predicted", part))
        return {
            key: np.concatenate([part[key] for part in parts])
            for key in parts[0]
        }

    def classify(self, pictures: np.ndarray) -> np.ndarray:
        """The probabilities of `predictions`."""
        return self.predictions(pictures)["probabilities"]

    def accuracy(self, pictures: np.ndarray, label: np.ndarray) -> float:
        """Share of labels that are predicted right: of pictures, or, with
        `multi_label`, of all attributes of all pictures.

        Args:
            pictures: as of `predictions`.
            label: int (n,) or 0/1 (n, classes).

        Raises:
            InputError: other numbers or shapes, or not one label for each.
        """
        label = self.trained_on()["label"].accept(label, "label", self.given)
        found = self.classify(pictures)
        same_rows({"image": len(found), "label": len(label)})
        guess = found > 0.5 if self.multi_label else found.argmax(-1)
        return float((guess == label).mean())


def class_loss(
    label: Tensor, logits: Tensor, smoothing: float = 0.0
) -> tuple[Tensor, Tensor]:
    """(mean cross entropy in nats, share of labels that are told right).

    Args:
        label: int (n,).
        logits: (n, classes).
        smoothing: of `losses.categorical`.
    """
    right = ops.equal(ops.argmax(logits, -1), ops.cast(label, "int32"))
    return (
        ops.mean(losses.categorical(label, logits, smoothing)),
        ops.mean(ops.cast(right, "float32")),
    )
