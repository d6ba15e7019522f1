"""Writes numbers of `keras_gen.backend.noise` to a file: `test_noise.py`."""

import sys

import numpy as np
from keras import ops

from check import array
from keras_gen.backend import noise

if __name__ == "__main__":
    keys = noise.fold(0, ops.arange(9, dtype="int64"))
    np.savez(
        sys.argv[1], uniform=array(noise.uniform(keys, (50,))),
        normal=array(noise.normal(keys, (50,))),
        truncated=array(noise.truncated_normal(keys, (50,), 0.7)),
        at=array(noise.Stream(7).at(3).normal(9, (50,))),
    )
