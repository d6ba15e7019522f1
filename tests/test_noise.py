import numpy as np
import pytest
from keras import ops
from scipy import stats

from check import OTHER, array, finish, needs_other, start
from keras_gen.backend import noise
from keras_gen.backend.gradients import compiled

GOLDEN_FOLD = 5197578548964807871
GOLDEN_NORMAL = [[-0.4177842, -0.6154454], [-1.0861361, 1.8972429]]


def keys(n, key=0):
    return noise.fold(key, ops.arange(n, dtype="int64"))


def correlation(a, b):
    return abs(np.corrcoef(a.ravel(), b.ravel())[0, 1])


def test_uniform_has_the_distribution_it_says():
    x = array(noise.uniform(keys(500), (10, 20)))
    assert x.shape == (500, 10, 20) and x.dtype == np.float32
    assert 0 < x.min() and x.max() < 1
    assert abs(x.mean() - 1 / 2) < 0.004
    assert abs(x.var() - 1 / 12) < 0.002
    assert stats.kstest(x.ravel(), "uniform").pvalue > 0.01


def test_normal_has_the_distribution_it_says():
    x = array(noise.normal(keys(500), (10, 20)))
    assert x.shape == (500, 10, 20) and x.dtype == np.float32
    assert np.isfinite(x).all()
    assert abs(x.mean()) < 0.015
    assert abs(x.var() - 1) < 0.02
    assert abs(stats.kurtosis(x.ravel())) < 0.05
    assert stats.kstest(x.ravel(), "norm").pvalue > 0.01


def test_the_ends_of_the_interval_stay_open(monkeypatch):
    for bits in (0, 2**23 - 1):
        monkeypatch.setattr(
            noise, "_bits", lambda k, s, b=bits: ops.full((1, 1), b, "int64")
        )
        assert 0 < array(noise.uniform(None, ()))[0, 0] < 1
        assert 5 < abs(array(noise.normal(None, ()))[0, 0]) < 6


@pytest.mark.parametrize("share", [
    0, 2**-24, 2**-23, 0.1, 0.5, 0.9, 1 - 2**-23, 1 - 2**-24, 1
])
def test_what_is_at_least_a_share_is_so_of_the_same_numbers(share):
    """Also where a number is as good as the share."""
    drawn = array(noise.uniform(keys(5000), (3, 7)))
    found = array(noise.at_least(keys(5000), (3, 7), share))
    np.testing.assert_array_equal(found, drawn >= np.float32(share))
    of_streams = [
        array(getattr(noise.Stream(5, 1, 2), name)(9, (4,), *more))
        for name, more in (("uniform", ()), ("at_least", (share,)))
    ]
    np.testing.assert_array_equal(of_streams[0] >= share, of_streams[1])


@pytest.mark.parametrize("last", [0, 2**22 - 1, 2**22, 2**23 - 1])
def test_shares_are_compared_to_the_last_bit(last, monkeypatch):
    number = (last + 0.5) * 2.0**-23
    upper = np.int64(last << 41 if last < 2**22 else (last << 41) - 2**64)
    bits = ops.convert_to_tensor(upper + np.int64([[0, 2**41 - 1]]))
    monkeypatch.setattr(noise, "_upper_bits", lambda keys, shape: bits)
    assert array(noise.uniform(None, ())).tolist() == [[number] * 2]
    assert array(noise.at_least(None, (), number)).all()
    assert not array(noise.at_least(None, (), number + 2.0**-24)).any()


def test_rows_are_independent():
    x = array(noise.normal(keys(100), (4000,)))
    off_diagonal = np.corrcoef(x) - np.eye(100)
    # 4950 pairs of standard deviation 1 / sqrt(4000).
    assert np.abs(off_diagonal).max() < 5 / np.sqrt(4000)
    columns = np.corrcoef(x[:, :1000].T) - np.eye(1000)
    assert np.abs(columns).max() < 6 / np.sqrt(100)


def draws():
    """The first two draws of two steps of two seeds."""
    result = {}
    for seed in (0, 1):
        for step in (0, 1):
            stream = noise.Stream(noise.fold(seed, step))
            for draw in (0, 1):
                result[seed, step, draw] = array(stream.normal(50, (80,)))
    return result


def test_draws_steps_and_seeds_are_independent():
    all_draws = draws()
    names = list(all_draws)
    for i, one in enumerate(names):
        for other in names[:i]:
            difference = correlation(all_draws[one], all_draws[other])
            assert difference < 5 / np.sqrt(4000), (one, other)


def test_seed_and_step_do_not_stand_for_each_other():
    assert array(noise.fold(1, 2)) != array(noise.fold(2, 1))
    a, b, c = np.meshgrid(*3 * [np.arange(16)])
    grid = array(noise.fold(noise.fold(a, b), c))
    assert len(np.unique(grid)) == 16**3


def test_the_same_keys_give_the_same_numbers():
    first, second = draws(), draws()
    assert all((first[name] == second[name]).all() for name in first)


def test_a_row_does_not_depend_on_its_batch():
    whole = array(noise.Stream(5).normal(8, (3,)))
    np.testing.assert_allclose(
        array(noise.Stream(5).normal(3, (3,))), whole[:3], atol=1e-6
    )


@pytest.mark.parametrize("kind", ["normal", "uniform"])
def test_replicas_draw_the_rows_of_the_global_batch(kind):
    whole = array(getattr(noise.Stream(5), kind)(8, (3,)))
    parts = [
        array(getattr(noise.Stream(5, replica, 4), kind)(2, (3,)))
        for replica in range(4)
    ]
    # The last bit of erfinv depends on how a kernel cuts its rows.
    np.testing.assert_allclose(np.concatenate(parts), whole, atol=1e-6)


def test_shared_draws_are_equal_on_all_replicas():
    streams = [noise.Stream(5, replica, 2) for replica in range(2)]
    a, b = (array(s.uniform(8, (2,), shared=True)) for s in streams)
    np.testing.assert_array_equal(a, b)
    # Afterwards each draws rows of its own again.
    a, b = (array(s.uniform(8, (2,))) for s in streams)
    assert not (a == b).any()


def test_a_row_stream_depends_on_each_rows_key_alone():
    def two_draws(seeds):
        stream = noise.RowStream(ops.convert_to_tensor(np.int64(seeds)))
        return [array(stream.uniform(len(seeds), (6,))) for _ in range(2)]

    whole, one = two_draws([3, 9, 4]), two_draws([9])
    for all_rows, row in zip(whole, one):
        np.testing.assert_array_equal(all_rows[1:2], row)
    assert not (whole[0] == whole[1]).any()
    assert not (whole[0][0] == whole[0][2]).any()


def test_negative_and_large_keys_are_keys_like_others():
    x = array(noise.normal(
        noise.fold(0, np.int64([-1, 2**40, -(2**63), 2**63 - 1])), (2000,)
    ))
    assert np.isfinite(x).all()
    assert np.abs(np.corrcoef(x) - np.eye(4)).max() < 0.1


def test_a_stream_is_ambient_only_inside_its_block():
    outside = noise.current()
    with noise.using(noise.Stream(1)) as stream:
        assert noise.current() is stream
    assert noise.current() is outside
    with pytest.raises(KeyError), noise.using(noise.Stream(1)):
        raise KeyError
    assert noise.current() is outside


def test_golden_numbers():
    """A published model's pictures follow from these: never change them."""
    assert int(array(noise.fold(0, 0))) == GOLDEN_FOLD
    np.testing.assert_allclose(
        array(noise.normal(keys(2), (2,))), GOLDEN_NORMAL, atol=1e-6
    )


def split_mix_64(state):
    """The reference generator, in Python's own whole numbers."""
    mask = 2**64 - 1
    z = (state + 0x9E3779B97F4A7C15) & mask
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
    return z ^ (z >> 31)


def test_the_bits_are_split_mix_64s():
    state = 2**63 + 12345
    expected = [
        split_mix_64(state + i * 0x9E3779B97F4A7C15 & 2**64 - 1) >> 41
        for i in range(4)
    ]
    key = ops.convert_to_tensor(np.uint64([state]).astype("int64"))
    assert array(noise._bits(key, (4,)))[0].tolist() == expected


# -- streams at numbers -------------------------------------------------------


def at(i, rows=4):
    return array(noise.Stream(7).at(i).normal(rows, (6,)))


def test_streams_at_numbers_are_streams_of_their_own():
    drawn = [at(i) for i in range(4)] + [
        array(noise.Stream(7).normal(4, (6,))),
        array(noise.Stream(7).at(0).at(0).normal(4, (6,))),
    ]
    for i, one in enumerate(drawn):
        assert not any((one == other).any() for other in drawn[:i])
    np.testing.assert_array_equal(at(2), at(2))


def test_a_stream_at_a_number_leaves_the_stream_as_it_is():
    stream = noise.Stream(7)
    stream.at(3).normal(4, (6,))
    np.testing.assert_array_equal(
        array(stream.normal(4, (6,))), array(noise.Stream(7).normal(4, (6,)))
    )


def test_replicas_draw_rows_of_their_own_at_a_number():
    parts = [
        array(noise.Stream(7, i, 2).at(3).normal(2, (6,))) for i in range(2)
    ]
    np.testing.assert_allclose(np.concatenate(parts), at(3), atol=2e-6)


def test_rows_at_a_number_depend_on_their_keys_alone():
    keys = noise.fold(0, np.array([4, 9, 2]))
    rows = array(noise.RowStream(keys).at(3).normal(3, (6,)))
    for i in range(3):
        alone = noise.RowStream(keys[i:i + 1]).at(3).normal(1, (6,))
        np.testing.assert_allclose(array(alone)[0], rows[i], atol=2e-6)
    other = array(noise.RowStream(keys).at(4).normal(3, (6,)))
    assert not (rows == other).any()


def test_a_traced_loop_draws_what_a_plain_one_does():
    def looped():
        stream = noise.Stream(7)

        def step(i, total):
            drawn = stream.at(i).normal(4, (6,))
            scale = ops.cast(i + 1, "float32")
            return i + 1, total + scale * drawn

        start = ops.convert_to_tensor(0), ops.zeros((4, 6))
        return ops.while_loop(lambda i, total: i < 3, step, start)[1]

    expected = sum((i + 1) * at(i) for i in range(3))
    found = array(compiled(looped)())
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)


# -- the other backend ---------------------------------------------------------


@needs_other
def test_both_backends_draw_the_same(tmp_path):
    finish(start("draw.py", tmp_path / "there.npz", backend=OTHER))
    there = np.load(tmp_path / "there.npz")
    np.testing.assert_array_equal(
        there["uniform"], array(noise.uniform(keys(9), (50,)))
    )
    np.testing.assert_allclose(
        there["normal"], array(noise.normal(keys(9), (50,))), atol=2e-6
    )
    np.testing.assert_allclose(
        there["truncated"], array(noise.truncated_normal(keys(9), (50,), 0.7)),
        atol=2e-6,
    )
    np.testing.assert_allclose(
        there["at"], array(noise.Stream(7).at(3).normal(9, (50,))), atol=2e-6
    )
