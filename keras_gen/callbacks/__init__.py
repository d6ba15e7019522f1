"""What happens beside training: progress, logs, grids, checkpoints."""

from keras_gen.callbacks.best import Best
from keras_gen.callbacks.checkpoints import Checkpoints
from keras_gen.callbacks.finite import StopWhenNotFinite
from keras_gen.callbacks.log import Log
from keras_gen.callbacks.monitors import Monitors
from keras_gen.callbacks.progress import Progress
from keras_gen.callbacks.sample_grids import SampleGrids
from keras_gen.callbacks.stop import StopOnFlag, stop_signals

__all__ = [
    "Best",
    "Checkpoints",
    "Log",
    "Monitors",
    "Progress",
    "SampleGrids",
    "StopOnFlag",
    "StopWhenNotFinite",
    "stop_signals",
]
