"""The papers' networks in plain Keras layers, NHWC; logits."""

import keras
from keras import layers


def batch():
    return layers.BatchNormalization()


def instance():
    return layers.GroupNormalization(-1, epsilon=1e-5)


def down(x, filters, bias=False, stride=2, kernel=4):
    return layers.Conv2D(
        filters, kernel, stride, "same" if stride == 2 else "valid",
        use_bias=bias,
    )(x)


def up(x, filters, bias=False, kernel=4):
    return layers.Conv2DTranspose(
        filters, kernel, 2, "same", use_bias=bias
    )(x)


def generator():
    """DCGAN: latents (n, 100) to pictures (n, 64, 64, 3)."""
    latent = keras.Input((100,))
    x = layers.Dense(4 * 4 * 512, use_bias=False)(latent)
    x = layers.ReLU()(batch()(layers.Reshape((4, 4, 512))(x)))
    for filters in (256, 128, 64):
        x = layers.ReLU()(batch()(up(x, filters)))
    return keras.Model(latent, layers.Activation("tanh")(up(x, 3)))


def discriminator(norm=True):
    """DCGAN: pictures (n, 64, 64, 3) to logits (n, 1)."""
    image = keras.Input((64, 64, 3))
    x = layers.LeakyReLU(0.2)(down(image, 64, not norm))
    for filters in (128, 256, 512):
        x = down(x, filters, not norm)
        x = layers.LeakyReLU(0.2)(batch()(x) if norm else x)
    x = layers.Dense(1, use_bias=not norm)(layers.Flatten()(x))
    return keras.Model(image, x)


def patchgan(size, channels, norm):
    """Pictures, or (input, picture) for 6 channels, to a map of logits."""
    inputs = x = keras.Input((size, size, 3))
    if channels == 6:
        inputs = [x, keras.Input((size, size, 3))]
        x = layers.Concatenate()(inputs)
    x = layers.LeakyReLU(0.2)(down(x, 64, True))
    for filters, stride in ((128, 2), (256, 2), (512, 1)):
        if stride == 1:
            x = layers.ZeroPadding2D(1)(x)
        x = layers.LeakyReLU(0.2)(norm()(down(x, filters, stride=stride)))
    x = down(layers.ZeroPadding2D(1)(x), 1, True, stride=1)
    return keras.Model(inputs, x)


def unet(size):
    """pix2pix's generator."""
    depth = size.bit_length() - 1
    features = [64 * min(2**level, 8) for level in range(depth)]
    image = x = keras.Input((size, size, 3))
    maps = []
    for level, filters in enumerate(features):
        x = down(x, filters)
        x = batch()(x) if 0 < level < depth - 1 else x
        x = layers.LeakyReLU(0.2)(x)
        maps.append(x)
    for level in reversed(range(depth - 1)):
        x = batch()(up(x, features[level]))
        x = layers.Dropout(0.5)(x) if level > depth - 5 else x
        x = layers.Concatenate()([layers.ReLU()(x), maps[level]])
    x = layers.Activation("tanh")(up(x, 3, True))
    return keras.Model(image, x)


class ReflectionPadding(layers.Layer):
    def __init__(self, padding):
        super().__init__()
        self.padding = padding

    def call(self, x):
        p = [self.padding, self.padding]
        return keras.ops.pad(x, [[0, 0], p, p, [0, 0]], "reflect")


def resnet(size, blocks):
    """CycleGAN's generator."""
    def active(x):
        return layers.ReLU()(instance()(x))

    image = keras.Input((size, size, 3))
    x = ReflectionPadding(3)(image)
    x = active(down(x, 64, True, 1, 7))
    x = active(down(x, 128, True, 2, 3))
    x = active(down(x, 256, True, 2, 3))
    for _ in range(blocks):
        y = active(down(ReflectionPadding(1)(x), 256, True, 1, 3))
        y = down(ReflectionPadding(1)(y), 256, True, 1, 3)
        x = layers.Add()([x, instance()(y)])
    x = active(up(x, 128, True, 3))
    x = active(up(x, 64, True, 3))
    x = down(ReflectionPadding(3)(x), 3, True, 1, 7)
    return keras.Model(image, layers.Activation("tanh")(x))
