"""Pictures translated tile by tile."""

import keras
import numpy as np
import pytest
from keras import layers
from PIL import Image

from keras_gen import cli
from keras_gen.cli import _common
from keras_gen.errors import InputError
from keras_gen.layers import Conv2D, Conv2DTranspose
from keras_gen.layers import normalization as normalize
from keras_gen.networks import patchgan, unet
from keras_gen.objectives.base import tiling
from keras_gen.objectives.pix2pix import Pix2Pix
from networks.case import randomise


def model(generator):
    judge = patchgan.discriminator(3, condition_channels=3, width=4)
    return Pix2Pix(generator, judge, name="tiled")


def local(enlarging=1):
    """Two halvings, three more convolutions and two doublings, nothing that
    looks further than 23 pixels: 1 + 2 + 3 * 4 of the convolutions, and of
    those that double 4 + 2, at the four times coarser grid and the other."""
    picture = keras.Input((None, None, 3), name="input")
    x = layers.ReLU()(Conv2D(4, 3, 2, "same")(picture))
    x = layers.ReLU()(Conv2D(8, 3, 2, "same")(x))
    for _ in range(3):
        x = layers.ReLU()(Conv2D(8, 3, 1, "same")(x))
    x = layers.ReLU()(Conv2DTranspose(8, 3, 2, "same")(x))
    x = layers.ReLU()(Conv2DTranspose(4, 3, 2, "same")(x))
    x = layers.UpSampling2D(enlarging)(x)
    made = keras.Model(picture, layers.Activation("tanh")(
        Conv2D(3, 3, 1, "same")(x)
    ), name="generator")
    rng = np.random.default_rng(0)
    for variable in made.weights:
        fans = max(1, np.prod(variable.shape[:-1]))
        variable.assign(rng.normal(size=variable.shape) * (2 / fans) ** 0.5)
    return made


def pictures(*shape):
    return np.random.default_rng(0).integers(0, 256, shape).astype("uint8")


def gap(a, b):
    return np.abs(a.astype(int) - b)


@pytest.mark.parametrize("enlarging", [1, 2])
def test_a_network_that_looks_near_makes_the_same(enlarging):
    """Exactly, but for rounding halves of a level."""
    made = model(local(enlarging))
    # Of two pictures, with sides that are no multiples of 4, the last tiles
    # sharing more than they must.
    given = pictures(2, 301, 262, 3)
    whole = made.translate(given)
    assert whole.std() > 10
    found = made.translate(given, tile=160, overlap=100)
    assert found.shape == whole.shape and found.dtype == whole.dtype
    assert gap(found, whole).max() <= 1
    assert (found != whole).mean() < 1e-3
    # Where the overlap is too small for that, it is not so.
    near = made.translate(given, tile=160, overlap=0)
    assert gap(near, whole).max() > 3
    # One tile that has all is the whole.
    np.testing.assert_array_equal(made.translate(given, tile=512), whole)


def seams(made, begins, axis):
    """The largest mean step from a line of pixels to the next: at these, and
    elsewhere."""
    steps = np.abs(np.diff(made.astype("float64"), axis=axis)).mean(
        tuple(i for i in range(3) if i != axis)
    )
    there = np.zeros(len(steps), bool)
    there[begins] = True
    return steps[there].max(), steps[~there].max()


def normalized():
    """Smooth pictures of smooth ones, whose colours depend on the statistics
    of all that is given."""
    picture = keras.Input((None, None, 3), name="input")
    x = normalize("instance")(Conv2D(3, 1)(picture))
    rng = np.random.default_rng(1)
    made = keras.Model(
        picture, layers.Activation("tanh")(0.5 * x), name="generator"
    )
    mixes = rng.uniform(0.2, 1, (1, 1, 3, 3))
    made.layers[1].set_weights([mixes, np.zeros(3)])
    return made


def test_there_are_no_seams_where_tiles_are_normalized_by_themselves():
    made = model(normalized())
    # Of another brightness and contrast from place to place.
    y, x = np.mgrid[:192, :192] / 192
    given = np.stack([
        x * np.sin(9 * y), y * np.cos(7 * x), x * y
    ], -1)[None] * 120 + 128
    given = given.astype("uint8")
    whole = made.translate(given)[0]
    joined = made.translate(given, tile=96, overlap=32)[0]
    assert gap(joined, whole).mean() > 3  # not the same, as documented
    cut = made.translate(given, tile=96, overlap=0)[0]
    for axis in (0, 1):
        begins = tiling.starts(192, 96, 32, 1)[1:]
        # All pixels that the overlaps have, not one line alone.
        at = sorted({b + i for b in begins for i in range(-1, 32)})
        there, elsewhere = seams(joined, at, axis)
        assert there <= elsewhere
        # Tiles side by side have seams: the measure sees them.
        there, elsewhere = seams(cut, [95], axis)
        assert there > 3 * elsewhere


@pytest.mark.parametrize("side, tile, overlap, multiple", [
    (100, 40, 8, 1), (100, 40, 8, 4), (40, 40, 8, 4), (36, 40, 8, 4),
    (104, 40, 39, 1), (128, 64, 16, 64), (41, 40, 0, 1),
])
def test_weights_are_shares_of_one(side, tile, overlap, multiple):
    begins = tiling.starts(side, tile, overlap, multiple)
    assert begins[0] == 0 and begins == sorted(set(begins))
    assert begins[-1] + min(tile, side) == side
    total = np.zeros(side)
    length = min(tile, side)
    shares = tiling.weights(side, tile, overlap, begins)
    for begin, share in zip(begins, shares):
        assert share.shape == (length,) and (share >= 0).all()
        total[begin:begin + length] += share
        # What lacks its surroundings counts for nothing.
        quarter = int(overlap / 4)
        assert begin == 0 or not share[:quarter].any()
        assert begin + length == side or not share[length - quarter:].any()
    np.testing.assert_allclose(total, 1, rtol=1e-6)
    for one, next_one in zip(begins, begins[1:]):
        assert next_one <= one + tile - overlap
        if multiple < tile - overlap:
            assert next_one % multiple == 0 or next_one == begins[-1]


def test_a_unet_takes_tiles_of_its_own_size():
    network = unet.generator(size=16, width=4, normalization="instance")
    randomise(network)
    made = model(network)
    found = made.translate(pictures(1, 40, 50, 3), tile=16, overlap=8)
    assert found.shape == (1, 40, 50, 3) and found.std() > 5
    with pytest.raises(InputError) as caught:
        made.translate(pictures(1, 40, 50, 3), tile=40)
    assert str(caught.value) == (
        "tiled takes tiles whose sides are multiples of 16, not 40: choose 32"
    )


@pytest.mark.parametrize("tile, overlap, words", [
    (6, 0, "multiples of 4, not 6: choose 8"),
    (0, 0, "not 0: choose 4"), (-4, 0, "not -4: choose 4"),
    (8, 8, "tiles of 8 pixels cannot overlap by 8: choose from 0 to 7"),
    (8, -1, "cannot overlap by -1"),
])
def test_mistakes(tile, overlap, words):
    made = model(local())
    with pytest.raises(InputError, match=words):
        made.translate(pictures(1, 16, 16, 3), tile=tile, overlap=overlap)


def test_the_command(tmp_path, monkeypatch, capsys):
    """Tiled pictures keep their size, where others are scaled."""
    made = model(local())
    made.picture_size = 32
    monkeypatch.setattr(_common, "model_of", lambda *_: made)
    given = pictures(1, 70, 90, 3)
    Image.fromarray(given[0]).save(tmp_path / "x.png")
    arguments = ["translate", "pix2pix_shapes", str(tmp_path / "x.png")]
    cli.main([*arguments, str(tmp_path / "small")])
    assert Image.open(tmp_path / "small" / "x.png").size == (41, 32)
    cli.main([
        *arguments, str(tmp_path / "tiled"), "--tile=48", "--overlap=16",
    ])
    found = np.asarray(Image.open(tmp_path / "tiled" / "x.png"))
    expected = made.translate(given, tile=48, overlap=16)[0]
    np.testing.assert_array_equal(found, expected)
    capsys.readouterr()
    with pytest.raises(SystemExit):
        cli.main([*arguments, str(tmp_path / "no"), "--tile=50"])
    assert "multiples of 4, not 50" in capsys.readouterr().err
