"""Nine numbers that tell whether a model still computes what it did.

They are recorded in the recipe when the weights are published, and compared
by a test on every machine and both backends: a change of a network's code,
of the noise or of the weights' reading shows at once, although it would pass
every test of what such a model should do.
"""

import keras
import numpy as np
from keras import ops

from keras_gen.export.signature import Input

COUNT = 9


def numbers(objective: keras.Model) -> dict[str, list[float]]:
    """The golden numbers of each function that the model serves.

    Args:
        objective: an `Objective` with its weights.

    Returns:
        Dict from signature to nine floats: projections of all its outputs
        for one fixed input (seed 0, label 0, or noise as a picture) on fixed
        random directions. Pixels of about 1 give numbers of about 1.
    """
    objective = objective.generating()
    found = {}
    for name, (function, inputs) in objective.signatures().items():
        arguments = [
            ops.convert_to_tensor(example(1, objective.example_side, x))
            for x in inputs.values()
        ]
        outputs = function(*arguments)
        found[name] = _projections([
            ops.convert_to_numpy(outputs[key]) for key in sorted(outputs)
        ])
    return found


def example(n: int, side: int, x: Input) -> np.ndarray:
    """An array of n rows for a `signature.Input`: zeros and ones, or noise
    within its range and [-1, 1], or from its lowest value to 1 more.

    Args:
        side: what unknown heights and widths are.
    """
    shape = [n, *(side if size is None else size for size in x.shape[1:])]
    if x.dtype.startswith("int"):
        # A model of one class has no label 1.
        most = 1 if x.high is None else min(1, x.high)
        return np.minimum(np.arange(n) % 2, most).astype(x.dtype)
    low = -1 if x.low is None else max(x.low, -1)
    high = 1 if low < 1 else low + 1
    return np.random.default_rng(n).uniform(low, high, shape).astype(x.dtype)


def _projections(outputs):
    values = np.concatenate([np.ravel(o) for o in outputs]).astype("float64")
    directions = np.random.default_rng(0).normal(size=(COUNT, len(values)))
    # Six digits, as float32 has them.
    return [
        float(f"{x:.6g}") for x in directions @ values / len(values) ** 0.5
    ]
