"""Trains tiny models on batches that do not come out even, on one device and
on two replicas of one process, for `test_batches.py`.

    uneven.py FILE NAME...

writes to FILE, as JSON, {name: {"apart": the largest difference of a weight
between the two, "moved": how far they moved, "logs": [history and evaluation
of one device, of two replicas]}}. Fails where `predict` differs.
"""

import contextlib
import json
import pathlib
import sys

import keras
import numpy as np

from check import array, largest_difference
from keras_gen.training import devices
from objectives import tiny

# Shares of 4 and 4, 4 and 4, 1 and 0 rows; and, where a step splits its rows
# in two, of 4 and 4 that no two equal parts can be cut from alike.
ROWS, BATCH = 17, 8


def trained(name, scope, weights=None):
    """(weights before, and after, logs, how far it moved) of a short run."""
    keras.utils.set_random_seed(1)
    rate = tiny.CASES[name].rate
    with scope:
        model = tiny.compiled(
            name, lambda: tiny.sgd(rate), run_eagerly=False
        )
    if weights:
        model.set_weights(weights)
    before = model.get_weights()
    start = [array(v) for v in model.trainable_variables]
    columns = tiny.data(name, ROWS)
    logs = model.fit(
        columns, batch_size=BATCH, shuffle=False, verbose=0, epochs=2,
        validation_split=5 / 17,
    ).history
    logs |= model.evaluate(
        columns, batch_size=BATCH, verbose=0, return_dict=True
    )
    moved = largest_difference(
        start, [array(v) for v in model.trainable_variables]
    )
    return before, [array(v) for v in model.variables], logs, moved


def predicted(scope):
    """What a classifier, whose networks have convolutions, says."""
    keras.utils.set_random_seed(1)
    with scope:
        model = tiny.build("classifier")
    pictures = tiny.data("classifier", ROWS)["image"] / np.float32(127.5) - 1
    return model.predict(pictures, batch_size=BATCH, verbose=0)


def main(file, *names):
    place = devices.Plan("mirrored", "CPU", (0, 1)).start(tiny.ROWS)
    one, two = (predicted(s) for s in (contextlib.nullcontext(), place.scope()))
    assert one.shape == two.shape == (ROWS, tiny.CLASSES)
    np.testing.assert_allclose(two, one, rtol=1e-5)
    found = {}
    for name in names:
        before, one, logs, moved = trained(name, contextlib.nullcontext())
        _, two, others, _ = trained(name, place.scope(), before)
        found[name] = {
            "apart": largest_difference(one, two),
            "moved": moved,
            "logs": [logs, others],
        }
        pathlib.Path(file).write_text(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
