"""How values are drawn and kept in files."""

import csv
import time

import numpy as np
import pytest
from PIL import Image

from keras_gen import plot, values
from keras_gen.data.sources import moving, solids
from keras_gen.errors import InputError
from keras_gen.metrics import modes
from keras_gen.values import maps, rendering


def levels(*shape, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, shape).astype("uint8")


@pytest.mark.parametrize("name, shape", [
    ("picture", (7, 8, 6, 3)), ("mask", (7, 8, 6, 1)),
])
def test_pictures_and_masks_are_their_own_sheet(name, shape):
    value, x = values.named(name), levels(*shape)
    pictures, columns = value.sheet(x)
    np.testing.assert_array_equal(pictures, x)
    assert columns == 3 and value.sheet(x, 5)[1] == 5
    with pytest.raises(InputError, match="do not move"):
        value.frames(x)


def test_label_ids_have_colours_of_their_own():
    value = values.named("label_ids")
    ids = np.arange(-1, 255).reshape(2, 8, 16)
    pictures, columns = value.sheet(ids)
    assert pictures.dtype == np.uint8 and pictures.shape == (2, 8, 16, 3)
    assert len(np.unique(pictures.reshape(-1, 3), axis=0)) == 256
    assert pictures[0, 0, 0].tolist() == [255, 255, 255]
    # Those of PASCAL VOC: background, aeroplane, bicycle, bird.
    assert maps.palette()[:4].tolist() == [
        [0, 0, 0], [128, 0, 0], [0, 128, 0], [128, 128, 0]
    ]


@pytest.mark.parametrize("name", ("label", "attributes", "tokens"))
def test_what_cannot_be_drawn_says_so(name, tmp_path):
    value = values.named(name)
    with pytest.raises(InputError, match="cannot be drawn"):
        value.sheet(np.zeros((2, 3), "int32"))
    with pytest.raises(InputError, match="not kept in files"):
        value.save(np.zeros(3, "int32"), tmp_path / "x.csv")
    assert value.ending is None


@pytest.mark.parametrize("frames, shown", [
    (2, [0, 1]), (8, range(8)), (16, [0, 2, 4, 6, 9, 11, 13, 15]),
])
def test_a_video_is_a_row_of_its_frames(frames, shown):
    value, x = values.named("video"), levels(3, frames, 8, 8, 3)
    pictures, columns = value.sheet(x)
    assert columns == len(shown)
    np.testing.assert_array_equal(
        pictures.reshape(3, len(shown), 8, 8, 3), x[:, list(shown)]
    )
    assert value.sheet(x, 2)[1] == 2 * len(shown)


def test_a_moving_grid_shows_each_frame_of_all_videos():
    value, x = values.named("video"), levels(4, 5, 16, 16, 3)
    images = value.frames(x, columns=2)
    assert len(images) == 5
    for number, picture in enumerate(images):
        picture = np.asarray(picture)
        # Each pixel is four by four; two pixels are between the videos.
        assert picture.shape == (130, 130, 3)
        np.testing.assert_array_equal(picture[:64:4, :64:4], x[0, number])
        np.testing.assert_array_equal(picture[66::4, 66::4], x[3, number])


@pytest.mark.parametrize("channels", (1, 3))
def test_a_video_is_kept_as_a_gif(channels, tmp_path):
    value = values.named("video")
    x = moving.columns("test", 16, 6, channels)["video"][np.arange(1)][0]
    value.save(x, tmp_path / "video.gif")
    with Image.open(tmp_path / "video.gif") as gif:
        assert gif.n_frames == 6 and gif.info["loop"] == 0
        for number in range(6):
            gif.seek(number)
            found = np.asarray(gif.convert("RGB")).astype(int)
            assert abs(found - x[number]).mean() < 2
    assert [p.name for p in tmp_path.iterdir()] == ["video.gif"]


def test_pictures_and_maps_are_kept_as_they_are(tmp_path):
    for name, x in (
        ("picture", levels(8, 6, 3)), ("picture", levels(8, 6, 1)),
        ("mask", levels(8, 6, 1)), ("label_ids", levels(8, 6).astype("i4")),
    ):
        value = values.named(name)
        path = tmp_path / f"item{value.ending}"
        value.save(x, path)
        with Image.open(path) as picture:
            # A palette's picture gives the numbers themselves.
            np.testing.assert_array_equal(
                np.asarray(picture), x.reshape(np.asarray(picture).shape)
            )
    with pytest.raises(InputError, match="0 ... 255"):
        values.named("label_ids").save(np.full((2, 2), 256), path)


def test_solids_are_kept_as_arrays(tmp_path):
    x = levels(8, 8, 8, 1)
    values.named("voxels").save(x, tmp_path / "solid.npy")
    np.testing.assert_array_equal(np.load(tmp_path / "solid.npy"), x)


def test_points_are_kept_together_to_the_last_bit(tmp_path):
    value = values.named("points")
    x = np.random.default_rng(0).normal(size=(50, 2)).astype("float32")
    assert value.saves_together
    value.save(x, tmp_path / "points.csv")
    with open(tmp_path / "points.csv", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["x", "y"]
    np.testing.assert_array_equal(np.array(rows, "float32"), x)


def test_a_file_that_cannot_be_written_is_one_line(tmp_path):
    for name, x in (
        ("video", levels(2, 8, 8, 3)), ("voxels", levels(8, 8, 8, 1)),
        ("points", np.zeros((3, 2))), ("picture", levels(8, 8, 3)),
    ):
        value = values.named(name)
        with pytest.raises(InputError, match="cannot write"):
            value.save(x, tmp_path / "nowhere" / f"x{value.ending}")


# -- points ------------------------------------------------------------------

def test_points_are_seen_where_they_are():
    value = values.named("points")
    pictures, columns = value.sheet([[1.5, 1.5], [-2.0, 0.5]])
    assert pictures.shape == (1, 256, 256, 3) and columns == 1
    assert plot.grid(pictures, columns=columns).size == (256, 256)
    dark = 255 - pictures[0, :, :, 0].astype(int)
    # The axes are fainter than a dot.
    dark[dark < 40] = 0
    for x, y in ((1.5, 1.5), (-2.0, 0.5)):
        row, column = 128 - y / 3 * 128, 128 + x / 3 * 128
        near = dark[
            int(row) - 4:int(row) + 4, int(column) - 4:int(column) + 4
        ]
        assert near.max() > 100
        centre = near.sum(1) @ np.arange(8) / near.sum()
        assert int(row) - 4 + centre + 0.5 == pytest.approx(row, abs=0.3)
        near[:] = 0
    # And nothing else is.
    assert not dark.any()


def test_many_points_are_darker_than_few():
    value = values.named("points")
    lots = np.repeat([[1.0, 1.0]], 1000, 0)
    some = np.repeat([[1.0, -1.0]], 20, 0)
    one = [[-1.0, 1.0]]
    picture = value.sheet(np.concatenate([lots, some, one]))[0][0]
    right, left = 128 + 43, 128 - 43
    levels = [
        picture[row - 2:row + 2, column - 2:column + 2].min()
        for row, column in ((left, right), (right, right), (left, left))
    ]
    assert levels[0] + 20 < levels[1] < levels[2] - 20 < 200


def test_the_frame_holds_the_points():
    value = values.named("points")

    def width(points, **options):
        picture = value.sheet(points, **options)[0][0, :, :, 0]
        return np.ptp(np.flatnonzero((picture < 200).any(0))) / 256

    ring, grid = modes.ring(8, 2.0).draw(500), modes.grid().draw(500)
    assert width(ring) == pytest.approx(4 / 6, abs=0.03)
    assert width(grid) == pytest.approx(8 / 10, abs=0.05)
    assert width(ring, limit=10.0) == pytest.approx(4 / 20, abs=0.03)
    # A few strays do not make the rest small, nor do they stop anything.
    ring[:3] = [[4e9, 0], [np.nan, 1], [np.inf, 2]]
    assert width(ring) == pytest.approx(4 / 6, abs=0.03)
    assert value.sheet(np.zeros((0, 2)))[0].shape == (1, 256, 256, 3)


# -- voxels ------------------------------------------------------------------

def shade(pictures):
    """Where something is seen."""
    return (pictures < 255).any(-1)


def drawn(kind, turn=0.0, radius=0.35):
    filled = solids.templates(
        np.array([kind]), [[0.5] * 3], [radius], [turn], 16
    )
    return (filled * 255).astype("uint8")[..., None]


def test_a_sphere_is_a_disc_from_all_sides():
    (first, *others) = rendering.views(drawn(0), [0, 30, 77, 180], 64)
    seen = shade(first)[0]
    # The cube is 64 / 1.6 pixels wide.
    radius = 0.35 * 64 / 1.6
    assert seen.sum() == pytest.approx(np.pi * radius**2, rel=0.06)
    rows, columns = np.nonzero(seen)
    assert abs(rows.mean() - 31.5) < 0.6 and abs(columns.mean() - 31.5) < 0.6
    for other in others:
        assert (shade(other)[0] != seen).mean() < 0.02
    # Lit from above and from the left.
    grey = first[0].astype(int).sum(-1)
    assert grey[24, 24] > grey[40, 40] + 100


def test_turning_moves_what_is_in_front_to_the_side():
    x = np.zeros((1, 16, 16, 16, 1), "uint8")
    x[0, 0:4, 6:10, 6:10] = 255  # near to the viewer

    def middle(angle):
        seen = shade(next(rendering.views(x, [angle], 64)))[0]
        return np.nonzero(seen)[1].mean() - 31.5

    across = 6 / 16 * 64 / 1.6
    for angle, side in ((0, 0), (90, 1), (180, 0), (270, -1)):
        assert middle(angle) == pytest.approx(side * across, abs=1), angle


def test_the_top_is_seen_and_the_nearer_hides_the_farther():
    x = np.zeros((2, 16, 16, 16, 1), "uint8")
    x[:, 2:6, 2:14, 2:14] = 255
    behind = x.copy()
    behind[:, 10:12, 8:12, 6:10] = 255
    first, second = (
        next(rendering.views(solid, [0], 64)) for solid in (x, behind)
    )
    np.testing.assert_array_equal(first, second)
    # A flat plate shows its large side from above only.
    plate = np.zeros((1, 16, 16, 16, 1), "uint8")
    plate[:, 2:14, 7:9, 2:14] = 255
    seen = shade(next(rendering.views(plate, [0], 64)))[0]
    depth = 12 / 16 * np.sin(np.radians(25)) * 64 / 1.6
    assert seen.any(1).sum() > depth


def test_a_full_turn_in_24_views():
    voxels = values.named("voxels")
    x = np.concatenate([drawn(1, 0.2), drawn(5, 0.7)])
    images = voxels.frames(x, columns=2)
    assert len(images) == 24
    assert {image.size for image in images} == {(130, 64)}
    pictures, columns = voxels.sheet(x, 2)
    np.testing.assert_array_equal(plot.grid(pictures, columns=2), images[0])
    # After a quarter a cube and a cross look the same again.
    arrays = [np.asarray(image).astype(int) for image in images]
    assert abs(arrays[0] - arrays[6]).mean() < 3
    assert abs(arrays[0] - arrays[3]).mean() > 6


def test_nothing_is_seen_of_nothing():
    voxels = values.named("voxels")
    for level in (0, 127):
        x = np.full((2, 12, 12, 12, 1), level, "uint8")
        assert (voxels.sheet(x)[0] == 255).all()
    assert shade(voxels.sheet(np.full_like(x, 255))[0]).mean() > 0.4


def test_solids_of_unequal_sides():
    x = np.full((1, 8, 20, 12, 1), 255, "uint8")
    seen = shade(next(rendering.views(x, [0], 64)))[0]
    assert np.ptp(np.nonzero(seen)[1]) + 1 == pytest.approx(
        12 / 20 * 64 / 1.6, abs=2
    )


def test_64_solids_are_rendered_while_one_waits():
    x = solids.columns("test")["voxels"][np.arange(64)]
    voxels = values.named("voxels")
    begin = time.process_time()
    voxels.sheet(x)
    assert time.process_time() - begin < 2
