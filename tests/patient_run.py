"""A run of 20 steps with `train.patience` whose looks find 5, 4, 3, 3.5, 3.

    python patient_run.py WORKDIR DEVICES
"""

import pathlib
import sys

from keras_gen import zoo
from keras_gen.training import devices, trainer
from keras_gen.training.monitors import SampleMonitors

FOUND = [5, 4, 3, 3.5, 3, 1]


def main(folder, where):
    recipe = zoo.recipe("gan_shapes").smoke().override({
        "train.best": "pairwise_distance", "train.best_mode": "min",
        "train.patience": 2, "train.steps": 20, "data.batch_size": 4,
    })
    SampleMonitors.measure = lambda self: {
        "pairwise_distance": float(FOUND[self.objective.steps_done - 1]),
        "overfitting": 0.0,
    }
    SampleMonitors.collapsed = lambda *_: False
    trainer.finish = lambda *_: None
    plan = devices.plan(devices=where or None)
    assert trainer.run(recipe, pathlib.Path(folder), plan=plan)


if __name__ == "__main__":
    main(*sys.argv[1:])
