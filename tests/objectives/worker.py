"""Trains tiny models in a process of its own, for `test_agreement.py`.

    worker.py FOLDER WHERE NAME...

starts each model from FOLDER/NAME.weights.h5, trains it on one device
("one"), two replicas ("mirrored") or as one of the two workers of TF_CONFIG
("multiworker"), and writes FOLDER/NAME-BACKEND-WHERE-NUMBER.npz, where NUMBER
is the worker's.
"""

import json
import pathlib
import sys

import keras
import numpy as np

from check import BACKEND, array, largest_difference, values
from keras_gen.training import devices
from objectives import tiny

STEPS = 20
PLANS = {
    "one": devices.Plan("none", "CPU", (0,)),
    "mirrored": devices.Plan("mirrored", "CPU", (0, 1)),
}


def begin(name):
    rate = tiny.CASES[name].rate
    return tiny.compiled(name, lambda: tiny.sgd(rate), run_eagerly=False)


class Curve(keras.callbacks.Callback):
    """All logs of all steps."""

    def on_train_begin(self, logs=None):
        self.steps = []

    def on_train_batch_end(self, batch, logs=None):
        self.steps.append({k: np.mean(array(v)) for k, v in logs.items()})


def train(model, name, place):
    """Every value, log and output of a short run; the outputs are made by
    the chief alone."""
    batches = tiny.dataset(name).batches(tiny.ROWS, STEPS, seed=5, flip=True)
    curve, before = Curve(), [array(v) for v in model.trainable_variables]
    model.fit(
        place.data(batches), steps_per_epoch=STEPS, shuffle=False, verbose=0,
        callbacks=[curve],
    )
    after = [array(v) for v in model.trainable_variables]
    result = {"moved": largest_difference(before, after)}
    result |= {f"value {i:03}": v for i, v in enumerate(values(model))}
    for key in curve.steps[0]:
        result[f"log {key}"] = np.array([logs[key] for logs in curve.steps])
    made = tiny.made(model, name) if place.chief else None
    return result if made is None else result | {"made": made}


def assert_in_step(model):
    """All replicas hold the same values."""
    for variable in model.variables:
        copies = [v.numpy() for v in variable.value.values]
        assert len(copies) > 1
        for copy in copies:
            np.testing.assert_array_equal(copy, copies[0], variable.path)


def probe(strategy):
    """What layers and noise do inside a step, on this process' replicas."""
    import tensorflow as tf

    from keras_gen.backend import noise, replication
    from keras_gen.layers import Dropout
    from keras_gen.layers.image_pool import ImagePool

    with strategy.scope():
        pool = ImagePool(4, (1, 1, 1))
    dropout = Dropout(0.5)

    def step(call):
        stream = noise.Stream(
            noise.fold(0, call), replication.replica(), replication.replicas()
        )
        with noise.using(stream):
            first = tf.cast(2 * replication.replica(), "float32")
            fakes = 10.0 * tf.cast(call, "float32") + first + [0.0, 1.0]
            return {
                "normal": stream.normal(4, (3,)),
                "shared": stream.normal(4, (3,), shared=True),
                "dropout": dropout(tf.ones((4, 50)), training=True),
                "shown": pool.exchange(fakes[:, None, None, None], stream),
            }

    traced, result = tf.function(step), {}
    for call in range(4):
        outputs = strategy.run(traced, (tf.constant(call),))
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


def main(folder, where, *names):
    folder = pathlib.Path(folder)
    plan = PLANS.get(where) or devices.plan("multiworker")
    place = plan.start(tiny.ROWS)
    with place.scope():
        models = {name: begin(name) for name in names}
    for name, model in models.items():
        if place.chief:
            model.load_weights(folder / f"{name}.weights.h5")
        place.share(model)
        result = train(model, name, place)
        if where == "mirrored":
            assert_in_step(model)
        np.savez(
            folder / f"{name}-{BACKEND}-{where}-{place.number}.npz", **result
        )
    if where == "one":
        return
    with place.scope():
        said = refusals()
    said["agreed"] = [
        bool(place.any_worker(False)),
        bool(place.any_worker(place.number == place.workers - 1)),
    ]
    (folder / f"said-{where}.json").write_text(json.dumps(said))
    np.savez(
        folder / f"probe-{where}-{place.number}.npz", **probe(place.strategy)
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
