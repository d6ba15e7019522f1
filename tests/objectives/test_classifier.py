"""The classifier's losses, predictions and previews in closed form."""

import keras
import numpy as np
import pytest
from scipy import special

from check import array, tensor
from keras_gen.data import Dataset
from keras_gen.errors import InputError
from keras_gen.objectives import Classifier
from keras_gen.training.monitors import LabelMonitors
from objectives import tiny

KERNEL = np.random.default_rng(1).normal(size=(12, 3))


def linear():
    """Logits that are linear in the pixels of a 2 x 2 picture."""
    image = keras.Input((2, 2, 3), name="image")
    features = keras.layers.Flatten(name="features")(image)
    dense = keras.layers.Dense(3, use_bias=False)
    logits = dense(features)
    dense.set_weights([KERNEL])
    return keras.Model(image, {"features": features, "logits": logits})


def model(**options):
    return Classifier(linear(), classes=["a", "b", "c"], **options)


def pictures(n, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (n, 2, 2, 3)).astype("uint8")


def by_hand(rows):
    """(features, logits) in float64."""
    features = (rows / 127.5 - 1).reshape(len(rows), -1)
    return features, features @ KERNEL


def test_the_loss_of_one_label_is_cross_entropy():
    rows, label = pictures(40), np.arange(40) % 3
    _, logits = by_hand(rows)
    log_p = special.log_softmax(logits, -1)
    chosen, mean = log_p[np.arange(40), label], log_p.mean(-1)
    right = (logits.argmax(-1) == label).mean()
    for smoothing in (0.0, 0.25):
        logs = model(label_smoothing=smoothing).test_step(
            {"image": rows, "label": label}
        )
        wanted = -((1 - smoothing) * chosen + smoothing * mean).mean()
        assert float(array(logs["classifier_loss"])) == pytest.approx(
            wanted, rel=1e-5
        )
        assert float(array(logs["accuracy"])) == pytest.approx(right)
    assert 0 < right < 1


def test_the_loss_of_attributes_is_binary_cross_entropy():
    rows = pictures(40)
    label = np.random.default_rng(2).integers(0, 2, (40, 3))
    _, logits = by_hand(rows)
    p = special.expit(logits)
    wanted = -np.log(np.where(label, p, 1 - p)).sum(-1).mean()
    right = ((p > 0.5) == label).mean()
    logs = model(multi_label=True).test_step({"image": rows, "label": label})
    assert float(array(logs["classifier_loss"])) == pytest.approx(
        wanted, rel=1e-5
    )
    assert float(array(logs["accuracy"])) == pytest.approx(right)


@pytest.mark.parametrize("multi_label", [False, True])
def test_predictions(multi_label):
    rows, one = pictures(300), model(multi_label=multi_label)
    features, logits = by_hand(rows)
    turn = special.expit if multi_label else special.softmax
    wanted = turn(logits) if multi_label else turn(logits, -1)
    np.testing.assert_allclose(one.features(rows), features, atol=1e-5)
    np.testing.assert_allclose(one.classify(rows), wanted, atol=1e-5)
    np.testing.assert_allclose(
        array(one(tensor(rows / 127.5 - 1))), wanted, atol=1e-5
    )
    np.testing.assert_allclose(
        one.predict(rows, verbose=0), one.classify(rows), atol=1e-6
    )
    assert one.classify(rows[:1]).dtype == np.float32
    label = (wanted > 0.5).astype(int) if multi_label else wanted.argmax(-1)
    label[:30] = (label[:30] + 1) % (2 if multi_label else 3)
    share = (label[:30] != (
        wanted[:30] > 0.5 if multi_label else wanted[:30].argmax(-1)
    )).mean()
    expected = 1 - share / 10
    assert one.accuracy(rows, label) == pytest.approx(expected)
    monitors = LabelMonitors(one, {"image": rows, "label": label})
    assert monitors.names == ["validation_accuracy"]
    assert monitors.measure() == {
        "validation_accuracy": pytest.approx(expected)
    }


@pytest.mark.parametrize("wrong", [
    pictures(2).reshape(2, 4, 3), pictures(2)[..., :1], pictures(2)[0],
    pictures(0),
])
def test_other_pictures_are_refused(wrong):
    with pytest.raises(InputError, match=r"uint8 .*\(n, 2, 2, 3\), got"):
        model().classify(wrong)


@pytest.mark.parametrize("multi_label", [False, True])
def test_a_preview_shows_the_least_certain_by_class(multi_label):
    rows = pictures(200)
    _, logits = by_hand(rows)
    one = model(multi_label=multi_label)
    if multi_label:
        doubt = -abs(special.expit(logits) - 0.5).mean(-1)
    else:
        doubt = -special.softmax(logits, -1).max(-1)
    shown, columns = one.preview({"image": rows})
    assert columns == 8 and len(shown) == 64
    wanted = set(np.argsort(-doubt)[:64])
    places = {row.tobytes(): i for i, row in enumerate(rows)}
    found = [places[row.tobytes()] for row in shown]
    assert set(found) == wanted
    kinds = logits[found].argmax(-1)
    assert (np.diff(kinds) >= 0).all() and len(set(kinds)) == 3


def test_classifiers_make_no_pictures():
    assert model().made is None
    with pytest.raises(InputError, match="does not generate"):
        model().generate(3)


@pytest.mark.parametrize("options, words", [
    (dict(classes=["a", "b"]), "2 names, but the network has 3"),
    (dict(label_smoothing=1.0), "below 1"),
    (dict(label_smoothing=-0.1), "at least 0"),
    (dict(label_smoothing=0.1, multi_label=True), "0 with multi_label"),
])
def test_bad_options(options, words):
    with pytest.raises(InputError, match=words):
        Classifier(linear(), **{"classes": ["a", "b", "c"], **options})


@pytest.mark.parametrize("name, label, words", [
    ("classifier", np.arange(8) % 4, "from 0 to 2, .* go to 3"),
    ("classifier", np.zeros((8, 3), int), "data.kind, with .* labels"),
    ("classifier_attributes", np.zeros(8, int),
     "data.kind, with .* attributes"),
    ("classifier_attributes", np.zeros((8, 2), int), "rows of 3"),
])
def test_labels_that_do_not_fit(name, label, words):
    columns = tiny.data(name, 8)
    tiny.build(name).check_data(Dataset(columns))
    with pytest.raises(InputError, match=words):
        tiny.build(name).check_data(Dataset(columns | {"label": label}))


def test_labels_that_are_missing_are_refused():
    columns = tiny.data("classifier")
    columns["label"][:2] = -1
    with pytest.raises(InputError, match="2 of 16 labels are -1"):
        tiny.build("classifier").check_data(Dataset(columns))
