"""Run by test_backends.py on the other backend: `other_backend.py FOLDER`.

For each case of which it finds weights, and the whole network, that the first
backend saved, it reads them, and writes what they return.
"""

import pathlib
import sys

import keras
import numpy as np

from keras_gen.backend import noise
from networks.case import flat
from networks.network_cases import CASES


def outputs(network, data):
    """Outputs in both modes, and the weights after the training one."""
    with noise.using(noise.Stream(7)):
        results = {
            f"inference {name}": value
            for name, value in flat(network(data, training=False)).items()
        }
        results |= {
            f"training {name}": value
            for name, value in flat(network(data, training=True)).items()
        }
    for number, weight in enumerate(network.get_weights()):
        results[f"weight {number}"] = weight
    return results


def main(folder):
    for case in CASES:
        whole = folder / f"{case.id}.keras"
        if not whole.exists():
            continue
        network = case.build()
        network.load_weights(folder / f"{case.id}.weights.h5")
        np.savez(folder / f"{case.id}.npz", **outputs(network, case.data()))
        loaded = keras.saving.load_model(whole)
        np.savez(
            folder / f"{case.id}.loaded.npz", **outputs(loaded, case.data())
        )


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
