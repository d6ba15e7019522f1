"""Protocol of what tells real pictures from made ones: of the generator that
it learnt by, and of others, which it has not seen."""

import numpy as np
from scipy import stats

from keras_gen import compression
from keras_gen.abilities import DrawsLatents
from keras_gen.errors import InputError
from keras_gen.evaluation.evaluation import Metric, Subject
from keras_gen.metrics.arrays import slices
from keras_gen.metrics.baselines import resized

HEADLINE = ("accuracy", "compressed_accuracy")
BASELINES = ("linear", "compressed real")
# What most programs write by default.
QUALITY = 75
# Of the features' variances, so that directions in which nothing varies stay
# at rest.
PENALTY = 1e-3


class Told(Subject):
    """Made pictures, and `says`: how sure a reader is that pictures are."""

    def __init__(self, name, pictures, says):
        super().__init__(name, pictures)
        self.says = says


def subjects(evaluation):
    """Made pictures, as many as there are real ones of the test: of the
    generator that the model learnt by; the same, told by a linear reader; of
    `makers`. And the real ones after JPEG, as if they were made: what sees
    files and no pictures would tell them apart."""
    e = evaluation
    count = len(e.real)

    says = e.objective.says_made

    def own(name, reader):
        made = e.objective.fakes(count, e.sample_seed)
        return [Told(name, made, reader())]

    def other(maker):
        return lambda: [Told(maker, _made_by(maker, e, count), says)]

    return {
        "model": lambda: own("model", lambda: says),
        "linear": lambda: own("linear", lambda: _reader(e)),
        "compressed real": lambda: [
            Told("compressed real", _compressed(e.real.pictures), says)
        ],
        **{maker: other(maker) for maker in e.makers},
    }


def _made_by(maker, e, count):
    """Pictures of a published model, of all classes where it has them."""
    from keras_gen import zoo

    model = zoo.load(maker)
    if not model.can(DrawsLatents):
        raise InputError(f"{maker} {DrawsLatents.reason(model)}")
    made = model.generate(count, seed=e.sample_seed)
    if made.shape[1:] != e.real.pictures.shape[1:]:
        raise InputError(
            f"{maker} makes pictures of the shape {made.shape[1:]}, and the "
            f"detector takes {e.real.pictures.shape[1:]}: leave it out of "
            "measure.makers"
        )
    return made


def _compressed(pictures):
    """uint8 pictures as JPEG files show them."""
    parts = []
    for rows in slices(pictures):
        x = pictures[rows] / np.float32(127.5) - 1
        found = compression.compressed(x, np.full(len(x), QUALITY, "float32"))
        parts.append(np.rint((np.asarray(found) + 1) * 127.5).astype("uint8"))
    return np.concatenate(parts)


def _accuracy(e, subject):
    return {"accuracy": _right(
        subject.says(e.real.pictures), subject.says(subject.pictures)
    )}


def _compressed_accuracy(e, subject):
    return {"compressed_accuracy": _right(
        subject.says(_compressed(e.real.pictures)),
        subject.says(_compressed(subject.pictures)),
    )}


def _ranking(e, subject):
    """Of a real and a made picture, how often the made one seems the more
    made: the area under the curve of hits over false alarms."""
    real, made = map(subject.says, (e.real.pictures, subject.pictures))
    wins = stats.mannwhitneyu(made, real).statistic
    return {"ranking": wins / (len(real) * len(made))}


def _right(real, made):
    """(share that is told right, its standard error), real and made alike."""
    shares = np.array([(real <= 0.5).mean(), (made > 0.5).mean()])
    error = np.sqrt(shares * (1 - shares) / [len(real), len(made)])
    return float(shares.mean()), float(np.hypot(*error) / 2)


def _reader(e):
    """The linear reader, of training items and of seeds that no test has."""
    real = e.trained_on
    made = e.objective.fakes(len(real), e.sample_seed + len(real) + e.n)
    return _linear(real, made)


def _linear(real, made):
    """Least squares on what a minute gives: colours of 12 x 12 places, and
    the power of each frequency of the grey picture."""
    x = np.concatenate([_values(real), _values(made)])
    y = np.repeat([0.0, 1.0], [len(real), len(made)])
    mean = x.mean(0)
    products = (x - mean).T @ (x - mean)
    products[np.diag_indices(len(products))] *= 1 + PENALTY
    products[np.diag_indices(len(products))] += 1e-9
    weights = np.linalg.solve(products, (x - mean).T @ (y - y.mean()))
    return lambda pictures: (_values(pictures) - mean) @ weights + y.mean()


def _values(pictures):
    found = []
    for rows in slices(pictures):
        part = pictures[rows]
        small = resized(part, 12, 12).reshape(len(part), -1) / 127.5 - 1
        grey = part.astype("float64").mean(-1) / 255
        power = np.abs(np.fft.rfft2(grey, norm="ortho")) ** 2
        power = np.log(power[:, ::2, ::2].reshape(len(part), -1) + 1e-6)
        found.append(np.concatenate([small, power], 1))
    return np.concatenate(found)


METRICS = (
    Metric(
        ("accuracy",), _accuracy,
        protocol="mean of the shares of real and of made pictures told right",
    ),
    Metric(
        ("compressed_accuracy",), _compressed_accuracy,
        protocol=f"the same of both after JPEG of quality {QUALITY}",
    ),
    Metric(("ranking",), _ranking, protocol="area under the curve"),
)
