"""Protocol of models that make pictures from noise.

The same numbers are taken of the model's samples, of real training pictures
(the floor: what a perfect model would get) and of two models that anyone can
fit in a minute (the ceiling).
"""

import numpy as np

from keras_gen.errors import InputError
from keras_gen.evaluation.evaluation import Metric, Subject
from keras_gen.evaluation.latent_paths import path_length
from keras_gen.metrics import balls, baselines, modes
from keras_gen.metrics.diversity import diversity
from keras_gen.metrics.frechet import frechet_distance
from keras_gen.metrics.inception_score import inception_score
from keras_gen.metrics.kernel import kernel_distance
from keras_gen.metrics.memorisation import memorisation
from keras_gen.metrics.parzen import parzen_log_likelihood

_PATHS = 2000
# Samples whose nearest training pictures are sought among all.
_SOUGHT = 2000
HEADLINE = ("frechet_distance", "coverage")
BASELINES = ("training data", "Gaussian mixture", "kernel density")


def subjects(evaluation):
    """The model's samples, floor and ceiling."""
    e = evaluation

    def of(name, pictures):
        return [Subject(name, pictures, e.network)]

    def density():
        # Training pictures that the bandwidth has not seen choose it.
        train = e.training["image"]
        held = max(1, len(train) // 10)
        return baselines.kernel_density(train[held:], train[:held], e.n, e.seed)

    return {
        "model": lambda: of("model", e.samples()),
        "training data": lambda: of("training data", e.training["image"]),
        "Gaussian mixture": lambda: of(
            "Gaussian mixture", baselines.gaussian_mixture(
                e.training["image"], e.n, seed=e.seed
            ),
        ),
        "kernel density": lambda: of("kernel density", density()),
    }


def _frechet(e, subject):
    return {"frechet_distance": frechet_distance(
        subject.features, e.real_statistics
    )}


def _kernel(e, subject):
    found = kernel_distance(subject.features, e.real.features, seed=e.seed)
    return {"kernel_distance": tuple(found)}


def _precision(e, subject):
    # As many of both: the papers' way, and neither side has an advantage.
    n = min(len(subject), len(e.real))
    real, fake = e.real.features[:n], subject.features[:n]
    return (
        balls.precision_recall(real, fake)._asdict()
        | balls.density_coverage(real, fake)._asdict()
    )


def _score(e, subject):
    if not _one_class_each(subject):
        return {}
    found = inception_score(subject.probabilities, seed=e.seed)
    return {"inception_score": tuple(found)}


def _classes(e, subject):
    if not _one_class_each(subject):
        return {}
    real, made = (s.probabilities.argmax(1) for s in (e.real, subject))
    shares = np.bincount(real, minlength=subject.probabilities.shape[1])
    if not shares.all():
        # The network's classes are not the data's.
        return {}
    found = modes.class_coverage(made, reference=shares / shares.sum())
    return {"smallest_class": found.smallest, "class_kl": found.kl}


def _one_class_each(subject):
    """Whether the network tells classes that exclude each other."""
    rows = subject.probabilities
    return rows is not None and np.allclose(rows.sum(1), 1, atol=1e-3)


def _diversity(e, subject):
    # A thousand pictures make half a million pairs.
    return {"diversity": diversity(
        subject.pictures[:1000], real=e.real.pictures[:1000]
    ).ratio}


def _memorised(e, subject):
    found = memorisation(
        subject.pictures[:_SOUGHT], e.known, e.real.pictures[:_SOUGHT]
    )
    return {"near_copies": found.share}


def _parzen(e, subject):
    found = parzen_log_likelihood(
        subject.pictures, e.real.pictures, e.validation
    )
    return {"parzen_log_likelihood": (found.value, found.standard_error)}


def _path_length(e, subject):
    if not hasattr(e.network, "of_floats"):
        raise InputError(
            f"path_length moves pictures by less than a grey level, which "
            f"{e.network.name} does not see: give a classifier of the zoo"
        )
    n = min(e.n, _PATHS)
    label = None
    if "labels" in e.objective.protocols:
        label = np.arange(n) % e.objective.classes
    found = path_length(
        e.objective, e.network.of_floats, n, label=label, seed=e.seed
    )
    return {"path_length": (found.value, found.spread / np.sqrt(n))}


METRICS = (
    Metric(("frechet_distance",), _frechet, features=True),
    Metric(("kernel_distance",), _kernel, features=True),
    Metric(
        ("precision", "recall", "density", "coverage"), _precision,
        features=True, protocol="k = 3 and 5, as many of both",
    ),
    Metric(
        ("inception_score",), _score, features=True,
        protocol="classes of the feature network, 10 splits",
    ),
    Metric(
        ("smallest_class", "class_kl"), _classes, features=True,
        protocol="the network's classes; the rarest's share over its share "
        "in the test set; KL in nats",
    ),
    Metric(
        ("diversity",), _diversity, protocol="pixels, over the test set's own"
    ),
    Metric(
        ("near_copies",), _memorised, subjects=("model", "kernel density"),
        protocol=f"{_SOUGHT:,} samples; 0.01 without copies",
    ),
    Metric(
        ("path_length",), _path_length, features=True, default=False,
        subjects=("model",),
        protocol=f"spherical, epsilon 1e-4, at most {_PATHS:,} paths",
    ),
    Metric(
        ("parzen_log_likelihood",), _parzen, default=False,
        protocol="nats; bandwidth from 1,000 training pictures apart",
    ),
)
