"""The numbers of picture files as they are: arrays, TIFF of many channels."""

import io
import itertools

import numpy as np
import pytest
from PIL import Image
from tiff_bytes import written

from keras_gen.data import native
from keras_gen.data.reading import Reading
from keras_gen.data.sources import headers

TYPES = ("u1", "i1", "u2", "i2", "u4", "i4", "f4")


def numbers(dtype, *shape):
    """Random ones from all of the type's range."""
    random = np.random.default_rng(0)
    if dtype == "f4":
        return (100 * random.normal(size=shape)).astype("f4")
    ends = np.iinfo(dtype)
    return random.integers(ends.min, ends.max, shape, dtype, endpoint=True)


class Store:
    """One file, as a folder's."""

    def __init__(self, content):
        self.content = content

    def open(self, name):
        return io.BytesIO(self.content)


def npy(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


@pytest.mark.parametrize("dtype", TYPES)
def test_tiff_of_all_forms(dtype):
    predictors = (1, 3) if dtype == "f4" else (1, 2)
    for form in itertools.product(
        (2, 3, 4, 5, 8), "<>", (1, 2), (False, True), predictors, (None, 16)
    ):
        channels, order, planes, packed, predictor, tile = form
        if predictor == 3 and order == ">":
            continue
        array = numbers(dtype, 21, 18, channels)
        content = written(array, order, planes, packed, predictor, tile)
        found, alpha = native.read(content)
        assert found.dtype == array.dtype and not alpha, form
        np.testing.assert_array_equal(found, array, str(form))
        head = headers.read(Store(content), "a.tif")
        assert head[:2] == (18, 21), form
        assert channels in head.gives, form


def test_pages_of_one_size_are_channels():
    pages = [numbers("u2", 12, 9, 1) for _ in range(5)]
    content = written(pages)
    found, _ = native.read(content)
    np.testing.assert_array_equal(found, np.concatenate(pages, -1))
    assert headers.read(Store(content), "a.tif").gives == (5,)
    # A small one beside it is no channel.
    found, _ = native.read(written([pages[0], pages[1][:4]]))
    np.testing.assert_array_equal(found, pages[0])


def test_pages_of_pillow():
    file = io.BytesIO()
    pages = [Image.fromarray(numbers("u2", 9, 12)) for _ in range(4)]
    pages[0].save(file, "TIFF", save_all=True, append_images=pages[1:],
                  compression="tiff_lzw")
    found, _ = native.read(file.getvalue())
    np.testing.assert_array_equal(found, np.stack(pages, -1))


@pytest.mark.parametrize("extra, alpha", [([2], True), ([1], True),
                                          ([0], False), (None, False)])
def test_a_fourth_channel_is_alpha_where_the_file_says_so(extra, alpha):
    array = numbers("u2", 9, 7, 4)
    found, said = native.read(written(array, colours=2, extra=extra))
    np.testing.assert_array_equal(found, array)
    assert said == alpha
    # All four, where they are asked for.
    np.testing.assert_array_equal(
        Reading(4, None, 16).of_array(found, said), array
    )


@pytest.mark.parametrize("turn", range(1, 9))
def test_turned_as_pillow_does(turn):
    array = numbers("u1", 9, 7, 3)
    with Image.open(io.BytesIO(written(array, colours=2, turn=turn))) as image:
        image.load()
        wanted = np.asarray(image)
    many = written(np.concatenate([array, array], -1), turn=turn)
    found, _ = native.read(many)
    np.testing.assert_array_equal(found[..., :3], wanted)
    assert headers.read(Store(many), "")[:2] == found.shape[1::-1]


@pytest.mark.parametrize("shape, gives", [
    ((6, 9), (1, 3)), ((6, 9, 1), (1, 3)), ((6, 9, 2), (2,)),
    ((6, 9, 3), (1, 3)), ((6, 9, 4), (1, 3, 4)), ((6, 9, 7), (7,)),
])
def test_array_files(shape, gives):
    array = numbers("u1", *shape)
    found, _ = native.read(npy(array))
    np.testing.assert_array_equal(found.reshape(shape), array)
    head = headers.read(Store(npy(array)), "a.npy")
    assert head == (9, 6, len(shape) == 2 or shape[2] == 1)
    assert head.gives == gives


@pytest.mark.parametrize("array, message", [
    (np.zeros((2, 9, 9, 3)), "give one picture"),
    (np.zeros(5), "give one picture"),
    (np.zeros((0, 9)), "give one picture"),
    (np.zeros((3, 9, 9)), r"transpose\(1, 2, 0\)"),
    (np.full((9, 9), "a"), "give numbers"),
])
def test_arrays_that_are_no_picture(array, message):
    with pytest.raises(ValueError, match=message):
        native.read(npy(array))
    with pytest.raises(ValueError, match=message):
        headers.read(Store(npy(array)), "a.npy")


def test_arrays_are_not_unpickled():
    with pytest.raises(ValueError, match="allow_pickle"):
        native.read(npy(np.array([[None]])))


@pytest.mark.parametrize("channels", [1, 2, 3, 5])
@pytest.mark.parametrize("bits", [8, 16])
def test_scaling_agrees_with_pillow(channels, bits):
    """Each channel as Pillow scales it alone; it rounds, and clips, twice."""
    array = 60 + numbers("u1", 90, 120, channels) // 2
    reading = Reading(channels, None, bits)
    opened = reading.of_array(array)
    for size in (32, (30, 20), (90, 120)):
        found = reading.fit(opened, size)
        assert found.dtype == f"uint{bits}"
        plain = np.concatenate([
            Reading(1).fit(Image.fromarray(array[..., i]), size)
            for i in range(channels)
        ], -1)
        assert np.abs(found / (reading.top / 255) - plain).max() <= 1.5
    np.testing.assert_array_equal(
        reading.scaled(opened, None), array * np.uint16(reading.top // 255)
    )
