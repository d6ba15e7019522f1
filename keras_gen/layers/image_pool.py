"""The pool of earlier fakes, as graph-safe state."""

from typing import Any

import keras
from keras import ops

from keras_gen.backend import replication


class ImagePool(keras.layers.Layer):
    """Keeps `size` earlier fakes and shows some of them again.

    Shrivastava et al. 2017, https://arxiv.org/abs/1612.07828, section 2.3,
    as CycleGAN uses it: until the pool is full it keeps and returns what
    comes in; then each picture is returned as it is or, with probability
    1/2, changes places with a random one of the pool. The pool is common to
    all replicas, and its state is saved with the model's.

    Args:
        size: how many pictures; 0 for no pool.
        image_shape: (height, width, channels).
    """

    def __init__(self, size: int, image_shape: tuple[int, ...], **kwargs):
        super().__init__(**kwargs)
        self.size = size
        self.pictures = self.add_weight(
            name="pictures", shape=(size, *image_shape), trainable=False,
            initializer="zeros", dtype="float32",
            aggregation="only_first_replica",
        )
        self.filled = self.add_weight(
            name="filled", shape=(), dtype="int32", trainable=False,
            initializer="zeros", aggregation="only_first_replica",
        )
        self.built = True

    def exchange(self, fakes: Any, noise: Any) -> Any:
        """Puts fakes in and takes as many out.

        Args:
            fakes: float32 (n, height, width, channels).
            noise: the step's `noise.Stream`.

        Returns:
            float32 tensor of the same shape.
        """
        own = ops.shape(fakes)[0]
        fakes = replication.all_rows(fakes, noise.replicas)
        rows = fakes.shape[0] or ops.shape(fakes)[0]
        if self.size < 1 or (isinstance(rows, int) and rows > self.size):
            return replication.own_rows(fakes, own, noise.replica)
        filling = self.filled + rows <= self.size
        # Distinct places: the first in random order among those filled.
        order = noise.uniform(self.size, (), shared=True)
        order = ops.where(ops.arange(self.size) < self.filled, order, 2.0)
        # Of more rows than places, known only here, none is exchanged.
        fits = rows <= self.size
        turn = ops.arange(rows) % self.size
        places = ops.where(
            filling, self.filled + ops.arange(rows),
            ops.take(ops.argsort(order), turn),
        )
        old = ops.take(self.pictures, places, axis=0)
        swap = noise.uniform(rows, (1, 1, 1), shared=True) < 0.5
        # A batch larger than what is there has no partner for some rows.
        there = ops.reshape(places < self.filled, (-1, 1, 1, 1))
        swap = ops.logical_and(swap, ops.logical_and(there, fits))
        shown = ops.where(ops.logical_or(filling, ~swap), fakes, old)
        kept = ops.where(ops.logical_or(filling, swap), fakes, old)
        self.pictures.assign(
            ops.scatter_update(self.pictures, places[:, None], kept)
        )
        self.filled.assign(
            ops.where(filling, self.filled + rows, self.filled)
        )
        return replication.own_rows(shown, own, noise.replica)
