"""Typed values: what the columns of data and the outputs of models are.

A value says how a column, or an output, is checked, prepared for training,
given back, drawn, saved, watched and served. A new type is one file here and
one line below. Nothing of this imports Keras before it is used.
"""


from keras_gen.errors import InputError, alike
from keras_gen.values.base import Value
from keras_gen.values.labels import Attributes, Label
from keras_gen.values.maps import LabelIds, Mask
from keras_gen.values.picture import Picture, Picture16
from keras_gen.values.points import Points
from keras_gen.values.tokens import Tokens
from keras_gen.values.video import Video, write_gif
from keras_gen.values.voxels import Voxels

__all__ = [
    "ALL",
    "Attributes",
    "Label",
    "LabelIds",
    "Mask",
    "Picture",
    "Picture16",
    "Points",
    "Tokens",
    "Value",
    "Video",
    "Voxels",
    "named",
    "picture_type",
    "write_gif",
]

ALL = {
    value.name: value
    for value in (
        Picture(), Video(), Voxels(), Points(), Label(), Attributes(),
        Tokens(), Mask(), LabelIds(), Picture16(),
    )
}


def picture_type(name: str) -> Value:
    """The `Value` of this name, which must be one of pictures.

    Raises:
        InputError: it is none.
    """
    found = named(name)
    if type(found) not in (Picture, Picture16):
        raise InputError(
            f"makes is {name!r}: use 'picture' or, for 16 bits, 'picture16'"
        )
    return found


def named(name: str) -> Value:
    """The `Value` of this name.

    Raises:
        InputError: there is none; the message lists the names, near ones
            first.
    """
    if name in ALL:
        return ALL[name]
    near = alike(str(name), ALL)
    names = [*near, *(n for n in ALL if n not in near)]
    raise InputError(
        f"there is no type of value {name!r}: use one of {', '.join(names)}"
    )
