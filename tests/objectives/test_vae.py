"""What a VAE is trained on."""

import keras
import numpy as np
import pytest

from check import array, tensor
from keras_gen.errors import InputError
from keras_gen.networks import mlp
from keras_gen.objectives.vae import VAE
from objectives import tiny

SHAPE = {"size": 4, "channels": 1, "latent_dim": 2}


def model(**options):
    keras.utils.set_random_seed(0)
    return VAE(
        mlp.gaussian_encoder(**SHAPE), mlp.decoder(**SHAPE), seed=3, **options
    )


def seen(vae, values):
    """What `train_step` makes of grey values, on the step's own noise."""
    found = {}

    def loss(image):
        found["image"] = array(vae.binarised(image))
        return VAE.vae_loss(vae, image)

    vae.vae_loss = loss
    vae.compile({"vae": tiny.adam()}, run_eagerly=True)
    vae.train_step({"image": values})
    return found["image"]


def test_the_threshold_is_128():
    grey = np.arange(256, dtype="uint8").reshape(-1, 4, 4, 1)
    white = seen(model(binarisation="threshold"), grey)
    np.testing.assert_array_equal(white, np.where(grey >= 128, 1.0, -1.0))


def test_grey_values_are_the_chance_of_white():
    grey = np.tile(np.uint8([[0, 51], [204, 255]])[..., None], (4096, 2, 2, 1))
    white = seen(model(binarisation="stochastic"), grey)
    assert set(np.unique(white)) == {-1.0, 1.0}
    shares = [(white[grey == v] > 0).mean() for v in (0, 51, 204, 255)]
    # 16,384 pixels of each: three standard errors.
    np.testing.assert_allclose(shares, [0, 0.2, 0.8, 1], atol=0.0094)


def test_every_step_draws_anew():
    vae = model(binarisation="stochastic")
    grey = np.full((8, 4, 4, 1), 128, "uint8")
    first = seen(vae, grey)
    assert (seen(vae, grey) != first).any()


def test_the_loss_is_that_of_the_binary_picture():
    grey = np.arange(256, dtype="uint8").reshape(-1, 4, 4, 1)
    binary = np.where(grey >= 128, 255, 0).astype("uint8")
    losses = [
        vae.test_step({"image": tensor(x / 127.5 - 1)})
        for vae, x in (
            (model(binarisation="threshold"), grey), (model(), binary),
        )
    ]
    for name, value in losses[0].items():
        assert array(value) == pytest.approx(array(losses[1][name])), name


@pytest.mark.parametrize("wrong", [
    {"binarisation": "sometimes"},
    {"binarisation": "stochastic", "likelihood": "gaussian"},
])
def test_what_cannot_be_binarised_is_refused(wrong):
    with pytest.raises(InputError, match="binarisation must be"):
        model(**wrong)
