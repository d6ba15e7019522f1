"""The training steps that are timed: sizes, batches, random data."""

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class Case:
    """What one training step sees.

    Attributes:
        size: height and width of the pictures.
        batch: pictures of one update.
        updates: updates that split one step's data.
        columns: names of the picture columns.
    """

    size: int
    batch: int
    updates: int = 1
    columns: tuple = ("image",)

    @property
    def pictures(self):
        """Real pictures that one step trains on (pairs count once)."""
        return self.batch * self.updates

    def data(self):
        """A batch of noise: uint8 (pictures, size, size, 3) by column."""
        rng = np.random.default_rng(0)
        shape = (self.pictures, self.size, self.size, 3)
        return {
            c: rng.integers(0, 256, shape).astype("uint8")
            for c in self.columns
        }


CASES = {
    "dcgan": Case(64, 64),
    "wgan_gp": Case(64, 64, updates=5),
    "pix2pix": Case(128, 4, columns=("input", "target")),
    "cyclegan": Case(128, 1, columns=("a", "b")),
}
