"""What `.keras` files name: known to Keras from `import keras_gen` on.

Keras finds a class of a saved model by its name, among those that have been
registered; each of ours is when its module is imported. Importing keras_gen
imports none of them, so that it costs nothing. In their places stand
classes that import the real ones when a file names them.
"""

import importlib
import sys

from keras_gen import importing

# {module: classes that it registers}
CLASSES = {
    "keras_gen.augmentation": ["AdaptiveAugment", "Compress", "DiffAugment"],
    "keras_gen.layers.attention": ["SelfAttention"],
    "keras_gen.layers.batch_normalization": ["BatchNormalization"],
    "keras_gen.layers.convolutions": [
        "Conv2D", "Conv2DTranspose", "Conv3D", "Conv3DTranspose",
    ],
    "keras_gen.layers.dropout": ["Dropout"],
    "keras_gen.layers.halving_pooling": ["HalvingPooling2D"],
    "keras_gen.layers.minibatch": [
        "MinibatchDeviation", "MinibatchDiscrimination",
    ],
    "keras_gen.layers.label_colours": ["LabelColours"],
    "keras_gen.layers.mixture": ["Mixture"],
    "keras_gen.layers.modulation": ["ConditionalNormalization"],
    "keras_gen.layers.noise_map": ["NoiseMap"],
    "keras_gen.layers.normalization": ["GroupNormalization"],
    "keras_gen.layers.pixel_shuffle": ["PixelShuffle", "Repeated"],
    "keras_gen.layers.reflection_padding": ["ReflectionPadding2D"],
    "keras_gen.layers.resize_convolution": ["ResizeConv2D"],
    "keras_gen.layers.spectral": [
        "SpectralConv2D", "SpectralDense", "SpectralEmbedding",
    ],
    "keras_gen.objectives": [
        "ACGAN", "Autoencoder", "CGAN", "CUT", "Classifier", "CycleGAN",
        "Detector", "GAN", "Pix2Pix", "SRGAN", "UnrolledGAN", "VAE", "WGAN",
    ],
    "keras_gen.optimizers": ["Adam"],
    "keras_gen.penalties": ["ClipWeights", "GradientPenalty", "R1", "R2"],
    "keras_gen.terms": ["LeCam", "ModeSeeking", "Orthogonal"],
}


def announce():
    """Tells Keras the names: now, or as soon as it is imported."""
    if "keras" in sys.modules:
        _register(sys.modules["keras"])
    importing.around("keras", _import)


def _import(execute, keras):
    execute(keras)
    _register(keras)


def _register(keras):
    known = keras.saving.get_custom_objects()
    for module, names in CLASSES.items():
        for name in names:
            # A class that is imported is there itself.
            known.setdefault(f"keras_gen>{name}", _standing_for(module, name))


def _standing_for(module, name):
    """A class of which Keras makes instances of the real one."""
    def from_config(cls, config):
        real = getattr(importlib.import_module(module), name)
        return real.from_config(config)

    return type(name, (), {"from_config": classmethod(from_config)})
