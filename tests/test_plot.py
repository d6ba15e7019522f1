"""Grids and curves."""

import numpy as np
import pytest
from PIL import Image

from keras_gen import plot
from keras_gen.errors import InputError


def test_grid_places_pictures_row_by_row(tmp_path):
    pictures = np.arange(5, dtype="uint8")[:, None, None, None] * np.ones(
        (1, 4, 6, 1), "uint8"
    )
    plot.grid(pictures, tmp_path / "grid.png", columns=3, gap=2)
    sheet = np.array(Image.open(tmp_path / "grid.png"))
    assert sheet.shape == (2 * 6 - 2, 3 * 8 - 2, 3)
    assert (sheet[0, 0] == 0).all() and (sheet[0, 8] == 1).all()
    assert (sheet[6, 8] == 4).all()
    assert (sheet[4, 0] == 255).all() and (sheet[6, 16] == 255).all()


def test_grid_of_rows():
    rows = np.random.default_rng(0).integers(0, 255, (2, 5, 4, 6, 3), "uint8")
    np.testing.assert_array_equal(
        plot.grid(rows), plot.grid(rows.reshape(10, 4, 6, 3), columns=5)
    )


@pytest.mark.parametrize("path", ["no/x.png", "x.what", "x"])
def test_what_cannot_be_written_leaves_nothing(path, tmp_path):
    with pytest.raises(InputError, match="cannot write"):
        plot.grid(np.zeros((1, 4, 4, 3), "uint8"), tmp_path / path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("wrong", [
    np.zeros((2, 4, 4, 3), "float32"), np.zeros((4, 4, 3), "uint8"),
    np.zeros((0, 4, 4, 3), "uint8"), np.zeros((2, 4, 4, 2), "uint8"),
])
def test_grid_refuses_what_is_no_picture(wrong):
    with pytest.raises(InputError, match="uint8 pictures"):
        plot.grid(wrong)


def test_curves_draw_each_column(tmp_path):
    log = tmp_path / "log.csv"
    log.write_text("step,a,b\n1,0.5,3\n2,0.25,nan\n")
    plot.curves(log, tmp_path / "one.png")
    assert Image.open(tmp_path / "one.png").size[0] == 800
    assert sorted(p.name for p in tmp_path.iterdir()) == ["log.csv", "one.png"]
