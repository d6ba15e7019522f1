"""Latents of one's own pictures: what a generator would have to be given to
draw them."""

from collections.abc import Callable
from typing import NamedTuple

import keras
import numpy as np
from keras import ops
from numpy.typing import ArrayLike

from keras_gen import losses
from keras_gen.abilities import DrawsLatents, Encodes, TakesLabels
from keras_gen.accepted import accepted
from keras_gen.backend import gradients
from keras_gen.errors import InputError
from keras_gen.explore.decoding import decode, latents
from keras_gen.networks.taps import names_of_maps, taps
from keras_gen.objectives.base.objective import Objective
from keras_gen.optimizers import Adam

# Rows that are moved at once, and Adam's step at the begin, which falls to 0 by
# half a cosine.
_ROWS, _RATE = 64, 0.1
# Of the maps' loss and of that of latents as they are not drawn. A mean of
# squares that is as many standard deviations from 1 costs nothing.
_FEATURES, _TYPICAL, _DEVIATIONS = 0.1, 1.0, 2


class Inverted(NamedTuple):
    """What `invert` found.

    Attributes:
        latents: float32 (n, latent_dim).
        labels: int32 (n,), the classes; None of a model that takes none.
        made: what is made of them, uint8 (n, height, width, channels).
        errors: float64 (n,), root mean square error of `made` over pixels, in
            levels of 255.
    """

    latents: np.ndarray
    labels: np.ndarray | None
    made: np.ndarray
    errors: np.ndarray


@accepted
def invert(
    model: Objective, pictures: ArrayLike, label: ArrayLike | None = None,
    features: keras.Model | None = None, steps: int = 300, starts: int = 4,
    seed: int = 0, say: Callable | None = None,
) -> Inverted:
    """Latents from which a model makes pictures like those given.

    A model that encodes is asked for its codes. Of all others the latents
    are moved by Adam from several random starts, and the best of each picture
    counts (Zhu et al. 2016, https://arxiv.org/abs/1609.03552). Least is the
    mean square pixel error, with `features` also a tenth of that of its
    inner maps, each divided by the mean square of the picture's; and latents
    must stay as long as those that the model has met: the mean of their
    squares within two standard deviations of 1.

    Args:
        model: an objective that makes pictures from latents.
        pictures: uint8 (n, height, width, channels), of the size that the
            model makes.
        label: of a conditional model: int or the name of a class, or (n,) of
            them; by default each class is tried.
        features: a published network whose maps are compared, too, such as
            `zoo.load("classifier_celeba").classifier`, of the same pictures.
        steps: updates of each start, 1 or more.
        starts: random starts for each picture, and class, 1 or more.
        seed: any int: the same one finds the same latents.
        say: called with (updates done, all of them).

    Returns:
        Inverted.

    Raises:
        InputError: a model without latents or pictures, pictures or a network
            of another size, a label that there is not.
    """
    if model.can(Encodes):
        codes = model.encode(pictures)
        return _found(model, codes, None, _accepted(
            model, pictures, model.encoder
        ))
    DrawsLatents.require(model)
    if model.made.name != "picture":
        raise InputError(
            f"{model.name} makes {model.made.plural}: only latents of "
            "pictures can be found"
        )
    if steps < 1 or starts < 1:
        raise InputError(
            f"steps and starts must be at least 1, got {steps} and {starts}"
        )
    wanted = _accepted(model, pictures, model.generator)
    tried = _classes(model, label, len(wanted))
    moved = _Descent(model, features, steps)
    each = max(1, _ROWS // (starts * tried.shape[1]))
    total, found, best = steps * -(-len(wanted) // each), [], []
    for i in range(0, len(wanted), each):
        some = slice(i, i + each)
        z, classes = moved(
            wanted[some], tried[some], starts, seed,
            say and (lambda done, i=i: say(steps * i // each + done, total)),
        )
        found.append(z)
        best.append(classes)
    labels = np.concatenate(best) if model.can(TakesLabels) else None
    return _found(model, np.concatenate(found), labels, wanted)


def _accepted(model, pictures, network):
    """Pictures in [-1, 1], of the size that a network takes or makes."""
    column = model.made.column
    shape = network.output_shape if network is getattr(
        model, "generator", None
    ) else network.input_shape
    read = model.accepted(pictures, column, _Shaped(shape))
    return model.types[column].floats(read)


class _Shaped(NamedTuple):
    """What `accepted` asks of a network."""

    input_shape: tuple


def _classes(model, label, n):
    """int32 (n, classes to try)."""
    if model.can(TakesLabels):
        if label is None:
            return np.tile(np.arange(model.classes, dtype="int32"), (n, 1))
        return np.asarray(model.labels(label, (n,)), "int32")[:, None]
    if label is not None:
        raise InputError(f"{model.name} takes no label: leave it out")
    return np.zeros((n, 1), "int32")


def _found(model, codes, labels, wanted):
    made = decode(model, codes, labels)
    real = model.made.restore(wanted).astype("float64")
    errors = np.sqrt(((made - real)**2).mean((1, 2, 3)))
    return Inverted(codes, labels, made, errors)


class _Descent:
    """Moves latents towards pictures."""

    def __init__(self, model, features, steps):
        self.model, self.steps = model, steps
        self.generating, self.maps = model.generating(), None
        self.labelled = model.can(TakesLabels)
        if features is not None:
            _check_features(features, model.generator.output_shape)
            self.maps = taps(features, names_of_maps(features))
        self.slope = gradients.compiled(self._slope)
        self.loss = gradients.compiled(self._loss)

    def __call__(self, wanted, classes, starts, seed, say):
        """(latents, labels), the best for each picture."""
        n, tries = classes.shape
        rows = n * tries * starts
        z = latents(self.model, range(seed, seed + tries * starts))
        z = np.tile(z, (n, 1))
        labels = classes.repeat(starts, 1).reshape(rows)
        known = [
            ops.convert_to_tensor(x) for x in
            (wanted.repeat(tries * starts, 0), labels)
        ]
        moved = keras.Variable(z)
        adam = Adam(keras.optimizers.schedules.CosineDecay(_RATE, self.steps))
        for step in range(1, self.steps + 1):
            now = ops.stop_gradient(moved)
            adam.apply([self.slope(now, *known)], [moved])
            if say:
                say(step)
        loss = ops.convert_to_numpy(
            self.loss(ops.stop_gradient(moved), *known)
        )
        z = ops.convert_to_numpy(moved)
        best = loss.reshape(n, -1).argmin(1) + np.arange(n) * tries * starts
        return z[best], labels[best]

    def _slope(self, z, wanted, labels):
        return gradients.gradient_wrt_input(
            lambda x: self._loss(x, wanted, labels), z
        )

    def _loss(self, z, wanted, labels):
        """For each row what `invert` says."""
        given = (z, labels) if self.labelled else (z,)
        made = self.generating.decode(*given)
        loss = _mean(losses.l2(wanted, made))
        if self.maps:
            right = self.maps(wanted, training=False)
            found = self.maps(made, training=False)
            loss += _FEATURES * sum(
                _mean(losses.l2(right[name], found[name]))
                / (_mean(ops.square(right[name])) + 1e-6) for name in right
            )
        length = ops.mean(ops.square(z), -1)
        free = _DEVIATIONS * (2 / z.shape[-1])**0.5
        over = ops.relu(ops.abs(length - 1) - free)
        return loss + _TYPICAL * ops.square(over)


def _mean(x):
    """Over all axes but the first."""
    return ops.mean(x, list(range(1, len(x.shape))))


def _check_features(network, shape):
    maps = names_of_maps(network)
    if tuple(network.input_shape[1:]) != tuple(shape[1:]) or not maps:
        takes = "x".join(map(str, network.input_shape[1:]))
        raise InputError(
            f"{network.name} takes pictures {takes} and has "
            f"{len(maps)} inner maps; the model's are "
            f"{'x'.join(map(str, shape[1:]))}: leave features out"
        )
