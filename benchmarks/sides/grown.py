"""The trainer's step of a DCGAN of any size, on replicas of the processor.

    worker.py grown PICTURES PIXELS WIDTH REPLICAS PRECISION

Says the process' memory before there is a model, and the gradients' bytes.
"""

import keras
import numpy as np
from side import memory

from keras_gen.networks import dcgan
from keras_gen.objectives import GAN
from keras_gen.optimizers import Adam
from keras_gen.training import devices


def step(pictures, pixels, width, replicas, precision):
    """A function that makes one training step as `fit` compiles it."""
    import tensorflow as tf

    pictures, pixels, width = int(pictures), int(pixels), int(width)
    place = devices.plan("auto", f"cpu:{replicas}").start(pictures)
    print("start", memory("VmHWM"))
    policy = {"bfloat16": "mixed_bfloat16"}.get(precision, precision)
    keras.config.set_dtype_policy(policy)
    with place.scope():
        model = GAN(
            dcgan.generator(size=pixels, width=width),
            dcgan.discriminator(size=pixels, width=width),
        )
        model.compile({
            player: Adam(2e-4, beta_1=0.5) for player in model.players
        })
    # As many numbers as move, in float32 whatever the precision.
    print("gradients", 4 * sum(
        np.prod(v.shape) for v in model.trainable_variables
    ))
    rng = np.random.default_rng(0)
    shape = (pictures, pixels, pixels, 3)
    data = {"image": rng.integers(0, 256, shape).astype("uint8")}
    stream = tf.data.Dataset.from_tensors(data).repeat()
    if place.strategy:
        stream = place.strategy.experimental_distribute_dataset(stream)
    batches = iter(stream)
    with place.scope():
        model.make_train_function()
    return lambda: model.train_function(batches)
