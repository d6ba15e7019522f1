"""Tools to look at a loaded model with. Most return what the model makes, as
`generate` does, in rows: of pictures uint8 (rows, columns, height, width,
channels), which `plot.grid` draws.

    from keras_gen import explore, plot, zoo
    model = zoo.load("dcgan_shapes")
    plot.grid(explore.interpolate(model, [0, 5, 9]), "path.png")  # seeds

On the command line each is a sub-command of keras-gen.
"""

from keras_gen.explore.arithmetic import Arithmetic, arithmetic
from keras_gen.explore.attributes import attribute_direction, shifted
from keras_gen.explore.classes import class_grid, class_interpolation
from keras_gen.explore.convolutions import (
    convolution_weights,
    output_size,
    receptive_field,
    seen,
)
from keras_gen.explore.decoding import decode, latents
from keras_gen.explore.interpolate import interpolate
from keras_gen.explore.inversion import Inverted, invert
from keras_gen.explore.manifold import manifold
from keras_gen.explore.neighbours import neighbours
from keras_gen.explore.strips import strip_of_models, strip_of_run
from keras_gen.explore.truncation import truncations
from keras_gen.explore.units import exciting, looking

__all__ = [
    "Arithmetic", "Inverted", "arithmetic", "attribute_direction",
    "class_grid", "class_interpolation", "convolution_weights", "decode",
    "exciting", "interpolate", "invert", "latents", "looking", "manifold",
    "neighbours", "output_size", "receptive_field", "seen", "shifted",
    "strip_of_models", "strip_of_run", "truncations",
]
