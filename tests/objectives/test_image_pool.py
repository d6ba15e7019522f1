import numpy as np
import pytest

from check import array, needs, tensor
from keras_gen.backend import noise
from keras_gen.layers.image_pool import ImagePool

SHAPE = (2, 1, 1)


def fakes(first, rows):
    """Pictures that are all their own number."""
    numbers = np.arange(first, first + rows, dtype="float32")
    return numbers[:, None, None, None] * np.ones((1, *SHAPE), "float32")


class Numbered:
    """A pool that is fed the numbers 1, 2, 3, ..."""

    def __init__(self, size, seed=0):
        self.pool, self.seed = ImagePool(size, SHAPE), seed
        self.fed, self.calls = 0, 0

    def exchange(self, rows):
        """(what went in, what was shown), as lists of numbers."""
        stream = noise.Stream(noise.fold(self.seed, self.calls))
        came = fakes(self.fed + 1, rows)
        shown = array(self.pool.exchange(tensor(came), stream))
        self.fed, self.calls = self.fed + rows, self.calls + 1
        assert shown.shape == came.shape
        # A picture stays whole.
        assert (shown == shown[:, :1]).all()
        return came[:, 0, 0, 0].tolist(), shown[:, 0, 0, 0].tolist()

    @property
    def kept(self):
        filled = int(array(self.pool.filled))
        kept = array(self.pool.pictures)[:, 0, 0, 0]
        assert (kept[filled:] == 0).all()
        return kept[:filled].tolist()


@needs("tensorflow")
def test_a_batch_of_unknown_rows_may_be_larger_than_the_pool():
    import tensorflow as tf

    pool = ImagePool(4, SHAPE)

    @tf.function(input_signature=[tf.TensorSpec((None, *SHAPE))])
    def exchange(came):
        return pool.exchange(came, noise.Stream(0))

    for first, rows in ((1, 3), (4, 6), (10, 1)):
        came = fakes(first, rows)
        np.testing.assert_array_equal(array(exchange(tensor(came))), came)
    kept = array(pool.pictures)[:, 0, 0, 0]
    assert kept.tolist() == [1, 2, 3, 10]


def test_it_fills_and_shows_what_comes_in():
    pool = Numbered(6)
    for filled in (2, 4, 6):
        came, shown = pool.exchange(2)
        assert shown == came
        assert len(pool.kept) == filled
    assert pool.kept == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("size, batches", [
    (4, [4] * 20), (10, [4] * 20), (7, [1] * 40), (50, [8] * 30),
    (10, [4, 8, 8, 3, 10, 1, 8]), (5, [2, 5, 5, 4, 1]), (6, [3, 6, 2, 6]),
])
def test_it_loses_and_doubles_nothing(size, batches):
    pool = Numbered(size)
    for rows in batches:
        before = pool.kept
        came, shown = pool.exchange(rows)
        filling = len(pool.kept) > len(before)
        assert sorted(shown + pool.kept) == sorted(
            before + came + (came if filling else [])
        )
        # Places are distinct: no picture is shown twice.
        assert len(set(shown)) == rows


def test_half_of_the_pictures_change_places():
    pool = Numbered(20)
    swaps, places = [], np.zeros(20)
    for _ in range(100):
        before = pool.kept
        came, shown = pool.exchange(5)
        if len(before) == 20:
            swaps += [s != c for s, c in zip(shown, came)]
            places += [a != b for a, b in zip(before, pool.kept)]
            # Each in its own row: the first swaps as often as the last.
            assert all(s == c or s in before for s, c in zip(shown, came))
    # 480 draws: a standard deviation is 0.023.
    assert 0.42 < np.mean(swaps) < 0.58
    # Each place is taken about 12 times.
    assert places.min() > 1 and places.max() < 28
    by_row = np.reshape(swaps, (-1, 5)).mean(axis=0)
    assert by_row.min() > 0.35 and by_row.max() < 0.65


@pytest.mark.parametrize("size", [0, 3])
def test_no_pool_and_one_that_is_too_small_pass_on(size):
    pool = Numbered(size)
    came, shown = pool.exchange(4)
    assert shown == came and pool.kept == []


def test_other_noise_makes_other_choices():
    def shown(seed):
        pool = Numbered(8, seed)
        return [pool.exchange(8)[1] for _ in range(4)]

    assert shown(0) == shown(0) != shown(1)


def test_its_state_is_in_its_variables():
    pool = Numbered(6)
    for _ in range(4):
        pool.exchange(3)
    names = {v.name for v in pool.pool.non_trainable_variables}
    assert names == {"pictures", "filled"}
    assert pool.pool.trainable_variables == []
