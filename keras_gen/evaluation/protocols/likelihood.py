"""Protocol of models with a likelihood: variational autoencoders."""

from keras_gen.evaluation.evaluation import Metric, Subject
from keras_gen.evaluation.vae_likelihood import likelihood

HEADLINE = ("nll", "elbo")
BASELINES = ()


def subjects(evaluation):
    """The test pictures, which the model scores."""
    return {"model": lambda: [Subject("model", evaluation.unseen["image"])]}


def _likelihood(e, subject):
    last = [-1]

    def progress(done, total):
        percent = 100 * done // total
        if percent > last[0]:
            last[0] = percent
            e.say(f"likelihood: {percent} %")

    found = likelihood(
        e.objective, subject.pictures, k=e.k, seed=e.sample_seed,
        binarisation=e.objective.binarisation, progress=progress,
    )
    return {
        "nll": (found.nll, found.standard_error), "elbo": found.elbo,
    }


METRICS = (
    Metric(
        ("nll", "elbo"), _likelihood,
        protocol=lambda e: (
            f"nats, k = {e.k}, {e.objective.binarisation} pixels"
        ),
        # The standard error over pictures, each with draws of its own.
        repeated=False,
    ),
)
