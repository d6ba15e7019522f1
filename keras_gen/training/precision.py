"""The number format that a run computes in, where its recipe says "auto":
bfloat16 where that is faster on this machine, else float32.

A processor without instructions for bfloat16 is several times slower in it.
A run keeps what it began with, on any machine.
"""

import functools
import time

import keras
import numpy as np

from keras_gen import layers, seeds
from keras_gen.zoo.checking import AUTO

# What is chosen from; the order in which workers count them.
_FORMATS = ("float32", "bfloat16", "float16")
# So much faster bfloat16 must be: rounding is paid for.
_WORTH_IT = 1.2
# GPUs from this compute capability on have bfloat16.
_CAPABLE = (8, 0)
_SECONDS, _ROUNDS = 0.4, 2


def kept(recipe, begun):
    """The recipe with the precision of the run that goes on, if there is one
    and the recipe leaves it open.

    Args:
        recipe: the `Recipe` to train.
        begun: the `Recipe` of the run, None for a new one.
    """
    if begun is None or recipe["train"]["precision"] != AUTO:
        return recipe
    precision = begun["train"]["precision"]
    print(f"precision   {precision}, as the run began")
    return recipe.override({"train.precision": precision})


def agreed(recipe, place):
    """(the recipe with the precision that the chief has, or chooses, on all
    workers; why, in words, or "")."""
    wanted, why = recipe["train"]["precision"], ""
    if wanted == AUTO and place.chief:
        wanted, why = chosen()
        print(f"precision   {wanted}: {why}")
    number = place.of_chief(lambda: _FORMATS.index(wanted), len(_FORMATS))
    return recipe.override({"train.precision": _FORMATS[number]}), why


def chosen():
    """(precision, why in words) for this machine."""
    capability = _capability()
    if capability:
        able = capability >= _CAPABLE
        version = ".".join(map(str, capability))
        return (
            "bfloat16" if able else "float32",
            f"the GPU's compute capability is {version}",
        )
    times = speed()
    if times >= _WORTH_IT:
        return "bfloat16", f"{times:.2g} x as fast as float32 here"
    return "float32", f"bfloat16 is {times:.2g} x as fast here"


def _capability():
    """The lowest compute capability of the GPUs in use, (major, minor); None
    without such."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        found = [
            tf.config.experimental.get_device_details(gpu).get(
                "compute_capability"
            ) for gpu in tf.config.get_visible_devices("GPU")
        ]
    else:
        import torch

        found = [
            torch.cuda.get_device_capability(i)
            for i in range(torch.cuda.device_count())
        ][:1]
    return None if None in found else min(found, default=None)


@functools.cache
def speed():
    """How many times as fast as in float32 a small convolutional network
    trains in bfloat16 here: measured once in a process, in about a second."""
    steps = {policy: _step(policy) for policy in ("float32", "mixed_bfloat16")}
    fastest = dict.fromkeys(steps, np.inf)
    end, rounds = time.perf_counter() + _SECONDS, 0
    # In turn, so that a machine busy with something else is so for both.
    while rounds < _ROUNDS or time.perf_counter() < end:
        rounds += 1
        for policy, step in steps.items():
            start = time.perf_counter()
            step()
            seconds = time.perf_counter() - start
            fastest[policy] = min(fastest[policy], seconds)
    return fastest["float32"] / fastest["mixed_bfloat16"]


@seeds.undisturbed(0)
def _step(policy):
    """A training step, compiled, as a function."""
    network = keras.Sequential([
        keras.Input((32, 32, 64)),
        layers.Conv2D(128, 4, 2, "same", dtype=policy),
        layers.Conv2DTranspose(64, 4, 2, "same", dtype=policy),
    ])
    network.compile(keras.optimizers.SGD(0.0), "mean_squared_error")
    maps = seeds.generator(0).normal(size=(4, 32, 32, 64)).astype("float32")
    maps = keras.ops.convert_to_tensor(maps)
    network.train_on_batch(maps, maps)
    return lambda: network.train_on_batch(maps, maps)
