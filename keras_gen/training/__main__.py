"""`python -m keras_gen.training`, the same as `keras-gen train`."""

import runpy
import sys

if __name__ == "__main__":
    # The trainer's flags are a room above this one.
    sys.argv = ["keras-gen", "train", *sys.argv[1:]]
    runpy.run_module("keras_gen", run_name="__main__")
