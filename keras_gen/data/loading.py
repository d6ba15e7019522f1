"""One function for all sources of data.

Folders and archives hold pictures directly, or in a folder for each class, or
either of these in train/ and test/ (or val/), or these inside the folders of
the classes; or the two looks in trainA/ trainB/ testA/ testB/, or in A/ and
B/; or pairs side by side in one picture, twice as wide as
high; or pictures and masks in images/ and masks/; or clips, as GIFs or
folders of frames. Beside pictures of the usual formats they may hold .npy
files, each with an array (h, w) or (h, w, c), and TIFF of any number of
channels or pages. An .npz holds arrays of numbers (n, h, w) or (n, h, w, c):
x_train, y_train, x_test and y_test; or image and label, input and target,
or a and b, with the same endings or none; and the names of classes or
attributes, if given, in an array of strings, classes. `keras_gen.data.kinds`
says for each kind what it looks for. A source without a test split has a
tenth of it, chosen by a hash of the name, held out for the test; beside a test
val/, or arrays that end in _validation, are for the choices of a training
(which step was the best, when to stop), and without a share of what would
else be trained on is cut for them. Folders of splits have their usual names
in any case (Training, test_set, valid, dev, val2017, train_A): see
`keras_gen.data.sources.splits`. `Dataset.account` says what became of
everything that there is.
"""

import dataclasses
import os
from collections.abc import Sequence
from typing import NamedTuple

from keras_gen import seeds
from keras_gen.accepted import accepted
from keras_gen.arrays import colours
from keras_gen.data import kinds, sources
from keras_gen.data.arguments import FLAG, Choice, Whole
from keras_gen.data.dataset import Dataset
from keras_gen.data.reading import MOST_FAR
from keras_gen.errors import InputError

SPLITS = ("train", "validation", "test")
_SPLIT = Choice(SPLITS, "train")
# Pixels of a picture that is only looked at.
_GLANCE = 64
# Of a recipe's table of data: how batches are made of it.
_BATCH_SIZE = Whole(1, None, None)


class Properties(NamedTuple):
    """What networks must know of a source.

    Attributes:
        channels: 1 where every picture is grey, else 3 or, where some have
            neither, what they have; for each column where these differ; None
            where the source has pictures of any, or none.
        classes: the names of the classes, attributes or words; an empty tuple
            without.
    """

    channels: int | tuple | None
    classes: tuple


@accepted
def load(
    source: str | os.PathLike, kind: str, split: str = "train",
    size: int | Sequence[int] | None = None,
    channels: int | Sequence[int] | None = None,
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
        split: "train"; "validation", which a training chooses by; or "test",
            which nothing is chosen by.
        size: pixels, 8 ... 1024: n for n x n, 64 by default, or [height,
            width]; of voxels, 16 by default, or [depth, height, width]. A
            picture is scaled with antialiasing until it just covers it, and
            the middle is cut out.
        channels: 1 for grey or 3, the default, for RGB; of images and pairs
            also as many as the source has, of pairs one number for both or
            [of the input, of the target].
        seed: of what is built in, any whole number.
        crop: pixels, 0 ... size. Pictures are scaled to size + crop, and each
            batch cuts them to size at random places; 30 and a size of 256
            are pix2pix's jitter. What is not trained on, crop=0. Files of
            fewer pixels than size + crop are enlarged and so blurred: 15 at
            128 leaves 0.62 of the Laplacian variance of 128 px maps.
        range: [low, high], the values that are black and white; what lies
            outside is clipped. By default those of the numbers' type, and 0
            ... 1, -1 ... 1 or 0 ... 255 of floats. Of several columns of
            pictures one for all, or a list of such. Ranges that look strange
            are told on standard error.
        bits: of images and pairs, 8 (the default) or 16, which keeps all
            65536 levels: the type of the columns is then "picture16", uint16.
        validation: share of the training items, 0.05 by default, that is cut
            for the validation where the source has no such split: chosen by
            a hash of a file's name, or of an array's row, so that neither
            their order nor labels count. None where that were fewer than
            five items, or with 0.
        direction: of pairs and label ids, "AtoB" (the default) for A as the
            input. A is the left half of a picture, or trainA/, or the array
            `input` or `a`, or the label map of the built-in shapes.
        input: of pairs, a transform of `keras_gen.data.derived`: inputs are
            made of pictures, which are the targets.
        labels: of pairs whose inputs are pictures of labels, the colour of
            each, [[red, green, blue], ...] or [[grey], ...]. Each pixel takes
            the nearest of them and is never mixed with others. What is built
            in has such colours alone.
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
    reader, path = sources.find(source)
    found = chosen.load(
        reader, path, split, arguments, seeds.word(seed)
    )
    return dataclasses.replace(found, crop=arguments.get("crop", 0))


@accepted
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


@accepted
def assumed_range(
    source: str | os.PathLike, kind: str, **arguments
) -> tuple | None:
    """What values of a source are taken as black and white, where the type
    of its numbers does not say it: the argument `range` that says so; None
    where it is not needed.

    Args:
        source, kind, arguments: as of `load`.
    """
    chosen, arguments = checked(kind, {}, arguments)
    reader, path = sources.find(source)
    if "range" not in chosen.arguments or not hasattr(reader, "values_in"):
        return None
    found = chosen.values_in(reader, path, arguments)
    return chosen.range_of(found, arguments)


@accepted
def shows_labels(
    source: str | os.PathLike, kind: str, labels: Sequence, **arguments
) -> bool:
    """Whether the first input of a source is a picture of labels.

    Args:
        source, kind, labels, arguments: as of `load`.
    """
    checked(kind, {}, {**arguments, "labels": labels})
    table = colours.colours(labels, "labels")
    more = {**arguments, "size": _GLANCE, "crop": 0}
    (picture,) = load(source, kind, **more).take([0])["input"]
    if picture.shape[-1] != len(table[0]):
        return False
    return colours.nearest(picture, table)[1] <= MOST_FAR


@accepted
def ranges_of(table: dict) -> dict:
    """{column: (low, high)}: what a recipe's table of data sets by `range`."""
    kind = kinds.named(table.get("kind", ""))
    arguments = kind.check({
        name: value for name, value in table.items() if name in kind.arguments
    })
    return {
        name: column.reading.range
        for name, column in kind.given(arguments).items()
        if column.reading and column.reading.range
    }


@accepted
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


@accepted
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
