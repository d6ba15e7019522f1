"""A model against real pictures: what several metrics share, made once."""

import functools
import os
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from keras_gen.data.sources import shapes
from keras_gen.errors import InputError
from keras_gen.evaluation.kept_statistics import picture_statistics
from keras_gen.evaluation.record import Record


class Metric(NamedTuple):
    """An entry of a protocol.

    Attributes:
        names: of the numbers it gives.
        function: (evaluation, subject) -> {name: value or (value, spread)}.
        features: whether it needs a feature network.
        default: whether it is measured without being asked for.
        subjects: the only ones it is measured for; all by default.
        protocol: what the record must say about how, or a function of the
            evaluation that gives it.
    """

    names: tuple
    function: Callable
    features: bool = False
    default: bool = True
    subjects: tuple | None = None
    protocol: str | Callable | None = None


class Subject:
    """Pictures under measurement, and what a feature network sees in them.

    Args:
        name: "model", or a baseline's name.
        pictures: uint8 (n, height, width, channels).
        network: the feature network, or None.
        labels: int (n,), what the pictures were asked to show, or None.
        truth: uint8 (n, ...), what picture i should have been, or None.
        task: which translation, or None.
        wanted: the truth as a `Subject`, whose features all share, or None.
    """

    def __init__(
        self, name, pictures, network=None, labels=None, truth=None,
        task=None, wanted=None,
    ):
        self.name, self.pictures, self.network = name, pictures, network
        self.labels, self.truth, self.task = labels, truth, task
        self.wanted = wanted

    def __len__(self):
        return len(self.pictures)

    @functools.cached_property
    def seen(self):
        """The network's `Features`."""
        return self.network(self.pictures)

    @property
    def features(self):
        """Float (n, d)."""
        return self.seen.features

    @property
    def probabilities(self):
        """Float (n, classes), or None."""
        return self.seen.probabilities


class Evaluation:
    """A model and the data it is measured by.

    Args:
        objective: an `Objective` with its weights.
        recipe: its `Recipe`, whose data are read.
        network: a feature network of `keras_gen.evaluation.features`, or None.
        n: samples of the model, and the most of any other pictures.
        seed: of samples and random choices; picture i has the seed seed + i.
        k: samples for each picture in a VAE's likelihood; see
            `likelihood`.
        beside: other translators by name, measured like this one: a twin
            without some loss, say.
        say: is told in a line what is being done.
    """

    def __init__(
        self, objective, recipe, *, network=None, n=10_000, seed=0, k=5000,
        beside=None, say=lambda line: None,
    ):
        self.objective, self.recipe, self.network = objective, recipe, network
        self.n, self.seed, self.k, self.say = n, seed, k, say
        self.beside = beside or {}

    def samples(self):
        """The model's n pictures, uint8."""
        return self.objective.generate(self.n, seed=self.seed)

    @property
    def averaged(self):
        """Whether averaged networks make the pictures."""
        return bool(self.objective.averages)

    @property
    def source(self):
        """The data's name, without the folder where it happens to lie."""
        source = self.recipe["data"]["source"]
        return os.path.basename(source) if os.path.exists(source) else source

    # -- real pictures --------------------------------------------------------

    @functools.cached_property
    def test(self):
        """Columns of the test split, at most n rows."""
        return self._columns("test")

    @functools.cached_property
    def training(self):
        """Columns of the training split, at most n rows."""
        return self._columns("train")

    @functools.cached_property
    def validation(self):
        """A thousand training pictures that are not among `training`."""
        dataset = self.recipe.dataset("train")
        order = np.random.default_rng(self.seed).permutation(len(dataset))
        rest = order[self.n:self.n + 1000]
        if not len(rest):
            raise InputError(
                f"all {len(dataset):,} training pictures are in use, and "
                f"none is left to choose a bandwidth: take n below {self.n:,}"
            )
        return dataset.take(np.sort(rest))["image"]

    @functools.cached_property
    def real(self):
        """The test pictures as a `Subject`."""
        self.say(f"{len(self.test['image']):,} test pictures")
        return Subject("real", self.test["image"], self.network)

    @functools.cached_property
    def real_statistics(self):
        """Mean and covariance of the test pictures' features; from a file
        where they were computed before."""
        return picture_statistics(self.network, self.real.pictures)

    @functools.cached_property
    def known(self):
        """The training pictures to look for copies in: all of them, up to a
        gigabyte."""
        dataset = self.recipe.dataset("train")
        one = dataset.take([0])["image"].nbytes
        count = min(len(dataset), 2**30 // one)
        return dataset.take(np.arange(count))["image"]

    def _columns(self, split):
        dataset = self.recipe.dataset(split)
        order = np.random.default_rng(self.seed).permutation(len(dataset))
        # In the order of the files: neighbours on the disk.
        return dataset.take(np.sort(order[:self.n]))

    def true_pairs(self, split):
        """(a, b) where the partner of each picture is known although the
        model trains without: the built-in looks, or files of equal names."""
        data = self.recipe["data"]
        if data["source"] == "shapes":
            count = min(self.n, shapes.COUNTS[split])
            return shapes.looks(
                split, count, data["size"], channels=data["channels"]
            )
        try:
            pairs = self.recipe.override({"data.kind": "pairs"})
            dataset = pairs.dataset(split)
        except InputError as error:
            raise InputError(
                f"the true partners of {data['source']} are not known, so "
                f"translations cannot be compared with them ({error})"
            ) from error
        columns = dataset.take(np.arange(min(self.n, len(dataset))))
        return columns["input"], columns["target"]

    # -- measuring ------------------------------------------------------------

    def records(self, protocol, names, only=None):
        """Measures.

        Args:
            protocol: a module of this package with METRICS and `subjects`.
            names: the metrics to measure.
            only: names of subjects; all by default.

        Yields:
            Record.
        """
        chosen = [m for m in protocol.METRICS if set(m.names) & set(names)]
        # A subject's pictures are let go of before the next is made.
        for name, make in protocol.subjects(self).items() if chosen else ():
            metrics = [
                m for m in chosen if m.subjects is None or name in m.subjects
            ]
            if not metrics or only and name not in only:
                continue
            self.say(f"pictures: {name}")
            for subject in make():
                for metric in metrics:
                    self.say(f"{name}: {', '.join(metric.names)}")
                    found = metric.function(self, subject)
                    yield from self._recorded(metric, subject, found, names)

    def _recorded(self, metric, subject, found, names):
        network = self.network if metric.features else None
        protocol = metric.protocol
        real = len(self.test[next(iter(self.test))])
        for name in metric.names:
            if name not in found or name not in names:
                continue
            value, spread = found[name], None
            if isinstance(value, tuple):
                value, spread = value
            yield Record(
                metric=name, subject=subject.name, value=float(value),
                spread=None if spread is None else float(spread),
                task=subject.task,
                features=network and network.name,
                resize=network and network.resize,
                real=f"{self.source} test",
                n_real=real if subject.truth is None else len(subject.truth),
                n_fake=len(subject), ema=self.averaged,
                seed=self.seed,
                protocol=protocol(self) if callable(protocol) else protocol,
            )
