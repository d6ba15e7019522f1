"""Channels and 16 bits are kept, from all sources."""

import shutil
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from data.ranged import SIDE, folder, levels, pictures, read, same
from keras_gen import data
from keras_gen.data.sources import tfds as source_of_names
from keras_gen.errors import InputError


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
