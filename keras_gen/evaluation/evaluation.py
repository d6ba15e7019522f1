"""A model against real items: what several metrics share, made once."""

import contextlib
import functools
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from keras_gen import seeds, values
from keras_gen.errors import InputError, MissingData
from keras_gen.evaluation import spaces
from keras_gen.evaluation.feature_network import FeatureNetwork
from keras_gen.evaluation.kept_statistics import picture_statistics
from keras_gen.evaluation.record import Record

if TYPE_CHECKING:
    from keras_gen.objectives.base.objective import Objective
    from keras_gen.zoo.recipes import Recipe

# Items whose classes or modes are told: enough for shares to a percent.
_TOLD = 2000


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
        repeated: whether it is measured over several sets of samples: not
            where its own spread has that of the draws in it.
    """

    names: tuple
    function: Callable
    features: bool = False
    default: bool = True
    subjects: tuple | None = None
    protocol: str | Callable | None = None
    repeated: bool = True


class Subject:
    """Items under measurement, and what a feature network sees in them.

    Args:
        name: "model", or a baseline's name.
        pictures: as `Value.watched` gives the items: uint8 (n, height, width,
            channels), or float (n, d).
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
        return self.seen.probabilities if self.network else None


class Evaluation:
    """A model and the data it is measured by.

    What it makes, and the data's, are here as `Value.watched` gives them:
    pictures as they are, points as rows of numbers, the pictures of a video
    below each other.

    Args:
        objective: an `Objective` with its weights.
        recipe: its `Recipe`, whose data are read.
        network: a feature network, or a name in `spaces.SPACES`, or None.
        n: samples of the model, and the most of any other items.
        seed: of samples and random choices; item i has the seed seed + i.
        split: whose items it is measured by: "test"; "validation" for what
            chooses.
        k: samples for each picture in a VAE's likelihood; see `likelihood`.
        makers: published models whose pictures a detector is tried on.
        beside: other translators by name, measured like this one: a twin
            without some loss, say.
        say: is told in a line what is being done.
    """

    def __init__(
        self, objective: "Objective", recipe: "Recipe", *,
        network: FeatureNetwork | str | None = None, n: int = 10_000,
        seed: int = 0, split: str = "test", k: int = 5000,
        makers: Sequence[str] = (),
        beside: "Mapping[str, Objective] | None" = None,
        say: Callable[[str], object] = lambda line: None,
    ):
        self.objective, self.recipe, self._network = objective, recipe, network
        self.n, self.seed, self.split = n, seeds.signed(seed), split
        # Of the samples alone: see `repeated`.
        self.sample_seed = self.seed
        self.k, self.makers, self.say = k, tuple(makers), say
        self.beside = beside or {}
        # What could not be measured, and why.
        self.left_out: dict[str, str] = {}

    @functools.cached_property
    def network(self):
        """The feature network; fitted where it is a space of training items.
        None where none is given."""
        if isinstance(self._network, str):
            return spaces.SPACES[self._network](self.trained_on, self.seed)
        return self._network

    @property
    def has_features(self):
        """Whether there is a feature network."""
        return self._network is not None

    @property
    def value(self):
        """The `Value` of what is measured."""
        return self.objective.made or values.named("picture")

    def watched(self, items):
        """Items of that type, as metrics take them."""
        return self.value.watched(items)

    def samples(self):
        """The model's n items."""
        return self.watched(
            self.objective.generate(self.n, seed=self.sample_seed)
        )

    @property
    def averaged(self):
        """Whether averaged networks make the items."""
        return bool(self.objective.averages)

    @property
    def source(self):
        """The data's name, without the folder where it happens to lie."""
        source = self.recipe["data"]["source"]
        return os.path.basename(source) if os.path.exists(source) else source

    # -- real items -----------------------------------------------------------

    @functools.cached_property
    def truth(self):
        """What is known of the data by how they were made, of
        `keras_gen.data.truth`, or None."""
        return self.recipe.dataset(self.split).truth

    def covered(self, subject):
        """What is known of the data, told of a subject's items: see
        `coverage` of `keras_gen.data.truth`."""
        made, real = (
            pictures[:_TOLD].reshape(-1, *self._shape)
            for pictures in (subject.pictures, self.real.pictures)
        )
        return self.truth.coverage(made, real)

    def told(self, subject):
        """The class of each of a subject's items by what is known of the
        data, int (n,)."""
        return self.truth.classify(subject.pictures.reshape(-1, *self._shape))

    @property
    def _shape(self):
        """Of an item as the data set serves it."""
        return self.unseen[self.value.column].shape[1:]

    @functools.cached_property
    def unseen(self):
        """Columns of the split that it is measured by, at most n rows, as
        they are served."""
        return self._columns(self.split)

    @functools.cached_property
    def training(self):
        """Columns of the training split, at most n rows, likewise."""
        return self._columns("train")

    @property
    def trained_on(self):
        """The items of `training`."""
        return self.watched(self.training[self.value.column])

    @functools.cached_property
    def apart(self):
        """A thousand training items that are not among `training`."""
        dataset = self.recipe.dataset("train")
        if len(dataset) <= self.n:
            raise InputError(
                f"all {len(dataset):,} training pictures are in use, and "
                f"none is left to choose a bandwidth: take n below {self.n:,}"
            )
        found = dataset.drawn(1000, self.seed, skip=self.n)
        return self.watched(found[self.value.column])

    @functools.cached_property
    def real(self):
        """The items that it is measured by as a `Subject`."""
        items = self.watched(self.unseen[self.value.column])
        self.say(f"{len(items):,} {self.split} {self.value.plural}")
        return Subject("real", items, self.network)

    @functools.cached_property
    def real_statistics(self):
        """Mean and covariance of the features of `real`; from a file where
        they were computed before."""
        return picture_statistics(self.network, self.real.pictures)

    @functools.cached_property
    def known(self):
        """The training items to look for copies in: all of them, up to a
        gigabyte."""
        dataset = self.recipe.dataset("train")
        column = self.value.column
        one = dataset.take([0])[column].nbytes
        return self.watched(dataset.drawn(2**30 // one, self.seed)[column])

    def _columns(self, split):
        dataset = self.recipe.dataset(split)
        dataset.check_classes(self.objective.class_names)
        return dataset.drawn(self.n, self.seed)

    def true_pairs(self, split):
        """(a, b) where the partner of each picture is known although the
        model trains without: the built-in looks, or files of equal names."""
        partners = self.recipe.dataset(split).partners
        if partners:
            return partners(self.n)
        try:
            pairs = self.recipe.override({"data.kind": "pairs"})
            dataset = pairs.dataset(split)
        except InputError as error:
            raise InputError(
                f"the true partners of {self.source} are not known, so "
                f"translations cannot be compared with them ({error})"
            ) from error
        columns = dataset.drawn(self.n, self.seed)
        return columns["input"], columns["target"]

    # -- measuring ------------------------------------------------------------

    def records(self, protocol, names, only=None):
        """Measures.

        Args:
            protocol: a module of this package with METRICS and `subjects`.
            names: the metrics to measure.
            only: names of subjects; all by default.

        Yields:
            Record. What cannot be measured is told in a line on stderr, left
            out and noted in `left_out`.
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
            with self._leaving_out(name):
                for subject in make():
                    for metric in metrics:
                        yield from self._measured(metric, subject, names)

    def _measured(self, metric, subject, names):
        what = ", ".join(metric.names)
        self.say(f"{subject.name}: {what}")
        found = {}
        with self._leaving_out(f"{what} of {subject.name}"):
            found = metric.function(self, subject)
        yield from self._recorded(metric, subject, found, names)

    @contextlib.contextmanager
    def _leaving_out(self, what):
        """Tells that something cannot be measured, and goes on: of a few
        pictures, say, that have no three neighbours each."""
        try:
            yield
        except MissingData:
            raise
        except InputError as error:
            self.left_out[what] = str(error)
            clear = "\r\033[K" if sys.stderr.isatty() else ""
            print(f"{clear}left out    {what}: {error}", file=sys.stderr)

    def _recorded(self, metric, subject, found, names):
        network = self.network if metric.features else None
        protocol = metric.protocol
        real = len(self.unseen[next(iter(self.unseen))])
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
                real=f"{self.source} {self.split}",
                n_real=real if subject.truth is None else len(subject.truth),
                n_fake=len(subject), ema=self.averaged,
                seed=self.seed,
                protocol=protocol(self) if callable(protocol) else protocol,
            )
