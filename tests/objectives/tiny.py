"""One tiny instance of every objective, for the tests that hold for all.

A new objective is one entry of `BUILDERS`; `test_checklist.py` fails until
each module of `keras_gen/objectives` has one.
"""

import keras
import numpy as np

from keras_gen.networks import (
    classifier,
    conv_vae,
    dcgan,
    mlp,
    patchgan,
    resnet_translator,
    unet,
)
from keras_gen.objectives.autoencoder import Autoencoder
from keras_gen.objectives.cgan import CGAN
from keras_gen.objectives.classifier import Classifier
from keras_gen.objectives.cyclegan import CycleGAN
from keras_gen.objectives.gan import GAN
from keras_gen.objectives.pix2pix import Pix2Pix
from keras_gen.objectives.vae import VAE
from keras_gen.objectives.wgan import WGAN
from keras_gen.optimizers import Adam

SIZE, CLASSES, ROWS = 16, 3, 8
_PICTURE = {"size": SIZE, "channels": 3, "width": 4}
_LATENT = {**_PICTURE, "latent_dim": 5}


def _gan():
    return GAN(
        dcgan.generator(**_LATENT), dcgan.discriminator(**_PICTURE),
        discriminator_steps=2, seed=3,
    )


def _gan_r1():
    return GAN(
        mlp.generator(**_LATENT), mlp.discriminator(**_PICTURE),
        adversarial="saturating", r1_weight=1.0, seed=3,
    )


def _wgan_clip():
    return WGAN(
        dcgan.generator(**_LATENT), dcgan.discriminator(**_PICTURE),
        clip=0.02, critic_steps=2, seed=3,
    )


def _wgan_penalty():
    critic = dcgan.discriminator(normalization="layer", **_PICTURE)
    return WGAN(
        dcgan.generator(**_LATENT), critic, gradient_penalty=10.0,
        critic_steps=2, seed=3,
    )


def _cgan():
    return CGAN(
        dcgan.generator(classes=CLASSES, **_LATENT),
        dcgan.discriminator(classes=CLASSES, **_PICTURE),
        classes=CLASSES, adversarial="hinge", seed=3,
    )


def _pix2pix():
    discriminator = patchgan.discriminator(
        condition_channels=3, width=4, layers=1
    )
    return Pix2Pix(unet.generator(size=SIZE, width=4), discriminator, seed=3)


def _cyclegan():
    def generator():
        return resnet_translator.generator(width=4, blocks=1)

    def discriminator():
        return patchgan.discriminator(
            width=4, layers=1, normalization="instance"
        )

    # One batch fills the pool: from the second step on it exchanges.
    return CycleGAN(
        generator(), generator(), discriminator(), discriminator(),
        image_shape=(SIZE, SIZE, 3), pool_size=ROWS + 2, seed=3,
    )


def _vae():
    return VAE(
        conv_vae.gaussian_encoder(**_LATENT), conv_vae.decoder(**_LATENT),
        beta=2.0, seed=3,
    )


def _vae_gaussian():
    return VAE(
        mlp.gaussian_encoder(**_LATENT), mlp.decoder(**_LATENT),
        likelihood="gaussian", sigma=0.5, seed=3,
    )


def _autoencoder():
    return Autoencoder(
        mlp.encoder(**_LATENT), mlp.decoder(activation="tanh", **_LATENT),
        reconstruction_loss="l1", seed=3,
    )


def _classifier(**options):
    network = classifier.residual(classes=CLASSES, dropout=0.5, **_PICTURE)
    return Classifier(network, classes=["a", "b", "c"], seed=3, **options)


def _classifier_smooth():
    return _classifier(label_smoothing=0.1)


def _classifier_attributes():
    return _classifier(multi_label=True)


def _gan_ema():
    model = _gan()
    model.average(0.9, ["generator"])
    return model


BUILDERS = {
    "gan": _gan,
    "gan_r1": _gan_r1,
    "wgan_clip": _wgan_clip,
    "wgan_penalty": _wgan_penalty,
    "cgan": _cgan,
    "pix2pix": _pix2pix,
    "cyclegan": _cyclegan,
    "vae": _vae,
    "vae_gaussian": _vae_gaussian,
    "autoencoder": _autoencoder,
    "gan_ema": _gan_ema,
    "classifier": _classifier_smooth,
    "classifier_attributes": _classifier_attributes,
}
NAMES = tuple(BUILDERS)
CLASSIFIERS = ("classifier", "classifier_attributes")


def build(name):
    """A new, uncompiled model; the same weights after the same seed."""
    return BUILDERS[name]()


def sgd(learning_rate=1e-2):
    """Moves in proportion to the gradient, so that a wrong factor shows,
    which Adam would divide out again."""
    return keras.optimizers.SGD(learning_rate, momentum=0.9)


def adam():
    return Adam(1e-3, beta_1=0.5)


def compiled(name, optimizer=adam, **options):
    """A new compiled model. Eager by default: a step or two of a tiny model
    takes less than to trace its graph."""
    model = build(name)
    model.compile(
        {player: optimizer() for player in model.players},
        **{"run_eagerly": True, **options},
    )
    return model


def data(name, rows=2 * ROWS):
    """A training set as a dict of arrays: uint8 pictures, int32 labels."""
    rng = np.random.default_rng(7)
    shape = (rows, SIZE, SIZE, 3)
    labels = (CLASSES, rows)
    if name == "classifier_attributes":
        labels = (2, (rows, CLASSES))
    return {
        column: rng.integers(0, *labels).astype("int32")
        if column == "label" else rng.integers(0, 256, shape).astype("uint8")
        for column in _COLUMNS.get(name, ("image",))
    }


_COLUMNS = {
    **dict.fromkeys(CLASSIFIERS, ("image", "label")),
    "cgan": ("image", "label"), "pix2pix": ("input", "target"),
    "cyclegan": ("a", "b"),
}


def fit(model, columns, epochs=1, **options):
    """`fit` in the order of the rows."""
    return model.fit(
        columns, batch_size=ROWS, epochs=epochs, shuffle=False, verbose=0,
        **options,
    )


def pictures(model, name):
    """Three generated pictures, or None where there is no generator."""
    if name in ("autoencoder", *CLASSIFIERS):
        return None
    if name == "cyclegan":
        return model.translate(data(name)["a"][:3])
    if name == "pix2pix":
        return model.translate(data(name)["input"][:3])
    return model.generate(3, seed=5)
