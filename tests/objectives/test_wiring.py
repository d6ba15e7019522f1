"""Networks that people bring: taken by position, or refused in one line."""

import keras
import numpy as np
import pytest
from keras import layers

from check import array
from keras_gen.errors import InputError
from keras_gen.networks import classifier, dcgan, mlp, points
from keras_gen.objectives import (
    ACGAN,
    CGAN,
    GAN,
    VAE,
    WGAN,
    Autoencoder,
    Classifier,
    CycleGAN,
    Pix2Pix,
)
from objectives import tiny


def sequential(*stack, shape):
    return keras.Sequential([keras.Input(shape), *stack])


def maker(made=2, latent=5):
    return sequential(layers.Dense(made), shape=(latent,))


def judge(shape=(2,)):
    return sequential(layers.Flatten(), layers.Dense(1), shape=shape)


def test_single_inputs_may_have_any_name():
    model = GAN(maker(), judge(), makes="points", seed=1)
    assert model.latent_dim == 5
    model.compile("sgd", run_eagerly=True)
    columns = tiny.data("gan_points", 6)
    model.fit(columns, verbose=0)
    model.check_data(tiny.dataset("gan_points"))
    assert model.generate(3, seed=0).shape == (3, 2)
    with pytest.raises(InputError, match="points"):
        model.check_data(tiny.dataset("gan"))


def test_unnamed_encoders_and_decoders_are_taken():
    encoder = sequential(layers.Flatten(), layers.Dense(4), shape=(8, 8, 1))
    decoder = sequential(
        layers.Dense(64, activation="tanh"), layers.Reshape((8, 8, 1)),
        shape=(4,),
    )
    model = Autoencoder(encoder, decoder)
    pictures = np.zeros((2, 8, 8, 1), "uint8")
    assert model.reconstruct(pictures).shape == pictures.shape


def test_the_keys_of_a_dict_are_the_names():
    latent, label = keras.Input((5,)), keras.Input((), dtype="int32")
    x = layers.Add()([layers.Dense(2)(latent), layers.Embedding(3, 2)(label)])
    generator = keras.Model({"latent": latent, "label": label}, x)
    at, label = keras.Input((2,)), keras.Input((), dtype="int32")
    x = layers.Concatenate()([at, layers.Embedding(3, 2)(label)])
    discriminator = keras.Model(
        {"points": at, "label": label}, layers.Dense(1)(x)
    )
    model = CGAN(generator, discriminator, classes=3, makes="points")
    assert model.latent_dim == 5
    assert model.generate(2, seed=0, label=[0, 2]).shape == (2, 2)
    model.compile("sgd", run_eagerly=True)
    columns = tiny.data("gan_points", 6)
    model.fit({**columns, "label": np.arange(6) % 3}, verbose=0)


PICTURE = {"size": 16, "channels": 3, "width": 4}
LATENT = {**PICTURE, "latent_dim": 5}
WRONG = {
    "swapped": (
        lambda: GAN(judge(), maker(), makes="points"),
        ["generator makes", "GAN(generator, discriminator, ...)"],
    ),
    "other size": (
        lambda: GAN(
            dcgan.generator(**LATENT),
            dcgan.discriminator(size=32, channels=3, width=4),
        ), ["generator makes 16 x 16 x 3", "discriminator takes 32 x 32 x 3"],
    ),
    "other channels": (
        lambda: WGAN(
            mlp.generator(**LATENT),
            mlp.discriminator(size=16, channels=1, width=4), clip=0.1,
        ), ["16 x 16 x 3", "critic takes 16 x 16 x 1"],
    ),
    "no picture": (
        lambda: GAN(maker(2), judge()), ["what the generator makes", "(2)"],
    ),
    "not called": (
        lambda: GAN(dcgan.generator, dcgan.discriminator),
        ["discriminator must be a keras.Model", "discriminator()"],
    ),
    "a name": (
        lambda: GAN("dcgan", judge()), ["must be a keras.Model", "'dcgan'"],
    ),
    "not built": (
        lambda: GAN(
            keras.Sequential([layers.Dense(2)]), judge(), makes="points"
        ), ["generator has no weights yet", "keras.Input"],
    ),
    "no label": (
        lambda: CGAN(maker(), judge(), classes=3, makes="points"),
        ["must take points and label", "keras.Model({'points'"],
    ),
    "label too many": (
        lambda: GAN(
            points.generator(latent_dim=5, width=4),
            dcgan.discriminator(classes=3, **PICTURE), makes="points",
        ), ["discriminator must take points", "label"],
    ),
    "condition": (
        lambda: Pix2Pix(
            sequential(layers.Identity(), shape=(8, 8, 3)), judge((8, 8, 3))
        ), ["discriminator must take input and image"],
    ),
    "encoder of a VAE": (
        lambda: VAE(mlp.encoder(**LATENT), mlp.decoder(**LATENT)),
        ["encoder must make mean and log_variance"],
    ),
    "codes": (
        lambda: Autoencoder(
            mlp.encoder(**LATENT),
            mlp.decoder(**{**LATENT, "latent_dim": 7}),
        ), ["encoder makes 5", "decoder takes 7"],
    ),
    "no features": (
        lambda: Classifier(judge((16, 16, 3)), classes=["a"]),
        ["classifier must make features and logits"],
    ),
    "classes": (
        lambda: Classifier(
            classifier.residual(classes=3, **PICTURE), classes=["a"]
        ), ["classes has 1 names"],
    ),
    "one head": (
        lambda: ACGAN(
            dcgan.generator(classes=3, **LATENT),
            dcgan.discriminator(**PICTURE), classes=3,
        ), ["discriminator must make logits and classes"],
    ),
    "classes of a head": (
        lambda: ACGAN(
            dcgan.generator(classes=3, **LATENT),
            dcgan.discriminator(classes=4, class_head=True, **PICTURE),
            classes=3,
        ), ["discriminator tells 4 classes", "with classes=3"],
    ),
    "a label that is to be told": (
        lambda: ACGAN(
            dcgan.generator(classes=3, **LATENT),
            dcgan.discriminator(classes=3, **PICTURE), classes=3,
        ), ["discriminator must take image", "label"],
    ),
    "one for both": (
        lambda: _cycle(), ["generator_ab and generator_ba are the same"],
    ),
}


def _cycle():
    same = sequential(layers.Identity(), shape=(8, 8, 3))
    return CycleGAN(
        same, same, judge((8, 8, 3)), judge((8, 8, 3)), image_shape=(8, 8, 3)
    )


@pytest.mark.parametrize("case", WRONG)
def test_networks_that_do_not_fit_are_one_line(case):
    build, words = WRONG[case]
    with pytest.raises(InputError) as error:
        build()
    said = str(error.value)
    assert "\n" not in said
    assert all(word in said for word in words), said


def test_networks_without_a_graph_are_taken_where_they_are_built():
    class Judge(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(1)
            self.dense.build((None, 2))
            self.built = True

        def call(self, x, training=False):
            return self.dense(x)

    model = GAN(maker(), Judge(), makes="points")
    model.compile("sgd", run_eagerly=True)
    kernel = array(model.discriminator.dense.kernel)
    model.fit(tiny.data("gan_points", 4), verbose=0)
    assert (array(model.discriminator.dense.kernel) != kernel).any()
