"""What arrays of users are read as, and what is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from keras_gen import arrays, values
from keras_gen.errors import InputError

PICTURE = values.Picture()
uint8 = hnp.arrays(
    "uint8", hnp.array_shapes(min_dims=4, max_dims=4, max_side=5)
)


def photos(n=6, side=8, seed=0):
    """Smooth pictures, uint8 (n, side, side, 3), from black to white."""
    rng = np.random.default_rng(seed)
    rows = rng.random((n, 3, 3, 3))
    fine = np.linspace(0, 2, side)
    at = np.minimum(fine.astype(int), 1)
    part = (fine - at)[:, None, None]
    for _ in range(2):
        rows = rows[:, at] * (1 - part) + rows[:, at + 1] * part
        rows = np.swapaxes(rows, 1, 2)
    rows -= rows.min((1, 2, 3), keepdims=True)
    rows /= rows.max((1, 2, 3), keepdims=True)
    return np.round(255 * rows).astype("uint8")


def accept(x, known=None, **more):
    return PICTURE.accept(x, "image", known=known, **more)


@settings(max_examples=60)
@given(uint8, st.sampled_from([
    "int8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float16",
    "float32", "float64",
]))
def test_whole_numbers_of_any_type_are_the_same(x, dtype):
    if dtype == "int8":
        x = x % 128
    floats = dtype.startswith("float")
    if floats:
        # Else they could be [0, 1].
        x.flat[0] = 200
    found = accept(x.astype(dtype))
    if floats:
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found, PICTURE.floats(x))
    else:
        assert found.dtype == np.uint8
        np.testing.assert_array_equal(found, x)


@settings(max_examples=60)
@given(uint8, st.sampled_from(["float32", "float64"]))
def test_floats_of_uint8_pictures_keep_their_scale(x, dtype):
    """A single pixel tells [0, 1] from [-1, 1], unless it is white, which is
    the same in both; odd levels alone are bright ones of [-1, 1]."""
    wanted = PICTURE.floats(x)
    signed = (x / 127.5 - 1).astype(dtype)
    np.testing.assert_allclose(accept(signed), wanted, atol=1e-6)
    unit = (x / 255).astype(dtype)
    if (x % 2 == 0).any():
        np.testing.assert_allclose(accept(unit), wanted, atol=1e-6)
    else:
        np.testing.assert_array_equal(accept(unit), unit.astype("float32"))


@settings(max_examples=100)
@given(hnp.arrays(
    st.sampled_from([
        "float16", "float32", "float64", "int64", "uint16", "bool",
        "complex64", "U2", "S1", "datetime64[s]",
    ]),
    hnp.array_shapes(min_dims=0, max_dims=5, max_side=4, min_side=0),
))
def test_anything_is_read_or_refused_in_one_line(x):
    for value in values.ALL.values():
        try:
            found = value.accept(x, "it", count=2)
        except InputError as error:
            assert "\n" not in str(error)
            assert str(error).startswith("it")
            continue
        levels = getattr(value, "tops", ())
        assert found.dtype in (value.dtype, "float32", *levels)
        assert len(found) == len(x)
        assert np.isfinite(found).all()
        if isinstance(value, values.Picture) and found.dtype == "float32":
            assert np.abs(found).max() <= 1 + 1e-3


@pytest.mark.parametrize("form, scale", [
    (lambda x: x / 255, arrays.UNIT),
    (lambda x: x[:1] / 255, arrays.UNIT),
    # Not whole levels any more.
    (lambda x: (x / 255) ** 1.1, arrays.UNIT),
    (lambda x: x / 127.5 - 1, arrays.SIGNED),
    (lambda x: np.abs(x / 127.5 - 1) * -0.5, arrays.SIGNED),
    # Bright pictures in [-1, 1].
    (lambda x: (x // 2 + 128) / 127.5 - 1, arrays.SIGNED),
    (lambda x: x.astype(float), arrays.LEVELS),
    (lambda x: x / 3, arrays.LEVELS),
    # As bicubic scaling leaves them.
    (lambda x: np.where(x < 4, -3.5, np.where(x > 251, 260.0, x)),
     arrays.LEVELS),
])
def test_scales(form, scale):
    x = form(photos())
    assert arrays.scale_of(x, "image", arrays.Known()) == scale
    found = accept(x)
    assert -1 <= found.min() and found.max() <= 1


@pytest.mark.parametrize("x, words", [
    (photos() * 16.0, "from 0 to 255, .* got float64 from 0 to 4080"),
    (photos().astype("uint16") * 16, "got uint16 from 0 to 4080"),
    (photos().astype("uint16") * 257, "0 to 65535: scale them by 255 / 65535"),
    (photos().astype("int16") - 128, "got int16 from -128 to 127"),
    (photos() - 128.0, "got float64 from -128 to 127: scale"),
    # Of mean 0 and deviation 1.
    ((photos() - 100.0) / 50, "got float64 from -2 to 3.1: scale"),
    (photos() / 200, "got float64 from 0 to 1.275: scale"),
    (photos() / 127.5 - 1.1, "from -1.1 to 0.9"),
    (np.where(photos() < 9, np.nan, photos()), "finite"),
    (np.where(photos() < 9, np.inf, photos()), "finite"),
    # One picture between, not of whole levels: of either scale.
    (np.float32(photos(1) / 255 * 0.5 + 0.3), "may be .* bright half"),
    (photos().astype(str), "of words: give numbers"),
    (photos().astype(object), "an array of numbers, got ndarray of object"),
    ([photos(), photos(2)], "expected an array of numbers, got list"),
    (photos() * 1j, "of complex128"),
    (None, "got None"),
    ("pictures/", "got 'pictures/': read files with keras_gen.data.load"),
])
def test_numbers_that_are_refused(x, words):
    with pytest.raises(InputError, match=f"^image: .*{words}") as error:
        accept(x)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("form, words", [
    (lambda x: x[0], "a single one needs the batch's axis"),
    (lambda x: x[:0], "nothing in it"),
    (lambda x: x[:, :0], "nothing in it"),
    (lambda x: np.moveaxis(x, 3, 1), "channels last"),
    (lambda x: x[..., :1], "it has 1 channels, not 3"),
    (lambda x: x[..., [0, 1, 2, 2]], "it has 4 channels, not 3"),
    (lambda x: x[:, 1:], "resize"),
    (lambda x: x.reshape(6, -1), r"\(n, 8, 8, 3\), got uint8 of shape"),
    (lambda x: x[None], r"\(1, 6, 8, 8, 3\)"),
    (lambda x: x[..., 0], r"\(6, 8, 8\)"),
])
def test_shapes_that_are_refused(form, words):
    with pytest.raises(InputError, match=words) as error:
        accept(form(photos()), shape=(8, 8, 3))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("shape", [(8, 8, 1), (None, None, 1)])
def test_one_channel_may_lack_its_axis(shape):
    x = photos()[..., :1]
    for form in (x, x[..., 0], x[..., None]):
        np.testing.assert_array_equal(accept(form, shape=shape), x)
    # The picture itself is no batch of its columns.
    with pytest.raises(InputError, match="single one"):
        accept(x[0], shape=shape)


def test_bool_is_black_and_white():
    x = photos() > 100
    np.testing.assert_array_equal(accept(x), 255 * x)


def test_a_notice_comes_once(capsys):
    known = arrays.Known("model")
    for _ in range(2):
        accept(photos() / 255, known)
        accept(photos() // 20, known)
        accept(photos() / 127.5 - 1, known)
        accept(photos(), known)
    said = capsys.readouterr()
    assert said.out == ""
    first, second = said.err.splitlines()
    assert first == (
        "model: image: floats from 0 to 1, none below 0: taken as [0, 1], 0 "
        "is black"
    )
    assert "the largest number is 12, and 255 is white" in second


def test_what_was_given_before_tells_what_is_unclear():
    unclear = np.float32(photos(1) / 255 * 0.5 + 0.3)
    for before, scale in [
        (photos() / 255, arrays.UNIT), (photos() / 127.5 - 1, arrays.SIGNED),
    ]:
        known = arrays.Known()
        accept(before, known)
        np.testing.assert_allclose(
            accept(unclear, known), arrays.signed(unclear, scale)
        )
    with pytest.raises(InputError, match="scale them"):
        accept(unclear * 1.9, known)


@pytest.mark.parametrize("x, words", [
    ([0, 1, 3], "must go from 0 to 2, got 0 to 3"),
    ([1, 2, 3], "got 1 to 3: subtract 1"),
    ([-1, 0, 2], "got -1 to 2: -1 stands for an unknown class"),
    ([0.0, 1.5], "expected whole numbers, got float64 with some"),
    ([0.0, np.nan], "expected whole numbers"),
    (["cat", "dog"], "of words: give numbers"),
    (np.array(["cat", "dog"], object), "of words: give numbers"),
    (np.eye(3), r"of shape \(n,\), .*one-hot rows y.argmax"),
    (np.zeros((2, 1, 1)), r"of shape \(n,\), got"),
    (2, r"of shape \(n,\), got"),
    ([2**40], "must go from 0 to 2"),
])
def test_labels_that_are_refused(x, words):
    with pytest.raises(InputError, match=f"^y.*{words}") as error:
        values.Label().accept(x, "y", (), 3)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("dtype", [
    "int64", "uint8", "float32", "float64", "int8", "uint64",
])
def test_labels_of_any_type_are_the_same(dtype):
    x = np.array([0, 2, 1, 1])
    for form in (x, x[:, None]):
        found = values.Label().accept(form.astype(dtype), "y", (), 3)
        assert found.dtype == np.int32
        np.testing.assert_array_equal(found, x)
