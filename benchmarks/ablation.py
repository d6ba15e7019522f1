"""What each ingredient of the training steps brings, one switched off at a
time, on TensorFlow.

    python benchmarks/ablation.py [--cases=dcgan] [--precision=bfloat16]

Prints for each case how many times as long a step takes without the
ingredient: of wall-clock time, and of the processors' time, which other
processes on a busy machine disturb less. All steps are in one process and in
turn; the numbers are medians over rounds.

Seen on an AMD with AVX512-BF16 and no AMX, 2 busy cores, in processors' time:

                 DCGAN bfloat16   DCGAN float32   CycleGAN bfloat16
    one-pass          1.08             1.08
    products          1.19             1.04
    one-batch                                            1.06

Tried likewise and left out, for they brought 1 % or nothing: the input's
gradient of convolutions to pictures, and the kernels' gradients of maps of 16 x
16, as matrix products; WGAN-GP's real and fake pictures in one batch.
"""

import contextlib
import os
import statistics
import sys
import time
from pathlib import Path
from unittest import mock

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["KERAS_BACKEND"] = "tensorflow"
sys.path[:0] = [str(Path(__file__).parent / "sides")]

import keras  # noqa: E402
import ours  # noqa: E402
from absl import app, flags  # noqa: E402
from cases import CASES  # noqa: E402
from keras import ops  # noqa: E402
from machine import described  # noqa: E402

from keras_gen.backend import strided  # noqa: E402
from keras_gen.layers import batch_normalization, normalization  # noqa: E402
from keras_gen.objectives import cyclegan  # noqa: E402
from keras_gen.objectives.base import objective  # noqa: E402

_CASES = flags.DEFINE_list("cases", [*CASES], "What to time.")
_PRECISION = flags.DEFINE_enum(
    "precision", "bfloat16", ["bfloat16", "float32"], "Of the networks."
)
_WITHOUT = flags.DEFINE_list("without", None, "Ingredients; all by default.")
_ROUNDS = flags.DEFINE_integer("rounds", 15, "Rounds of every step.")


def _composed(x, gamma, beta, epsilon):
    """Batch normalisation of Keras operations."""
    wide = ops.cast(x, "float32")
    mean, variance = ops.moments(wide, [0, 1, 2])
    scale = ops.rsqrt(variance + epsilon) * gamma
    result = wide * scale + (beta - mean * scale)
    return ops.cast(result, x.dtype), mean, variance


def _apart(function, *batches):
    return [function(batch) for batch in batches]


# {ingredient: what is patched while a step without it is built and traced}
INGREDIENTS = {
    # One pass of the generator for both players of a game.
    "one-pass": [(objective.Objective, "ahead", lambda *_: None)],
    # CycleGAN's translation and identity, and real and fake, in one batch.
    "one-batch": [(cyclegan, "together", _apart)],
    # Gradients of small maps' kernels as matrix products.
    "products": [(strided, "suits", lambda *_: False)],
    # Normalisation in one operation.
    "normalisation": [
        (batch_normalization, "batch_normalized", _composed),
        (normalization, "instance_normalized", lambda *_: None),
    ],
    # Adam in one operation.
    "adam": [(ours, "Adam", keras.optimizers.Adam)],
}


def built(case, patches):
    """A step that was traced under these patches."""
    with contextlib.ExitStack() as stack:
        for owner, name, value in patches:
            stack.enter_context(mock.patch.object(owner, name, value))
        step = ours.step(case, _PRECISION.value)
        for _ in range(2):
            timed(step)
    return step


def timed(step):
    """(seconds on the clock, seconds of processors)."""
    wall, used = time.perf_counter(), time.process_time()
    for value in step().values():
        float(value)
    return time.perf_counter() - wall, time.process_time() - used


def main(_):
    print(f"{described()}; {_PRECISION.value}", flush=True)
    for case in _CASES.value:
        steps = {"": built(case, [])} | {
            name: built(case, INGREDIENTS[name])
            for name in _WITHOUT.value or INGREDIENTS
        }
        rounds = [
            {name: timed(step) for name, step in steps.items()}
            for _ in range(_ROUNDS.value)
        ]
        seconds = [statistics.median(r[""][i] for r in rounds) for i in (0, 1)]
        print(
            f"{case}: {seconds[0]:.3f} s a step, {seconds[1]:.3f} s of "
            "processors", flush=True,
        )
        for name in list(steps)[1:]:
            clock, used = (
                statistics.median(r[name][i] / r[""][i] for r in rounds)
                for i in (0, 1)
            )
            print(
                f"  without {name:<16}{clock:.2f} x the time, {used:.2f} x of "
                "processors", flush=True,
            )


if __name__ == "__main__":
    app.run(main)
