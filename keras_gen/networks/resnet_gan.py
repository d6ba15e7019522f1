"""BigGAN's residual generator and discriminator, each ingredient an option.

Papers: Brock et al. 2018 (BigGAN), https://arxiv.org/abs/1809.11096, figure
15 for the blocks; Zhang et al. 2018 (SAGAN), https://arxiv.org/abs/1805.08318,
for the attention; Miyato and Koyama 2018, https://arxiv.org/abs/1802.05637,
for the labels in the discriminator; Miyato et al. 2018 (SN-GAN),
https://arxiv.org/abs/1802.05957, for both networks without labels.

Kernels, the discriminator's table of classes among them, begin as orthogonal
matrices.
"""

import functools

import keras
from keras import layers

from keras_gen.accepted import at_least
from keras_gen.errors import InputError
from keras_gen.layers import (
    BatchNormalization,
    ConditionalNormalization,
    Conv2D,
    SelfAttention,
    SpectralConv2D,
    SpectralDense,
    SpectralEmbedding,
)
from keras_gen.networks import sizes


def generator(
    size: int = 64, channels: int = 3, latent_dim: int = 120, width: int = 32,
    classes: int = 0, shared: int = 0, skip: bool = False, attention: int = 0,
    spectral: bool = True,
) -> keras.Model:
    """A projection to 4 x 4 or 7 x 7 maps, then a block for each doubling up
    to `size`: twice normalisation, rectifier and 3 x 3 convolution, the first
    enlarging, beside a shortcut.

    The blocks' normalisation is over the batch, with gains and offsets that
    follow from the class, the block's part of the latent or both, and with
    neither are of the layer itself, as in the normalisation before the
    pixels. What makes gains and offsets is never spectral: its kernel is 0
    at first, and a table of classes bears it badly (1809.11096, appendix B).

    Input: "latent" (n, latent_dim), usually N(0, 1); with classes a dict
    {"latent", "label"}, label (n,) int32 in [0, classes).
    Output: (n, size, size, channels) in [-1, 1].

    Args:
        size: pixels of a side, 4 * 2^k or 7 * 2^k with k >= 2.
        channels: channels of a picture.
        latent_dim: length of a latent vector.
        width: features of the largest maps; doubled for each halving, up to
            8 times as many.
        classes: number of labels, 0 for none.
        shared: length of one embedding of the labels, of which all gains and
            offsets are linear maps; 0 for a table in each normalisation.
        skip: whether the latent is cut in k + 1 equal parts, the first for
            the projection and one for each block, joined to the shared
            embedding where there is one; else all of it is projected.
        attention: side in pixels of the maps that self-attention follows,
            smaller than the picture and larger than the first; 0 for none.
        spectral: whether kernels have spectral normalization.

    Raises:
        InputError: if an argument is out of its range, or does not go with
            another.
    """
    base, steps = _check(size, classes, attention, channels, width)
    _check_condition(latent_dim, classes, shared, skip, steps + 1)
    convolution, dense = _kinds(spectral)
    inputs = latent = keras.Input((latent_dim,), name="latent")
    label = None
    if classes:
        label = keras.Input((), dtype="int32", name="label")
        inputs = {"latent": latent, "label": label}
    first, *chunks = _chunks(latent, steps + 1) if skip else [latent]
    conditions = _conditions(label, chunks, steps, classes, shared)
    features = sizes.features(width, steps)
    x = dense(base * base * features, name="project")(first)
    x = layers.Reshape((base, base, features))(x)
    # Layers are named by the size that they make: what grows keeps them.
    for step, condition in zip(reversed(range(steps)), conditions):
        side = size >> step
        normalize = functools.partial(
            _normalized, condition=condition, classes=0 if shared else classes
        )
        x = _up(x, sizes.features(width, step), normalize, convolution, side)
        if side == attention:
            x = SelfAttention(spectral, name=f"attention_{side}")(x)
    x = layers.ReLU()(BatchNormalization(name=f"norm_{size}")(x))
    x = convolution(channels, 3, name=f"pixels_{size}")(x)
    x = layers.Activation("tanh", dtype="float32", name="pixels")(x)
    return keras.Model(inputs, x, name="generator")


def discriminator(
    size: int = 64, channels: int = 3, width: int = 32, classes: int = 0,
    attention: int = 0, spectral: bool = True,
) -> keras.Model:
    """A block for each halving and one more: twice rectifier and 3 x 3
    convolution, then the mean of four pixels, beside a shortcut; the first
    without its first rectifier. The sum phi of the last rectified maps over
    all places gives the logit, linear in phi; a class y adds <V_y, phi>.

    Input: "image" (n, size, size, channels) in [-1, 1]; with classes a dict
    {"image", "label"}, label (n,) int32 in [0, classes).
    Output: (n, 1) logits.

    Args:
        size, channels, width, classes, attention: as of `generator`.
        spectral: whether kernels, and the table V, have spectral
            normalization.

    Raises:
        InputError: if an argument is out of its range.
    """
    base, steps = _check(size, classes, attention, channels, width)
    convolution, dense = _kinds(spectral)
    inputs = x = keras.Input((size, size, channels), name="image")
    for step in range(steps + 1):
        side, halved = size >> step, step < steps
        x = _down(
            x, sizes.features(width, step), convolution, side, not step, halved
        )
        if halved and side == 2 * attention:
            x = SelfAttention(spectral, name=f"attention_{attention}")(x)
    x = layers.GlobalAveragePooling2D()(layers.ReLU()(x))
    phi = layers.Rescaling(base * base, name="features")(x)
    x = dense(1, name="judge")(phi)
    if not classes:
        x = layers.Activation("linear", dtype="float32", name="logit")(x)
        return keras.Model(inputs, x, name="discriminator")
    label = keras.Input((), dtype="int32", name="label")
    table = (SpectralEmbedding if spectral else layers.Embedding)(
        classes, phi.shape[-1], "orthogonal", name="label_embedding"
    )
    projected = layers.Dot(1, name="projection")([table(label), phi])
    x = layers.Add(dtype="float32", name="logit")([x, projected])
    inputs = {"image": inputs, "label": label}
    return keras.Model(inputs, x, name="discriminator")


def _check(size, classes, attention, channels, width):
    sizes.check_positive(channels=channels, width=width)
    at_least(0, classes=classes)
    base, steps = sizes.pyramid(size)
    sides = [size >> step for step in range(1, steps)]
    if attention != 0 and attention not in sides:
        raise InputError(
            f"attention must be the side of maps between the first and the "
            f"picture, {' or '.join(map(str, sides))} at size {size}, or 0 "
            f"for none, not {attention!r}"
        )
    return base, steps


def _check_condition(latent_dim, classes, shared, skip, parts):
    sizes.check_positive(latent_dim=latent_dim)
    at_least(0, shared=shared)
    if shared and not classes:
        raise InputError(
            f"shared={shared} is the length of an embedded label, and there "
            "are no classes: set classes, or shared to 0"
        )
    if not skip:
        return
    if classes and not shared:
        raise InputError(
            "skip joins parts of the latent to the shared embedding of the "
            "label: set shared, such as 128, or skip to False"
        )
    if latent_dim % parts:
        near = max(parts, latent_dim - latent_dim % parts)
        raise InputError(
            f"latent_dim {latent_dim} cannot be cut in {parts} equal parts, "
            f"as skip does: take {near}"
        )


def _kinds(spectral):
    """What makes convolutions and dense layers, with what all have alike."""
    start = {"kernel_initializer": "orthogonal"}
    return (
        functools.partial(
            SpectralConv2D if spectral else Conv2D, padding="same", **start
        ),
        functools.partial(
            SpectralDense if spectral else layers.Dense, **start
        ),
    )


def _chunks(latent, parts):
    """The latent cut in equal parts."""
    rows = layers.Reshape((parts, latent.shape[-1] // parts))(latent)
    return [
        layers.Flatten(name=f"chunk_{part}")(
            layers.Cropping1D((part, parts - 1 - part))(rows)
        )
        for part in range(parts)
    ]


def _conditions(label, chunks, steps, classes, shared):
    """What each block's normalisations follow: labels, vectors or None."""
    if not shared:
        return chunks or [label] * steps
    embedded = layers.Embedding(
        classes, shared, "orthogonal", name="label_embedding"
    )(label)
    if not chunks:
        return [embedded] * steps
    return [layers.Concatenate()([embedded, chunk]) for chunk in chunks]


def _normalized(x, name, condition, classes):
    if condition is None:
        return BatchNormalization(name=name)(x)
    return ConditionalNormalization("batch", classes, name=name)(x, condition)


def _up(x, features, normalize, convolution, side):
    """Maps twice as large. Offsets would be lost in the normalisations that
    follow."""
    # What mixes channels alone costs a quarter before the enlarging.
    shortcut = convolution(
        features, 1, use_bias=False, name=f"shortcut_{side}"
    )(x)
    shortcut = layers.UpSampling2D(2)(shortcut)
    y = layers.ReLU()(normalize(x, f"norm_{side}_first"))
    y = layers.UpSampling2D(2, name=f"double_{side}")(y)
    y = convolution(features, 3, use_bias=False, name=f"up_{side}_first")(y)
    y = layers.ReLU()(normalize(y, f"norm_{side}_second"))
    y = convolution(features, 3, use_bias=False, name=f"up_{side}_second")(y)
    return layers.Add()([shortcut, y])


def _down(x, features, convolution, side, first, halved):
    """Maps half as large, if `halved`; of the picture itself if `first`."""
    y = x if first else layers.ReLU()(x)
    y = convolution(features, 3, name=f"down_{side}_first")(y)
    y = convolution(features, 3, name=f"down_{side}_second")(
        layers.ReLU()(y)
    )
    if halved:
        x = layers.AveragePooling2D(2)(x)
        y = layers.AveragePooling2D(2, name=f"halve_{side}")(y)
    if halved or x.shape[-1] != features:
        x = convolution(
            features, 1, use_bias=False, name=f"shortcut_{side}"
        )(x)
    return layers.Add()([x, y])
