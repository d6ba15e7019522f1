"""Trains a model from its recipe: what `keras-gen train` does.

    python train/main.py --model=pix2pix
    python train/main.py --model=dcgan --data=my_pictures/ --steps=20000
"""

import os
import sys

from keras_gen import cli

if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    cli.run_trainer(sys.argv[1:], sys.argv[0])
