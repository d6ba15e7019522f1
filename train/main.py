"""Trains a model from its recipe: what `keras-gen train` does.

    python train/main.py --model=pix2pix
    python train/main.py --model=dcgan --data=my_pictures/ --steps=20000
"""

import runpy

if __name__ == "__main__":
    runpy.run_module("keras_gen.cli.train", run_name="__main__")
