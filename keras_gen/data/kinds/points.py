"""Points in the plane: a column `points` of two numbers each."""

import numpy as np

from keras_gen.data.arguments import VALIDATION
from keras_gen.data.kind import Column, Kind
from keras_gen.errors import InputError


class Point(Column):
    """Two numbers, finite."""

    value = "points"

    def shape(self, arguments):
        return (2,)

    def check(self, array, key, path):
        real = np.issubdtype(array.dtype, np.floating) or (
            np.issubdtype(array.dtype, np.integer)
        )
        if not real or array.ndim != 2 or array.shape[1] != 2:
            raise InputError(
                f"array {key} of {path} is {array.dtype} {array.shape}; give "
                "points as numbers (number, 2)"
            )
        if not array.size or not np.isfinite(array).all():
            raise InputError(
                f"array {key} of {path} has no points, or some that are not "
                "finite; leave these out"
            )


class Points(Kind):
    """See the head of this file."""

    columns = {"points": Point()}
    arguments = {"validation": VALIDATION}
    keys = (("x",), ("points",))
    in_csv = True
    instead = "an .npz with x_train, numbers (number, 2), or a .csv of them"


KIND = Points()
