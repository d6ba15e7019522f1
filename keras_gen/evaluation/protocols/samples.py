"""Protocol of models that make pictures, or other items, from noise.

The same numbers are taken of the model's samples, of real training items
(the floor: what a perfect model would get) and of two models that anyone can
fit in a minute (the ceiling).
"""

import numpy as np

from keras_gen import seeds
from keras_gen.abilities import TakesLabels
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
# Those that there are.
HEADLINE = ("modes", "high_quality", "frechet_distance", "coverage")
BASELINES = ("training data", "Gaussian mixture", "kernel density")


def subjects(evaluation):
    """The model's samples, floor and ceiling."""
    e = evaluation

    def density():
        # Training items that the bandwidth has not seen choose it.
        train = e.trained_on
        held = max(1, len(train) // 10)
        return baselines.kernel_density(train[held:], train[:held], e.n, e.seed)

    def mixture(components):
        return baselines.gaussian_mixture(
            e.trained_on, e.n, components=components, seed=e.seed
        )

    made = {
        "model": e.samples,
        "training data": lambda: e.trained_on,
        "Gaussian mixture": lambda: mixture(50),
        "kernel density": density,
    }
    if e.value.rank == 1:
        # In the plane a mixture of many is the truth itself.
        made["single Gaussian"] = lambda: mixture(1)

    def of(name):
        return lambda: [Subject(name, made[name](), e.network)]

    return {name: of(name) for name in made}


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


def _covered(e, subject):
    """What is known of the data tells, unless the network has told."""
    if e.truth is None or _classes(e, subject):
        return {}
    return e.covered(subject)


def _one_class_each(subject):
    """Whether the network tells classes that exclude each other."""
    rows = subject.probabilities
    return rows is not None and np.allclose(rows.sum(1), 1, atol=1e-3)


def _diversity(e, subject):
    # A thousand pictures make half a million pairs.
    found = diversity(subject.pictures[:1000], real=e.real.pictures[:1000])
    if found.ratio is None:
        raise InputError("all real pictures are alike: take others")
    return {"diversity": found.ratio}


def _memorised(e, subject):
    found = memorisation(
        subject.pictures[:_SOUGHT], e.known, e.real.pictures[:_SOUGHT]
    )
    return {"near_copies": found.share}


def _parzen(e, subject):
    found = parzen_log_likelihood(
        subject.pictures, e.real.pictures, e.apart
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
    if e.objective.can(TakesLabels):
        label = e.objective.each_class(seeds.numbered(e.sample_seed, n))
    found = path_length(
        e.objective, e.network.of_floats, n, label=label, seed=e.sample_seed
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
        ("smallest_class", "class_kl"), _covered,
        protocol="classes by how the data were made, of at most 2,000; the "
        "rarest's share over its share in the test set; KL in nats",
    ),
    Metric(
        ("modes", "high_quality", "mode_kl"), _covered,
        protocol="of the mixture that the data are from, in 2,000 points; "
        "within three standard deviations of a mode; KL to even modes in nats",
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
