"""One tiny instance of every objective, for the tests that hold for all.

A new objective is one function of `instances` and one entry of `CASES`, which
says all that the shared tests must know of it; `test_checklist.py` fails until
each class of `keras_gen/objectives` has one.
"""

import dataclasses
import functools
from collections.abc import Callable

import keras
import numpy as np
import pytest

from keras_gen.data import Dataset
from keras_gen.optimizers import Adam
from objectives import instances
from objectives.instances import CLASSES, ROWS, SIZE

# -- columns: (random generator, rows) -> array ------------------------------


def pictures(rng, rows):
    """uint8 (rows, 16, 16, 3)."""
    return rng.integers(0, 256, (rows, SIZE, SIZE, 3)).astype("uint8")


def small_pictures(rng, rows):
    """uint8 (rows, 4, 4, 3)."""
    return rng.integers(0, 256, (rows, 4, 4, 3)).astype("uint8")


def plane(rng, rows):
    """float32 (rows, 2)."""
    return rng.normal(size=(rows, 2)).astype("float32")


def solids(rng, rows):
    """uint8 (rows, 16, 16, 16, 1)."""
    return rng.integers(0, 256, (rows, SIZE, SIZE, SIZE, 1)).astype("uint8")


def videos(rng, rows):
    """uint8 (rows, 4, 16, 16, 3)."""
    return rng.integers(0, 256, (rows, 4, SIZE, SIZE, 3)).astype("uint8")


def labels(rng, rows):
    """int32 (rows,), below `CLASSES`."""
    return rng.integers(0, CLASSES, rows).astype("int32")


def attributes(rng, rows):
    """int32 (rows, CLASSES), 0 or 1."""
    return rng.integers(0, 2, (rows, CLASSES)).astype("int32")


IMAGE = {"image": pictures}
LABELLED = {**IMAGE, "label": labels}


@dataclasses.dataclass(frozen=True)
class Case:
    """A tiny instance of an objective, and what is true of it.

    Attributes:
        build: makes a new, uncompiled model.
        columns: {name: what draws the column} of its data, of any type.
        unpaired: whether each column is shuffled by itself.
        condition: what `generate` takes beside number and seed; None where
            nothing can be drawn from a seed alone.
        translates: the column that it translates, if it does.
        noise: whether a player's loss in a step depends on the noise.
        learns_labels: whether its samples are not watched, but its accuracy.
        rate: the learning rate of `test_agreement.py`'s SGD. The errors of
            the VAEs are sums over pixels, the others' means. Large steps on
            kinked losses would make rounding errors grow beyond the
            tolerance.
        variant: whether another case has the same objective and says more:
            most tests of this one are marked slow.
        workers: whether two workers train it too: those that differ most in
            what replicas must share.
        alone: whether it refuses several replicas.
        files: {file of ONNX or LiteRT: signature that says what it must
            compute}, one objective for each way to be written.
        near: how far from it the numbers of these may be.
    """

    build: Callable
    columns: dict = dataclasses.field(default_factory=lambda: IMAGE)
    unpaired: bool = False
    condition: dict | None = None
    translates: str = ""
    noise: bool = True
    learns_labels: bool = False
    rate: float = 1e-2
    variant: bool = False
    workers: bool = False
    alone: bool = False
    files: dict = dataclasses.field(default_factory=dict)
    near: float = 1e-5


_GENERATOR = {"generator": "serving_default"}
CASES = {
    "gan_ema": Case(
        instances.gan_ema, condition={}, rate=3e-3, workers=True,
        files=_GENERATOR,
    ),
    "gan": Case(instances.gan, condition={}, rate=3e-3, variant=True),
    "gan_r1": Case(instances.gan_r1, condition={}, variant=True),
    "gan_terms": Case(
        instances.gan_terms, LABELLED, condition={"label": 1}, rate=2e-3,
        variant=True,
    ),
    "gan_relativistic": Case(
        instances.gan_relativistic, condition={}, rate=1e-3, variant=True
    ),
    "gan_spectral": Case(
        instances.gan_spectral, condition={}, rate=1e-4, variant=True
    ),
    "gan_minibatch": Case(
        instances.gan_minibatch, condition={}, rate=5e-5, variant=True
    ),
    "gan_little_data": Case(
        instances.gan_little_data, LABELLED, condition={"label": 1}, rate=1e-3,
        variant=True,
    ),
    "gan_points": Case(
        instances.gan_points, {"points": plane}, condition={}, variant=True
    ),
    "wgan_voxels": Case(
        instances.wgan_voxels, {"voxels": solids}, condition={}, rate=3e-4,
        variant=True,
    ),
    "gan_videos": Case(
        instances.gan_videos, {"video": videos}, condition={}, rate=1e-3,
        variant=True,
    ),
    "srgan": Case(
        instances.srgan, {"input": small_pictures, "target": pictures},
        translates="input", noise=False, rate=1e-3,
    ),
    "wgan_clip": Case(
        instances.wgan_clip, condition={}, rate=3e-3, variant=True
    ),
    "wgan_penalty": Case(
        instances.wgan_penalty, condition={}, rate=1e-3, workers=True
    ),
    "cgan": Case(
        instances.cgan, LABELLED, condition={"label": 1}, files=_GENERATOR
    ),
    "cgan_resnet": Case(
        instances.cgan_resnet, LABELLED, condition={"label": 1}, rate=1e-3,
        variant=True,
    ),
    "acgan": Case(instances.acgan, LABELLED, condition={"label": 1}),
    "acgan_terms": Case(
        instances.acgan_terms, LABELLED, condition={"label": 1}, rate=1e-3,
        variant=True,
    ),
    "unrolled": Case(instances.unrolled, condition={}, alone=True),
    "unrolled_terms": Case(
        instances.unrolled_terms, LABELLED, condition={"label": 1}, rate=1e-3,
        variant=True, alone=True,
    ),
    "pix2pix": Case(
        instances.pix2pix, {"input": pictures, "target": pictures},
        translates="input", files={"generator": "to_target"},
    ),
    "pix2pix_features": Case(
        instances.pix2pix_features, {"input": pictures, "target": pictures},
        translates="input", rate=1e-3, variant=True,
        files={"generator": "to_target"},
    ),
    "pix2pix_spade": Case(
        instances.pix2pix_spade, {"input": pictures, "target": pictures},
        translates="input", rate=1e-4, variant=True,
        # SPADE's gains multiply rounding from block to block.
        files={"generator": "to_target"}, near=1e-4,
    ),
    "cyclegan": Case(
        # It draws nothing before the pool is full.
        instances.cyclegan, {"a": pictures, "b": pictures}, unpaired=True,
        translates="a", noise=False, rate=1e-5, workers=True,
        files={"generator_ab": "to_b", "generator_ba": "to_a"},
    ),
    "cut": Case(
        instances.cut, {"a": pictures, "b": pictures}, unpaired=True,
        translates="a", rate=3e-4, files={"generator": "to_b"},
    ),
    "cut_fast": Case(
        instances.cut_fast, {"a": pictures, "b": pictures}, unpaired=True,
        translates="a", rate=1e-4, variant=True,
    ),
    "vae": Case(
        instances.vae, condition={}, rate=1e-4,
        files={"encoder": "encode", "decoder": "serving_default"},
    ),
    "vae_gaussian": Case(
        instances.vae_gaussian, condition={}, rate=1e-4, variant=True
    ),
    "vae_features": Case(
        instances.vae_features, condition={}, rate=1e-4, variant=True
    ),
    "autoencoder": Case(instances.autoencoder, noise=False, rate=1.0),
    "classifier": Case(
        instances.classifier_smooth, LABELLED, learns_labels=True, rate=3e-3,
        files={"classifier": "serving_default"},
    ),
    "classifier_attributes": Case(
        instances.classifier_attributes, {**IMAGE, "label": attributes},
        learns_labels=True, rate=3e-3, variant=True,
    ),
    "detector": Case(
        instances.detector, learns_labels=True, rate=3e-3,
    ),
}
NAMES = tuple(CASES)


def names(true):
    """The names of the cases of which `true(case)` holds."""
    return [name for name, case in CASES.items() if true(case)]


def each(true=lambda case: True):
    """The same for `pytest.mark.parametrize`, the variants marked slow."""
    return [
        pytest.param(name, marks=[pytest.mark.slow] * case.variant)
        for name, case in CASES.items() if true(case)
    ]


def build(name):
    """A new, uncompiled model; the same weights after the same seed."""
    return CASES[name].build()


def sgd(learning_rate=1e-2):
    """Moves in proportion to the gradient, so that a wrong factor shows,
    which Adam would divide out again."""
    return keras.optimizers.SGD(learning_rate, momentum=0.9)


def adam():
    return Adam(1e-3, beta_1=0.5)


def compiled(name, optimizer=adam, **options):
    """A new compiled model. Eager by default: a step or two of a tiny model
    takes less than to trace its graph."""
    model = build(name)
    model.compile(
        {player: optimizer() for player in model.players},
        **{"run_eagerly": True, **options},
    )
    return model


@functools.cache
def shared(name):
    """`compiled(name)`, made once: for tests that leave it as it is."""
    keras.utils.set_random_seed(0)
    return compiled(name)


def data(name, rows=2 * ROWS):
    """A training set as a dict of arrays."""
    rng = np.random.default_rng(7)
    columns = CASES[name].columns
    return {column: draw(rng, rows) for column, draw in columns.items()}


def dataset(name):
    """The training set as the trainer takes it."""
    return Dataset(data(name), unpaired=CASES[name].unpaired)


def fit(model, columns, epochs=1, **options):
    """`fit` in the order of the rows."""
    return model.fit(
        columns, batch_size=ROWS, epochs=epochs, shuffle=False, verbose=0,
        **options,
    )


def made(model, name):
    """Three rows of what it makes, or None where it makes nothing."""
    case = CASES[name]
    if case.translates:
        return model.translate(data(name)[case.translates][:3])
    if case.condition is None:
        return None
    return model.generate(3, seed=5)
