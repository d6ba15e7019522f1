"""Pictures per second of the training steps, against two other ways.

    python benchmarks/train_step.py [--cases=dcgan,pix2pix] [--rounds=5]

Prints for DCGAN (64 px), WGAN-GP (64 px), pix2pix and CycleGAN (128 px):

    plain     a Keras train_step as tutorials write it, TensorFlow, float32
    pytorch   hand-written PyTorch: channels_last, bfloat16 autocast
    ours/tf   keras_gen in bfloat16 on TensorFlow
    ours/torch   the same on PyTorch

All sides are processes that wait while one of them makes its steps, in
turn, round by round, so that a machine whose speed drifts treats them
alike. A ratio is the median over rounds of the two sides' ratio in a round.
Needs the extra `torch`.
"""

import statistics
import sys
from pathlib import Path

from absl import app, flags

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "sides"))

_CASES = flags.DEFINE_list(
    "cases", ["dcgan", "wgan_gp", "pix2pix", "cyclegan"], "What to time."
)
_SIDES = flags.DEFINE_list(
    "sides", ["plain", "pytorch", "ours/tf", "ours/torch"], "Which ways."
)
_ROUNDS = flags.DEFINE_integer("rounds", 5, "Rounds of every side.")
_SECONDS = flags.DEFINE_float("seconds", 4.0, "About how long a round takes.")

SCRIPTS = {
    "plain": ("plain_keras.py", "tensorflow", ()),
    "pytorch": ("pytorch.py", "torch", ()),
    "ours/tf": ("ours.py", "tensorflow", ("bfloat16",)),
    "ours/torch": ("ours.py", "torch", ("bfloat16",)),
}


def measured(case, names):
    """Seconds a step, a list over rounds for each side."""
    from side import Side, in_turn

    sides = []
    try:
        for name in names:
            script, backend, options = SCRIPTS[name]
            sides.append(Side(name, script, (case, *options), backend))
            sides[-1].ready()
        times, _ = in_turn(sides, _ROUNDS.value, _SECONDS.value)
        return dict(zip(names, times))
    finally:
        for side in sides:
            side.process.kill()


def ratio(times, a, b):
    """How many times faster a is than b: the median over rounds."""
    return statistics.median(y / x for x, y in zip(times[a], times[b]))


def main(_):
    from cases import CASES

    for case in _CASES.value:
        times = measured(case, _SIDES.value)
        print(f"{case}, {CASES[case].size} px, batch {CASES[case].batch}")
        for name, values in times.items():
            speed = CASES[case].pictures / statistics.median(values)
            against = "  ".join(
                f"{ratio(times, name, base):.2f}x {base}"
                for base in ("plain", "pytorch") if base in times
            )
            print(f"  {name:<12}{speed:8.1f} pictures/s   {against}")
        sys.stdout.flush()


if __name__ == "__main__":
    app.run(main)
