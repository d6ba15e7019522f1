"""How long keras_gen takes to start: commands, imports, a training.

    python benchmarks/start.py [MODEL ...] [--rounds=3]

Prints, in turn round by round and as the median of each, seconds by the
clock and of the processor, which mean something on a busy machine, too, and
the ratios of the latter to `python -c pass` and to `import keras`: of commands
that need no Keras, of `import keras_gen` and what a training imports, and of
a training of each starter (by default a small and a large one) to the end of
its first step.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# To its first step, and no further than that.
TRAIN = """
import sys
from keras_gen.cli import run_trainer
from keras_gen.training import callbacks
def ended(self, step, logs):
    sys.exit()
callbacks.Log.on_step = ended
run_trainer(sys.argv[1:])
"""
NOTHING, KERAS = "python -c pass", "import keras"


def programs(models, folder):
    """{what it is called: Python's arguments}."""
    found = {NOTHING: ["-c", "pass"]}
    for line in ("--help", "list", "show dcgan_shapes", "train --model=dcgn"):
        found[f"keras-gen {line}"] = ["-m", "keras_gen", *line.split()]
    for line in (KERAS, "import keras, keras_gen"):
        found[line] = ["-c", line]
    found["what a training imports"] = [
        "-c", "import keras, keras_gen.training.trainer"
    ]
    for model in models:
        found[f"{model} to its first step"] = [
            "-c", TRAIN, f"--model={model}", f"--workdir={folder}/{model}"
        ]
    return found


def seconds(arguments):
    """(seconds by the clock, of the processor) of a process."""
    def used():
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    clock, processor = time.perf_counter(), used()
    subprocess.run(
        [sys.executable, *arguments], stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, cwd=ROOT, env=os.environ | {
            "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3",
        },
    )
    return time.perf_counter() - clock, used() - processor


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "models", nargs="*", metavar="MODEL",
        default=["dcgan_shapes", "pix2pix_shapes"],
    )
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    times = {}
    for _ in range(options.rounds):
        # A run that is there already would only go on.
        with tempfile.TemporaryDirectory() as folder:
            for name, arguments in programs(options.models, folder).items():
                times.setdefault(name, []).append(seconds(arguments))
    middle = {
        name: [statistics.median(x) for x in zip(*found)]
        for name, found in times.items()
    }
    for name, (clock, processor) in middle.items():
        print(
            f"{name:34} {clock:6.2f} s  processor {processor:6.2f} s  "
            f"{processor / middle[NOTHING][1]:6.1f} x nothing  "
            f"{processor / middle[KERAS][1]:5.2f} x Keras"
        )


if __name__ == "__main__":
    main()
