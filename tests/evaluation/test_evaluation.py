"""Measurements: what a record says, floor and ceiling, and the table."""

import csv
import json
import tomllib

import keras
import numpy as np
import pytest

import recipes
from check import needs
from keras_gen import cli, evaluation, zoo
from keras_gen.data.sources import shapes
from keras_gen.errors import InputError
from keras_gen.evaluation import tables
from keras_gen.evaluation.features import FeatureNetwork, Features, network
from keras_gen.training import trainer
from keras_gen.zoo import results


class Projection(FeatureNetwork):
    """Random projections of the pixels; the class by the known truth."""

    def __init__(self):
        super().__init__(
            "projection", "not resized", 16, shapes.CLASSES, "0"
        )

    def compute(self, pictures):
        flat = pictures.reshape(len(pictures), -1) / np.float32(255)
        matrix = np.random.default_rng(0).normal(
            size=(flat.shape[1], self.dim)
        )
        classes = np.eye(len(self.classes), dtype="float32")
        return Features(
            np.tanh(flat @ matrix / 5).astype("float32"),
            classes[shapes.classify(pictures)],
        )


def by_subject(records, metric):
    return {r.subject: r.value for r in records if r.metric == metric}


@pytest.fixture(scope="module")
def cgan():
    return evaluation.evaluate("cgan_shapes", features=Projection(), n=400)


def test_records_say_what_they_depend_on(cgan):
    assert {r.metric for r in cgan} == set(
        evaluation.names(zoo.load("cgan_shapes"), default=True)
    ) - {"modes", "high_quality", "mode_kl"}
    for record in cgan:
        assert (record.n_real, record.n_fake) == (400, 400)
        assert (record.real, record.seed, record.ema) == (
            "shapes test", 0, False
        )
        of_pixels = record.metric in ("diversity", "near_copies")
        assert record.features == (None if of_pixels else "projection")
        assert evaluation.Record(**record.as_dict()).metric == record.metric


def test_real_pictures_are_the_floor(cgan):
    for metric in ("frechet_distance", "kernel_distance"):
        found = by_subject(cgan, metric)
        assert found["training data"] == min(found.values())
    assert by_subject(cgan, "coverage")["training data"] > 0.9
    # The classifier knows the truth, so the floor is exact.
    found = by_subject(cgan, "label_accuracy")
    assert found["training data"] == 1 and 0.9 < found["model"] < 1
    assert by_subject(cgan, "near_copies")["model"] < 0.05


def test_latents_that_do_nothing_within_a_class_show(cgan):
    found = by_subject(cgan, "within_class_diversity")
    assert found["training data"] == pytest.approx(1, abs=0.05)
    assert 0.8 < found["model"] < 1.2
    deaf = zoo.load("cgan_shapes")
    network = deaf.generator
    kernel = next(v for v in network.weights if v.path.endswith("kernel"))
    columns = {x.name: x.shape[1:] for x in network.inputs}["latent"][0]
    # Its first rows are the latent's, the others the label's.
    heard = np.arange(kernel.shape[0])[:, None] >= columns
    kernel.assign(np.where(heard, kernel, 0))
    records = evaluation.evaluate(
        deaf, zoo.recipe("cgan_shapes"), features=Projection(), n=120,
        metrics=["within_class_diversity"],
    )
    found = by_subject(records, "within_class_diversity")
    assert found["model"] < 0.01 < 0.9 < found["training data"]


def test_path_length_sees_pictures_that_are_not_rounded():
    net = network("classifier_shapes")
    image = zoo.recipe("cgan_shapes").dataset().take(np.arange(8))["image"]
    floats = keras.ops.convert_to_tensor(image.astype("float32") / 127.5 - 1)
    np.testing.assert_allclose(
        net.of_floats(floats), net(image).features, atol=1e-5
    )
    grey = net.of_floats(keras.ops.ones((2, 16, 16, 1)))
    assert grey.shape == (2, net.dim)
    found, = evaluation.evaluate(
        "dcgan_shapes", metrics=["path_length"], n=64
    )
    assert found.value > found.spread > 0


def test_the_seed_decides(cgan):
    def frechet(seed):
        records = evaluation.evaluate(
            "cgan_shapes", features=Projection(), n=400, seed=seed,
            metrics=["frechet_distance"],
        )
        return by_subject(records, "frechet_distance")["model"]

    assert frechet(0) == by_subject(cgan, "frechet_distance")["model"]
    assert frechet(1) != frechet(0)


def test_a_dropped_class_shows():
    train = zoo.recipe("cgan_shapes").dataset().take(np.arange(1200))
    image, label = train["image"], train["label"]
    whole, without = (
        evaluation.compare(
            made, image[600:], features="classifier_shapes"
        ) for made in (image[:600], image[:600][label[:600] != 2])
    )
    assert by_subject(whole, "smallest_class")["model"] > 0.7
    assert by_subject(without, "smallest_class")["model"] == 0
    distance = [
        by_subject(r, "frechet_distance")["model"] for r in (whole, without)
    ]
    assert distance[1] > 10 * distance[0]


def test_copies_of_training_pictures_show():
    image = zoo.recipe("cgan_shapes").dataset().take(np.arange(900))["image"]
    found = evaluation.compare(
        image[:300], image[600:], features=None, training=image[:600],
        metrics=["near_copies"],
    )
    assert by_subject(found, "near_copies")["model"] > 0.9


def test_folders_are_compared_like_arrays(tmp_path):
    from PIL import Image

    a = zoo.recipe("cgan_shapes").dataset().take(np.arange(40))["image"]
    b = zoo.recipe("cgan_shapes").dataset("test").take(np.arange(40))["image"]
    for name, pictures in (("made", a), ("real", b)):
        (tmp_path / name).mkdir()
        for i, picture in enumerate(pictures):
            Image.fromarray(picture).save(tmp_path / name / f"{i}.png")
    arrays = evaluation.compare(a, b, features=Projection())
    files = evaluation.compare(
        tmp_path / "made", tmp_path / "real", features=Projection(), size=32
    )
    assert files[0].real == "real test"
    assert by_subject(files, "frechet_distance") == pytest.approx(
        by_subject(arrays, "frechet_distance"), rel=1e-5
    )


def test_a_floor_and_ceiling_for_every_published_model():
    for name in recipes.PUBLISHED:
        recipe = zoo.recipe(name)
        kind = recipe.code("objective", recipe["objective"]["class"])
        records = results.flat(recipe["results"])
        rows = [evaluation.Record(**row) for row in records]
        known = evaluation.names(kind)
        for protocol in evaluation.protocols.of(kind):
            # A picture has no modes, a point no class: those that there are.
            told = [
                metric for metric in protocol.HEADLINE
                if by_subject(rows, metric)
            ]
            assert told or not protocol.HEADLINE, (name, protocol)
            for metric in told:
                found = by_subject(rows, metric)
                assert np.isfinite(found["model"]), (name, metric)
                assert set(protocol.BASELINES) <= set(found), (name, metric)
        assert {r.metric for r in rows} <= set(known), name


@pytest.mark.parametrize("name, metric", [
    ("gan_shapes", "frechet_distance"),
    pytest.param("pix2pix_shapes", "l1", marks=pytest.mark.slow),
])
def test_a_published_model_has_its_recorded_numbers(name, metric):
    recipe = zoo.recipe(name)
    recorded = next(
        r for r in results.flat(recipe["results"])
        if (r["metric"], r["subject"]) == (metric, "model")
    )
    model = zoo.load(name)
    test = evaluation.prepare(model, recipe, n=recorded["n_fake"])
    again, = (
        record for protocol in evaluation.protocols.of(model)
        for record in test.records(protocol, [metric], only=("model",))
    )
    # Other processors round otherwise.
    assert again.value == pytest.approx(recorded["value"], rel=1e-3)


def test_the_table_shows_the_records(capsys):
    cli.main(["table", "--check"])
    assert "up to date" in capsys.readouterr().out


def test_a_table_of_two_subjects_and_a_spread():
    common = dict(real="x test", n_real=9, n_fake=8, ema=True, seed=1)
    records = [
        evaluation.Record(
            metric="kernel_distance", subject=subject, value=value,
            spread=spread, features="f", resize="r", **common,
        ) for subject, value, spread in (
            ("model", 0.12345678, 0.01), ("training data", -0.002, None)
        )
    ]
    text = tables.text(records)
    assert "0.1235 ± 0.01         -0.002" in text
    assert "averaged weights" in text and "features of f: r" in text
    assert tables.title(records[0]) == "kernel_distance[f]"


@pytest.mark.parametrize("network, title", [
    ("inception-2015-12-05", "fid"),
    ("keras-inceptionv3", "frechet_distance[keras-inceptionv3]"),
])
def test_only_the_inception_of_2015_makes_an_fid(network, title):
    record = evaluation.Record(
        metric="frechet_distance", subject="model", value=1.0,
        features=network, resize="r", real="x test", n_real=9, n_fake=9,
        ema=False, seed=0,
    )
    assert tables.title(record) == title


@needs("tensorflow")
def test_the_command_prints_and_writes(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    cli.main([
        "evaluate", "pix2pix", "--n=16", "--metrics=l1,sharpness",
    ])
    printed = capsys.readouterr()
    assert "nearest neighbour" in printed.out and "sharpness" in printed.out
    assert "pictures: mean picture" in printed.err
    file, = tmp_path.iterdir()
    rows = json.loads(file.read_text())["results"]
    assert file.name == "pix2pix_shapes-results.json" and len(rows) == 12
    assert rows[0]["n_fake"] == 16


@pytest.mark.slow
def test_translators_are_measured_beside_each_other():
    untrained = zoo.recipe("pix2pix_shapes").build()
    found = evaluation.evaluate(
        "pix2pix_shapes", n=64, features=Projection(),
        metrics=["l1", "kernel_distance"], beside={"untrained": untrained},
    )
    l1 = by_subject(found, "l1")
    assert l1["model"] < l1["ridge regression"] < l1["untrained"]
    kernel = by_subject(found, "kernel_distance")
    # The same pictures in another order: nothing but noise is left.
    assert kernel["wrong pairing"] < 0.1 * kernel["untrained"]
    assert kernel["model"] < 0.1 * kernel["untrained"]
    with pytest.raises(InputError, match="gan_shapes is none"):
        evaluation.evaluate("gan_shapes", beside={"untrained": untrained})


@pytest.mark.slow
def test_a_run_keeps_its_best_step_by_a_metric(tmp_path):
    recipe = zoo.recipe("gan_shapes").smoke().override({
        "train.best": "coverage", "train.best_mode": "max",
    })
    trainer.run(recipe, tmp_path / "run")
    best = tomllib.loads((tmp_path / "run/best/best.toml").read_text())
    with open(tmp_path / "run/monitors.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    values = [float(row["coverage"]) for row in rows]
    assert len(values) == 2 and best["value"] == max(values)
    assert best["name"] == "coverage"


@pytest.mark.parametrize("arguments, words", [
    (["dcgan", "--metrics=fid"], "there is no metric fid"),
    (["dcgn"], "did you mean"),
    (["dcgan", "--n=1"], "--n must be at least 2"),
    (["dcgan", "--features=nothing"], "there is no model 'nothing'"),
    (["pix2pix", "--beside=nothing"], "there is no model 'nothing'"),
])
def test_mistakes_take_one_line(arguments, words, capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(["evaluate", *arguments])
    error = capsys.readouterr().err
    assert stop.value.code == 2 and error.count("\n") == 1 and words in error


def test_an_objective_needs_its_recipe():
    with pytest.raises(InputError, match="give recipe"):
        evaluation.evaluate(zoo.load("dcgan_shapes"))


def test_a_metric_that_needs_features_says_so():
    with pytest.raises(InputError, match="need a feature network"):
        evaluation.compare(
            np.zeros((4, 8, 8, 3), "uint8"), np.zeros((4, 8, 8, 3), "uint8"),
            features=None, metrics=["coverage"],
        )


def test_a_class_head_is_measured_by_test_pictures():
    recipe = zoo.recipe("acgan_fashion_mnist").smoke()
    model = recipe.build()
    found = evaluation.evaluate(
        model, recipe, metrics=["classification"], n=200
    )
    accuracy = by_subject(found, "accuracy")
    assert set(accuracy) == {"model", "majority"}
    test = recipe.dataset("test")
    rows = np.sort(np.random.default_rng(0).permutation(len(test))[:200])
    test = test.take(rows)
    assert {(r.n_fake, r.n_real) for r in found} == {(200, 200)}
    assert accuracy["model"] == model.accuracy(test["image"], test["label"])
    told = model.classify(test["image"]).argmax(-1)
    assert accuracy["model"] == (told == test["label"]).mean()
