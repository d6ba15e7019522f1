"""Trains tiny models in a process of its own, for `test_agreement.py`.

    worker.py FOLDER REPLICAS NAME...

starts each model from FOLDER/NAME.weights.h5, trains it and writes
FOLDER/NAME-BACKEND-REPLICAS.npz.
"""

import contextlib
import json
import pathlib
import sys

import keras
import numpy as np

from check import BACKEND, array, values
from objectives import tiny

# The errors of the VAEs are sums over pixels, the others' means. Large steps
# on kinked losses would make rounding errors grow beyond the tolerance.
RATES = {
    "autoencoder": 1.0, "cyclegan": 3e-4, "vae": 1e-4, "vae_gaussian": 1e-4,
    "wgan_clip": 3e-3, "wgan_penalty": 1e-3,
}


def begin(name):
    rate = RATES.get(name, 1e-2)
    return tiny.compiled(name, lambda: tiny.sgd(rate), run_eagerly=False)


def train(model, name):
    """Every value, log and picture of two steps on the whole data set."""
    history = tiny.fit(model, tiny.data(name), epochs=2).history
    result = {f"value {i:03}": v for i, v in enumerate(values(model))}
    result |= {f"log {k}": np.array(v) for k, v in history.items()}
    pictures = tiny.pictures(model, name)
    return result if pictures is None else result | {"pictures": pictures}


def mirrored(replicas):
    """A strategy over logical CPUs; devices are split before they start."""
    import tensorflow as tf

    tf.config.set_logical_device_configuration(
        tf.config.list_physical_devices("CPU")[0],
        [tf.config.LogicalDeviceConfiguration()] * replicas,
    )
    return tf.distribute.MirroredStrategy(
        [f"CPU:{i}" for i in range(replicas)]
    )


def assert_in_step(model):
    """All replicas hold the same values."""
    for variable in model.variables:
        copies = [v.numpy() for v in variable.value.values]
        assert len(copies) > 1
        for copy in copies:
            np.testing.assert_array_equal(copy, copies[0], variable.path)


def probe(strategy):
    """What layers and noise do inside a step of two replicas."""
    import tensorflow as tf

    from keras_gen import gradients, noise
    from keras_gen.layers import Dropout
    from keras_gen.layers.image_pool import ImagePool

    with strategy.scope():
        pool = ImagePool(4, (1, 1, 1))
    dropout = Dropout(0.5)

    def step(call):
        stream = noise.Stream(
            noise.fold(0, call), gradients.replica(), gradients.replicas()
        )
        with noise.using(stream):
            first = tf.cast(2 * gradients.replica(), "float32")
            fakes = 10.0 * tf.cast(call, "float32") + first + [0.0, 1.0]
            return {
                "normal": stream.normal(4, (3,)),
                "shared": stream.normal(4, (3,), shared=True),
                "dropout": dropout(tf.ones((4, 50)), training=True),
                "shown": pool.exchange(fakes[:, None, None, None], stream),
            }

    result = {}
    for call in range(4):
        outputs = strategy.run(tf.function(step), (tf.constant(call),))
        for key, value in outputs.items():
            result[f"{key} {call}"] = np.stack(
                [v.numpy() for v in strategy.experimental_local_results(value)]
            )
        result[f"pool {call}"] = array(pool.pictures)
    return result


def refusals():
    """What `compile` says inside the strategy's scope."""
    def compiled(optimizer=tiny.adam, **options):
        try:
            tiny.compiled("gan_r1", optimizer, run_eagerly=False, **options)
        except ValueError as error:
            return f"{type(error).__name__}: {error}"

    def accumulating():
        return keras.optimizers.Adam(gradient_accumulation_steps=2)

    return {
        "nothing": compiled(),
        "jit_compile": compiled(jit_compile=True),
        "steps_per_execution": compiled(steps_per_execution=2),
        "gradient_accumulation_steps": compiled(accumulating),
        "a scaled gradient_accumulation_steps": compiled(
            lambda: keras.optimizers.LossScaleOptimizer(accumulating())
        ),
    }


def main(folder, replicas, *names):
    folder, replicas = pathlib.Path(folder), int(replicas)
    strategy = mirrored(replicas) if replicas > 1 else None
    scope = strategy.scope() if strategy else contextlib.nullcontext()
    with scope:
        models = {name: begin(name) for name in names}
        for name, model in models.items():
            model.load_weights(folder / f"{name}.weights.h5")
        said = refusals()
    for name, model in models.items():
        result = train(model, name)
        if strategy:
            assert_in_step(model)
        np.savez(folder / f"{name}-{BACKEND}-{replicas}.npz", **result)
    if strategy:
        (folder / "refusals.json").write_text(json.dumps(said))
        np.savez(folder / "probe.npz", **probe(strategy))


if __name__ == "__main__":
    main(*sys.argv[1:])
