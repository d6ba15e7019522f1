"""SPADE's generator: what a map says is not lost on the way."""

import keras
import numpy as np
import pytest

from check import array
from keras_gen.backend import noise
from keras_gen.errors import InputError
from keras_gen.layers import ConditionalNormalization, SpectralConv2D
from keras_gen.layers import normalization as normalize
from keras_gen.networks import sizes, spade
from networks.case import randomise

COLOURS = [[0, 0, 0], [255, 0, 0], [0, 90, 255]]
SIZES = {"size": 16, "width": 4}


def generator(**options):
    options = {"hidden": 8, "labels": COLOURS, **SIZES, **options}
    network = spade.generator(**options)
    randomise(network)
    return network


def pictures(ids):
    return np.array(COLOURS)[ids].astype("float32") / 127.5 - 1


def one_class(side=32):
    """Three maps, each of one class all over."""
    return pictures(np.arange(3)[:, None, None] + np.zeros((side, side), int))


def levels(made):
    return (array(made) + 1) * 127.5


@pytest.mark.parametrize("normalization", ["batch", "instance"])
def test_maps_of_one_class_survive(normalization):
    """Instance normalisation of what comes of the input alone makes one of
    them."""
    maps = one_class()
    x = keras.Input((32, 32, 3))
    y = keras.layers.Conv2D(4, 1)(x)
    washed = keras.Model(x, normalize("instance")(y))
    randomise(washed)
    same = array(washed(maps))
    assert np.abs(same[0] - same[1:]).max() < 1e-2
    network = generator(normalization=normalization)
    # Of colours as strong as those of pictures.
    last = [layer for layer in network.layers if layer.weights][-1]
    last.set_weights([5 * weight for weight in last.get_weights()])
    means = levels(network(maps)).mean((1, 2))
    assert np.abs(means[:, None] - means[None]).max() > 20


def test_a_map_of_one_class_is_even_all_over():
    """No zeros beyond the border are seen by the normalisations: where
    nothing else differs, gains and offsets are the same everywhere."""
    network = generator()
    layer = next(
        x for x in network.layers if isinstance(x, ConditionalNormalization)
    )
    ones = np.ones((1, 4, 4, layer.normalize.moving_mean.shape[0]), "float32")
    for number in range(3):
        condition = np.zeros((1, 4, 4, 3), "float32")
        condition[..., number] = 1
        made = array(layer(ones, condition))
        np.testing.assert_allclose(made - made[:, :1, :1], 0, atol=1e-5)


def test_maps_are_halved_by_the_nearest():
    """A finest pixel of another class counts only where it is kept."""
    network = generator()
    names = [x.name for x in network.layers if "max_pooling" in x.name]
    assert len(names) == 2
    view = keras.Model(
        network.input, [network.get_layer(name).output for name in names]
    )
    ids = np.random.default_rng(0).integers(0, 3, (2, 16, 16))
    half, quarter = map(array, view(pictures(ids)))
    np.testing.assert_array_equal(half, np.eye(3)[ids[:, ::2, ::2]])
    np.testing.assert_array_equal(quarter, np.eye(3)[ids[:, ::4, ::4]])


def test_the_paper_s_blocks():
    """Seven of them at 128 px, two or three convolutions each."""
    network = spade.generator(128, width=1, hidden=1)
    kinds = [type(x).__name__ for x in network.layers]
    assert kinds.count("Add") == 7 and kinds.count("UpSampling2D") == 5
    changes = sum(
        isinstance(x, SpectralConv2D) and x.kernel_size == (1, 1)
        for x in network.layers
    )
    # 8, 8 8 8 4 2 1: features change thrice.
    assert changes == 3
    assert kinds.count("SpectralConv2D") == 14 + changes
    assert kinds.count("ConditionalNormalization") == 14 + changes


def test_its_sizes():
    network = generator()
    assert sizes.multiple(network) == 4 and sizes.scale(network) == 1
    assert network(one_class(20)[:, :, :16]).shape == (3, 20, 16, 3)


def test_a_latent_changes_the_picture_and_follows_the_row_s_seed():
    network = generator(
        latent_dim=5, normalization="instance", spectral=False
    )
    maps = one_class()[[0, 0, 0]]

    def made(*seeds):
        with noise.using(noise.RowStream(np.array(seeds, "int64"))):
            return levels(network(maps, training=True))

    first = made(1, 2, 1)
    np.testing.assert_allclose(first[0], first[2], atol=1e-3)
    assert np.abs(first[0] - first[1]).max() > 5
    np.testing.assert_allclose(made(2, 1, 9)[1], first[0], atol=1e-3)
    still = levels(network(maps))
    np.testing.assert_allclose(still[0], still[1], atol=1e-3)


@pytest.mark.parametrize("options, says", [
    ({"size": 48}, "32"), ({"hidden": 0}, "hidden"), ({"width": 0}, "width"),
    ({"latent_dim": -1}, "latent_dim"), ({"normalization": "layer"}, "batch"),
    ({"labels": [[0, 0, 0]]}, "two or more"), ({"channels_in": 0}, "channels"),
])
def test_bad_arguments_say_what_works(options, says):
    with pytest.raises(InputError, match=says) as error:
        spade.generator(**{**SIZES, **options})
    assert "\n" not in str(error.value)
