"""Feature networks."""

import shutil

import keras
import numpy as np
import pytest

import recipes
from check import OTHER, finish, needs_other, start
from keras_gen import zoo
from keras_gen.data.reading import Reading
from keras_gen.errors import InputError
from keras_gen.evaluation import feature_network, features

CLASSIFIERS = recipes.each([
    n for n in recipes.PUBLISHED if recipes.objective(n).endswith(":Classifier")
])


def noise(n, side=32, channels=3, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (n, side, side, channels)).astype("uint8")


def called(net):
    return features.metric_name("frechet_distance", net.name)


@pytest.fixture(scope="module")
def shapes_network():
    return features.network("classifier_shapes")


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_every_published_classifier_is_a_feature_network(name):
    net, recipe = features.network(name), zoo.recipe(name)
    found = net(noise(3, channels=1))
    assert net.name == name and len(net.identity) == 64
    assert list(net.classes) == recipe["objective"]["classes"]
    assert found.features.shape == (3, net.dim) and 64 <= net.dim <= 256
    assert found.probabilities.shape == (3, len(net.classes))
    assert found.features.dtype == found.probabilities.dtype == np.float32
    assert called(net) == f"frechet_distance[{name}]"


def test_a_run_of_a_classifier_is_a_feature_network(shapes_network, tmp_path):
    run, published = tmp_path / "mine", zoo.home() / "saved_models"
    shutil.copytree(published / "classifier_shapes", run / "export")
    shutil.copy(zoo.home() / "zoo/classifier_shapes.toml", run / "recipe.toml")
    # What is published is the average.
    shutil.copy(
        run / "export/classifier.weights.h5",
        run / "export/classifier_ema.weights.h5",
    )
    network = features.network(str(run))
    assert network.name == "mine"
    assert network.identity == shapes_network.identity
    shutil.copy(zoo.home() / "zoo/gan_shapes.toml", run / "recipe.toml")
    shutil.rmtree(run / "export")
    shutil.copytree(published / "gan_shapes", run / "export")
    with pytest.raises(InputError, match="is no classifier"):
        features.network(str(run))


def test_features_are_those_of_the_published_averages(shapes_network):
    rows, model = noise(300), zoo.load("classifier_shapes")
    found = shapes_network(rows)
    floats = rows[-2:].astype("float32") / 127.5 - 1
    outputs = model.classifier_ema(floats)
    np.testing.assert_allclose(
        found.features[-2:], keras.ops.convert_to_numpy(outputs["features"]),
        atol=1e-5,
    )
    logits = keras.ops.convert_to_numpy(outputs["logits"]).astype(float)
    wanted = np.exp(logits - logits.max(-1, keepdims=True))
    wanted /= wanted.sum(-1, keepdims=True)
    np.testing.assert_allclose(found.probabilities[-2:], wanted, atol=1e-5)


@needs_other
def test_the_backends_agree(shapes_network, tmp_path):
    script = tmp_path / "there.py"
    script.write_text(
        "import sys, numpy as np\n"
        "from keras_gen.evaluation import features\n"
        "net = features.network('classifier_shapes')\n"
        "found = net(np.load(sys.argv[1]))\n"
        "np.savez(sys.argv[2], *found, net.identity)\n"
    )
    np.save(tmp_path / "pictures.npy", noise(5))
    finish(start(
        script, tmp_path / "pictures.npy", tmp_path / "there.npz",
        backend=OTHER,
    ))
    here = shapes_network(noise(5))
    there = np.load(tmp_path / "there.npz")
    np.testing.assert_allclose(here.features, there["arr_0"], atol=1e-5)
    np.testing.assert_allclose(here.probabilities, there["arr_1"], atol=1e-5)
    assert str(there["arr_2"]) == shapes_network.identity


def test_pictures_are_resized_as_the_data_is(shapes_network):
    large = noise(2, side=50, channels=1)
    by_hand = Reading(3).fit_arrays(large, 2, 32)
    assert by_hand.shape == (2, 32, 32, 3)
    np.testing.assert_array_equal(
        shapes_network(large).features, shapes_network(by_hand).features
    )
    # Antialiased: fine noise becomes grey, not another noise.
    assert by_hand.std() < 0.7 * large.std()
    assert "32 x 32" in shapes_network.resize
    assert "Lanczos" in shapes_network.resize


@pytest.mark.parametrize("wrong, words", [
    (noise(2) * 16.0, "expected numbers from 0 to 255, .* got float64"),
    (noise(2)[..., :2], "expected pictures of shape"),
    (noise(2)[0], "expected uint8 .* got uint8 of shape .*single one"),
    (noise(2)[:0], "nothing in it"),
])
def test_other_arrays_are_refused(shapes_network, wrong, words):
    with pytest.raises(InputError, match=words) as caught:
        shapes_network(wrong)
    assert "\n" not in str(caught.value)


def test_long_work_shows_progress(shapes_network, capsys, monkeypatch):
    shapes_network(noise(4))
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(feature_network, "_PATIENCE", 0)
    monkeypatch.setattr(shapes_network, "rows", 2)
    shapes_network(noise(4))
    assert capsys.readouterr().err.splitlines()[0] == (
        "classifier_shapes: features of 2 of 4 pictures"
    )


@pytest.mark.parametrize("name, words", [
    ("classifier_mnits", "no feature network .*classifier_shapes"),
    ("gan_shapes", "no feature network"),
    ("nowhere.pb", "cannot read nowhere.pb"),
])
def test_unknown_networks(name, words):
    with pytest.raises(InputError, match=words):
        features.network(name)


# -- any Keras model ---------------------------------------------------------


def linear_model():
    """Two numbers from the mean of each channel, then three classes."""
    image = keras.Input((4, 4, 3))
    maps = keras.layers.Conv2D(
        2, 1, use_bias=False, kernel_initializer="ones", name="maps"
    )(image)
    x = keras.layers.GlobalAveragePooling2D(name="means")(maps)
    x = keras.layers.Dense(3, activation="softmax", name="out")(x)
    return keras.Model(image, x)


def test_a_keras_model_with_features_of_a_layer():
    model, rows = linear_model(), noise(3, side=4)
    # The sum over channels of the mean pixel, in [-1, 1].
    means = (rows / 127.5 - 1).mean((1, 2)).sum(-1)
    last = features.KerasNetwork("mine", model, classes="abc")
    maps = features.KerasNetwork("mine", model, layer="maps")
    for net in (last, maps):
        found = net(rows)
        np.testing.assert_allclose(
            found.features, np.stack([means, means], 1), atol=1e-5
        )
    assert last.dim == 2 and last.classes == ("a", "b", "c")
    np.testing.assert_allclose(last(rows).probabilities.sum(-1), 1, atol=1e-6)
    assert maps(rows).probabilities is None
    full = features.KerasNetwork("mine", model, input_range=(0, 255))
    np.testing.assert_allclose(
        full(rows).features[:, 0], rows.mean((1, 2)).sum(-1), rtol=1e-5
    )
    before = features.KerasNetwork("mine", model).identity
    assert features.KerasNetwork("mine", model).identity == before
    assert before not in (full.identity, maps.identity)
    model.layers[-1].bias.assign([1.0, 0, 0])
    assert features.KerasNetwork("mine", model).identity != before


def test_keras_models_that_are_no_feature_networks():
    model = linear_model()
    with pytest.raises(InputError, match="no layer 'x'; .* maps, means, out"):
        features.KerasNetwork("mine", model, layer="x")
    with pytest.raises(InputError, match="no probabilities of its 2 classes"):
        features.KerasNetwork("mine", model, classes="ab")(noise(1, side=4))
    flat = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    with pytest.raises(InputError, match="square pictures"):
        features.KerasNetwork("mine", flat)


def test_keras_inception_without_its_weights(monkeypatch):
    def offline(*arguments, **options):
        raise OSError("URL fetch failure: no route\nto host")

    # Where it would try to download them.
    monkeypatch.setattr(keras.applications, "InceptionV3", offline)
    with pytest.raises(InputError, match="cannot be had .*~/.keras") as caught:
        features.network("keras-inceptionv3")
    assert "\n" not in str(caught.value)


# -- the 2015 Inception graph ------------------------------------------------


def graph_like_2015(path, dim=2048, classes=1008):
    """A small frozen graph with the tensors that are fed and read, fixed to
    one picture and with an operation that TensorFlow has given up; and its
    weights from channels to features and from there to logits."""
    tf = pytest.importorskip("tensorflow")
    rng = np.random.default_rng(0)
    first = rng.normal(size=(3, dim)).astype("float32")
    last = rng.normal(size=(dim, classes)).astype("float32") / 99
    graph = tf.Graph()
    with graph.as_default():
        one = tf.compat.v1.placeholder("float32", (None, None, 3))
        x = tf.expand_dims(one, 0, name="ExpandDims")
        x = tf.compat.v1.image.resize_bilinear(x, (8, 8))
        x = (x - 128.0) * (1 / 128)
        x = tf.nn.conv2d(x, first[None, None], 1, "SAME")
        x = tf.nn.avg_pool2d(x, 8, 1, "VALID", name="pool_3")
        flat = tf.reshape(x, (1, dim), name="pool_3/_reshape")
        logits = tf.matmul(flat, last, name="softmax/logits/MatMul")
        tf.nn.softmax(logits + np.arange(classes), name="softmax")
    definition = graph.as_graph_def()
    multiply = next(n for n in definition.node if n.name == "mul")
    normalize_as_in_2015(tf, definition, multiply)
    path.write_bytes(definition.SerializeToString())
    return first, last


def normalize_as_in_2015(tf, definition, multiply):
    """Puts the batch normalization of 2015, with mean 0, variance 1, between
    `multiply` and what follows."""
    for node in definition.node:
        names = ["norm" if i == multiply.name else i for i in node.input]
        del node.input[:]
        node.input.extend(names)
    for name, value in [("mean", 0), ("variance", 1), ("b", 0), ("g", 1)]:
        node = definition.node.add(name=f"norm/{name}", op="Const")
        node.attr["dtype"].type = tf.float32.as_datatype_enum
        node.attr["value"].tensor.CopyFrom(
            tf.make_tensor_proto(np.full(3, value, "float32"))
        )
    node = definition.node.add(
        name="norm", op="BatchNormWithGlobalNormalization"
    )
    node.input.extend([multiply.name, *(
        f"norm/{name}" for name in ("mean", "variance", "b", "g")
    )])
    node.attr["T"].type = tf.float32.as_datatype_enum
    node.attr["variance_epsilon"].f = 0.0
    node.attr["scale_after_normalization"].b = True
    definition.versions.producer = 8


def test_the_graph_of_2015_is_fed_and_read_as_the_papers_did(tmp_path):
    first, last = graph_like_2015(tmp_path / "graph.pb")
    net = features.network(str(tmp_path / "graph.pb"))
    # Not a multiple of the batch, and grey as well as RGB.
    for rows in (noise(53, side=8), noise(2, side=8, channels=1)):
        found = net(rows)
        colour = np.broadcast_to(rows, (*rows.shape[:-1], 3))
        x = (colour.astype(float) - 128) / 128
        wanted = x.mean((1, 2)) @ first
        np.testing.assert_allclose(found.features, wanted, atol=1e-4)
        # Without the bias of the logits.
        logits = np.exp(wanted @ last)
        np.testing.assert_allclose(
            found.probabilities, logits / logits.sum(-1, keepdims=True),
            atol=1e-4,
        )
    assert net(noise(2, side=20)).features.shape == (2, 2048)
    assert (net.dim, len(net.classes)) == (2048, 1008)
    assert called(net) == "fid"
    assert net.identity == zoo.sha256(tmp_path / "graph.pb")


def test_only_that_graph_makes_a_fid():
    with pytest.raises(InputError, match="only the graph of 2015"):
        features.KerasNetwork("inception-2015-12-05", linear_model())
    net = features.KerasNetwork("inception", linear_model())
    assert called(net) == "frechet_distance[inception]"


def test_other_files_are_no_graph_of_2015(tmp_path):
    pytest.importorskip("tensorflow")
    (tmp_path / "text.pb").write_text("no graph")
    (tmp_path / "empty.pb").write_bytes(b"")
    graph_like_2015(tmp_path / "wide.pb", dim=4096)
    graph_like_2015(tmp_path / "later.pb", classes=1001)
    for name in ("text", "empty", "wide", "later"):
        words = f"{name}.pb is not the graph inception-2015-12-05"
        with pytest.raises(InputError, match=words) as caught:
            features.network(str(tmp_path / f"{name}.pb"))
        assert "\n" not in str(caught.value)
