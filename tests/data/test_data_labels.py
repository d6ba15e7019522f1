"""Labels of arrays: what is a class, and what is not."""

import numpy as np
import pytest

from keras_gen.data import account
from keras_gen.errors import InputError


def arrays(tmp_path, label, **more):
    """The path of an .npz with these labels."""
    path = tmp_path / "a.npz"
    np.savez(path, x=np.zeros((len(label), 8, 8), np.uint8), y=label, **more)
    return path


@pytest.mark.parametrize("label, words", [
    (np.arange(20) % 10 + 1, "from 1 to 10, .* 1 of .*subtract 1 from each"),
    ([0, 255] * 6, r"254 of .* \(1, 2, 3, ...\): classes, y = np.unique"),
    ([0, 2**33] * 6, "from 0 to 8,589,934,592"),
    (np.arange(12) % 4 * 2, "3 of .* return_inverse=True. renumbers"),
    ([1, 1, 3, 3], r"2 of .* \(0, 2\): classes, y = np.unique"),
    ([7] * 6, "7 of .*subtract 7 from each"),
    ([-2, 0, 1] * 3, "-1 where the class is not known"),
    (["ape", "bee"] * 3, "from names by classes, y = np.unique"),
    (np.eye(3)[[0, 1, 2]], "from one-hot rows by y.argmax"),
    (np.eye(3, dtype=int)[[0, 1, 2]], "from one-hot rows by y.argmax"),
    ([0.0, 1.0] * 3, "by y.astype.int."), ([True, False] * 3, "astype.int."),
    ([-1] * 5, "all -1"),
])
def test_labels_that_are_no_classes_say_how(folder, tmp_path, label, words):
    with pytest.raises(InputError, match=words) as caught:
        folder.load(arrays(tmp_path, label), "labelled")
    assert "\n" not in str(caught.value)


def test_gaps_are_filled_by_names(folder, tmp_path):
    path = arrays(tmp_path, np.arange(20) % 3 * 2, classes=list("abcde"))
    dataset = folder.load(path, "labelled")
    assert dataset.classes == tuple("abcde")
    assert ", b 0, " in account.classes(dataset)
    assert folder.load(
        arrays(tmp_path, np.arange(20) % 3 - 1), "labelled"
    ).classes == ("0", "1")


def test_masks_are_no_label_maps_of_256_classes(folder, tmp_path):
    maps = np.random.default_rng(0).integers(0, 2, (20, 8, 8)) * 255
    np.savez(tmp_path / "a.npz", input=maps,
             target=np.zeros((20, 8, 8), np.uint8))
    with pytest.raises(InputError, match="go from 0 to 255, and 254 of"):
        folder.load(tmp_path / "a.npz", "label_ids")
    assert len(folder.load(
        tmp_path / "a.npz", "label_ids", classes=256
    ).classes) == 256


def test_what_is_held_out_of_arrays_is_told(folder, tmp_path):
    dataset = folder.load(arrays(tmp_path, np.arange(50) % 2), "labelled")
    line, = dataset.account.lines()
    train, test = len(dataset), 50 - len(dataset)
    assert line == (
        f"items       50: {train} to train on, {test} held out for the test"
    )
