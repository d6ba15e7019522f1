"""Value ranges of files and arrays: found, told, set."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiff_bytes import written

from data.ranged import SIDE, folder, levels, pictures, read, same
from keras_gen import data
from keras_gen.data import loading, ranges
from keras_gen.data.reading import Reading
from keras_gen.errors import InputError

# Of values: their dtype, low and high, the range that is taken by itself (None
# where nothing says it), and what is told of it.
VALUES = {
    "8 bits": ("u1", 0, 255, (0, 255), None),
    "16 bits": ("u2", 0, 65535, (0, 65535), "data.bits=16 keeps"),
    "12 of 16": ("u2", 0, 4095, (0, 65535), "data.range=[0,4095]"),
    "14 of 16": ("u2", 0, 16383, (0, 65535), "data.range=[0,16383]"),
    "0 and 1": ("u1", 0, 1, (0, 255), "data.range=[0,1]"),
    "4 bits": ("u1", 0, 15, (0, 255), "data.range=[0,15]"),
    "CT": ("i2", -1024, 3071, None, "data.range=[-1024,3071]"),
    "dark CT": ("i2", 0, 3071, (0, 65535), "data.range=[0,4095]"),
    "unit": ("f4", 0, 1, (0, 1), "[0,1] is taken as black to white"),
    "signed": ("f4", -1, 1, (-1, 1), "[-1,1] is taken as black to white"),
    "float": ("f4", 0, 255, (0, 255), "[0,255] is taken as black to white"),
    "reflectance": ("f4", 0, 0.2, (0, 1), "data.range=[0,0.2]"),
    "heights": ("f4", -12, 800, None, "data.range=[-12,800]"),
}
# Arrays: whole numbers of no more than 8 bits are that.
ARRAYS = VALUES | {
    "dark CT": ("i2", 0, 3071, None, "data.range=[0,3071]"),
    "int64": ("i8", 0, 255, (0, 255), "[0,255] is taken as black to white"),
    "bool": ("?", 0, 1, (0, 1), None),
}


FILES = [
    (name, form) for name in VALUES for form in ("png", "tif", "npy")
    if not (form == "png" and VALUES[name][0] in ("i2", "f4"))
    and not (form == "npy" and name == "dark CT")
]


@pytest.mark.parametrize("name, form", FILES)
def test_files(name, form, tmp_path, capsys):
    dtype, low, high, taken, told = VALUES[name]
    array = pictures(dtype, low, high)
    source = folder(tmp_path / "a", array, form)
    check(source, array, taken, told, (low, high), capsys)


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays(name, tmp_path, capsys):
    dtype, low, high, taken, told = ARRAYS[name]
    array = pictures(dtype, low, high)
    np.savez(tmp_path / "a.npz", x=array)
    check(tmp_path / "a.npz", array, taken, told, (low, high), capsys)
    np.save(tmp_path / "b.npy", array[..., 0])
    if taken:
        found = read(tmp_path / "b.npy", channels=1)["image"]
        assert same(found, levels(array, taken))


def check(source, array, taken, told, span, capsys):
    if taken is None:
        with pytest.raises(InputError) as error:
            data.load(source, "images", size=SIDE, channels=1)
        assert told in str(error.value) and "\n" not in str(error.value)
    else:
        found = read(source, channels=1)["image"]
        assert same(found, levels(array, taken))
        lines = capsys.readouterr().err.splitlines()
        # The test is read like the training, and not told of again.
        assert len(lines) == (told is not None)
        assert all(told in line and source.name in line for line in lines)
    for bits in (8, 16):
        found = read(source, channels=1, range=span, bits=bits)["image"]
        # Of a level, 1 in 65535 may be rounded the other way.
        assert same(found, levels(array, span, bits), within=bits // 16)
    assert "warning" not in capsys.readouterr().err


def test_what_is_taken_is_the_argument(tmp_path):
    """As a run's recipe keeps it, so that the range does not depend on the
    pictures that a model is given later."""
    for name, (dtype, low, high, taken, _) in ARRAYS.items():
        np.savez(tmp_path / "a.npz", x=pictures(dtype, low, high))
        found = data.assumed_range(tmp_path / "a.npz", "images")
        typed = dtype in ("u1", "u2", "?")
        assert found == (None if typed or not taken else taken), name
    assert data.assumed_range("shapes", "images") is None


@pytest.mark.parametrize("form", ["npz", "png", "tif"])
def test_what_is_clipped_is_told(form, tmp_path, capsys):
    array = pictures("u2", 0, 1000)
    array[:, :4] = 5000
    source = tmp_path / "a.npz"
    if form == "npz":
        np.savez(source, x=array)
    else:
        source = folder(tmp_path / "a", array, form)
    found = read(source, channels=1, range=[0, 1000])["image"]
    assert same(found, levels(array, (0, 1000)))
    told = capsys.readouterr().err
    assert "25.0 % of the values" in told and "[0,1000]" in told


def test_masks_of_0_and_1(tmp_path, capsys):
    image, mask = pictures("u1", 0, 255, 3), pictures("u1", 0, 1)
    np.savez(tmp_path / "a.npz", image=image, mask=mask)
    found = read(tmp_path / "a.npz", "masks")
    assert not found["mask"].any()
    assert "data.range=[[0,255],[0,1]]" in capsys.readouterr().err
    for change in (dict(range=[[0, 255], [0, 1]]), dict()):
        if not change:
            np.savez(tmp_path / "a.npz", image=image, mask=mask == 1)
        found = read(tmp_path / "a.npz", "masks", **change)
        assert same(found["mask"], mask * np.uint8(255))
        assert same(found["image"], image)
    assert not capsys.readouterr().err


def test_each_column_has_a_range(tmp_path, capsys):
    a, b = pictures("u2", 0, 4095), pictures("f4", -5, 5)
    np.savez(tmp_path / "a.npz", a=a, b=b)
    with pytest.raises(InputError, match=r"range=\[\[0,4095\],\[-5,5\]\]"):
        data.load(tmp_path / "a.npz", "pairs", size=SIDE)
    found = read(
        tmp_path / "a.npz", "pairs", channels=1, range=[[0, 4095], [-5, 5]]
    )
    assert same(found["input"], levels(a, (0, 4095)))
    assert same(found["target"], levels(b, (-5, 5)))
    table = dict(
        source="x", kind="pairs", batch_size=1, size=16, channels=1,
        range=[[0, 4095], [-5, 5]],
    )
    assert data.ranges_of(table) == {"input": (0, 4095), "target": (-5, 5)}


@pytest.mark.parametrize("kind, change, message", [
    ("images", dict(range=[3, 3]), r"range is \[3, 3\]; give \[low, high\]"),
    ("images", dict(range=[4, 3]), "the larger one"),
    ("images", dict(range=4095), "give .low, high"),
    ("images", dict(range=[0, float("nan")]), "give .low, high"),
    ("images", dict(range=[0, 1, 2]), "give .low, high"),
    ("images", dict(range=[False, True]), "give .low, high"),
    ("images", dict(range="0,1"), "give .low, high"),
    ("images", dict(range=[[0, 1], [0, 1]]), "give .low, high"),
    ("pairs", dict(range=[0, 0]), r"for each column, \[input, target\]"),
    ("pairs", dict(range=[[0, 1]]), r"each column, \[input, target\]"),
    ("pairs", dict(range=[[0, 1], [1, 0]]), r"range is \[1, 0\]"),
    ("pairs", dict(channels=[4]), r"each column, \[input, target\]"),
    ("pairs", dict(channels=[4, 0]), "channels is 0; give a whole number"),
    ("pairs", dict(channels=0), "channels is 0; give a whole number 1"),
    ("images", dict(channels=[3, 1]), "give a whole number 1 ... 1024"),
    ("images", dict(bits=12), "bits is 12; give one of 8, 16"),
    ("labelled", dict(bits=16), "does not take bits; it takes"),
    ("unpaired", dict(channels=4), "channels is 4; give one of 1, 3"),
    ("pairs", dict(input="grey", bits=16), "leave input out"),
    ("pairs", dict(input="grey", channels=4), "leave input out"),
    ("points", dict(range=[0, 1]), "does not take range"),
])
def test_bad_arguments(kind, change, message):
    with pytest.raises(InputError, match=message) as error:
        loading.checked(kind, {}, change)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("change", [
    dict(range=[0, 1]), dict(bits=16), dict(channels=4),
])
def test_what_is_built_in_has_8_bits(change):
    (name,) = change
    with pytest.raises(InputError, match=f"{name} is .*{name}|one of 1, 3"):
        data.load("shapes", "images", size=16, **change)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_numbers_that_are_not_finite(bad, tmp_path, capsys):
    array = pictures("f4", 0, 1)
    array[3, 4, 4] = bad
    np.savez(tmp_path / "a.npz", x=array)
    for change in (dict(), dict(range=[0, 1])):
        with pytest.raises(InputError, match="x of .*not finite"):
            data.load(tmp_path / "a.npz", "images", size=SIDE, **change)
    source = folder(tmp_path / "a", array, "npy")
    assert len(read(source, channels=1)["image"]) == 20
    assert "3.npy: values that are not finite" in capsys.readouterr().err


@pytest.mark.parametrize("x, message", [
    (np.zeros((64, 48, 3), "u1"), r"one picture .*x\[None\]"),
    (np.zeros((64, 48, 1), "u1"), r"one picture .*x\[None\]"),
    (np.zeros((64, 48, 4), "u2"), r"one picture .*x\[None\]"),
    (np.zeros((9, 3, 64, 48), "u1"), r"transpose\(0, 2, 3, 1\)"),
    (np.zeros((9, 12, 64, 48), "f4"), r"transpose\(0, 2, 3, 1\)"),
    (np.zeros((9, 8, 8, 5), "u1"), "channels says 3; give channels 5"),
    (np.zeros((9, 8, 8, 4), "u2"), "channels says 3; give channels 4"),
    (np.zeros((9, 8, 8, 3, 1), "u1"), "give .number, height"),
    (np.zeros((9, 8), "u1"), "give .number, height"),
    (np.full((9, 8, 8), "a"), "give numbers"),
])
@pytest.mark.parametrize("form", ["npz", "npy"])
def test_arrays_that_are_not_pictures(x, message, form, tmp_path):
    path = tmp_path / f"a.{form}"
    np.savez(path, x=x) if form == "npz" else np.save(path, x)
    with pytest.raises(InputError, match=message) as error:
        data.load(path, "images", size=8)
    assert "\n" not in str(error.value)


# -- the mathematics ---------------------------------------------------------


@settings(max_examples=100)
@given(
    low=st.floats(-1e6, 1e6), width=st.floats(1e-3, 1e6),
    values=st.lists(st.floats(-2e6, 2e6, width=32), min_size=1, max_size=30),
    top=st.sampled_from([255, 65535]),
)
def test_levels_are_linear_and_clipped(low, width, values, top):
    array = np.array(values, "f4")
    found = ranges.levels(array, (low, low + width), top)
    assert found.dtype == np.float32
    assert (0 <= found).all() and (found <= top).all()
    array = array.astype("f8")
    assert (found[array <= low] == 0).all()
    assert (found[array >= low + width] == top).all()
    order = np.argsort(array)
    assert (np.diff(found[order]) >= 0).all()


@settings(max_examples=60)
@given(
    low=st.integers(-3000, 3000), high=st.integers(1, 60000),
    dtype=st.sampled_from(["i4", "f4", "f8", "i8"]),
    channels=st.integers(1, 9),
)
def test_any_range_round_trips_in_16_bits(low, high, dtype, channels):
    """A given range of up to 65536 whole numbers keeps each of them."""
    random = np.random.default_rng(0)
    array = random.integers(low, low + high, (5, 4, channels), endpoint=True)
    reading = Reading(channels, (low, low + high), 16)
    found = reading.fit(reading.of_array(array.astype(dtype)), (5, 4))
    back = low + np.round(found / 65535 * high)
    np.testing.assert_array_equal(back, array)


def test_reading_a_file_is_reading_its_array():
    array = pictures("f4", -3, 9, 4, 1)[0]
    reading = Reading(4, (-3, 9))
    for content in (written(array), npy(array)):
        np.testing.assert_array_equal(
            reading.opened(content), reading.of_array(array)
        )


def npy(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()
