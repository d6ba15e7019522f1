"""Real or made? What a detector is shown and says, and how it is measured."""

import keras
import numpy as np
import pytest
from keras import layers

from check import array, tensor
from keras_gen import evaluation, zoo
from keras_gen.data.dataset import Dataset
from keras_gen.errors import InputError
from keras_gen.evaluation.protocols import detection
from keras_gen.networks import classifier, dcgan
from keras_gen.objectives import Detector
from keras_gen.training import monitors
from objectives import tiny

rng = np.random.default_rng(0)
SIZE = {"size": 16, "channels": 3, "width": 4}


def test_a_step_shows_real_ones_and_as_many_made_ones_of_8_bits():
    model = tiny.build("detector")
    model.augment = None
    real = tensor(np.rint(rng.uniform(0, 255, (6, 16, 16, 3))) / 127.5 - 1)
    with model.unmoved(4):
        image, label = map(array, model.shown(real))
    with model.unmoved(5):
        other, _ = map(array, model.shown(real))
    assert label.tolist() == [0] * 6 + [1] * 6
    np.testing.assert_array_equal(image[:6], array(real))
    levels = (image + 1) * 127.5
    np.testing.assert_allclose(levels, np.rint(levels), atol=1e-3)
    assert len(np.unique(image.reshape(12, -1), axis=0)) == 12
    assert (image[6:] != other[6:]).any()


def test_both_pass_through_what_it_is_shown_by():
    model = tiny.build("detector")
    model.augment = lambda pictures, noise: 0 * pictures + 0.5
    with model.unmoved(0):
        image, _ = model.shown(tensor(np.zeros((3, 16, 16, 3))))
    assert (array(image) == 0.5).all()


def test_the_generator_stays_and_its_statistics_too():
    model = tiny.compiled("detector")
    before = [array(v) for v in model.generator.variables]
    moved = [array(v) for v in model.classifier.trainable_variables]
    model.fit(tiny.data("detector", 8), batch_size=4, verbose=0)
    for variable, value in zip(model.generator.variables, before):
        np.testing.assert_array_equal(array(variable), value)
    assert all(
        (array(v) != value).any()
        for v, value in zip(model.classifier.trainable_variables, moved)
    )


def test_its_fakes_are_the_pictures_of_the_model_that_it_borrows_from():
    maker = zoo.load("dcgan_shapes")
    model = Detector(
        classifier.residual(size=16, channels=3, classes=2, width=4),
        maker.generator,
    )
    np.testing.assert_array_equal(
        model.fakes(5, seed=7), maker.generate(5, seed=7)
    )
    assert model.fakes(300).shape == (300, 16, 16, 3)
    made, columns = model.preview({})
    said = model.says_made(made)
    assert (np.diff(said) >= 0).all() and (made.shape[0], columns) == (64, 8)
    np.testing.assert_allclose(said, model.classify(made)[:, 1])


def test_it_learns_to_tell_in_a_few_steps():
    """White from black, held against what it has not seen."""
    x = keras.Input((5,), name="latent")
    black = layers.Lambda(
        lambda z: keras.ops.zeros((keras.ops.shape(z)[0], 16, 16, 3)) - 1,
        output_shape=(16, 16, 3),
    )(x)
    model = Detector(
        classifier.residual(classes=2, **SIZE), keras.Model(x, black), seed=1
    )
    model.compile({"classifier": keras.optimizers.Adam(1e-2)})
    white = np.full((64, 16, 16, 3), 255, "uint8")
    model.fit({"image": white}, batch_size=8, epochs=10, verbose=0)
    assert model.says_made(white).max() < 0.2
    assert model.says_made(0 * white).min() > 0.8


@pytest.mark.parametrize(("generator", "options", "said"), [
    (dcgan.generator(latent_dim=5, size=32, channels=3, width=4), {},
     r"the shape \(32, 32, 3\), and the classifier takes \(16, 16, 3\)"),
    (dcgan.generator(latent_dim=5, classes=3, **SIZE), {},
     "generator must take latent"),
    (dcgan.generator, {}, "generator must be a keras.Model"),
])
def test_what_does_not_fit_is_refused(generator, options, said):
    with pytest.raises(InputError, match=said):
        Detector(classifier.residual(classes=2, **SIZE), generator, **options)


def test_a_linear_reader_finds_what_is_linear_and_no_more():
    noise = rng.integers(90, 160, (600, 16, 16, 3), "uint8")
    same = rng.integers(90, 160, (600, 16, 16, 3), "uint8")
    lighter = same + 10
    says = detection._linear(noise[:400], lighter[:400])
    assert (says(noise[400:]) <= 0.5).mean() > 0.95
    assert (says(lighter[400:]) > 0.5).mean() > 0.95
    says = detection._linear(noise[:400], same[:400])
    right = ((says(noise[400:]) <= 0.5).mean() + (
        says(same[400:]) > 0.5).mean()) / 2
    assert 0.4 < right < 0.6


class Reader:
    """Says that what is dark is made."""

    def says_made(self, pictures):
        return 1 - np.asarray(pictures, "float64").mean((1, 2, 3)) / 255


def test_shares_and_ranking_are_what_they_say():
    light, dark = (np.full((1, 4, 4, 3), v, "uint8") for v in (200, 50))
    told = np.array([0.1, 0.2, 0.6, 0.3]), np.array([0.9, 0.4])
    assert detection._right(*told) == pytest.approx(
        ((0.75 + 0.5) / 2, np.hypot(
            (0.75 * 0.25 / 4) ** 0.5, (0.25 / 2) ** 0.5
        ) / 2)
    )

    class Evaluation:
        real = type("Real", (), {
            "pictures": np.concatenate([light, light, dark])
        })

    subject = detection.Told(
        "maker", np.concatenate([dark, light]), Reader().says_made
    )
    # Of the six pairs 2 are ranked right, 2 even + 1 even, and 1 wrong.
    assert detection._ranking(Evaluation, subject)["ranking"] == pytest.approx(
        (2 + 0.5 + 2 * 0.5 + 0) / 6
    )
    assert detection._accuracy(Evaluation, subject)["accuracy"][0] == (
        pytest.approx((2 / 3 + 1 / 2) / 2)
    )


def test_it_is_measured_on_makers_that_it_has_not_seen():
    recipe = zoo.recipe("detector_celeba").smoke().override({
        "measure": {"makers": ["dcgan_shapes", "gan_shapes"], "n": 40},
        "data.source": "shapes", "data.size": 16,
        "networks.classifier.size": 16,
        "frozen.generator": {"model": "dcgan_shapes", "network": "generator"},
    })
    records = evaluation.evaluate(recipe.build(), recipe, n=40)
    found = {(r.metric, r.subject): r.value for r in records}
    assert set(found) == {
        (metric, subject)
        for metric in ("accuracy", "compressed_accuracy", "ranking")
        for subject in ("model", "linear", "compressed real", "dcgan_shapes")
    }
    # An own maker's pictures are the same as its model's.
    assert found["accuracy", "model"] == found["accuracy", "dcgan_shapes"]
    assert all(0 <= value <= 1 for value in found.values())


def test_labels_are_not_asked_for_in_data_nor_in_what_watches_it():
    model, columns = tiny.build("detector"), tiny.data("detector", 30)
    model.check_data(Dataset(columns))
    watched = monitors.LabelMonitors(model, columns)
    real, made = map(model.says_made, (columns["image"], model.fakes(30)))
    assert watched.measure() == {
        "validation_accuracy": pytest.approx(
            ((real <= 0.5).sum() + (made > 0.5).sum()) / 60
        )
    }
