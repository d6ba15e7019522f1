"""Pictures against pictures, whoever made them."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from keras_gen import data, values
from keras_gen.errors import InputError
from keras_gen.evaluation.evaluation import Evaluation
from keras_gen.evaluation.feature_network import FeatureNetwork
from keras_gen.metrics import checks


class Comparison(Evaluation):
    """An evaluation of pictures that are there already.

    Args:
        made, real: pictures (n, height, width, channels), or a folder,
            .zip or .npz, all of whose pictures count.
        training: what the maker of `made` was trained on, alike; None leaves
            out the metrics and baselines that need it.
        size, channels: what files are read at; those of an array by default.
        network, n, seed, say: as of `Evaluation`.

    Attributes:
        protocols: that can measure pictures, without their model.
    """

    def __init__(
        self, made: np.ndarray | str | Path, real: np.ndarray | str | Path,
        training: np.ndarray | str | Path | None = None, *,
        size: int | None = None, channels: int | None = None,
        network: FeatureNetwork | str | None = None, n: int = 10_000,
        seed: int = 0, say: Callable[[str], object] = lambda line: None,
    ):
        if isinstance(network, str) and training is None:
            raise InputError(
                f"features {network!r} are fitted to the training pictures: "
                "give training"
            )
        super().__init__(
            None, None, network=network, n=n, seed=seed, say=say
        )
        made, real, training = (
            x if x is None or _is_path(x) else checks.pictures(x)
            for x in (made, real, training)
        )
        given = [x for x in (made, real, training) if not _is_path(x)]
        shape = next((x.shape for x in given if x is not None), None)
        if shape:
            size, channels = size or shape[1], channels or shape[3]
        self.made, self._size, self._channels = made, size, channels
        self.real_pictures = real
        self.unseen = {"image": self._read(real)}
        if training is not None:
            self.training = {"image": self._read(training)}
            self.known = self._all(training)

    protocols = ("samples",)
    averaged = False
    value = values.named("picture")
    truth = None

    @property
    def source(self):
        if _is_path(self.real_pictures):
            return os.path.basename(os.path.normpath(self.real_pictures))
        return "given pictures,"

    def samples(self):
        return self._read(self.made)

    def _read(self, source):
        """At most n of the pictures, a random choice."""
        dataset = data.Dataset(
            {"image": self._all(source)}, types={"image": self.value}
        )
        return dataset.drawn(self.n, self.seed)["image"]

    def _all(self, source):
        if not _is_path(source):
            return source
        if not self._size:
            raise InputError(
                "folders are read at one size: give size, in pixels"
            )
        channels = self._channels or (
            data.properties(source, "images")[0] or 3
        )
        parts = []
        for split in data.SPLITS:
            try:
                found = data.load(
                    source, "images", split, self._size, channels
                )
            except InputError:
                # A handful of pictures has none to hold out.
                if split == "train":
                    raise
                continue
            parts.append(found.take(np.arange(len(found)))["image"])
        return np.concatenate(parts)


def _is_path(source):
    return isinstance(source, (str, os.PathLike))
