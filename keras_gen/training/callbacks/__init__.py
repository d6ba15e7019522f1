"""What happens beside training: progress, logs, grids, checkpoints."""

from keras_gen.training.callbacks.best import Best, Patience, kept
from keras_gen.training.callbacks.checkpoints import Checkpoints
from keras_gen.training.callbacks.finite import StopWhenNotFinite
from keras_gen.training.callbacks.log import Log
from keras_gen.training.callbacks.monitors import Monitors
from keras_gen.training.callbacks.progress import Progress
from keras_gen.training.callbacks.sample_grids import SampleGrids
from keras_gen.training.callbacks.stop import StopOnFlag, stop_signals

__all__ = [
    "Best",
    "Checkpoints",
    "Log",
    "Monitors",
    "Patience",
    "Progress",
    "SampleGrids",
    "StopOnFlag",
    "StopWhenNotFinite",
    "kept",
    "stop_signals",
]
