"""One function for all sources of data.

Folders and archives hold pictures directly, or in a folder for each class, or
either of these in train/ and test/ (or val/); or the two looks in trainA/
trainB/ testA/ testB/; or pairs side by side in one picture, twice as wide as
high; or pictures and masks in images/ and masks/; or clips, as GIFs or
folders of frames. An .npz holds uint8 or uint16 arrays (n, h, w) or (n, h, w,
c): x_train, y_train, x_test and y_test; or image and label, input and target,
or a and b, with the same endings or none; and the names of classes or
attributes, if given, in an array of strings, classes. `keras_gen.data.kinds`
says for each kind what it looks for. A source without a test split has a
tenth of it, chosen by a hash of the name, held out for the test.
"""

import dataclasses
import os
from collections.abc import Sequence
from typing import NamedTuple

from keras_gen.data import kinds, sources
from keras_gen.data.arguments import FLAG, Choice, Whole
from keras_gen.data.dataset import Dataset
from keras_gen.errors import InputError

_SPLIT = Choice(("train", "test"), "train")
_SEED = Whole(-2**63, 2**64 - 1, 0)
# Of a recipe's table of data: how batches are made of it.
_BATCH_SIZE = Whole(1, None, None)


class Properties(NamedTuple):
    """What networks must know of a source.

    Attributes:
        channels: 1 where every picture is grey, else 3; None where the source
            has pictures of any, or none.
        classes: the names of the classes, attributes or words; an empty tuple
            without.
    """

    channels: int | None
    classes: tuple


def load(
    source: str | os.PathLike, kind: str, split: str = "train",
    size: int | Sequence[int] | None = None, channels: int | None = None,
    seed: int = 0, **arguments,
) -> Dataset:
    """Data for training: a Dataset.

    Args:
        source: the name of what is built in, such as "shapes"; or a folder,
            .zip, .npz, .csv or picture; or a name of TensorFlow Datasets,
            such as "mnist" or "cycle_gan/maps".
        kind: what is wanted, and so the columns of the result, by the name of
            a file in `keras_gen.data.kinds`: "images" (`image`), "labelled"
            (`image`, and `label` with its class), "attributes" (`image`, and
            `label` with 0 or 1 for each of several attributes), "pairs"
            (`input`, `target`), "unpaired" (`a`, `b`), "masks" (`image`,
            `mask`), "label_ids" (`input`, the class of each pixel, and
            `target`), "single" (`image`, of one item), "videos" (`video`),
            "voxels", "points" or "tokens".
        split: "train" or "test".
        size: pixels, 8 ... 1024: n for n x n, 64 by default, or [height,
            width]; of voxels, 16 by default, or [depth, height, width]. A
            picture is scaled with antialiasing until it just covers it, and
            the middle is cut out.
        channels: 1 for grey or 3, the default, for RGB.
        seed: of what is built in, any integer of 64 bits.
        crop: pixels, 0 ... size. Pictures are scaled to size + crop, and each
            batch cuts them to size at random places; 30 and a size of 256
            are pix2pix's jitter. What is not trained on, crop=0. Files of
            fewer pixels than size + crop are enlarged and so blurred: 15 at
            128 leaves 0.62 of the Laplacian variance of 128 px maps.
        direction: of pairs and label ids, "AtoB" (the default) for A as the
            input. A is the left half of a picture, or trainA/, or the array
            `input` or `a`, or the label map of the built-in shapes.
        input: of pairs, a transform of `keras_gen.data.derived`: inputs are
            made of pictures, which are the targets.
        unlabelled: of labelled ones, whether pictures beside the folders of
            the classes are read, too, with the label -1.
        frames: of videos, how many of each, 16 by default.
        classes: of label ids in files, how many there are.

    InputError for an argument that the kind does not take lists those that it
    takes; for a source without what is wanted it says what was looked for and
    what was found. See the head of this file for the layouts.
    """
    chosen, arguments = checked(
        kind, dict(size=size, channels=channels), arguments
    )
    _SPLIT.checked("split", split, {})
    _SEED.checked("seed", seed, {})
    reader, path = sources.find(source)
    found = chosen.load(reader, path, split, arguments, seed)
    return dataclasses.replace(found, crop=arguments.get("crop", 0))


def properties(
    source: str | os.PathLike, kind: str, **arguments
) -> Properties:
    """What networks must know of a source, without reading its pictures.

    Args:
        source, kind, arguments: as of `load`.

    Returns:
        Properties.
    """
    chosen, arguments = checked(kind, {}, arguments)
    reader, path = sources.find(source)
    return Properties(*chosen.properties(reader, path, arguments))


def short_sides(
    source: str | os.PathLike, kind: str, **arguments
) -> list[int] | None:
    """How large a source's pictures are, without reading them.

    Args:
        source, kind, arguments: as of `load`.

    Returns:
        The shorter side, in pixels, of pictures to train on, smallest first:
        of all of them, or of some thousand from all over the source. None
        where the source makes them of any size, or has no pictures.
    """
    chosen, arguments = checked(kind, {}, arguments)
    if not any(column.coloured for column in chosen.columns.values()):
        return None
    reader, path = sources.find(source)
    found = chosen.short_sides(reader, path, arguments)
    return found and sorted(found)


def checked(name, optional, arguments):
    """(Kind, all its arguments); InputError for those that it cannot take.
    `optional`: those that count only where they are not None."""
    kind = kinds.named(name)
    given = {
        key: value for key, value in optional.items() if value is not None
    }
    return kind, kind.check(given | arguments)


def check_arguments(table: dict) -> None:
    """Checks a recipe's table of data, without looking at the source.

    Args:
        table: source, kind and batch_size; flip for what can be flipped; and
            what the kind takes, see `load`. A size and channels that a kind
            takes must be there: networks are made for them.

    Raises:
        InputError: a key that is missing, or that the kind does not take, or
            a value that it cannot have.
    """
    for key in ("source", "kind"):
        if not isinstance(table.get(key), str):
            raise InputError(f"{key} must be a string, got {table.get(key)!r}")
    kind = kinds.named(table["kind"])
    own = {"source", "kind", "batch_size"} | (
        {"flip"} if kind.spatial else set()
    )
    for key in ("batch_size", "size", "channels"):
        if key not in table and key in own | kind.arguments.keys():
            raise InputError(f"{key} is missing")
    _BATCH_SIZE.checked("batch_size", table["batch_size"], {})
    if "flip" in own:
        FLAG.checked("flip", table.get("flip", False), {})
    kind.check(
        {key: value for key, value in table.items() if key not in own},
        beside=sorted(own),
    )
