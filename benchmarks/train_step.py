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

import os
import statistics
import subprocess
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


class Side:
    """A process that makes steps when it is asked to."""

    def __init__(self, name, case, definition):
        module, backend, options = definition
        self.name = name
        self.process = subprocess.Popen(
            [
                sys.executable, str(HERE / "sides" / "worker.py"), module,
                case, *options,
            ],
            env=os.environ | {
                "KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3",
                "PYTHONPATH": str(HERE.parent),
                # Idle threads must sleep while another side works.
                "OMP_WAIT_POLICY": "PASSIVE",
            },
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True,
        )

    def line(self):
        text = self.process.stdout.readline()
        if not text:
            raise SystemExit(f"the side {self.name} failed")
        return text.strip()

    def ready(self):
        """Waits for it; False, and a line, where it cannot work here."""
        while True:
            said = self.line()
            if said.startswith("left out: "):
                print(f"  {self.name:<24}{said}")
                return False
            if said == "ready":
                return True

    def answer(self, asked):
        """[seconds on the clock, of processors] for so many steps;
        [operations of a step] for "flops"."""
        self.process.stdin.write(f"{asked}\n")
        self.process.stdin.flush()
        return [float(x) for x in self.line().split()]


def measured(case, sides):
    """Seconds a step, a list over rounds for each side that can work.

    Args:
        case: a key of `cases.CASES`.
        sides: {name: (module, backend, options)}.
    """
    started, able = [], []
    try:
        for name, definition in sides.items():
            started.append(Side(name, case, definition))
            if started[-1].ready():
                able.append(started[-1])
        steps = {
            s.name: max(1, round(_SECONDS.value / s.answer(1)[0]))
            for s in able
        }
        which = ["wall", "processors"].index(_CLOCK.value)
        times = {s.name: [] for s in able}
        for _ in range(_ROUNDS.value):
            for s in able:
                count = steps[s.name]
                times[s.name].append(s.answer(count)[which] / count)
        return times
    finally:
        for side in started:
            side.process.kill()


def operations(case):
    """Floating-point operations of the hand-written PyTorch step."""
    side = Side("flops", case, ("pytorch", "torch", ("float32", "eager")))
    try:
        if not side.ready():
            raise SystemExit("--peak-tflops needs PyTorch to count")
        return side.answer("flops")[0]
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
        times = measured(name, {s: SIDES[s] for s in _SIDES.value})
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
