"""What happens beside training: progress, logs, grids, checkpoints."""

from keras_gen.callbacks.checkpoints import Checkpoints
from keras_gen.callbacks.log import Log
from keras_gen.callbacks.progress import Progress
from keras_gen.callbacks.sample_grids import SampleGrids
from keras_gen.callbacks.stop import StopOnFlag, stop_signals

__all__ = [
    "Checkpoints",
    "Log",
    "Progress",
    "SampleGrids",
    "StopOnFlag",
    "stop_signals",
]
