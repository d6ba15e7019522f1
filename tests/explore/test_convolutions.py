"""The arithmetic of convolutions, against Keras' layers and our networks."""

import itertools

import keras
import numpy as np
import pytest

from keras_gen import explore, networks
from keras_gen.errors import InputError


@pytest.mark.parametrize(
    ("size", "kernel", "stride"), itertools.product((7, 12), (1, 3, 4), (1, 2))
)
def test_sizes_and_weights_are_those_of_keras_layers(size, kernel, stride):
    layers = keras.layers
    picture = np.zeros((1, size, size, 3), "float32")
    for padding in (0, 1):
        padded = layers.ZeroPadding2D(padding)(picture)
        layer = layers.Conv2D(5, kernel, stride)
        made = layer(padded)
        expected = explore.output_size(size, kernel, stride, padding)
        assert made.shape == (1, expected, expected, 5)
        assert layer.count_params() == explore.convolution_weights(
            kernel, 3, 5
        )
    back = layers.Conv2DTranspose(5, kernel, stride, use_bias=False)
    made = back(picture)
    # Keras keeps what a stride larger than the kernel would leave out.
    if kernel >= stride:
        expected = explore.output_size(size, kernel, stride, transposed=True)
        assert made.shape[1] == expected
    assert back.count_params() == explore.convolution_weights(
        kernel, 3, 5, bias=False
    )


def test_a_transposed_convolution_is_the_way_back():
    for kernel, stride, padding in ((4, 2, 1), (3, 1, 1), (5, 3, 0)):
        larger = explore.output_size(8, kernel, stride, padding, True)
        assert explore.output_size(larger, kernel, stride, padding) == 8


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_patchgan_sees_what_is_said_of_it(count):
    network = networks.patchgan.discriminator(width=4, layers=count)
    layers = [(4, 2)] * count + [(4, 1)] * 2
    field = explore.receptive_field(layers)
    assert field == {1: 16, 2: 34, 3: 70}[count]
    assert field == networks.patchgan.receptive_field(count)
    assert explore.seen(network, 96) == (field, field)


def test_a_dense_layer_sees_all_and_a_border_cuts():
    judge = networks.dcgan.discriminator(size=16, channels=1, width=4)
    assert explore.seen(judge, 16) == (16, 16)
    network = networks.patchgan.discriminator(width=4, layers=3)
    assert explore.seen(network, 32) == (32, 32)


def test_both_axes_are_measured_by_themselves():
    inputs = keras.Input((20, 20, 2))
    made = keras.layers.Conv2D(3, (5, 3))(inputs)
    made = keras.layers.MaxPooling2D((1, 2))(made)
    made = keras.layers.Conv2D(1, (1, 2))(made)
    height, width = explore.seen(keras.Model(inputs, made), 20)
    assert (height, width) == (5, explore.receptive_field(
        [(3, 1), (2, 2), (2, 1)]
    ))


def test_what_cannot_be_is_refused():
    with pytest.raises(InputError, match="nothing is left of 4 pixels"):
        explore.output_size(4, 5)
    with pytest.raises(InputError, match=r"\(kernel, stride\)"):
        explore.receptive_field([(3, 1, 1)])
    with pytest.raises(InputError, match="something else than one picture"):
        explore.seen(networks.dcgan.generator(size=16, width=4), 16)
    with pytest.raises(InputError, match="pictures of 16 x 16 pixels"):
        explore.seen(networks.dcgan.discriminator(size=16, width=4), 17)
