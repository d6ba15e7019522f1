"""DCGAN, with or without class labels.

Papers: Radford, Metz and Chintala, 1511.06434; for labels that are given
Mirza and Osindero, "Conditional Generative Adversarial Nets", 1411.1784, and
for those that are told Odena, Olah and Shlens, 1610.09585.
"""

import keras
from keras import layers

from keras_gen.accepted import at_least
from keras_gen.layers import (
    Conv2D,
    Conv2DTranspose,
    Dropout,
    MinibatchDeviation,
    MinibatchDiscrimination,
    SpectralConv2D,
    SpectralDense,
)
from keras_gen.layers import normalization as normalize
from keras_gen.networks import sizes

# As many numbers as classes tell them apart as well as one-hot vectors do;
# beyond this many the maps would cost more than the picture.
_LABEL_DIM = 64

_MINIBATCH = ("none", "distance", "deviation")


def generator(
    size: int = 64, channels: int = 3, latent_dim: int = 100, width: int = 64,
    classes: int = 0,
) -> keras.Model:
    """The DCGAN generator: a projection, then doublings up to `size`.

    Input: "latent" (n, latent_dim), usually N(0, 1); with classes a dict
    {"latent", "label"}, label (n,) int32 in [0, classes).
    Output: (n, size, size, channels) in [-1, 1].

    Args:
        size: pixels of a side, 4 * 2^k or 7 * 2^k with k >= 2.
        channels: channels of a picture.
        latent_dim: length of a latent vector.
        width: features before the last layer; doubled for each halving.
        classes: number of labels, 0 for none.

    Raises:
        InputError: if an argument is out of its range.
    """
    base, steps = _check(size, classes, channels=channels, width=width)
    sizes.check_positive(latent_dim=latent_dim)
    inputs = latent = keras.Input((latent_dim,), name="latent")
    x = latent
    if classes:
        inputs = {"latent": latent, "label": _label()}
        x = layers.Concatenate()([latent, _embed(inputs["label"], classes)])
    features = width << (steps - 1)
    # Layers are named by the size that they make: what grows keeps them.
    x = layers.Dense(
        base * base * features, use_bias=False, kernel_initializer=_normal(),
        name="project",
    )(x)
    x = layers.Reshape((base, base, features))(x)
    x = layers.ReLU()(normalize("batch", f"norm_{base}")(x))
    for step in reversed(range(1, steps)):
        x = _up(x, width << (step - 1), f"up_{size >> step}")
        x = layers.ReLU()(normalize("batch", f"norm_{size >> step}")(x))
    x = _up(x, channels, f"pixels_{size}")
    x = layers.Activation("tanh", dtype="float32", name="pixels")(x)
    return keras.Model(inputs, x, name="generator")


def discriminator(
    size: int = 64, channels: int = 3, width: int = 64, classes: int = 0,
    normalization: str = "batch", class_head: bool = False,
    dropout: float = 0.0, minibatch: str = "none",
) -> keras.Model:
    """The DCGAN discriminator or critic.

    A label enters as constant maps: next to the picture, and again before
    the last halving, where there are shapes to compare it with. With
    `class_head` it does not enter, but is told.

    Input: "image" (n, size, size, channels) in [-1, 1]; with classes and
    without `class_head` a dict {"image", "label"}, label (n,) int32 in [0,
    classes).
    Output: (n, 1) logits; with `class_head` {"logits": these, "classes": (n,
    classes)}, the latter the unbounded logits of the classes.

    Args:
        size: pixels of a side, 4 * 2^k or 7 * 2^k with k >= 2.
        channels: channels of a picture.
        width: features of the first layer; doubled by each halving.
        classes: number of labels, 0 for none.
        normalization: "batch", "instance", "layer", "none" (with biases), or
            "spectral", of the kernels instead of the maps (Miyato et al.,
            1802.05957); not "batch" under a gradient penalty.
        class_head: whether the classes are told, as in an AC-GAN.
        dropout: share of the maps' numbers that are left out in training,
            after each convolution; 0.5 in the AC-GAN's paper.
        minibatch: how a row is judged beside the others of its batch: "none",
            by a `keras_gen.layers.MinibatchDiscrimination` ("distance"), or
            by a `MinibatchDeviation` ("deviation"); not under a gradient
            penalty. A class is told of each row by itself.

    Raises:
        InputError: if an argument is out of its range.
    """
    base, steps = _check(size, classes, channels=channels, width=width)
    sizes.check_choice("minibatch", minibatch, _MINIBATCH)
    if class_head:
        sizes.check_positive(classes=classes)
    inputs = x = keras.Input((size, size, channels), name="image")
    given = classes and not class_head
    if given:
        inputs = {"image": x, "label": _label()}
        embedding = _embed(inputs["label"], classes)
        x = _join(x, embedding, size, "label_map")
    spectral = normalization == "spectral"
    convolution = SpectralConv2D if spectral else Conv2D
    dense = SpectralDense if spectral else layers.Dense
    of_maps = "none" if spectral else normalization
    bias = of_maps == "none"
    x = _down(x, width, bias, f"pixels_{size}", convolution)
    x = _active(x, dropout)
    for step in range(1, steps):
        if given and step == steps - 1:
            x = _join(x, embedding, 2 * base, "label_map_inner")
        side = size >> step + 1
        x = _down(x, width << step, bias, f"down_{side}", convolution)
        x = normalize(of_maps, f"norm_{side}")(x)
        x = _active(x, dropout)
    logits = _head(dense, _beside(x, minibatch), 1, bias, "judge", "logit")
    if class_head:
        x = layers.Flatten()(x)
        told = _head(dense, x, classes, True, "tell", "class_logits")
        logits = {"logits": logits, "classes": told}
    return keras.Model(inputs, logits, name="discriminator")


def _check(size, classes, **positive):
    sizes.check_positive(**positive)
    at_least(0, classes=classes)
    return sizes.pyramid(size)


def _normal():
    return keras.initializers.RandomNormal(0.0, 0.02)


def _up(x, filters, name):
    return Conv2DTranspose(
        filters, 4, 2, "same", use_bias=False, kernel_initializer=_normal(),
        name=name,
    )(x)


def _down(x, filters, bias, name, convolution):
    return convolution(
        filters, 4, 2, "same", use_bias=bias, kernel_initializer=_normal(),
        name=name,
    )(x)


def _active(x, dropout):
    x = layers.LeakyReLU(0.2)(x)
    return Dropout(dropout)(x) if dropout else x


def _beside(x, minibatch):
    """Maps as rows of features, with what the other rows add to them."""
    if minibatch == "deviation":
        x = MinibatchDeviation(name="minibatch")(x)
    x = layers.Flatten()(x)
    if minibatch == "distance":
        x = MinibatchDiscrimination(name="minibatch")(x)
    return x


def _head(dense, x, outputs, bias, name, output_name):
    x = dense(
        outputs, use_bias=bias, kernel_initializer=_normal(), name=name
    )(x)
    return layers.Activation("linear", dtype="float32", name=output_name)(x)


def _label():
    return keras.Input((), dtype="int32", name="label")


def _embed(label, classes):
    # Unit variance, like the latents and the pictures it is put next to.
    return layers.Embedding(
        classes,
        min(classes, _LABEL_DIM),
        embeddings_initializer=keras.initializers.RandomNormal(0.0, 1.0),
        name="label_embedding",
    )(label)


def _join(x, embedding, size, name):
    # One pixel scaled up: repeating the vector and reshaping it to a picture
    # would mix its numbers over space and channels.
    pixel = layers.Reshape((1, 1, embedding.shape[-1]))(embedding)
    maps = layers.UpSampling2D(size, name=name)(pixel)
    return layers.Concatenate()([x, maps])
