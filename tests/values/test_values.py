"""Every type of value: what it checks, prepares, gives back and serves."""

import importlib
import inspect
import pkgutil

import keras
import numpy as np
import pytest

from check import array, needs
from keras_gen import values
from keras_gen.data import native
from keras_gen.errors import InputError
from keras_gen.export import signature
from keras_gen.metrics.diversity import diversity

LEVELS = ("picture", "video", "voxels", "mask", "picture16")
NUMBERS = ("label", "attributes", "tokens", "label_ids")
# An item's shape, and one that is wrong.
SHAPES = {
    "picture": ((8, 6, 3), (8, 6)),
    "video": ((4, 8, 6, 3), (8, 6, 3)),
    "voxels": ((8, 8, 8, 1), (8, 8, 8, 3)),
    "points": ((2,), (3,)),
    "label": ((), (1,)),
    "attributes": ((5,), ()),
    "tokens": ((7,), (7, 2)),
    "mask": ((8, 6, 1), (8, 6, 3)),
    "label_ids": ((8, 6), (8, 6, 1)),
    "picture16": ((8, 6, 5), (8, 6)),
}

each = pytest.mark.parametrize("name", SHAPES)


def items(name, n=5, seed=0):
    """Items as a data set serves them."""
    rng = np.random.default_rng(seed)
    value, (shape, _) = values.named(name), SHAPES[name]
    if value.dtype == "float32":
        return rng.normal(size=(n, *shape)).astype("float32")
    top = value.top + 1 if name in LEVELS else 4
    return rng.integers(0, top, (n, *shape)).astype(value.dtype)


def test_every_type_is_known_and_tested():
    assert set(values.ALL) == set(SHAPES)
    found = set()
    for module in pkgutil.iter_modules(values.__path__):
        path = f"keras_gen.values.{module.name}"
        for item in vars(importlib.import_module(path)).values():
            if inspect.isclass(item) and issubclass(item, values.Value):
                if item.name and item.__module__ == path:
                    found.add(item.name)
    assert found == set(SHAPES)


@each
def test_types_are_values_themselves(name):
    value = values.named(name)
    assert value.name == name and value == type(value)()
    assert len({value, type(value)()}) == 1
    assert all(value != other for other in set(values.ALL.values()) - {value})
    with pytest.raises(AttributeError):
        value.limit = 3
    assert value.rank == len(SHAPES[name][0])
    assert value.spatial == (name in (
        "picture", "video", "mask", "label_ids", "picture16"
    ))
    assert value.moving == (name in ("video", "voxels"))
    assert (value.missing == -1) == (name == "label")


def test_an_unknown_name_lists_near_ones_first():
    with pytest.raises(InputError, match="'voxel': use one of voxels, pict"):
        values.named("voxel")


@each
def test_shapes_are_checked(name):
    value, (right, wrong) = values.named(name), SHAPES[name]
    value.check(right, "the data's column")
    value.check([None] * len(right), "the data's column")
    with pytest.raises(InputError) as error:
        value.check(wrong, "the data's column")
    text = str(error.value)
    assert text.startswith("the data's column must be ")
    assert value.plural in text and "\n" not in text
    assert ", ".join(map(str, wrong)) in text


def test_pictures_have_any_number_of_channels_but_none():
    picture = values.named("picture")
    for channels in (1, 2, 3, 4):
        picture.check((8, 8, channels), "x")
    with pytest.raises(InputError, match="height, width, channels"):
        picture.check((8, 8, 0), "x")


@pytest.mark.parametrize("name", LEVELS)
def test_levels_are_prepared_and_restored(name):
    value, x = values.named(name), items(name)
    y = value.prepare(x)
    assert keras.backend.standardize_dtype(y.dtype) == "float32"
    half = {"uint8": 127.5, "uint16": 32767.5}[value.dtype]
    np.testing.assert_allclose(array(y), x / half - 1.0, atol=1e-6)
    np.testing.assert_array_equal(array(value.prepare(y)), array(y))
    restored = value.restore(array(y))
    assert restored.dtype == value.dtype
    np.testing.assert_array_equal(restored, x)
    wild = np.linspace(-2, 2, 999).astype("float32")
    np.testing.assert_array_equal(
        value.restore(wild),
        np.clip(np.round((wild + 1) * half), 0, 2 * half).astype(value.dtype),
    )


def test_levels_round_and_clip():
    picture = values.Picture()
    levels = picture.restore([-2.0, -1.0, -0.999, 0.0, 0.9961, 1.0, 3.0])
    assert levels.tolist() == [0, 0, 0, 128, 255, 255, 255]
    every = np.arange(256, dtype="uint8")
    np.testing.assert_array_equal(
        picture.restore(np.float32(every) / np.float32(127.5) - 1), every
    )


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_stay_whole(name):
    value, x = values.named(name), items(name)
    for given in (x, x.astype("uint8"), x.astype("int64"), x.tolist()):
        y = value.prepare(given)
        assert keras.backend.standardize_dtype(y.dtype) == "int32"
        restored = value.restore(array(y))
        assert restored.dtype == np.int32
        np.testing.assert_array_equal(restored, x)


def test_points_are_left_alone():
    points = values.named("points")
    x = np.array([[3.7, -80.0], [0.001, 1e6]])
    y = points.prepare(x)
    assert keras.backend.standardize_dtype(y.dtype) == "float32"
    np.testing.assert_array_equal(points.restore(array(y)), x.astype("f4"))


@needs("tensorflow")
@each
def test_a_graph_restores_the_same(name):
    import tensorflow as tf

    value = values.named(name)
    x = array(value.prepare(items(name)))
    if name in LEVELS:
        x = 1.3 * x
    found = tf.function(value.restore_in_graph)(tf.constant(x))
    expected = value.restore(x)
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected)


@each
def test_windows_and_mirrors(name):
    value, x = values.named(name), items(name)
    if not value.spatial:
        for change in (value.mirrored, lambda x: value.cut(x, 0, 0, 1, 1)):
            with pytest.raises(InputError, match=value.plural):
                change(x[0])
        return
    picture = values.named("picture")

    def frame(item):
        """Its last picture, with channels."""
        item = item[-1] if name == "video" else item
        return item[..., None] if name == "label_ids" else item

    cut = value.cut(x[0], 2, 1, 5, 4)
    np.testing.assert_array_equal(
        frame(cut), picture.cut(frame(x[0]), 2, 1, 5, 4)
    )
    np.testing.assert_array_equal(
        picture.cut(frame(x[0]), 2, 1, 5, 4), frame(x[0])[2:7, 1:5]
    )
    np.testing.assert_array_equal(
        frame(value.mirrored(x[0])), frame(x[0])[:, ::-1]
    )
    # All of a batch alike.
    np.testing.assert_array_equal(value.cut(x, 2, 1, 5, 4)[0], cut)
    np.testing.assert_array_equal(
        value.mirrored(x)[0], value.mirrored(x[0])
    )


@each
def test_what_is_served(name):
    value = values.named(name)
    shape = (None, *SHAPES[name][0])
    served = value.input(shape, 4)
    assert served.shape == shape and served.multiple == 4
    if name in LEVELS:
        assert served == signature.picture(shape, 4)
    elif name == "points":
        assert served[1:4] == ("float32", None, None)
    else:
        assert served[1:4] == ("int32", 0, None)


def test_16_bits_take_8_too():
    deep, x = values.named("picture16"), np.arange(256, dtype="uint8")
    np.testing.assert_array_equal(
        deep.restore(array(deep.prepare(x))), x * np.uint16(257)
    )
    np.testing.assert_array_equal(deep.floats(x), array(deep.prepare(x)))
    every = np.arange(65536, dtype="uint16")
    for given in (every, every.astype("int32")):
        np.testing.assert_array_equal(
            deep.restore(array(deep.prepare(given))), every
        )
    pictures = every.reshape(4, 128, 128, 1)
    for given in (pictures, pictures.astype("int64")):
        found = deep.accept(given, "x")
        assert found.dtype == np.uint16
        np.testing.assert_array_equal(found, pictures)
    assert deep.accept(pictures // 257 + 0.0, "x").dtype == np.float32
    with pytest.raises(InputError, match="0 to 255"):
        values.named("picture").accept(pictures, "x")


@pytest.mark.parametrize("name", ["picture", "picture16"])
@pytest.mark.parametrize("channels, seen", [
    (1, 1), (2, 1), (3, 3), (4, 3), (9, 3),
])
def test_pictures_are_shown_by_their_first_channels(name, channels, seen):
    value = values.named(name)
    x = np.random.default_rng(0).integers(
        0, value.top + 1, (5, 4, 6, channels)
    ).astype(value.dtype)
    shown, columns = value.sheet(x)
    assert shown.shape == (5, 4, 6, seen) and columns == 3
    assert shown.dtype == np.uint8
    by = 257 if name == "picture16" else 1
    assert np.abs(shown - x[..., :seen] / by).max() <= 0.5


@pytest.mark.parametrize("name, channels, ending", [
    ("picture", 1, ".png"), ("picture", 3, ".png"), ("picture", 2, ".npy"),
    ("picture", 4, ".npy"), ("picture16", 1, ".png"),
    ("picture16", 3, ".npy"), ("picture16", 8, ".npy"),
])
def test_pictures_are_kept_whole(name, channels, ending, tmp_path):
    value = values.named(name)
    x = np.random.default_rng(0).integers(
        0, value.top + 1, (4, 6, channels)
    ).astype(value.dtype)
    assert value.ending_of(x) == ending
    value.save(x, tmp_path / f"one{ending}")
    read, alpha = native.read((tmp_path / f"one{ending}").read_bytes())
    np.testing.assert_array_equal(read, x)
    assert read.dtype == x.dtype and len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("name", LEVELS)
def test_watched_levels_are_in_grey_levels(name):
    value, x = values.named(name), items(name, 2)
    apart = np.round(x / (value.top / 255))
    expected = np.sqrt(((apart[0] - apart[1]) ** 2).mean())
    watched = value.watched(x)
    assert np.shares_memory(watched, x) == (value.dtype == "uint8")
    found = diversity(watched).value
    assert found == pytest.approx(expected, rel=1e-6)


def test_watched_points_are_features():
    points = values.named("points")
    x = items("points", 30)
    assert diversity(points.watched(x)).value > 0.5


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_have_no_distance(name):
    with pytest.raises(InputError, match="distance"):
        values.named(name).watched(items(name))
