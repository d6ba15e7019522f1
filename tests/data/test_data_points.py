"""The built-in points, solids and videos."""

import zlib

import numpy as np
import pytest

from keras_gen.data.sources import (
    geometry,
    moving,
    points,
    reading,
    solids,
)
from keras_gen.errors import InputError
from keras_gen.metrics import modes


def crc(values):
    return zlib.crc32(np.ascontiguousarray(values).tobytes())


# -- points ------------------------------------------------------------------

@pytest.mark.parametrize("name, public", [
    ("ring", modes.ring(8, 2.0, 0.02)), ("grid", modes.grid()),
])
def test_points_are_of_the_public_mixtures(name, public):
    mixture = points.MIXTURES[name]
    np.testing.assert_allclose(mixture.centres, public.centres, atol=1e-15)
    assert mixture.sigma == public.sigma
    for split, count in points.COUNTS.items():
        found = points.columns(name, split)
        assert found["points"].shape == (count, 2)
        assert found["points"].dtype == np.float32
        counts = np.bincount(found["label"])
        assert len(counts) == len(mixture.centres)
        assert counts.max() - counts.min() <= 1
        away = found["points"] - mixture.centres[found["label"]]
        assert away.std(0) == pytest.approx(mixture.sigma, rel=0.03)
        assert abs(away.mean(0)).max() < 3 * mixture.sigma / count ** 0.5
        coverage = modes.mode_coverage(found["points"], mixture)
        assert coverage.found == coverage.modes == len(public.centres)
        assert coverage.high_quality == pytest.approx(0.989, abs=0.005)


def test_points_are_the_same_everywhere():
    found = points.columns("ring", "train", 7)
    assert crc(found["points"].astype("<f4")) == RING
    assert crc(found["label"].astype("<i4")) == RING_LABELS
    for other in (
        points.columns("ring", "test", 7), points.columns("ring", "train", 8)
    ):
        assert not np.array_equal(
            found["points"][:99], other["points"][:99]
        )


def test_normal_numbers():
    z = points.normal((50000, 2), 3, 1)
    assert z.shape == (50000, 2)
    assert abs(z.mean()) < 0.01 and abs((z ** 3).mean()) < 0.03
    assert z.var() == pytest.approx(1, abs=0.01)
    assert (z ** 4).mean() == pytest.approx(2.9, abs=0.06)
    assert abs(np.corrcoef(z.T)[0, 1]) < 0.02


def test_unknown_points_list_the_known():
    with pytest.raises(InputError, match="ring, grid"):
        points.columns("moons", "train")


# -- solids ------------------------------------------------------------------

@pytest.mark.parametrize("size", (8, 16, 20))
def test_solids(size):
    for split, count in solids.COUNTS.items():
        found = solids.columns(split, size)
        assert list(found) == ["voxels", "label"]
        voxels, label = found["voxels"], found["label"]
        assert len(voxels) == len(label) == count
        assert label.dtype == np.int32
        assert np.bincount(label[:600]).tolist() == [100] * 6
        some = voxels[np.array([3, 0, 3])]
        assert some.shape == (3, size, size, size, 1)
        assert some.dtype == np.uint8
        np.testing.assert_array_equal(some[0], some[2])
        np.testing.assert_array_equal(some[1:2], voxels[np.array([0])])


def test_solids_are_the_same_everywhere():
    found = solids.columns("train", 12, 5)["voxels"][np.arange(40)]
    assert crc(found) == SOLIDS
    for other in (solids.columns("test", 12, 5), solids.columns("train", 12)):
        assert not np.array_equal(found, other["voxels"][np.arange(40)])


@pytest.mark.parametrize("kind", range(6))
def test_drawn_volume_centre_and_reach(kind):
    for turn in (0, 0.3):
        filled = solids.templates(
            np.array([kind]), [[0.5] * 3], [0.35], [turn], 80
        )[0].astype(float)
        volume = solids.VOLUMES[kind] * 0.35**3
        assert filled.sum() / 80**3 == pytest.approx(volume, rel=0.01)
        across = geometry.centres(80) - 0.5
        for axes in ((1, 2), (0, 2), (0, 1)):
            line = filled.sum(axes)
            assert abs(line @ across / line.sum()) < 1e-3
            used = np.flatnonzero(line)
            reach = max(-across[used[0]], across[used[-1]])
            assert reach <= solids.REACH * 0.35 + 1 / 80


def test_a_turned_solid_is_the_drawn_one_rotated():
    kinds = np.array([1, 2, 5])
    place = np.tile([0.5, 0.5, 0.5], (3, 1))
    one, quarter = (
        solids.templates(kinds, place, [0.3] * 3, [turn] * 3, 16)
        for turn in (0.0, 1.0)
    )
    # By 90 degrees each of them is itself again.
    np.testing.assert_allclose(one, quarter, atol=1e-3)
    eighth = solids.templates(
        kinds, place, [0.3] * 3, [np.tan(np.pi / 8)] * 3, 16
    )
    assert abs(eighth - one).max() > 0.9
    # At 45 degrees they are mirror images of themselves at the diagonal.
    np.testing.assert_allclose(eighth, eighth[..., ::-1], atol=1e-3)
    np.testing.assert_allclose(
        eighth, eighth.transpose(0, 3, 2, 1), atol=1e-3
    )


@pytest.mark.parametrize("size", (16, 24))
def test_solids_are_told_apart(size):
    found = solids.columns("test", size)
    voxels, label = found["voxels"][np.arange(300)], found["label"][:300]
    assert (solids.classify(voxels) == label).mean() >= 0.99
    noise = np.random.default_rng(0).normal(0, 25, voxels.shape)
    noisy = np.clip(voxels + noise, 0, 255).astype(np.uint8)
    assert (solids.classify(noisy) == label).mean() >= 0.95
    assert solids.classify(voxels[:0]).shape == (0,)


def test_the_top_of_a_pyramid_is_up():
    found = solids.columns("train", 16)
    row = np.flatnonzero(found["label"] == 2)[:1]
    heights = found["voxels"][row][0].astype(int).sum((0, 2, 3))
    used = np.flatnonzero(heights)
    assert heights[used[0]] < heights[used[-2]] / 4


def test_small_solids_are_refused():
    with pytest.raises(InputError, match="8 or more"):
        solids.columns("train", 7)


# -- videos ------------------------------------------------------------------

@pytest.mark.parametrize("size, frames, channels", [
    (16, 8, 3), (16, 2, 1), (20, 5, 3),
])
def test_videos(size, frames, channels):
    for split, count in moving.COUNTS.items():
        found = moving.columns(split, size, frames, channels)
        assert list(found) == ["video", "label"]
        assert len(found["video"]) == len(found["label"]) == count
        assert np.bincount(found["label"][:600]).tolist() == [100] * 6
        some = found["video"][np.array([3, 0, 3])]
        assert some.shape == (3, frames, size, size, channels)
        assert some.dtype == np.uint8 and some.std() > 8
        np.testing.assert_array_equal(some[0], some[2])


def test_videos_are_the_same_everywhere():
    found = moving.columns("train", 16, 4, seed=5)["video"][np.arange(40)]
    assert crc(found) == VIDEOS
    for other in (
        moving.columns("test", 16, 4, seed=5), moving.columns("train", 16, 4)
    ):
        assert not np.array_equal(found, other["video"][np.arange(40)])


@pytest.mark.parametrize("size, channels", [(16, 3), (16, 1), (32, 3)])
def test_motions_are_told_apart(size, channels):
    found = moving.columns("test", size, 8, channels)
    videos, label = found["video"][np.arange(300)], found["label"][:300]
    assert (moving.classify(videos) == label).mean() >= 0.99
    # Backwards each motion is its opposite.
    backwards = moving.classify(videos[:, ::-1])
    assert (backwards == (label ^ 1)).mean() >= 0.99
    noise = np.random.default_rng(0).normal(0, 8, videos.shape)
    noisy = np.clip(videos + noise, 0, 255).astype(np.uint8)
    assert (moving.classify(noisy) == label).mean() >= 0.95
    assert moving.classify(videos[:0]).shape == (0,)


def test_motions_are_straight_steady_and_inside():
    motion = moving.sample("train", 2000, 3, 0)
    frames, size = 8, 32
    videos = moving.paint(motion, np.arange(60), frames, size)
    for video in videos:
        rim = np.concatenate([
            video[:, 0], video[:, -1], video[:, :, 0], video[:, :, -1]
        ], 1).astype(int)
        # Nothing but the ground.
        assert (rim == rim[:, :1]).all()
    change = motion["last"] - motion["first"]
    np.testing.assert_array_equal(
        np.argmax(np.abs(change), 1), motion["motion"] // 2
    )
    assert (np.count_nonzero(change.round(9), axis=1) == 1).all()
    mask = reading.foreground(
        videos.reshape(-1, size, size, 3)
    ).reshape(-1, frames, size, size)
    x = mask.sum(2) @ geometry.centres(size) / mask.sum((2, 3))
    right = motion["motion"][:60] == 1
    steps = np.diff(x[right], axis=1)
    mean = change[:60, 0][right] / (frames - 1)
    # A third of a pixel, by which the reading of the place is off.
    assert abs(steps - mean[:, None]).max() < 0.34 / size


def test_few_frames_and_pixels_are_refused():
    with pytest.raises(InputError, match="frames is 1.*2 or more"):
        moving.columns("train", 16, 1)
    with pytest.raises(InputError, match="size is 8.*16 or more"):
        moving.columns("train", 8)


# Of what was first drawn: another number is other data for all models.
RING, RING_LABELS = 3188958521, 1406516947
SOLIDS, VIDEOS = 3065702521, 1427353856
