"""Labels of drawn data."""

import numpy as np

from keras_gen.data import keyed


def balanced(count, classes, *key):
    """int32 (count,), shuffled rounds of all classes: any range of items is
    nearly balanced. `key`: see `keyed.words`."""
    rounds = keyed.uniform((-(-count // classes), classes), *key)
    order = np.argsort(rounds, axis=1, kind="stable")
    return order.reshape(-1)[:count].astype(np.int32)
