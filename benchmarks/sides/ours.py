"""keras_gen's own step, on the backend of KERAS_BACKEND.

Options: "bfloat16" or "float32".
"""

import keras
from cases import CASES

from keras_gen import objectives
from keras_gen.networks import dcgan, patchgan, resnet_translator, unet
from keras_gen.optimizers import Adam


def networks(case, size):
    """The objective with the paper's networks."""
    if case == "dcgan":
        return objectives.GAN(dcgan.generator(), dcgan.discriminator())
    if case == "wgan_gp":
        critic = dcgan.discriminator(normalization="none")
        return objectives.WGAN(
            dcgan.generator(), critic, clip=0.0, gradient_penalty=10.0
        )
    if case == "pix2pix":
        return objectives.Pix2Pix(
            unet.generator(size=size),
            patchgan.discriminator(condition_channels=3),
        )
    generators = [resnet_translator.generator(blocks=6) for _ in range(2)]
    discriminators = [
        patchgan.discriminator(normalization="instance") for _ in range(2)
    ]
    return objectives.CycleGAN(
        *generators, *discriminators, image_shape=(size, size, 3)
    )


def build(name, precision):
    """The compiled objective of a case."""
    policy = {"bfloat16": "mixed_bfloat16"}.get(precision, precision)
    keras.config.set_dtype_policy(policy)
    model = networks(name, CASES[name].size)
    model.compile({
        player: Adam(2e-4, beta_1=0.5)
        for player in model.players
    })
    return model


def step(name, precision):
    """A function that makes one training step as `fit` compiles it."""
    model, data = build(name, precision), CASES[name].data()
    model.make_train_function()
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        batches = iter(tf.data.Dataset.from_tensors(data).repeat())
        return lambda: model.train_function(batches)
    batch = {k: keras.ops.convert_to_tensor(v) for k, v in data.items()}
    return lambda: model.train_function([batch])
