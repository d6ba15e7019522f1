"""Protocol of models that encode pictures and decode them again."""

from keras_gen.evaluation.evaluation import Metric, Subject
from keras_gen.metrics import baselines, pairs

HEADLINE = ("rmse",)
BASELINES = ("PCA", "mean picture")


def subjects(evaluation):
    """Test pictures through the model, and through as many principal
    components as the code is long."""
    e = evaluation

    def of(name, make):
        def subject():
            truth = e.watched(e.unseen["image"])
            return [Subject(name, make(truth), truth=truth)]

        return subject

    return {
        "model": of("model", lambda _: e.watched(
            e.objective.reconstruct(e.unseen["image"])
        )),
        "PCA": of("PCA", lambda pictures: baselines.pca_reconstruction(
            e.watched(e.training["image"]), pictures,
            e.objective.code_size, e.seed,
        )),
        "mean picture": of("mean picture", lambda p: baselines.mean_picture(
            e.watched(e.training["image"]), len(p)
        )),
    }


def errors(e, subject):
    """Errors against the truth."""
    return pairs.pair_errors(subject.pictures, subject.truth)._asdict()


METRICS = (
    Metric(
        pairs.PairErrors._fields, errors,
        protocol="grey levels 0 ... 255, psnr in dB, shares of pixels",
    ),
)
