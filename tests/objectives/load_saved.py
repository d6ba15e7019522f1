"""Loads saved models as a user does, for `test_saved.py`.

    load_saved.py FOLDER FIRST

where FIRST, "keras" or "keras_gen", is imported before the other. Prints the
class of each .keras file of FOLDER and the sum of each of its variables.
"""

import importlib
import json
import pathlib
import sys


def main(folder, first):
    importlib.import_module(first)
    import keras

    import keras_gen

    assert "keras_gen.objectives" not in sys.modules
    found = {}
    for path in sorted(pathlib.Path(folder).glob("*.keras")):
        model = keras.models.load_model(path)
        arrays = map(keras.ops.convert_to_numpy, model.variables)
        found[path.stem] = [
            type(model).__name__,
            [float(a.astype("float64").sum()) for a in arrays],
        ]
    assert keras_gen.objectives
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
