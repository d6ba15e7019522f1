"""What `fit`, callbacks and input pipeline cost over the bare train step.

    python benchmarks/fit_overhead.py [--rounds=3] [--steps=500]
    python benchmarks/fit_overhead.py --memory

Trains DCGAN (64 px, batch 64, bfloat16) on `shapes`, in turn by its compiled
step alone on one batch that is always the same, and as the trainer does:
fresh batches, progress, logs, grids, monitors, checkpoints. Prints the
median of the ratios. A round is a tenth of a run of 5,000 steps: two grids
with their monitors and, as every five minutes, a checkpoint.

With --memory, the growth of this process' memory over 1,000 steps of the
trainer, after the first 100, with a narrow DCGAN at 16 px.
"""

import contextlib
import io
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from absl import app, flags

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).parent.parent))

_ROUNDS = flags.DEFINE_integer("rounds", 3, "Rounds of either side.")
_STEPS = flags.DEFINE_integer("steps", 500, "Steps in a round.")
_MEMORY = flags.DEFINE_bool("memory", False, "Measure memory instead.")


class Trainer:
    """A run whose steps are made some at a time."""

    def __init__(self, recipe, folder):
        from keras_gen.training import devices, reports, run_folder
        from keras_gen.training.event_file import EventFile

        self.recipe = recipe
        self.place = devices.plan("none").start(recipe["data"]["batch_size"])
        self.dataset = recipe.dataset()
        # Drawing the built-in pictures is no part of a later epoch.
        self.dataset.take(range(len(self.dataset)))
        self.objective = recipe.build()
        run_folder.prepare(recipe, folder, self.place, "")
        self.events = EventFile(folder / "tensorboard")
        monitors = reports.monitors_of(
            recipe, self.objective, self.dataset
        )
        self.callbacks = reports.reports(
            recipe, self.objective, monitors, folder, self.events, 5.0
        )

    def fit(self, steps):
        """Seconds for so many more steps."""
        from keras_gen.training import trainer

        until = self.objective.steps_done + steps
        recipe = self.recipe.override({"train.steps": until})
        begin = time.perf_counter()
        with contextlib.redirect_stdout(io.StringIO()):
            trainer.train(
                recipe, self.objective, self.dataset, self.place,
                self.callbacks,
            )
        return time.perf_counter() - begin

    def bare(self, steps):
        """Seconds for so many steps by the compiled function alone."""
        import keras

        batch = self.recipe.batches(self.dataset, self.objective)[0]
        step = self.objective.train_function
        if keras.backend.backend() == "tensorflow":
            import tensorflow as tf

            data = iter(tf.data.Dataset.from_tensors(batch).repeat())
        else:
            data = [{
                k: keras.ops.convert_to_tensor(v) for k, v in batch.items()
            }]
        begin = time.perf_counter()
        for _ in range(steps):
            logs = step(data)
        for value in logs.values():
            float(value)
        return time.perf_counter() - begin


def memory():
    """Resident memory of this process in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def overhead(recipe, folder):
    steps = _STEPS.value
    # A grid every half round.
    recipe = recipe.override({
        "data.size": 64, "networks.generator.size": 64,
        "networks.discriminator.size": 64, "networks.generator.width": 64,
        "networks.discriminator.width": 64, "data.batch_size": 64,
        "train.precision": "bfloat16", "train.steps": 10 * steps,
    })
    trainer = Trainer(recipe, folder)
    trainer.fit(steps)
    trainer.bare(2)
    ratios = []
    for _ in range(_ROUNDS.value):
        bare, fit = trainer.bare(steps), trainer.fit(steps)
        ratios.append(fit / bare)
        print(
            f"bare {64 * steps / bare:.1f} pictures/s  "
            f"trainer {64 * steps / fit:.1f}  ratio {fit / bare:.3f}",
            flush=True,
        )
    print(f"the trainer takes {statistics.median(ratios):.3f} of the time")


def main(_):
    from keras_gen import zoo

    recipe = zoo.recipe("dcgan_shapes")
    with tempfile.TemporaryDirectory() as folder:
        if not _MEMORY.value:
            overhead(recipe, Path(folder))
            return
        trainer = Trainer(recipe, Path(folder))
        trainer.fit(100)
        before = memory()
        trainer.fit(1000)
        print(f"1,000 steps: {memory() - before:+.1f} MB, from {before:.0f}")


if __name__ == "__main__":
    app.run(main)
