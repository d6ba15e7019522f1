"""Layers that Keras lacks, or that GANs need in another form."""

from keras_gen.layers.attention import SelfAttention
from keras_gen.layers.batch_normalization import BatchNormalization
from keras_gen.layers.convolutions import (
    Conv2D,
    Conv2DTranspose,
    Conv3D,
    Conv3DTranspose,
)
from keras_gen.layers.dropout import Dropout
from keras_gen.layers.halving_pooling import HalvingPooling2D
from keras_gen.layers.label_colours import LabelColours
from keras_gen.layers.minibatch import (
    MinibatchDeviation,
    MinibatchDiscrimination,
)
from keras_gen.layers.mixture import Mixture
from keras_gen.layers.modulation import ConditionalNormalization
from keras_gen.layers.noise_map import NoiseMap
from keras_gen.layers.normalization import (
    GroupNormalization,
    normalization,
)
from keras_gen.layers.pixel_shuffle import PixelShuffle
from keras_gen.layers.reflection_padding import ReflectionPadding2D
from keras_gen.layers.resize_convolution import ResizeConv2D
from keras_gen.layers.spectral import (
    SpectralConv2D,
    SpectralDense,
    SpectralEmbedding,
)

__all__ = [
    "BatchNormalization",
    "ConditionalNormalization",
    "Conv2D",
    "Conv2DTranspose",
    "Conv3D",
    "Conv3DTranspose",
    "Dropout",
    "GroupNormalization",
    "HalvingPooling2D",
    "LabelColours",
    "MinibatchDeviation",
    "MinibatchDiscrimination",
    "Mixture",
    "NoiseMap",
    "PixelShuffle",
    "ReflectionPadding2D",
    "ResizeConv2D",
    "SelfAttention",
    "SpectralConv2D",
    "SpectralDense",
    "SpectralEmbedding",
    "normalization",
]
