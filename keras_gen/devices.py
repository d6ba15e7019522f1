"""Which devices train, and TensorFlow's strategy for several."""

import contextlib
import os

import keras


def describe():
    """The device that trains, in words."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        gpus = tf.config.list_physical_devices("GPU")
        names = [
            tf.config.experimental.get_device_details(g).get("device_name")
            for g in gpus
        ]
    else:
        import torch

        count = torch.cuda.device_count()
        names = [torch.cuda.get_device_name(i) for i in range(count)][:1]
    if names:
        return f"{len(names)} GPU: {', '.join(map(str, names))}"
    return f"CPU, {os.cpu_count()} cores"


def strategy_scope():
    """MirroredStrategy's scope when TensorFlow sees several GPUs."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        if len(tf.config.list_physical_devices("GPU")) > 1:
            return tf.distribute.MirroredStrategy().scope()
    return contextlib.nullcontext()
