"""What is made is restored, drawn, watched and exported by its type."""

import keras
import numpy as np
import pytest
from keras import layers
from PIL import Image

from check import array, tensor
from keras_gen import abilities, explore, plot, values
from keras_gen.errors import InputError
from keras_gen.objectives.base.labels import Labelled
from keras_gen.objectives.base.latent import LatentObjective
from keras_gen.training.callbacks import SampleGrids
from objectives import tiny, typed

ALL = pytest.mark.parametrize("name", typed.NAMES)
MOVING = ("video", "voxels")


def gap(a, b):
    """The largest difference, in levels or in units of the plane."""
    assert a.dtype == b.dtype and a.shape == b.shape
    return np.abs(a.astype("float64") - b).max()


def near(name):
    """How much rounding moves an item of this type."""
    return 1e-5 if name == "points" else 1


@ALL
def test_items_have_their_type_and_depend_on_their_seed_alone(name):
    model = typed.build(name)
    made = model.generate(5, seed=10)
    assert made.shape == (5, *typed.SHAPES[name])
    assert made.dtype == ("float32" if name == "points" else "uint8")
    assert made.std() > 0.1 and (made[0] != made[1]).any()
    for i in (0, 3):
        alone = model.generate(1, seed=10 + i)
        assert gap(alone, made[i:i + 1]) <= near(name)
    many = model.generate(66, seed=0)
    assert gap(many[65:], model.generate(1, seed=65)) <= near(name)
    latent = tensor(explore.latents(model, [10, 11]))
    floats = array(model.generator(latent, training=False))
    assert gap(model.made.restore(floats), made[:2]) <= near(name)


@ALL
def test_explore_keeps_the_type(name):
    model, shape = typed.build(name), typed.SHAPES[name]
    z = explore.latents(model, range(4))
    rows = explore.interpolate(model, z[:2], steps=3)
    assert rows.shape == (1, 3, *shape) and rows.dtype == model.made.dtype
    own = explore.decode(model, z)
    assert gap(rows[0, [0, 2]], own[:2]) <= near(name)
    sheet = explore.manifold(model, 2, z)
    assert gap(sheet.reshape(4, *shape), own) <= near(name)
    figure = explore.arithmetic(model, z[:3], z[:1], z[:2])
    empty = figure.rows(model.made.blank)[2, 1]
    assert empty.dtype == model.made.dtype and empty.shape == shape
    if name == "points":
        # What is no number is not drawn.
        assert np.isnan(empty).all()
    else:
        assert (empty == (0 if name == "voxels" else 255)).all()


@ALL
def test_a_preview_is_the_sheet_of_its_type(name):
    model = typed.build(name)
    pictures, columns = model.preview(None, seed=3)
    items = model.generate(model.made.shown, seed=3)
    expected, width = model.made.sheet(items)
    np.testing.assert_array_equal(pictures, expected)
    assert columns == width
    frames = model.moving(seed=3)
    assert (frames is not None) == (name in MOVING)
    if frames:
        other = model.made.frames(items)
        assert len(frames) == len(other) == {"video": 4, "voxels": 24}[name]
        np.testing.assert_array_equal(frames[1], other[1])


class Events:
    """Stands for the event file."""

    def image(self, name, image, step):
        self.seen = name, image, step


@pytest.mark.slow
@ALL
def test_grids_of_a_run_move_where_the_type_does(name, tmp_path):
    grids = SampleGrids(tmp_path, Events(), None, 5, seed=0)
    grids.set_model(typed.build(name))
    grids.on_step(4, {})
    assert not list(tmp_path.iterdir())
    for step in (5, 10):
        grids.on_step(step, {})
    expected = {"step-0000005.png", "step-0000010.png"}
    if name in MOVING:
        expected |= {"moving.gif"}
        with Image.open(tmp_path / "moving.gif") as gif:
            assert gif.n_frames > 1
    assert {path.name for path in tmp_path.iterdir()} == expected
    assert grids.events.seen[0] == "samples" and grids.events.seen[2] == 10


@pytest.mark.parametrize("every, written", [
    (250, [100, 250, 500]), (100, [100, 200, 300, 400, 500]),
    (240, [100, 240, 480]), (30, list(range(30, 501, 30))),
])
def test_a_long_run_has_a_first_grid_early(every, written):
    grids = SampleGrids(None, Events(), None, every, seed=0)
    found = []
    grids.write = found.append
    for step in range(1, 501):
        grids.on_step(step, {})
    assert found == written


@ALL
def test_a_card_has_a_picture_and_moves_where_the_type_does(name, tmp_path):
    model = typed.build(name)
    model.card_pictures(tmp_path, None, seed=2)
    files = {path.name for path in tmp_path.iterdir()}
    assert files == {"samples.png"} | (
        {"samples.gif"} if name in MOVING else set()
    )
    pictures, columns = model.exhibit(None, seed=2)
    np.testing.assert_array_equal(
        Image.open(tmp_path / "samples.png"),
        plot.grid(pictures, columns=columns),
    )


def test_a_card_shows_data_only_when_asked(tmp_path):
    model, batch = tiny.build("vae"), tiny.data("vae")
    first = batch["image"][0]
    for with_data in (False, True):
        model.card_pictures(tmp_path, batch, with_data=with_data)
        grid = np.asarray(Image.open(tmp_path / "samples.png"))
        assert (grid[:16, :16] == first).all() == with_data
    (tmp_path / "none").mkdir()
    model = tiny.build("classifier")
    model.card_pictures(tmp_path / "none", tiny.data("classifier"))
    assert not list((tmp_path / "none").iterdir())


@ALL
def test_what_is_watched_is_of_the_type(name):
    model = typed.build(name)
    real = model.generate(6, seed=50)
    made, same, groups = model.monitored({model.made.column: real}, seed=1)
    assert same is real and groups is None
    assert gap(made, model.generate(6, seed=1)) <= near(name)


# -- abilities ---------------------------------------------------------------

_ABLE = {
    "vae": {"DrawsLatents", "Encodes", "HasLikelihood"},
    "vae_gaussian": {"DrawsLatents", "Encodes", "HasLikelihood"},
    "vae_features": {"DrawsLatents", "Encodes", "HasLikelihood"},
    "autoencoder": {"Encodes"},
    "cgan": {"DrawsLatents", "TakesLabels"},
    "unrolled": {"DrawsLatents"},
    "unrolled_terms": {"DrawsLatents", "TakesLabels"},
    "pix2pix": {"Translates"},
    "pix2pix_features": {"Translates"},
    "pix2pix_spade": {"Translates"},
    "cyclegan": {"Translates"},
    "cut": {"Translates"},
    "cut_fast": {"Translates"},
    "classifier": {"Predicts"},
    "classifier_attributes": {"Predicts"},
    "detector": {"Predicts"},
}


@pytest.mark.parametrize("name", tiny.each())
def test_what_each_objective_can_do(name):
    model = tiny.build(name)
    found = {
        ability.__name__: ability
        for ability in abilities.Ability.__subclasses__()
    }
    able = {name for name, ability in found.items() if model.can(ability)}
    if name in _ABLE or "gan" not in name:
        assert able == _ABLE[name]
    assert able
    for key, ability in found.items():
        if key in able:
            ability.require(model)
            continue
        with pytest.raises(InputError, match=f"^{model.name} ") as error:
            ability.require(model)
        assert "\n" not in str(error.value)


class Shifted(Labelled, LatentObjective):
    """Makes points: the latent, and (label, 0) where there are labels."""

    players = {"generator": ("generator",)}

    def __init__(self, generator, *, classes=0, **kwargs):
        super().__init__(**kwargs)
        self.generator, self.classes = generator, classes


def shifted(classes):
    latent = keras.Input((2,), name="latent")
    label = keras.Input((), dtype="int32", name="label")
    if not classes:
        network = keras.Model(latent, layers.Identity()(latent))
        return Shifted(network, makes="points", name="plain")
    table = layers.Embedding(classes, 2, name="table")
    x = layers.Add()([latent, table(label)])
    network = keras.Model({"latent": latent, "label": label}, x)
    table.set_weights([np.array([[i, 0] for i in range(classes)])])
    return Shifted(network, classes=classes, makes="points", name="by_class")


def test_labels_are_optional():
    plain, model = shifted(0), shifted(3)
    assert not plain.can(abilities.TakesLabels)
    assert model.can(abilities.TakesLabels)
    assert list(plain.types) == ["points"]
    assert list(model.types) == ["points", "label"]
    assert list(plain.signatures()["sample"][1]) == ["seed", "truncation"]
    assert list(model.signatures()["sample"][1]) == [
        "seed", "label", "truncation"
    ]
    assert plain.preview(None)[0].shape == model.preview(None)[0].shape
    z = plain.generate(6, seed=2)
    with pytest.raises(InputError, match="takes no label"):
        plain.generate(6, seed=2, label=1)
    # By default the class of each seed.
    shift = np.array([[seed % 3, 0] for seed in range(2, 8)])
    np.testing.assert_allclose(model.generate(6, seed=2), z + shift, 1e-5)
    np.testing.assert_allclose(
        model.generate(6, seed=2, label=[2, 2, 0, 0, 1, 1], truncation=9),
        z + [[2, 0], [2, 0], [0, 0], [0, 0], [1, 0], [1, 0]], 1e-5,
    )
    real = {"points": z, "label": np.array([2, 2, 0, 0, 1, 1])}
    made, _, groups = model.monitored(real, seed=2)
    np.testing.assert_allclose(made[:2], z[:2] + [2, 0], 1e-5)
    assert groups is real["label"]
    assert plain.monitored(real, seed=2)[2] is None
    rows = explore.class_grid(model, z)
    np.testing.assert_allclose(rows[2], z + [2, 0], 1e-5)
    way = explore.class_interpolation(model, 0, 2, z, steps=5)
    np.testing.assert_allclose(way[:, 1], z + [0.5, 0], 1e-5)


def test_a_missing_label_is_data_and_cannot_be_made():
    assert values.Label().missing == -1
    model = shifted(3)
    for label in (-1, [0, 1, -1]):
        with pytest.raises(InputError, match="go from 0 to 2, got -1"):
            model.generate(3, label=label)
        with pytest.raises(InputError, match="go from 0 to 2, got -1"):
            explore.decode(model, np.zeros((3, 2)), label)
    with pytest.raises(InputError, match=r"each of 3, got the shape \(2,\)"):
        model.generate(3, label=[0, 1])
