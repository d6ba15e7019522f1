"""keras_gen: generative models for Keras, trained, measured and ready.

    import keras_gen
    model = keras_gen.zoo.load("dcgan_shapes")
    keras_gen.plot.grid(model.generate(16, seed=0), "pictures.png")

From then on Keras loads what was saved: `keras.models.load_model`.

What a user calls:

    zoo          names, recipes and published models with their weights
    objectives   GAN, WGAN, CGAN, Pix2Pix, CycleGAN, VAE, ...: Keras models
    networks     generators, discriminators, encoders, translators
    layers       what Keras lacks
    losses       adversarial pairs, reconstruction errors, divergences
    penalties    gradient penalty, R1, weight clipping
    optimizers   Adam in one operation; the others are Keras' own
    data         pictures and other values to train on, built in or your own
    values       what data and outputs are: pictures, points, videos, voxels
    training     runs in a work directory that can be stopped at any moment
    metrics      numbers about pictures: distances, precision, likelihoods
    evaluation   a model measured beside floor and ceiling
    explore      latents: interpolation, arithmetic, truncation, classes
    export       SavedModels, ONNX and LiteRT, each checked
    sharing      models put where others load them from, such as a hub
    plot         grids, curves and animations
    InputError   what was wrong, what was expected and what to do
"""

import importlib

from keras_gen import registered
from keras_gen.errors import InputError

_MODULES = (
    "data", "evaluation", "explore", "export", "layers", "losses", "metrics",
    "networks", "objectives", "optimizers", "penalties", "plot", "sharing",
    "training", "values", "zoo",
)
__all__ = ["InputError", *_MODULES]
__version__ = "0.1.0"

# `keras.models.load_model` finds our classes from here on.
registered.announce()


def __getattr__(name):
    # Modules load when they are first used: importing keras_gen costs
    # nothing beyond Keras.
    if name in _MODULES:
        return importlib.import_module(f"keras_gen.{name}")
    raise AttributeError(f"module 'keras_gen' has no attribute {name!r}")


def __dir__():
    return sorted(__all__)
