"""Golden numbers tell one computation from another."""

import numpy as np

from check import array
from keras_gen import zoo
from keras_gen.export import golden


def gaps(before, after):
    return {k: np.abs(np.subtract(before[k], after[k])).max() for k in before}


def test_a_small_change_of_the_weights_shows():
    model = zoo.recipe("vae_shapes").smoke().build()
    before = golden.numbers(model)
    assert set(before) == {
        "serving_default", "sample", "encode", "reconstruct"
    }
    assert golden.numbers(model) == before
    kernel = model.decoder.trainable_variables[0]
    kernel.assign(1.01 * array(kernel))
    gap = gaps(before, golden.numbers(model))
    assert gap.pop("encode") == 0
    assert all(g > 1e-5 for g in gap.values()), gap


def test_pixels_in_another_order_show():
    pixels = np.random.default_rng(1).uniform(-1, 1, (1, 8, 8, 3))
    same = golden._projections([pixels])
    assert len(same) == golden.COUNT
    turned = golden._projections([pixels[:, ::-1]])
    mixed = golden._projections([pixels[..., ::-1]])
    for other in (turned, mixed):
        assert np.abs(np.subtract(same, other)).max() > 0.1


def test_averages_are_what_counts():
    recipe = zoo.recipe("gan_shapes").smoke()
    model = recipe.build()
    model.average(0.9, ["generator"])
    before = golden.numbers(model)
    model.generator.trainable_variables[0].assign(
        1.0 + array(model.generator.trainable_variables[0])
    )
    assert golden.numbers(model) == before
