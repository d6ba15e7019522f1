"""Clips in GIFs, in folders of frames and in arrays."""

import io

import numpy as np
import pytest
from PIL import Image

from keras_gen import data
from keras_gen.errors import InputError


def everything(dataset):
    return dataset.take(np.arange(len(dataset)))


def gif(values, width=20, height=16):
    """A GIF of plain frames of these greys."""
    frames = [Image.new("L", (width, height), value) for value in values]
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    return file.getvalue()


def greys(number, frames=5):
    """The frames of clip `number`: no two are alike."""
    return [10 * number + 2 * frame for frame in range(frames)]


def clips(packs, form, names, frames=5):
    """The files of clips, as GIFs or folders of frames."""
    if form == "gifs":
        return {f"{name}.gif": gif(greys(i, frames))
                for i, name in enumerate(names)}
    return {f"{name}/{frame:02}.png": packs.png(value)
            for i, name in enumerate(names)
            for frame, value in enumerate(greys(i, frames))}


@pytest.mark.parametrize("form", ["gifs", "folders"])
def test_clips_in_files(packs, form):
    path = packs.write(clips(packs, form, [f"clip{i:02}" for i in range(20)]))
    seen = []
    for split in ("train", "test"):
        dataset = packs.load(path, "videos", split, frames=4, size=[8, 10])
        video = everything(dataset)["video"]
        assert video.shape[1:] == (4, 8, 10, 1) and video.dtype == np.uint8
        assert (video == video[:, :, :1, :1]).all()
        seen += video[:, :, 0, 0, 0].tolist()
    assert sorted(seen) == [greys(i, 4) for i in range(20)]
    assert data.properties(path, "videos") == (1, ())
    assert len(packs.load(path, "videos", "test", frames=4)) >= 1


@pytest.mark.parametrize("form", ["gifs", "folders"])
def test_clips_in_splits_and_short_ones(packs, form):
    files = clips(packs, form, ["train/a", "train/b", "train/c"])
    files |= clips(packs, form, ["test/a", "test/b"])
    files |= clips(packs, form, ["train/short"], frames=2)
    dataset = packs.load(packs.write(files), "videos", frames=5)
    assert everything(dataset)["video"][:, 0, 0, 0, 0].tolist() == [0, 10, 20]
    assert len(dataset.skipped) == 1
    assert "train/short" in dataset.skipped[0]
    assert "2 frames, fewer than 5" in dataset.skipped[0]
    assert dataset.summary().startswith("3 videos, 5x8x8x1 from ")


def test_frames_outside_of_a_clip(packs):
    path = packs.write({f"train/{i}.png": packs.png(i) for i in range(5)})
    with pytest.raises(InputError, match="a folder of frames for each clip"):
        packs.load(path, "videos")


def test_clips_in_colour(folder):
    frames = [Image.new("RGB", (8, 8), colour)
              for colour in ("red", "blue", "white")]
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    path = folder.write({f"{i}.gif": file.getvalue() for i in range(3)})
    dataset = data.load(path, "videos", size=8, frames=3)
    assert dataset.take([0])["video"][0, :, 0, 0].tolist() == [
        [255, 0, 0], [0, 0, 255], [255, 255, 255]
    ]
    assert data.properties(path, "videos").channels == 3


def test_clips_in_arrays(tmp_path):
    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, (9, 6, 16, 20, 3), np.uint8)
    np.savez(tmp_path / "a.npz", x_train=x, x_test=x[:2])
    options = dict(size=[16, 20], frames=5)
    video = everything(data.load(tmp_path / "a.npz", "videos", **options))
    np.testing.assert_array_equal(video["video"], x[:, :5])
    with pytest.raises(InputError, match="6 frames, and frames asks for 16"):
        data.load(tmp_path / "a.npz", "videos", size=[16, 20])
    np.savez(tmp_path / "b.npz", x=x / np.float32(255))
    parts = [
        everything(data.load(tmp_path / "b.npz", "videos", split, **options))
        for split in ("train", "test")
    ]
    same = np.concatenate([part["video"] for part in parts])
    assert sorted(map(bytes, same)) == sorted(map(bytes, x[:, :5]))
