"""An endless, resumable stream of batches."""

import copy
import os
from typing import Any

import keras
import numpy as np

from keras_gen import seeds
from keras_gen.data import keyed
from keras_gen.errors import InputError

# First key word after the seed, so that no two uses share random numbers;
# each column of unpaired data adds its own number to it.
_ORDER = 1 << 8
_JITTER = 2 << 8
# Batches that are read at the same time, and kept ready.
_READERS = min(16, os.cpu_count() or 1)
_AHEAD = 4


class Batches(keras.utils.PyDataset):
    """Batches `start` ... `steps` - 1 of an endless stream over a Dataset.

    Item i is a pure function of (seed, start + i): epoch after epoch the
    stream runs through a fresh permutation of the items, and a run that stops
    at step t and goes on with start=t sees what it would have seen. Unpaired
    columns are each permuted on their own, with their own length.

    Keras shuffles the items of a PyDataset unless told otherwise: call
    `fit(batches, shuffle=False)` where a resumed run must repeat exactly.

    Args:
        dataset: a keras_gen.data.Dataset.
        batch_size: items per batch; may exceed the number of items.
        steps: number of the step after the last batch.
        start: number of the first batch.
        seed: any whole number.
        seen: items that batches of another size held before the one of step
            `since`: the stream goes on after them.
        since: see `seen`.
        flip: mirror each item left to right with probability 1/2.

    Items are dicts of arrays (batch_size, ...) as the data set's `types` say,
    such as uint8 pictures (batch_size, height, width, channels) and int32
    labels (batch_size,). Where the data set has a `crop`, each picture is cut
    from a random place of the larger one. The columns of a pair are flipped
    and cut alike, unpaired columns independently; what is made of a column is
    made after that. Bad arguments raise InputError.
    """

    def __init__(
        self, dataset: Any, batch_size: int, steps: int, start: int = 0,
        seed: int = 0, flip: bool = False, seen: int = 0, since: int = 0,
        **options,
    ):
        super().__init__(**options)
        check(batch_size, steps, start)
        self.dataset = dataset
        self.batch_size = int(batch_size)
        self.steps = int(steps)
        self.start = int(start)
        self.seed = seeds.signed(seed)
        self.flip = bool(flip)
        self.seen, self.since = seen, since
        self.rows = slice(None)

    def of_worker(self, number, workers):
        """The same stream, but of each batch only the rows of worker
        `number` of `workers`: an equal, consecutive share."""
        share = self.batch_size // workers
        own = copy.copy(self)
        own.rows = slice(number * share, (number + 1) * share)
        return own

    def __len__(self):
        return self.steps - self.start

    def __getitem__(self, index):
        if not 0 <= index < len(self):
            raise IndexError(f"batch {index} of {len(self)}")
        step = self.start + int(index)
        return self.dataset.complete({
            name: self.jitter(
                column[self.indices(number, step)[self.rows]],
                self.dataset.types[name], number, step,
            )
            for name, number, column in self.numbered()
        })

    def numbered(self):
        """(name, number, column); equal numbers share random numbers."""
        for place, (name, column) in enumerate(self.dataset.columns.items()):
            yield name, place if self.dataset.unpaired else 0, column

    def indices(self, number, step):
        """Which items of column `number` batch `step` holds: (batch_size,)"""
        names = list(self.dataset.columns)
        count = len(self.dataset.columns[names[number]])
        before = self.seen + (step - self.since) * self.batch_size
        epoch, place = divmod(before, count)
        parts, missing = [], self.batch_size
        while missing:
            order = keyed.permutation(
                count, self.seed, _ORDER + number, epoch
            )
            parts.append(order[place:place + missing])
            missing -= len(parts[-1])
            epoch, place = epoch + 1, 0
        return np.concatenate(parts)

    def jitter(self, items, type_, number, step):
        """Cuts and flips items (n, ...) of a spatial type; leaves the others
        alone."""
        crop = self.dataset.crop
        if not type_.spatial or not (self.flip or crop):
            return items
        height, width = (side - crop for side in type_.sides(items.shape))
        chance = keyed.uniform(
            (3, self.batch_size), self.seed, _JITTER + number, step
        )[:, self.rows]
        offsets = (chance[:2] * (crop + 1)).astype(int)
        mirrored = (chance[2] < 0.5) & self.flip
        like = type_.cut(items, 0, 0, height, width)
        result = np.empty(like.shape, items.dtype)
        for place, (top, left) in enumerate(offsets.T):
            cut = type_.cut(items[place], top, left, height, width)
            result[place] = type_.mirrored(cut) if mirrored[place] else cut
        return result

    def tf_data(self):
        """The same batches as a tf.data.Dataset with static shapes, read
        ahead in parallel. A tf.distribute strategy splits each batch among
        its replicas in order."""
        import tensorflow as tf

        # One item shows the shapes without drawing a whole batch.
        like = self.dataset.take(np.zeros(1, int))
        rows = len(range(self.batch_size)[self.rows])

        def numpy_batch(index):
            return list(self[int(index)].values())

        def batch(index):
            values = tf.numpy_function(
                numpy_batch, [index],
                [tf.as_dtype(value.dtype) for value in like.values()],
                stateful=False,
            )
            for value, one in zip(values, like.values()):
                value.set_shape((rows, *one.shape[1:]))
            return dict(zip(like, values))

        options = tf.data.Options()
        # Its thread sleeps for 10 ms, then 20, 40 ... up to a minute, and an
        # iterator that is not at its end, as after `fit`, goes only when that
        # thread wakes up.
        options.autotune.enabled = False
        # Sharding by file or element would drop batches: see `of_worker`.
        options.experimental_distribute.auto_shard_policy = (
            tf.data.experimental.AutoShardPolicy.OFF
        )
        stream = tf.data.Dataset.range(len(self)).map(
            batch, num_parallel_calls=_READERS, deterministic=True
        )
        return stream.prefetch(_AHEAD).with_options(options)


def check(batch_size, steps, start):
    """Raises InputError unless the numbers make sense."""
    given = dict(batch_size=batch_size, steps=steps, start=start)
    for name, value in given.items():
        if not isinstance(value, (int, np.integer)) or value < 0:
            raise InputError(
                f"{name} is {value!r}; give a whole number of 0 or more"
            )
    if batch_size < 1:
        raise InputError("batch_size is 0; give 1 or more")
    if start > steps:
        raise InputError(
            f"start is {start} and steps is {steps}: nothing is left to do; "
            "give a start of at most steps"
        )
