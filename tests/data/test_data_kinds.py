"""Every kind of data that is found, by a small case of each."""

import numpy as np
import pytest

from check import BACKEND
from data import kind_cases
from keras_gen import data, values
from keras_gen.data import kinds, sources
from keras_gen.errors import InputError


@pytest.fixture(params=kinds.names())
def kind(request):
    """The name of a kind."""
    return request.param


@pytest.fixture
def case(kind, tmp_path):
    """(source, arguments) of the kind's case."""
    assert hasattr(kind_cases, kind), f"add a case of {kind} to kind_cases"
    return getattr(kind_cases, kind)(tmp_path)


def load(case, kind, split="train", **changes):
    source, arguments = case
    return data.load(source, kind, split, **(arguments | changes))


def everything(dataset):
    return dataset.take(np.arange(len(dataset)))


def assert_same(first, second):
    assert list(first) == list(second)
    for name in first:
        np.testing.assert_array_equal(first[name], second[name])


def test_items_are_of_their_types(case, kind):
    dataset = load(case, kind)
    assert list(dataset.types) == list(dataset.columns)
    assert list(dataset.types) == list(kinds.named(kind).columns)
    for name, items in everything(dataset).items():
        value = dataset.types[name]
        assert values.named(value.name) == value
        value.check(items.shape[1:], name)
        assert items.dtype == value.dtype
    for name, items in dataset.batches(5, 1)[0].items():
        assert items.dtype == dataset.types[name].dtype
        assert items.shape == (5, *dataset.take([0])[name].shape[1:])
    assert "\n" not in dataset.summary()


def test_a_tenth_is_held_out(case, kind):
    if kinds.named(kind).single:
        for split in ("train", "test"):
            assert len(load(case, kind, split)) == 1
        assert_same(*(everything(load(case, kind, split))
                      for split in ("train", "test")))
        return
    parts = [load(case, kind, split).columns for split in ("train", "test")]
    for name in parts[0]:
        counts = [len(part[name]) for part in parts]
        assert min(counts) > 0
        assert sum(counts) == (11 if (kind, name) == ("unpaired", "b")
                               else kind_cases.COUNT)


def test_going_on_equals_not_having_stopped(case, kind):
    dataset = load(case, kind)
    options = dict(batch_size=6, steps=9, seed=3)
    if kinds.named(kind).spatial:
        options["flip"] = True
    whole = dataset.batches(**options)
    rest = load(case, kind).batches(start=4, **options)
    for i in range(5):
        assert_same(rest[i], whole[4 + i])
    halves = [whole.of_worker(number, 2)[7] for number in range(2)]
    for name, items in whole[7].items():
        np.testing.assert_array_equal(
            np.concatenate([half[name] for half in halves]), items
        )


def test_tf_data_is_the_same_stream(case, kind):
    if BACKEND != "tensorflow":
        pytest.skip("tf.data is for TensorFlow")
    batches = load(case, kind).batches(4, 3, flip=True)
    found = batches.tf_data()
    for i, item in enumerate(found.as_numpy_iterator()):
        assert_same(item, batches[i])
    for name, spec in found.element_spec.items():
        assert spec.shape == batches[0][name].shape
        assert spec.dtype == batches[0][name].dtype


def test_spatial_columns_are_flipped_and_cut_alike(case, kind):
    """Each item of a batch is a window of the whole item, mirrored or not:
    the same window for all columns."""
    if not kinds.named(kind).spatial:
        with pytest.raises(InputError, match="does not take crop; it takes"):
            load(case, kind, crop=1)
        return
    dataset = load(case, kind)
    if dataset.unpaired:
        return  # each has a place of its own
    seen = set()
    batches = dataset.batches(8, 6, flip=True)
    for i in range(len(batches)):
        rows = batches.indices(0, i)
        for place, row in enumerate(rows):
            fits = [
                windows(dataset.types[name], dataset.columns[name][[row]][0],
                        items[place], dataset.crop)
                for name, items in batches[i].items()
                if dataset.types[name].spatial
            ]
            assert set.intersection(*fits)
            seen |= fits[0]
    assert len(seen) >= (8 if dataset.crop else 2)


def windows(value, whole, item, crop):
    """All (top, left, mirrored) by which an item can have come about."""
    axis = value.height_axis
    height, width = item.shape[axis], item.shape[axis + 1]
    assert whole.shape[axis] == height + crop
    found = set()
    for top in range(crop + 1):
        for left in range(crop + 1):
            cut = value.cut(whole, top, left, height, width)
            for flip in (False, True):
                if np.array_equal(value.mirrored(cut) if flip else cut, item):
                    found.add((top, left, flip))
    return found


def test_take_cuts_the_middle(case, kind):
    dataset = load(case, kind)
    first = dataset.crop // 2
    for name, items in dataset.take([0]).items():
        value, whole = dataset.types[name], dataset.columns[name][[0]]
        if value.spatial:
            axis = value.height_axis
            whole = value.cut(
                whole, first, first, items.shape[axis], items.shape[axis + 1]
            )
        np.testing.assert_array_equal(items, whole)


def test_properties_agree_with_what_is_loaded(case, kind):
    source, arguments = case
    found = data.properties(source, kind, **arguments)
    assert found.classes == load(case, kind).classes
    assert found.channels in (None, 1, 3)


def test_arguments_that_a_kind_does_not_take(case, kind):
    with pytest.raises(InputError) as caught:
        load(case, kind, directoin="AtoB")
    message = str(caught.value)
    assert f"kind {kind!r} does not take directoin; it takes " in message
    assert "\n" not in message
    for name in kinds.named(kind).arguments:
        assert name in message


def test_a_recipe_takes_what_the_kind_takes(case, kind):
    source, arguments = case
    table = {"source": str(source), "kind": kind, "batch_size": 4}
    takes = kinds.named(kind).arguments
    table |= {"size": 16, "channels": 3} if "channels" in takes else {}
    table |= arguments
    data.check_arguments(table)
    with pytest.raises(InputError, match="does not take sise; it takes"):
        data.check_arguments(table | {"sise": 3})
    with pytest.raises(InputError, match="batch_size is 0; give a whole"):
        data.check_arguments(table | {"batch_size": 0})
    for key in ("batch_size", "size", "channels"):
        if key in table:
            rest = {k: v for k, v in table.items() if k != key}
            with pytest.raises(InputError, match=f"{key} is missing"):
                data.check_arguments(rest)
    if kinds.named(kind).spatial:
        data.check_arguments(table | {"flip": True})
        with pytest.raises(InputError, match="flip is 1; give one of False"):
            data.check_arguments(table | {"flip": 1})
    else:
        with pytest.raises(InputError, match="does not take flip; it takes"):
            data.check_arguments(table | {"flip": True})


@pytest.mark.parametrize("name, kind", [
    (name, kind) for name, source in sources.by_name().items()
    for kind in source.kinds
])
def test_what_is_built_in(name, kind):
    dataset = data.load(name, kind, seed=2)
    again = data.load(name, kind, seed=2)
    taken = dataset.take([0])
    for column, items in taken.items():
        dataset.types[column].check(items.shape[1:], column)
        assert items.dtype == dataset.types[column].dtype
    assert_same(taken, again.take([0]))
    found = data.properties(name, kind)
    assert found.channels is None and found.classes == dataset.classes
    others = set(kinds.names()) - set(sources.by_name()[name].kinds)
    for other in others:
        with pytest.raises(InputError, match=f"{name}' has no kind"):
            data.load(name, other)


def test_a_size_of_the_wrong_shape():
    for size in ([16], [16, 16, 16], [16, 4]):
        with pytest.raises(InputError, match=r"or \[height, width\] of such"):
            data.load("shapes", "images", size=size)
    for size in ([16.0, 16], "16", True):
        with pytest.raises(InputError, match="size must be a whole number or"):
            data.load("shapes", "images", size=size)
    with pytest.raises(InputError, match=r"\[depth, height, width\]"):
        data.load("solids", "voxels", size=[16, 16])
    with pytest.raises(InputError, match="as wide as high: give one number"):
        data.load("shapes", "images", size=[16, 32])
    with pytest.raises(InputError, match="crop is 17; give a whole number 0 "
                                         "... 16"):
        data.load("shapes", "images", size=[16, 32], crop=17)
