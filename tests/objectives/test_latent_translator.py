"""A translator with a latent: several pictures for one map."""

import numpy as np
import pytest

from check import array, tensor
from keras_gen.backend import noise
from keras_gen.errors import InputError
from keras_gen.export import noise_inputs
from keras_gen.layers.walk import every_layer
from keras_gen.networks import spade
from keras_gen.objectives.pix2pix import Pix2Pix
from networks.case import randomise
from objectives import tiny

LABELS = [[0, 0, 0], [255, 0, 0], [0, 128, 255]]


def model(**options):
    generator = spade.generator(
        size=16, width=4, hidden=4, latent_dim=3, labels=LABELS,
        normalization="instance",
    )
    randomise(generator)
    judge = tiny.build("pix2pix").discriminator
    return Pix2Pix(generator, judge, **options)


def maps(n=3):
    ids = np.random.default_rng(0).integers(0, 3, (1, 4, 4)).repeat(4, 1)
    picture = np.array(LABELS, "uint8")[ids.repeat(4, 2)]
    return picture.repeat(n, 0)


def test_seeds_give_several_pictures_of_one_map_and_nothing_moves():
    one = model(dropout_at_test=True)
    directions = [
        x.u for x in every_layer(one.generator) if hasattr(x, "u")
    ]
    before = [array(u) for u in directions]
    made = one.translate(maps(), seed=4).astype(int)
    assert before and all(
        (array(u) == v).all() for u, v in zip(directions, before)
    )
    assert np.abs(made[0] - made[1]).max() > 9
    again = one.translate(maps(1), seed=5)
    assert np.abs(again[0] - made[1]).max() <= 1
    # Off, it is the latent's mean, whatever the seed.
    still = model().translate(maps(), seed=4)
    assert np.abs(still - still[:1].astype(int)).max() <= 1


def test_its_numbers_are_an_input_of_files():
    network = model().generator
    given = tensor(maps(2) / np.float32(127.5) - 1)
    seeds = tensor(np.array([5, -7]), "int64")
    assert noise_inputs.noise_shapes(network, 16) == [(1, 1, 3)]
    drawn = noise.uniform(noise.fold(noise.fold(1, 0), seeds), (1, 1, 3))
    alone = noise_inputs.with_noise(network, "image", 16)
    made = array(alone({"input": given, "noise_0": drawn})["image"])
    wanted = model(dropout_at_test=True)
    wanted.generator.set_weights(network.get_weights())
    expected = array(wanted.translated("generator", given, seeds))
    np.testing.assert_allclose(made, expected, atol=1e-4)


def test_with_batch_normalization_it_is_refused():
    generator = spade.generator(size=16, width=2, hidden=2, latent_dim=3)
    with pytest.raises(InputError, match="normalization='instance'"):
        Pix2Pix(
            generator, tiny.build("pix2pix").discriminator,
            dropout_at_test=True,
        )
