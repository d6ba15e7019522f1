"""Columns of pictures from TensorFlow Datasets.

The only data source that needs TensorFlow, whatever the Keras backend.
"""

import contextlib
import itertools
import logging
import re

import numpy as np

from keras_gen.data import content, ranges
from keras_gen.data.dataset import Dataset
from keras_gen.data.sources import cuts
from keras_gen.errors import InputError, MissingData, alike

# Each after twice the time before it; the last one after three seconds.
_TRIES = 4
# Pictures whose sizes are asked for before a training.
_LOOKED_AT = 100

OFFLINE = (
    "'shapes' (built in), a folder, a .zip of pictures or an .npz of arrays"
)


def load(name, kind, split, arguments, seed):
    """The Dataset of a TensorFlow Datasets name, downloaded on first use;
    see keras_gen.data.load."""
    splits, info = fetch(name, kind)
    check_features(info, kind, name)
    columns, readers = {}, kind.given(arguments)
    found = looked_into(splits, kind, readers, name)
    readers = kind.settled(readers, found, name, arguments)
    # What comes from one split is read at once.
    sides = tuple(dict.fromkeys(kind.sides.values())) or ("",)
    share = cuts.enough(arguments["validation"], *(
        info.splits[choose(splits, "train", side, kind.name, name)[0]]
        .num_examples for side in sides
    ))
    for side in sides:
        wanted = {
            column: reader for column, reader in readers.items()
            if kind.sides.get(column, "") == side
        }
        chosen, cut = choose(splits, split, side, kind.name, name)
        count = info.splits[chosen].num_examples
        found, codes = read(
            splits[chosen], count, wanted, kind, arguments, name
        )
        rows = slice(None)
        if cut:
            rows = cuts.chosen(cuts.parted(
                count, cut, share, lambda codes=codes: codes
            ), split, name)
        columns |= {column: each[rows] for column, each in found.items()}
    types = {column: reader.type for column, reader in readers.items()}
    return Dataset(columns, kind.unpaired, names(info, kind), types=types)


def properties(name, kind, arguments):
    """See keras_gen.data.properties."""
    _, info = fetch(name, kind)
    check_features(info, kind, name)
    channels = kind.channels_of({
        column: {info.features[kind.features[column]].shape[-1] or 3}
        for column, reader in kind.columns.items() if reader.coloured
    })
    return channels, names(info, kind)


def values_in(name, kind, arguments):
    """{column: ranges.Found} of the first training pictures."""
    splits, _ = fetch(name, kind)
    return looked_into(splits, kind, kind.given(arguments), name)


def looked_into(splits, kind, readers, name):
    """{column: ranges.Found} of the first training pictures."""
    found = {}
    for column, reader in readers.items():
        if not reader.coloured:
            continue
        feature = kind.features[column]
        chosen, _ = choose(
            splits, "train", kind.sides.get(column, ""), kind.name, name
        )
        examples = itertools.islice(
            splits[chosen].as_numpy_iterator(), ranges.SAMPLE
        )
        found[column] = ranges.measure(
            ((example[feature], False) for example in examples),
            reader.reading.range,
        )
    return found


def short_sides(name, kind, arguments):
    """See keras_gen.data.short_sides."""
    splits, info = fetch(name, kind)
    check_features(info, kind, name)
    found = []
    for column, reader in kind.columns.items():
        key = kind.features[column]
        shape = info.features[key].shape[:2]
        if reader.coloured and None in shape:
            chosen, _ = choose(
                splits, "train", kind.sides.get(column, ""), kind.name, name
            )
            some = splits[chosen].take(_LOOKED_AT).as_numpy_iterator()
            found += [min(example[key].shape[:2]) for example in some]
        elif reader.coloured:
            found.append(min(shape))
    return found or None


def names(info, kind):
    """The names of the classes or, sorted, of the attributes."""
    found = ()
    for column, reader in kind.columns.items():
        feature = info.features[kind.features[column]]
        found = reader.feature_names(feature) or found
    return found


def check_features(info, kind, name):
    """InputError unless a data set has what `kind` needs."""
    need = list(dict.fromkeys(kind.features.values()))
    missing = [key for key in need if key not in info.features]
    if missing:
        raise InputError(
            f"kind {kind.name!r} looks for {' and '.join(need)} in {name}, "
            f"found {' '.join(info.features)}; use another kind or data set"
        )


def fetch(name, kind):
    """({split: tf.data.Dataset}, info), or InputError."""
    try:
        import tensorflow_datasets as tfds
    except ImportError as error:
        raise MissingData(
            f"there is no folder or file {name!r}, and TensorFlow Datasets "
            f"is not installed ({error}); pip install tensorflow-datasets, "
            f"or give {OFFLINE}"
        ) from error
    check_name(name, tfds)
    if kind.features is None:
        raise InputError(
            f"kind {kind.name!r} cannot be had from TensorFlow Datasets "
            f"({name}); give {OFFLINE}"
        )
    try:
        with soon_told():
            return tfds.load(name, with_info=True, shuffle_files=False)
    except Exception as error:  # the network, the disk, a missing package ...
        cause = str(error).strip().partition("\n")[0]
        raise InputError(
            f"TensorFlow Datasets cannot prepare {name} "
            f"({type(error).__name__}: {cause}); offline give {OFFLINE}"
        ) from error


@contextlib.contextmanager
def soon_told():
    """TensorFlow Datasets try for seconds inside the block, not for minutes,
    where there is no network, and without a warning for each time."""
    from tensorflow_datasets.core.download import downloader

    log = logging.getLogger("urllib3.connectionpool")
    tries, level = downloader.MAX_RETRIES, log.level
    downloader.MAX_RETRIES = _TRIES
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        downloader.MAX_RETRIES = tries
    # Not after an error, when other threads still try.
    log.setLevel(level)


def check_name(name, tfds):
    """InputError with near names for one TensorFlow Datasets does not know.
    Names with a colon (other collections, versions) are left to it."""
    if ":" in name:
        return
    known = tfds.list_builders(with_community_datasets=False)
    base, _, config = name.partition("/")
    wanted = base
    if base in known:
        if not config:
            return
        configs = tfds.builder_cls(base).builder_configs
        known = [f"{base}/{each}" for each in configs]
        wanted = f"{base}/{config.partition('/')[0]}"
        if wanted in known or not known:
            return
    near = alike(wanted, known, cutoff=0.5)
    hint = f"; near names: {', '.join(near)}" if near else ""
    raise MissingData(
        f"there is no folder or file {name!r}, and no such name in "
        f"TensorFlow Datasets{hint}; or give {OFFLINE}"
    )


def choose(splits, split, side, kind, name):
    """(name of the split to read, the splits that are cut from it)"""
    own = {each: each + side for each in ("train", "validation", "test")}
    if own["test"] not in splits:
        # Without a test, the validation is it.
        own["test"], own["validation"] = own["validation"], None
    if own["train"] not in splits:
        raise InputError(
            f"kind {kind!r} looks for a split {own['train']} in {name}, found "
            f"{' '.join(splits)}; use another kind or data set"
        )
    cut = tuple(each for each, key in own.items() if key not in splits)
    if split == "train" or split in cut:
        return own["train"], cut
    return own[split], ()


def read(dataset, count, columns, kind, arguments, name):
    """({column: array of `count` items}, a hash of each picture) of some of a
    kind's columns, of which one is of pictures."""
    (image,) = (each for each in columns if columns[each].coloured)
    others = {column: [] for column in columns if column != image}
    codes = []

    def images():
        for example in dataset.as_numpy_iterator():
            picture = example[kind.features[image]]
            check_picture(picture, name)
            codes.append(content.code(picture))
            for column, found in others.items():
                value = example[kind.features[column]]
                found.append(columns[column].of_feature(value))
            yield picture

    reader = columns[image]
    size = reader.shape(arguments)[:2]
    try:
        found = {image: reader.reading.fit_arrays(images(), count, size)}
    except InputError:
        raise
    except ValueError as error:
        raise InputError(
            f"images of {name} cannot be read: {error}"
        ) from error
    return {
        column: found[column] if column in found
        else np.array(others[column], columns[column].type.dtype)
        for column in columns
    }, codes


def check_picture(picture, name):
    """InputError unless an array is a picture."""
    if picture.dtype.kind not in "biuf" or picture.ndim != 3:
        raise InputError(
            f"images of {name} are {picture.dtype} {picture.shape}, not "
            "pictures (height, width, channels); use another data set"
        )


def check_path(source, path):
    """InputError for what can only have been meant as a path."""
    if path.exists():
        raise InputError(
            f"{source} is neither a folder nor a .zip nor an .npz nor a "
            f".csv nor a picture; give {OFFLINE}"
        )
    # The names of TensorFlow Datasets are like this: cycle_gan/maps:2.0.0
    pattern = r"[A-Za-z]\w*(/[\w.+-]+){0,2}(:[\w.*]+)?"
    ending = path.suffix.lower()
    if ending in (".zip", ".npz", ".csv") or not re.fullmatch(
        pattern, source
    ):
        raise MissingData(
            f"there is no {source}; give {OFFLINE}, or a name of TensorFlow "
            "Datasets such as 'mnist'"
        )
