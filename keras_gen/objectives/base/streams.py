"""Streams of batches, checked batch by batch before a model sees them."""

import contextlib
import itertools
from collections.abc import Iterable, Iterator
from typing import Any

import keras
import numpy as np
from keras.src.trainers.data_adapters import (
    data_adapter,
    get_data_adapter,
    is_grain_dataset,
    is_tf_dataset,
    is_torch_dataloader,
)

from keras_gen import arrays
from keras_gen.errors import InputError
from keras_gen.objectives.base.wanted import (
    Wanted,
    accepted,
    named,
    put_back,
    same_rows,
    without_extra,
)
from keras_gen.values.levels import Levels

# Batches that are looked at before a stream begins.
_AHEAD = 8


def is_ready(data: Any) -> bool:
    """Whether nothing is left to check: a `Stream`, or data that a strategy
    has shared out already, which cannot be looked at any more."""
    return isinstance(data, data_adapter.DataAdapter) or (
        is_tf_dataset(data) and not hasattr(data, "take")
    )


def is_stream(data: Any) -> bool:
    """Whether batches come one by one."""
    return (
        isinstance(data, (keras.utils.PyDataset, Iterator))
        or is_tf_dataset(data)
        or is_torch_dataloader(data)
        or is_grain_dataset(data)
    )


class Stream(data_adapter.DataAdapter):
    """A stream as Keras takes it, whose batches are checked and converted.

    Args:
        model: an `Objective`.
        wanted: what a batch should hold.
        data: a tf.data.Dataset, PyDataset, DataLoader or iterator.
        shuffle: whether Keras may change the order of a PyDataset.
        inputs_only: whether y and weights of a batch do not count.

    Raises:
        InputError: the first batches cannot be read.
    """

    def __init__(
        self, model: keras.Model, wanted: dict[str, Wanted], data: Any,
        shuffle: bool = False, inputs_only: bool = False,
    ):
        self.model, self.wanted = model, wanted
        self.inputs_only = inputs_only
        self.known = arrays.Known(model.name, said=model.given.said)
        # What a batch is refused for: TensorFlow wraps it.
        self.error = None
        data, first = _begun(data)
        tensorflow = keras.backend.backend() == "tensorflow"
        if not self._as_they_are(data):
            self._look(first, tensorflow and is_torch_dataloader(data))
        shuffled = shuffle and isinstance(data, keras.utils.PyDataset)
        self.base = get_data_adapter(data, shuffle=shuffled)

    # -- the first batches ----------------------------------------------------

    def _look(self, first, loader):
        """Finds the scales of floats among the first batches; one that could
        be two waits for the next."""
        error, seen = InputError("there is not one batch to read"), {}
        for batch in itertools.islice(first, _AHEAD):
            if loader and isinstance(batch, dict):
                raise InputError(
                    "on TensorFlow Keras cannot read a DataLoader of dicts: "
                    f"let it give tuples of {', '.join(self.wanted)}"
                )
            seen = self._joined(seen, self._columns(batch)[2])
            try:
                accepted(self.model, seen, self.wanted, self.known)
                break
            except arrays.TwoScales as two:
                error = two
        else:
            if not seen:
                raise error
            # All of them tell nothing: only what was given before may.
            self.known.scales |= self.model.given.scales
            accepted(self.model, seen, self.wanted, self.known)
        self.model.given.scales |= self.known.scales
        self.known.fixed = True

    def _as_they_are(self, data, labels=False):
        """Whether a tf.data.Dataset tells that there are no floats to look
        at before it begins; with `labels`, no numbers at all."""
        spec = getattr(data, "element_spec", None)
        if spec is None:
            return False
        return all(
            self.wanted[c].settled(x)
            or not labels and not isinstance(self.wanted[c].value, Levels)
            for c, x in self._columns(spec)[2].items()
        )

    def _joined(self, seen, found):
        """Rows seen before and these, where they have one shape."""
        found = {c: arrays.numpy(x, c) for c, x in found.items()}
        if any(
            c not in seen or seen[c].shape[1:] != x.shape[1:]
            for c, x in found.items()
        ):
            return found
        return {c: np.concatenate([seen[c], x]) for c, x in found.items()}

    def _columns(self, batch):
        """(x, y, columns, sample weights or nothing) of a batch."""
        if isinstance(batch, list):
            batch = tuple(batch)
        x, y, weight = keras.utils.unpack_x_y_sample_weight(batch)
        if self.inputs_only:
            y = weight = None
        without_extra(self.model, self.wanted, x, y)
        found = named(self.model, self.wanted, x, y)
        return x, y, found, () if weight is None else (weight,)

    # -- each batch -----------------------------------------------------------

    def checked(
        self, columns: dict[str, Any], rows: dict[str, int]
    ) -> dict[str, np.ndarray]:
        """Columns of a batch, beside others of so many rows."""
        try:
            found = {
                c: self.wanted[c].accept(x, c, self.known)
                for c, x in columns.items()
            }
            same_rows(rows | {c: len(x) for c, x in found.items()})
        except InputError as error:
            self.error = error
            raise
        return found

    def _split(self, found):
        """Columns with numbers to look at, and those without."""
        settled = {c: x for c, x in found.items() if self.wanted[c].settled(x)}
        return {c: x for c, x in found.items() if c not in settled}, settled

    def get_tf_dataset(self) -> Any:
        dataset = self.base.get_tf_dataset()
        if self._as_they_are(dataset, labels=True):
            return dataset
        return dataset.map(self._in_graph).prefetch(2)

    def _in_graph(self, *batch):
        import tensorflow as tf

        batch = batch[0] if len(batch) == 1 else batch
        x, y, found, weight = self._columns(batch)
        open_, settled = self._split(found)
        names = list(open_)
        rows = {c: tf.shape(tensor)[0] for c, tensor in settled.items()}

        def look(*values):
            columns = dict(zip(names, values))
            beside = dict(zip(rows, values[len(names):]))
            return list(self.checked(columns, beside).values())

        made = tf.numpy_function(look, [*open_.values(), *rows.values()], [
            self.wanted[c].accepted_dtype(x.dtype) for c, x in open_.items()
        ])
        for column, tensor in zip(names, made):
            given, item = open_[column].shape, self.wanted[column].item
            if given.rank == len(item) + 1:
                item = given[1:]
            tensor.set_shape((given[0] if given.rank else None, *item))
        found |= dict(zip(names, made))
        return self._batch(x, y, found, weight)

    def _batch(self, x, y, found, weight):
        x, y = put_back(self.wanted, x, y, found)
        return (x,) if y is None else (x, y, *weight)

    def get_torch_dataloader(self) -> Iterable:
        return _Batches(self)

    def get_numpy_iterator(self) -> Iterator:
        return iter(_Batches(self))

    def batches(self) -> Iterator[tuple]:
        """Batches of PyTorch's tensors."""
        import torch

        for batch in self.base.get_torch_dataloader():
            x, y, found, weight = self._columns(batch)
            open_, settled = self._split(found)
            rows = {c: len(tensor) for c, tensor in settled.items()}
            made = self.checked(open_, rows)
            found |= {c: torch.as_tensor(a) for c, a in made.items()}
            yield self._batch(x, y, found, weight)

    # -- what Keras asks ------------------------------------------------------

    @property
    def num_batches(self) -> int | None:
        return self.base.num_batches

    @property
    def batch_size(self) -> int | None:
        return self.base.batch_size

    @property
    def has_partial_batch(self) -> bool | None:
        return self.base.has_partial_batch

    @property
    def partial_batch_size(self) -> int | None:
        return self.base.partial_batch_size

    def on_epoch_begin(self) -> None:
        self.base.on_epoch_begin()

    def on_epoch_end(self) -> None:
        self.base.on_epoch_end()


class _Batches:
    """The batches of a `Stream`, epoch after epoch."""

    def __init__(self, stream):
        self.stream = stream

    def __iter__(self):
        return self.stream.batches()


@contextlib.contextmanager
def plain_errors(*given: Any) -> Iterator[None]:
    """In this block, what a `Stream` refuses is raised as it is: TensorFlow
    wraps it, and takes it for the end of the data with several replicas."""
    def refuse():
        for each in given:
            if isinstance(each, Stream) and each.error is not None:
                raise each.error from None

    try:
        yield
    except Exception:
        refuse()
        raise
    refuse()


def _begun(data):
    """(data, iterator over its first batches): where these are used up by a
    look, the data have them still."""
    if isinstance(data, keras.utils.PyDataset):
        count = data.num_batches
        numbers = range(_AHEAD if count is None else count)
        return data, (data[i] for i in numbers)
    if isinstance(data, Iterator):
        first = list(itertools.islice(data, _AHEAD))
        return _generator(itertools.chain(first, data)), first
    return data, data.take(_AHEAD) if hasattr(data, "take") else iter(data)


def _generator(batches):
    # Keras wants a generator, and tuples.
    for batch in batches:
        yield batch if isinstance(batch, tuple) else (batch,)
