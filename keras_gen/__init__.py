"""keras_gen: generative models for Keras, trained, measured and ready.

    import keras_gen
    model = keras_gen.zoo.load("dcgan_shapes")
    keras_gen.plot.grid(model.generate(16, seed=0), "pictures.png")
"""

import importlib

from keras_gen.errors import InputError

_MODULES = (
    "data", "evaluation", "explore", "gradients", "interpolation", "layers",
    "losses", "metrics", "networks", "objectives", "optimizers", "penalties",
    "plot", "zoo",
)
__all__ = ["InputError", *_MODULES]
__version__ = "0.1.0"


def __getattr__(name):
    # Modules load when they are first used: importing keras_gen costs
    # nothing beyond Keras.
    if name in _MODULES:
        return importlib.import_module(f"keras_gen.{name}")
    raise AttributeError(f"module 'keras_gen' has no attribute {name!r}")


def __dir__():
    return sorted(__all__)
