"""Solids: a column `voxels`, 255 where a voxel is filled, 0 where it is
empty."""

import numpy as np

from keras_gen.data.arguments import VALIDATION, Size
from keras_gen.data.kind import Column, Kind
from keras_gen.errors import InputError


class Solid(Column):
    """bool, or uint8 for voxels that are filled in part."""

    value = "voxels"

    def shape(self, arguments):
        return *arguments["size"], 1

    def check(self, array, key, path):
        good = array.ndim == 4 or array.ndim == 5 and array.shape[4] == 1
        known = array.dtype in (bool, np.uint8)
        if not known or not good or not array.size:
            raise InputError(
                f"array {key} of {path} is {array.dtype} {array.shape}; give "
                "solids (number, depth, height, width), bool or uint8 with "
                "255 for a full voxel"
            )

    def fitted(self, array, shape):
        whole = array if array.ndim == 5 else array[..., None]
        if whole.shape[1:] != shape:
            there, wanted = (
                " x ".join(map(str, each[:3]))
                for each in (whole.shape[1:], shape)
            )
            raise InputError(
                f"the solids are {there} voxels, and size asks for {wanted}: "
                f"give size {list(whole.shape[1:4])}; solids are not scaled"
            )
        if whole.dtype == bool:
            return whole.astype(np.uint8) * np.uint8(255)
        return np.ascontiguousarray(whole)


class Voxels(Kind):
    """See the head of this file."""

    columns = {"voxels": Solid()}
    arguments = {
        "size": Size(4, 256, 16, ("depth", "height", "width")),
        "validation": VALIDATION,
    }
    keys = (("x",), ("voxels",))
    instead = "an .npz with x_train, bool (number, depth, height, width)"


KIND = Voxels()
