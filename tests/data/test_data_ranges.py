"""Value ranges of files and arrays: found, told, set; 16 bits and channels
kept, from all sources."""

import io
import shutil
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from tiff_bytes import written

from keras_gen import data
from keras_gen.data import loading, ranges
from keras_gen.data.reading import Reading
from keras_gen.data.sources import tfds as source_of_names
from keras_gen.errors import InputError

SIDE = 16
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


def pictures(dtype, low, high, channels=1, count=20):
    """(count, SIDE, SIDE, channels), with the lowest and highest in each."""
    random = np.random.default_rng(0)
    made = random.uniform(low, high, (count, SIDE, SIDE, channels))
    made[:, 0, 0], made[:, 0, 1] = low, high
    return (made if dtype == "f4" else np.round(made)).astype(dtype)


def folder(path, array, form):
    """Writes pictures as files; PNG and TIFF without channels."""
    path.mkdir(parents=True)
    for number, one in enumerate(array):
        if form == "npy":
            np.save(path / f"{number}.npy", one)
        elif form == "tif" and one.shape[-1] > 1:
            (path / f"{number}.tif").write_bytes(written(one))
        else:
            Image.fromarray(one[..., 0]).save(path / f"{number}.{form}")
    return path


def levels(array, span, bits=8):
    """What should be read."""
    top = 2**bits - 1
    scaled = (array.astype("f8") - span[0]) / (span[1] - span[0]) * top
    return np.round(np.clip(scaled, 0, top)).astype(f"u{bits // 8}")


def read(source, kind="images", **arguments):
    """{column: the items of both splits, in no order}."""
    found = {}
    for split in ("train", "test"):
        part = data.load(source, kind, split, SIDE, **arguments)
        for name, items in part.take(np.arange(len(part))).items():
            found[name] = np.concatenate([*found.get(name, ()), *items]) \
                .reshape(-1, *items.shape[1:])
    return found


def same(found, wanted, within=0):
    """Whether items are the same, whatever their order."""
    def ordered(items):
        keys = items.reshape(len(items), -1).astype("f8") @ np.sqrt(
            np.arange(2, 2 + items[0].size)
        )
        return items[np.argsort(keys)].astype("f8")

    assert found.dtype == wanted.dtype and found.shape == wanted.shape
    if not within:
        return sorted(map(bytes, found)) == sorted(map(bytes, wanted))
    return np.abs(ordered(found) - ordered(wanted)).max() <= within


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


# -- channels ----------------------------------------------------------------


@pytest.fixture
def tfds(monkeypatch):
    """A function that puts arrays, {split: pictures}, into the place of any
    data set of TensorFlow Datasets."""
    def put(**splits):
        def examples(array):
            return SimpleNamespace(
                as_numpy_iterator=lambda: ({"image": one} for one in array)
            )

        shape = next(iter(splits.values())).shape[1:]
        info = SimpleNamespace(
            features={"image": SimpleNamespace(shape=shape)},
            splits={name: SimpleNamespace(num_examples=len(array))
                    for name, array in splits.items()},
        )
        found = {name: examples(array) for name, array in splits.items()}
        monkeypatch.setattr(source_of_names, "fetch", lambda *_: (found, info))
        return "some_bands"

    return put


def test_tensorflow_datasets_of_floats(tfds, capsys):
    array = pictures("f4", 0, 1, 13)
    name = tfds(train=array)
    assert data.properties(name, "images").channels == 13
    assert data.assumed_range(name, "images") == (0, 1)
    found = read(name, channels=13, bits=16)["image"]
    assert same(found, levels(array, (0, 1), 16), within=1)
    assert "[0,1] is taken as black to white" in capsys.readouterr().err
    with pytest.raises(InputError, match="13 channels, where channels says 3"):
        data.load(name, "images", size=SIDE)
    name = tfds(train=pictures("f4", -9, 9, 3), test=array[:4, ..., :3])
    with pytest.raises(InputError, match=r"data.range=\[-9,9\]"):
        data.load(name, "images", "test", SIDE)


@pytest.mark.parametrize("form", ["npz", "npy", "tif", "zip", "tfds"])
@pytest.mark.parametrize("channels", [2, 4, 5, 8])
@pytest.mark.parametrize("bits", [8, 16])
def test_channels_and_bits_are_kept(form, channels, bits, tmp_path, tfds):
    array = pictures("u2", 0, 65535, channels)
    source = tmp_path / "a.npz"
    if form == "npz":
        np.savez(source, image=array)
    elif form == "tfds":
        source = tfds(train=array)
    elif form == "zip":
        folder(tmp_path / "a", array, "npy")
        source = shutil.make_archive(tmp_path / "a", "zip", tmp_path / "a")
    else:
        source = folder(tmp_path / "a", array, form)
    assert data.properties(source, "images").channels == channels
    found = read(source, channels=channels, bits=bits)["image"]
    assert same(found, levels(array, (0, 65535), bits))
    dataset = data.load(
        source, "images", size=[12, 10], channels=channels, bits=bits, crop=3
    )
    assert dataset.types["image"].name == {8: "picture", 16: "picture16"}[bits]
    batch = dataset.batches(4, 2, flip=True)[1]["image"]
    assert batch.shape == (4, 12, 10, channels)
    assert batch.dtype == f"u{bits // 8}"
    assert f"12x10x{channels}" in dataset.summary()


@pytest.mark.parametrize("form", ["npz", "folder"])
def test_pairs_may_differ_in_channels(form, tmp_path):
    a, b = pictures("u2", 0, 65535, 5), pictures("u1", 0, 255)
    source = tmp_path / "a.npz"
    if form == "npz":
        np.savez(source, a=a, b=b)
    else:
        source = tmp_path / "a"
        folder(source / "trainA", a, "npy")
        folder(source / "trainB", b, "png")
    assert data.properties(source, "pairs").channels == (5, 1)
    back = data.properties(source, "pairs", direction="BtoA")
    assert back.channels == (1, 5)
    found = read(source, "pairs", channels=[5, 1], bits=16)
    assert same(found["input"], a)
    assert same(found["target"], b * np.uint16(257))
    back = read(source, "pairs", channels=[1, 5], direction="BtoA")
    assert same(back["input"], b)
    with pytest.raises(InputError, match="channels says 1"):
        data.load(source, "pairs", size=SIDE, channels=1)


def test_rgba_or_four_channels(tmp_path, capsys):
    array = pictures("u1", 0, 255, 4)
    np.savez(tmp_path / "a.npz", x=array)
    assert data.properties(tmp_path / "a.npz", "images").channels == 3
    three = read(tmp_path / "a.npz", channels=3)["image"]
    opacity = array[..., 3:] / 255
    white = np.round(array[..., :3] * opacity + 255 * (1 - opacity))
    assert same(three, white.astype("u1"), within=1)
    assert "data.channels=4 keeps all four" in capsys.readouterr().err
    assert same(read(tmp_path / "a.npz", channels=4)["image"], array)
    file = tmp_path / "b"
    file.mkdir()
    for number, one in enumerate(array):
        Image.fromarray(one).save(file / f"{number}.png")
    assert data.properties(file, "images").channels == 3
    assert same(read(file, channels=4)["image"], array)


def test_files_of_other_channels_are_told(tmp_path):
    source = folder(tmp_path / "a", pictures("u1", 0, 255, 5), "npy")
    np.save(source / "odd.npy", np.zeros((9, 9, 6), "u1"))
    found = data.load(source, "images", size=SIDE, channels=5)
    both = [*found.skipped, *data.load(
        source, "images", "test", SIDE, 5
    ).skipped]
    assert both == ["odd.npy: 6 channels, where channels says 5"]
    with pytest.raises(InputError, match="5 and 6 channels"):
        data.properties(source, "images")
    with pytest.raises(InputError, match="5 channels, where channels says 3"):
        data.load(source, "images", size=SIDE)


def test_a_16_bit_png_in_colour(tmp_path):
    """Which Pillow cuts to 8 bits."""
    import zlib

    array = pictures("u2", 0, 4095, 3)
    (tmp_path / "a").mkdir()

    def chunk(name, content):
        crc = zlib.crc32(name + content).to_bytes(4, "big")
        return len(content).to_bytes(4, "big") + name + content + crc

    for number, one in enumerate(array):
        rows = one.astype(">u2").reshape(SIDE, -1).view("u1")
        sides = SIDE.to_bytes(4, "big") * 2
        (tmp_path / f"a/{number}.png").write_bytes(
            b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", sides + b"\x10\2\0\0\0")
            + chunk(b"IDAT", zlib.compress(np.pad(
                rows, ((0, 0), (1, 0))
            ).tobytes())) + chunk(b"IEND", b"")
        )
    for bits in (8, 16):
        found = read(tmp_path / "a", range=[0, 4095], bits=bits)["image"]
        assert same(found, levels(array, (0, 4095), bits), within=bits // 16)


def test_two_files_of_one_name(tmp_path):
    for side in "AB":
        folder(tmp_path / f"a/train{side}", pictures("u1", 0, 255), "png")
    (tmp_path / "a/trainA/3.bmp").write_bytes(b"x")
    for kind in ("pairs", "label_ids"):
        more = {"classes": 256} if kind == "label_ids" else {}
        with pytest.raises(InputError, match="A/3.bmp and .*A/3.png .*one na"):
            data.load(tmp_path / "a", kind, size=SIDE, **more)


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
