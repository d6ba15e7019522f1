"""Pictures with several answers each: `image`, and `label`, 0 or 1 for each
of several attributes."""

import numpy as np

from keras_gen.data.kind import Column, Kind
from keras_gen.data.kinds.images import Picture
from keras_gen.errors import InputError


class Attributes(Column):
    """Rows of 0 and 1."""

    value = "attributes"

    def check(self, array, key, path):
        whole = array.dtype == bool or np.issubdtype(array.dtype, np.integer)
        if (not whole or array.ndim != 2 or not array.size
                or array.min() < 0 or array.max() > 1):
            raise InputError(
                f"attributes {key} of {path} are {array.dtype} {array.shape}; "
                "give 0 and 1 in one array (number, attributes): from -1 and "
                "1 by (y + 1) // 2"
            )

    def names(self, arrays, given, key, path):
        count = arrays[0].shape[1]
        if any(array.shape[1] != count for array in arrays):
            shapes = " and ".join(str(array.shape) for array in arrays)
            raise InputError(
                f"the attributes of {path} are {shapes}; give as many in the "
                "test as in the training"
            )
        if given is not None and len(given) != count:
            raise InputError(
                f"array classes of {path} has {len(given)} names for {count} "
                "attributes; give one for each"
            )
        return tuple(map(str, range(count))) if given is None else given

    def of_feature(self, value):
        return [value[name] for name in sorted(value)]

    def feature_names(self, feature):
        return tuple(sorted(feature))


class AttributesKind(Kind):
    """See the head of this file."""

    columns = {"image": Picture(), "label": Attributes()}
    keys = (("x", "y"), ("image", "label"))
    features = {"image": "image", "label": "attributes"}
    instead = (
        "an .npz with x_train and y_train, a row of 0 and 1 for each picture"
    )
    asks = 30


KIND = AttributesKind()
