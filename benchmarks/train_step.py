"""Pictures per second of the training steps, against other ways.

    python benchmarks/train_step.py [--cases=dcgan,pix2pix] [--rounds=5]

Prints for DCGAN (64 px), WGAN-GP (64 px), pix2pix and CycleGAN (128 px):

    plain         a Keras train_step as tutorials write it, TensorFlow, float32
    pytorch-*     hand-written PyTorch, channels_last: bfloat16 autocast or
                  float32, each plain or with compiled networks
    ours/tf-*     keras_gen on TensorFlow, in bfloat16 or float32
    ours/torch-*  the same on PyTorch

and how many times faster each is than plain Keras, than the best of the
PyTorch ways, and in float32 than the best of those in float32. It goes on a
GPU where PyTorch, or TensorFlow, sees one.

All sides are processes that wait while one of them makes its steps, in
turn, round by round, so that a machine whose speed drifts treats them
alike. A ratio is the median over rounds of the two sides' ratio in a round.
A side that the machine cannot do, for a package or a compiler that it lacks,
is left out with a line that says why.

    --clock=processors  counts the processors' time instead of the clock's,
                        which other processes on the machine disturb less
    --peak-tflops=989   adds each side's share of a device's peak: the
                        operations of the hand-written PyTorch step, counted,
                        over the time that a side takes for the same pictures
"""

import statistics
import sys
from pathlib import Path

from absl import app, flags

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "sides"))

# {name: (module, KERAS_BACKEND, options)}
SIDES = {
    "plain": ("plain_keras", "tensorflow", ()),
    **{
        "-".join(["pytorch", short, *end]): ("pytorch", "torch", (long, way))
        for short, long in (("bf16", "bfloat16"), ("float32", "float32"))
        for way, end in (("eager", ()), ("compiled", ("compiled",)))
    },
    **{
        f"ours/{end}-{short}": ("ours", backend, (long,))
        for end, backend in (("tf", "tensorflow"), ("torch", "torch"))
        for short, long in (("bf16", "bfloat16"), ("float32", "float32"))
    },
}

_CASES = flags.DEFINE_list(
    "cases", ["dcgan", "wgan_gp", "pix2pix", "cyclegan"], "What to time."
)
_SIDES = flags.DEFINE_list("sides", [*SIDES], "Which ways.")
_ROUNDS = flags.DEFINE_integer("rounds", 5, "Rounds of every side.")
_SECONDS = flags.DEFINE_float("seconds", 4.0, "About how long a round takes.")
_CLOCK = flags.DEFINE_enum(
    "clock", "wall", ["wall", "processors"], "What seconds are of."
)
_PEAK = flags.DEFINE_float(
    "peak-tflops", None, "The device's peak in TFLOP/s; adds the shares of it."
)


def started(case, name):
    """The process of a side, at work."""
    from side import Side

    module, backend, options = SIDES[name]
    return Side(name, module, (case, *options), backend)


def measured(case, names):
    """Seconds a step, a list over rounds for each side that can work.

    Args:
        case: a key of `cases.CASES`.
        names: keys of `SIDES`.
    """
    from side import LeftOut, in_turn

    sides, able = [], []
    try:
        for name in names:
            sides.append(started(case, name))
            try:
                sides[-1].ready()
                able.append(sides[-1])
            except LeftOut as error:
                print(f"  {name:<24}{error}")
        both = in_turn(able, _ROUNDS.value, _SECONDS.value)
        times = both[["wall", "processors"].index(_CLOCK.value)]
        return dict(zip((side.name for side in able), times))
    finally:
        for side in sides:
            side.process.kill()


def operations(case):
    """Floating-point operations of the hand-written PyTorch step."""
    from side import LeftOut

    side = started(case, "pytorch-float32")
    try:
        side.ready()
        return side.answer("flops")[0]
    except LeftOut as error:
        raise SystemExit(f"--peak-tflops needs PyTorch to count: {error}")
    finally:
        side.process.kill()


def ratio(times, a, b):
    """How many times faster a is than b: the median over rounds."""
    return statistics.median(y / x for x, y in zip(times[a], times[b]))


def bases(times, name):
    """[(words, side)]: what a side is held against."""
    def best(part):
        found = [n for n in times if n.startswith(part)]
        return min(found, default=None, key=lambda n: statistics.median(
            times[n]
        ))

    against = [("plain", "plain" if "plain" in times else None)]
    against.append(("best PyTorch", best("pytorch")))
    if "float32" in name:
        against.append(("best float32 PyTorch", best("pytorch-float32")))
    return [(words, side) for words, side in against if side]


def main(_):
    from cases import CASES
    from machine import described

    unit = {"wall": "s", "processors": "s of processors"}[_CLOCK.value]
    print(described(), flush=True)
    for name in _CASES.value:
        case = CASES[name]
        print(f"{name}, {case.size} px, batch {case.batch}", flush=True)
        times = measured(name, _SIDES.value)
        flops = operations(name) if _PEAK.value else None
        for side, values in times.items():
            seconds = statistics.median(values)
            speed = case.pictures / seconds
            words = [f"  {side:<24}{speed:8.1f} pictures/{unit}"]
            words += [
                f"{ratio(times, side, base):.2f}x {against}"
                for against, base in bases(times, side)
            ]
            if flops:
                share = flops / seconds / _PEAK.value / 1e12
                words.append(f"{share:.1%} of the peak")
            print("  ".join(words), flush=True)


if __name__ == "__main__":
    app.run(main)
