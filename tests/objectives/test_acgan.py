"""The auxiliary classifier GAN against its paper, number by number, and its
class head against Bayes' rule."""

import keras
import numpy as np
import pytest
from scipy import special, stats

from check import array, tensor, values
from keras_gen.augmentation import AdaptiveAugment
from keras_gen.errors import InputError
from keras_gen.objectives.acgan import ACGAN
from keras_gen.penalties import R1
from keras_gen.terms import LeCam
from objectives import tiny

CLASSES = 3
# Of real points of each class, and of those that the generator makes.
REAL = np.float32([[-1.5, 0.0], [1.0, 1.0], [1.0, -1.0]])
MADE = np.float32([[1.0, 1.5], [-1.0, -1.0], [2.0, 0.0]])


def generator():
    """The class' point of `MADE`, plus the latent."""
    latent = keras.Input((2,), name="latent")
    label = keras.Input((), dtype="int32", name="label")
    at = keras.layers.Embedding(CLASSES, 2)
    points = keras.layers.Add()([latent, at(label)])
    at.set_weights([MADE])
    return keras.Model({"latent": latent, "label": label}, points)


def linear(seed=0):
    """Both heads linear in the points."""
    points = keras.Input((2,), name="points")
    heads = {
        name: keras.layers.Dense(size, name=name)
        for name, size in (("logits", 1), ("classes", CLASSES))
    }
    network = keras.Model(points, {n: h(points) for n, h in heads.items()})
    rng = np.random.default_rng(seed)
    for weight in network.weights:
        weight.assign(rng.normal(size=weight.shape))
    return network


def deep(width=48):
    """A head of each kind on layers of its own."""
    points = keras.Input((2,), name="points")

    def head(size):
        x = points
        for _ in range(2):
            x = keras.layers.Dense(width, activation="tanh")(x)
        return keras.layers.Dense(size)(x)

    return keras.Model(points, {"logits": head(1), "classes": head(CLASSES)})


def acgan(discriminator, **options):
    model = ACGAN(
        generator(), discriminator, classes=CLASSES, makes="points", **options
    )
    model.compile(
        {p: keras.optimizers.SGD(0.0) for p in model.players},
        run_eagerly=True,
    )
    return model


def batch(n=40, seed=0):
    rng = np.random.default_rng(seed)
    label = rng.integers(0, CLASSES, n).astype("int32")
    points = REAL[label] + rng.normal(size=(n, 2))
    return {"points": points.astype("float32"), "label": label}


def watched(model):
    """What the generator made in the first update, with its labels."""
    seen, make = [], model.made_of

    def made_of(latent, label):
        made = make(latent, label)
        seen.append((array(made), array(label.fake)))
        return made

    object.__setattr__(model, "made_of", made_of)
    return seen


def told(network, points):
    """(logits, classes) in float64."""
    found = network(tensor(points))
    return [array(found[k]).astype("float64") for k in ("logits", "classes")]


def cross_entropy(classes, label):
    rows = special.log_softmax(classes, -1)
    return -rows[np.arange(len(label)), label].mean()


def share(classes, label):
    return (classes.argmax(-1) == label).mean()


@pytest.mark.parametrize("weight", [1.0, 0.25])
def test_the_losses_are_those_of_the_paper(weight):
    model, columns = acgan(linear(), fake_class_weight=weight), batch()
    seen = watched(model)
    logs = {k: float(array(v)) for k, v in model.train_step(columns).items()}
    fake, fake_label = seen[0]
    (real_logits, real), (fake_logits, made) = (
        told(model.discriminator, points)
        for points in (columns["points"], fake)
    )
    label = columns["label"]
    wanted = {
        "real_class_loss": cross_entropy(real, label),
        "fake_class_loss": cross_entropy(made, fake_label),
        "generator_class_loss": cross_entropy(made, fake_label),
        "real_class_accuracy": share(real, label),
        "fake_class_accuracy": share(made, fake_label),
    }
    # -L_S of the paper.
    source = -(
        np.log(special.expit(real_logits)).mean()
        + np.log(special.expit(-fake_logits)).mean()
    )
    wanted["discriminator_loss"] = (
        source + wanted["real_class_loss"]
        + weight * wanted["fake_class_loss"]
    )
    wanted["generator_loss"] = (
        -np.log(special.expit(fake_logits)).mean()
        + wanted["generator_class_loss"]
    )
    for key, value in wanted.items():
        assert logs[key] == pytest.approx(value, rel=1e-5), key
    assert 0 < wanted["real_class_accuracy"] < 1


def test_fakes_are_of_all_classes_whatever_the_data_are():
    model = acgan(linear())
    seen = watched(model)
    columns = batch(1000)
    columns["label"][:] = 2
    for _ in range(3):
        model.train_step(columns)
    labels = [label for _, label in seen]
    for label in labels:
        counts = np.bincount(label, minlength=CLASSES)
        assert stats.chisquare(counts).pvalue > 1e-3
        assert len(counts) == CLASSES and label.dtype == np.int32
    assert (labels[0] != labels[1]).any()


def test_fakes_are_made_of_the_labels_that_they_are_judged_by():
    model = acgan(linear())
    seen = watched(model)
    latents = []
    draw = model.drawn

    def drawn(rows):
        latents.append(draw(rows))
        return latents[-1]

    object.__setattr__(model, "drawn", drawn)
    model.train_step(batch())
    (made, label), = seen
    np.testing.assert_allclose(made - array(latents[0]), MADE[label], atol=1e-6)


def test_penalties_are_of_the_logits_alone():
    """The slope of a linear head is its kernel."""
    model = acgan(linear(), penalties=[R1(1.0)])
    logs = model.train_step(batch())
    kernel = array(model.discriminator.get_layer("logits").kernel)
    assert float(array(logs["r1"])) == pytest.approx(
        (kernel**2).sum() / 2, rel=1e-5
    )


def posterior(points, weight):
    """What a class head tells at its best: each class' share of the density
    of what it is shown there, fakes counted `weight` times."""
    def density(means):
        apart = ((points[:, None] - means) ** 2).sum(-1)
        return np.exp(-apart / 2)

    shown = density(REAL) + weight * density(MADE)
    return shown / shown.sum(-1, keepdims=True)


@pytest.mark.parametrize("weight", [
    0.0, pytest.param(1.0, marks=pytest.mark.slow)
])
def test_the_trained_class_head_knows_the_posterior(weight):
    keras.utils.set_random_seed(0)
    model = ACGAN(
        generator(), deep(), classes=CLASSES, makes="points",
        fake_class_weight=weight,
    )
    adam = keras.optimizers.Adam(1e-2, beta_2=0.99)
    model.compile({
        "discriminator": adam, "generator": keras.optimizers.SGD(0.0),
    })
    for rate, n in [(1e-2, 100 * 512), (1e-3, 50 * 512)]:
        adam.learning_rate = rate
        columns = batch(n, seed=n)
        model.fit(columns, batch_size=512, verbose=0)
    grid = np.stack(np.meshgrid(
        np.linspace(-2.5, 2.5, 11), np.linspace(-2, 2, 9)
    ), -1).reshape(-1, 2).astype("float32")
    found, best = model.classify(grid), posterior(grid, weight)
    assert best.min() < 0.05 and best.max() > 0.9
    assert np.abs(found - best).max() < 0.1
    assert np.abs(found - best).mean() < 0.03
    # The other weight would be far off.
    other = posterior(grid, 1.0 - weight)
    assert np.abs(best - other).max() > 0.3


def test_the_class_head_is_asked_by_pictures():
    model, columns = tiny.shared("acgan"), tiny.data("acgan")
    found = model.classify(columns["image"])
    assert found.shape == (len(columns["image"]), tiny.CLASSES)
    np.testing.assert_allclose(found.sum(-1), 1, rtol=1e-5)
    # Of each by itself, as in inference.
    np.testing.assert_allclose(
        model.classify(columns["image"][3:4])[0], found[3], atol=1e-5
    )
    label = found.argmax(-1)
    label[:4] = (label[:4] + 1) % tiny.CLASSES
    assert model.accuracy(columns["image"], label) == pytest.approx(
        1 - 4 / len(label)
    )
    with pytest.raises(InputError, match="as many of each"):
        model.accuracy(columns["image"], label[:3])


def test_arguments_out_of_range_are_refused():
    with pytest.raises(InputError, match="classes must be"):
        ACGAN(generator(), linear(), classes=0, makes="points")
    with pytest.raises(InputError, match="fake_class_weight must be at lea"):
        acgan(linear(), fake_class_weight=-0.5)


def test_without_the_weight_fakes_do_not_move_the_class_head():
    """One step with and without the fakes' class loss, from one start."""
    moved = []
    for weight in (0.0, 1.0):
        model = ACGAN(
            generator(), linear(), classes=CLASSES, makes="points",
            fake_class_weight=weight,
        )
        model.compile(
            {p: keras.optimizers.SGD(1.0) for p in model.players},
            run_eagerly=True,
        )
        columns = batch()
        start = told(model.discriminator, columns["points"])[1]
        model.train_step(columns)
        chosen = np.eye(CLASSES)[columns["label"]]
        slope = (special.softmax(start, -1) - chosen) / len(chosen)
        before = linear().get_layer("classes").get_weights()
        after = model.discriminator.get_layer("classes").get_weights()
        step = [a - b for a, b in zip(before, after)]
        wanted = [columns["points"].T @ slope, slope.sum(0)]
        moved.append(max(np.abs(a - b).max() for a, b in zip(step, wanted)))
        assert all(np.isfinite(v).all() for v in values(model))
    assert moved[0] < 1e-5 < 1e-2 < moved[1]


def test_the_options_of_the_game_are_of_the_logits_alone():
    """Smoothing, noise, LeCam and ADA; the classes are told as before."""
    model = tiny.build("acgan")
    options = {
        "smoothing": 0.1, "label_noise": 0.1, "dequantise": True,
        "instance_noise": 0.1, "penalties": [LeCam()],
        "augment": AdaptiveAugment(target=-1.0, images=100, every=1),
    }
    model = ACGAN(
        model.generator, model.discriminator, classes=tiny.CLASSES, seed=3,
        **options,
    )
    model.compile({p: tiny.adam() for p in model.players}, run_eagerly=True)
    batch = tiny.data("acgan")
    logs = model.train_step(batch)
    assert {"lecam", "augmented", "real_class_loss"} <= set(logs)
    kept = [float(array(v)) for v in model.kept_by("discriminator")]
    # The means, one update, and as many pictures in a hundred.
    assert kept[0] != 0 != kept[1] and kept[2:] == pytest.approx(
        [1, len(batch["label"]) / 100, 0, 0]
    )
    real, fake = model.judgement(batch)
    assert real.shape == fake.shape == (len(batch["label"]), 1)
