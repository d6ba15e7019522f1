"""Time of zoo.load beyond importing Keras, for every published model.

    python benchmarks/zoo_load.py [NAME ...] [--runs=3]

Each load is the first thing that a fresh process does; the best of the runs
counts. Besides seconds by the clock there are seconds of the processor, which
mean something on a busy machine, too: "ratio" is the load's to those of
importing Keras in the same process. After the published models comes a DCGAN
of the paper's width, 64 px, with fresh weights: "wide".
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

LOAD = """
import sys
from time import perf_counter, process_time
times = [(perf_counter(), process_time())]
import keras
times.append((perf_counter(), process_time()))
from keras_gen import zoo
model = zoo.load(sys.argv[1])
times.append((perf_counter(), process_time()))
print(sum(n.count_params() for n in model.networks.values()))
for before, after in zip(times, times[1:]):
    print(after[0] - before[0], after[1] - before[1])
"""

# A home with a recipe at the paper's size, and weights.
WIDE = """
import sys
from pathlib import Path
from keras_gen import zoo
from keras_gen.zoo.recipes import Recipe
home = Path(sys.argv[1])
recipe = zoo.recipe("dcgan_shapes").override({
    f"networks.{network}.{key}": 64
    for network in ("generator", "discriminator") for key in ("size", "width")
})
folder = home / "saved_models/wide"
for path in (folder, home / "zoo"):
    path.mkdir(parents=True)
recipe.build().save_networks(folder)
weights = {
    n: zoo.sha256(folder / f"{n}.weights.h5") for n in recipe["networks"]
}
values = recipe.values | {"name": "wide", "weights": weights}
(home / "zoo/wide.toml").write_text(Recipe(values, "wide").to_toml())
"""


def python(code, *arguments, **variables):
    """What a program prints, as numbers."""
    output = subprocess.run(
        [sys.executable, "-c", code, *arguments], check=True, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | variables,
    ).stdout
    return [float(number) for number in output.split()]


def main():
    from keras_gen.zoo import weights

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    names = options.names or [*weights.names(), "wide"]
    print(
        f"{os.cpu_count()} cores, {os.environ.get('KERAS_BACKEND', 'default')} "
        f"backend, best of {options.runs}", flush=True,
    )
    with tempfile.TemporaryDirectory() as folder:
        python(WIDE, folder)
        for name in names:
            home = {"KERAS_GEN_HOME": folder} if name == "wide" else {}
            runs = [python(LOAD, name, **home) for _ in range(options.runs)]
            best = list(map(min, zip(*runs)))
            print(
                f"{name:26} {best[0] / 1e6:6.2f} M parameters  Keras "
                f"{best[1]:5.2f} s  load {best[3]:5.2f} s  processor "
                f"{best[2]:5.2f} s and {best[4]:5.2f} s  "
                f"ratio {best[4] / best[2]:.2f}", flush=True,
            )


if __name__ == "__main__":
    main()
