"""The stream of batches."""

import os
import pickle
import subprocess
import sys

import numpy as np
import pytest

from keras_gen import values
from keras_gen.data import Dataset, batches
from keras_gen.errors import InputError


def numbered(count, start=0, size=8):
    """Picture i is plain, of value start + i."""
    array = np.empty((count, size, size, 1), np.uint8)
    array[:] = (start + np.arange(count)).reshape(-1, 1, 1, 1)
    return array


def noise(count, size=8, channels=3, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (count, size, size, channels), np.uint8)


def labelled(count, crop=0):
    return Dataset({"image": numbered(count),
                    "label": np.arange(count, dtype=np.int32)}, crop=crop)


def pairs(count, crop=0, **options):
    pictures = noise(count, **options)
    return Dataset({"input": pictures, "target": pictures.copy()}, crop=crop)


def unpaired(first, second, crop=0):
    return Dataset({"a": numbered(first), "b": numbered(second, 100)},
                   unpaired=True, crop=crop)


def stream(given):
    """All items in a row, by column."""
    items = [given[i] for i in range(len(given))]
    return {name: np.concatenate([item[name] for item in items])
            for name in items[0]}


def assert_same(first, second):
    assert list(first) == list(second)
    for name in first:
        np.testing.assert_array_equal(first[name], second[name])


@pytest.mark.parametrize("dataset", [
    labelled(13, 2), pairs(13, 2), unpaired(13, 5, 2),
], ids=["labelled", "pairs", "unpaired"])
def test_going_on_equals_not_having_stopped(dataset):
    options = dict(batch_size=4, steps=12, seed=3, flip=True)
    whole = dataset.batches(**options)
    rest = dataset.batches(start=5, **options)
    assert len(whole) == 12 and len(rest) == 7
    for i in range(7):
        assert_same(rest[i], whole[5 + i])
    assert_same(whole[3], whole[3])
    assert not np.array_equal(*(next(iter(whole[i].values()))
                                for i in (0, 1)))


def test_types_and_shapes():
    item = labelled(13).batches(4, 1)[0]
    assert item["image"].shape == (4, 8, 8, 1)
    assert item["image"].dtype == np.uint8
    assert item["label"].shape == (4,) and item["label"].dtype == np.int32


@pytest.mark.parametrize("batch_size", [1, 4, 13, 40])
def test_each_epoch_covers_every_item_once(batch_size):
    steps = -(-3 * 13 // batch_size)
    seen = stream(labelled(13).batches(batch_size, steps))
    np.testing.assert_array_equal(seen["image"][:, 0, 0, 0], seen["label"])
    epochs = seen["label"][:39].reshape(3, 13)
    for epoch in epochs:
        assert sorted(epoch) == list(range(13))
    assert not np.array_equal(epochs[0], epochs[1])
    assert not np.array_equal(epochs[0], np.arange(13))


def test_unpaired_columns_have_their_own_epochs():
    seen = stream(unpaired(7, 3).batches(7, 3))
    a, b = (seen[name][:, 0, 0, 0] for name in "ab")
    for epoch in a.reshape(3, 7):
        assert sorted(epoch) == list(range(7))
    for epoch in b.reshape(7, 3):
        assert sorted(epoch) == [100, 101, 102]


def test_unpaired_columns_of_equal_length_are_not_aligned():
    seen = stream(unpaired(50, 50).batches(50, 1))
    a, b = (seen[name][:, 0, 0, 0].astype(int) for name in "ab")
    assert (a == b - 100).mean() < 0.2


def test_seed():
    dataset = labelled(50)
    first, second = (stream(dataset.batches(50, 1, seed=seed))["label"]
                     for seed in (0, 1))
    assert not np.array_equal(first, second)
    # Stored: the order must not depend on the machine or the version.
    assert first[:6].tolist() == GOLDEN_ORDER


GOLDEN_ORDER = [45, 23, 22, 19, 48, 41]


@pytest.mark.parametrize("flip, crop", [(True, 0), (False, 3), (True, 3)])
def test_pairs_stay_aligned(flip, crop):
    dataset = pairs(20, crop)
    seen = stream(dataset.batches(10, 6, flip=flip))
    np.testing.assert_array_equal(seen["input"], seen["target"])
    # Each item is met three times, and not always looks alike.
    assert len(np.unique(seen["input"], axis=0)) > 25


def test_flip_mirrors_half_of_the_items():
    dataset = pairs(20)
    plain = stream(dataset.batches(20, 10))["input"]
    seen = stream(dataset.batches(20, 10, flip=True))["input"]
    same = (seen == plain).all((1, 2, 3))
    mirrored = (seen == plain[:, :, ::-1]).all((1, 2, 3))
    assert (same | mirrored).all() and 0.35 < mirrored.mean() < 0.65


def test_unpaired_columns_are_flipped_independently():
    ramp = np.broadcast_to(
        np.arange(8, dtype=np.uint8)[None, None, :, None], (9, 8, 8, 1)
    )
    dataset = Dataset({"a": ramp, "b": ramp}, unpaired=True)
    seen = stream(dataset.batches(9, 20, flip=True))
    flipped = [seen[name][:, 0, 0, 0] > 0 for name in "ab"]
    assert 0.3 < np.mean(flipped[0] == flipped[1]) < 0.7


def test_crop_cuts_at_random_places():
    # A pixel's value is its place.
    whole = np.arange(361, dtype=np.int32).reshape(19, 19) % 256
    picture = whole.astype(np.uint8)[None, :, :, None]
    dataset = Dataset({"image": np.repeat(picture, 10, 0)}, crop=3)
    seen = stream(dataset.batches(10, 40))["image"]
    assert seen.shape == (400, 16, 16, 1)
    counts = np.zeros((4, 4))
    for found in seen[..., 0]:
        top, left = divmod(int(found[0, 0]), 19)
        counts[top, left] += 1
        np.testing.assert_array_equal(
            found, picture[0, top:top + 16, left:left + 16, 0]
        )
    assert counts.min() > 8 and counts.max() < 50
    middle = dataset.take([0])["image"]
    np.testing.assert_array_equal(middle, picture[:, 1:17, 1:17])


def test_data_is_not_changed_in_place():
    dataset = pairs(6, crop=1)
    before = dataset.columns["input"].copy()
    stream(dataset.batches(6, 3, flip=True))
    np.testing.assert_array_equal(dataset.columns["input"], before)


def test_orders_are_kept_between_batches(monkeypatch):
    calls = []
    words = batches.keyed.words
    monkeypatch.setattr(batches.keyed, "words", lambda *key: (
        calls.append(key), words(*key))[1])
    stream(unpaired(40, 20).batches(2, 20, seed=99))
    assert len(calls) == 3  # one epoch of a, two of b


def test_iteration_ends_and_bounds():
    given = labelled(5).batches(2, 6, start=4)
    assert len(list(given)) == 2
    with pytest.raises(IndexError):
        given[2]
    with pytest.raises(IndexError):
        given[-1]


def test_batches_can_be_sent_to_another_process():
    given = labelled(5).batches(2, 3)
    assert_same(pickle.loads(pickle.dumps(given))[1], given[1])


@pytest.mark.parametrize("change, message", [
    (dict(batch_size=0), "batch_size is 0"),
    (dict(batch_size=2.5), "batch_size is 2.5"),
    (dict(start=9), "start is 9 and steps is 5"),
    (dict(start=-1), "start is -1"),
])
def test_bad_arguments(change, message):
    with pytest.raises(InputError, match=message):
        labelled(5).batches(**(dict(batch_size=2, steps=5) | change))


def test_fit_takes_batches():
    import keras

    class Model(keras.Model):
        seen = 0

        def train_step(self, *args):
            assert {"image", "label"} == set(args[-1])
            Model.seen += 1
            return {"loss": 0.0}

    model = Model()
    model.built = True
    model.compile(run_eagerly=True)
    model.fit(labelled(6).batches(2, 4), shuffle=False, verbose=0)
    assert Model.seen == 4


@pytest.mark.parametrize("items, value", [
    (np.zeros((3, 8, 8, 1), np.uint8), "picture"),
    (np.zeros(3, np.int64), "label"), (np.zeros(3, np.uint8), "label"),
    (np.zeros((3, 5), np.int32), "attributes"),
    (np.zeros((3, 2), np.float32), "points"),
    (np.zeros((3, 4, 8, 8, 1), np.uint8), "video"),
    (np.zeros((3, 8, 8), np.int32), "label_ids"),
])
def test_types_are_told_where_they_are_not_given(items, value):
    assert Dataset({"x": items}).types["x"].name == value


def test_given_types_count():
    solids = np.zeros((3, 4, 8, 8, 1), np.uint8)
    dataset = Dataset({"x": solids}, types={"x": values.named("voxels")})
    assert dataset.types["x"].name == "voxels"
    with pytest.raises(InputError, match="is of no type of picture, video"):
        Dataset({"x": np.zeros((3, 1, 1, 1, 1, 1))})


def test_take_checks_indices():
    with pytest.raises(IndexError):
        labelled(5).take([5])
    with pytest.raises(IndexError):
        labelled(5).take([-1])


@pytest.mark.parametrize("dataset", [
    labelled(13, 1), unpaired(13, 5, 1),
], ids=["labelled", "unpaired"])
def test_tf_data_is_the_same_stream(dataset):
    tf = pytest.importorskip("tensorflow")
    given = dataset.batches(4, 9, start=2, flip=True)
    found = given.tf_data()
    assert int(found.cardinality()) == 7
    for name, spec in found.element_spec.items():
        like = given[0][name]
        assert spec.shape == like.shape and spec.dtype == like.dtype
    policy = found.options().experimental_distribute.auto_shard_policy
    assert policy == tf.data.experimental.AutoShardPolicy.OFF
    items = list(found.as_numpy_iterator())
    assert len(items) == 7
    for i, item in enumerate(items):
        assert_same(item, given[i])


MIRRORED = """
import numpy as np, tensorflow as tf
tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0],
    [tf.config.LogicalDeviceConfiguration()] * 2)
from keras_gen.data import Dataset
ds = Dataset({"image": np.zeros((10, 8, 8, 1), np.uint8),
              "label": np.arange(10, dtype=np.int32)})
given = ds.batches(4, 5)
strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
count = 0
for i, item in enumerate(strategy.experimental_distribute_dataset(
        given.tf_data())):
    halves = strategy.experimental_local_results(item["label"])
    assert [h.shape for h in halves] == [(2,), (2,)]
    np.testing.assert_array_equal(np.concatenate(halves), given[i]["label"])
    count += 1
assert count == 5, count
"""


@pytest.mark.slow
# Quick, of a training on them, is `objectives/test_agreement.py`.
def test_tf_data_is_split_among_replicas_in_order():
    pytest.importorskip("tensorflow")
    subprocess.run([sys.executable, "-c", MIRRORED], check=True,
                   env=os.environ | {"KERAS_BACKEND": "tensorflow"})
