"""Decoded pictures on disk."""

import gc
import os
import shutil
import signal
import subprocess
import sys
import time
import types

import numpy as np
import pytest

from keras_gen.data import cache, kinds, pictures
from keras_gen.data.sources import decoded as decoded_files


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty folder for caches."""
    monkeypatch.setenv("KERAS_GEN_CACHE", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def decoded(monkeypatch):
    """Grows by one with each picture that is decoded."""
    found, decode = [], pictures.decode
    monkeypatch.setattr(pictures, "decode", lambda *given: (
        found.append(1), decode(*given))[1])
    return found


def pack(folder, count=10):
    files = {f"train/{i}.png": folder.png(i) for i in range(count)}
    return folder.write(files | {
        f"{split}/0.png": folder.png(0) for split in ("val", "test")
    })


def left(home):
    return sorted(path.suffix for path in home.iterdir())


def test_the_next_run_decodes_nothing(folder, home, decoded):
    path = pack(folder)
    first = folder.load(path, "images")
    assert folder.values(first) == list(range(10)) and len(decoded) == 10
    # Complete, so in its place while the first still reads it.
    assert left(home) == [".pictures"]
    again = folder.load(path, "images")
    assert folder.values(again) == list(range(10)) and len(decoded) == 10
    assert str(home) in again.notes[0]
    assert folder.values(first) == list(range(10))


def test_what_was_decoded_of_a_run_that_ended_early_is_kept(
    folder, home, decoded
):
    path = pack(folder)
    dataset = folder.load(path, "images")
    dataset.take([3, 5])
    assert left(home) == [".aside"]
    del dataset
    gc.collect()
    assert left(home) == [".pictures"]
    assert folder.values(folder.load(path, "images")) == list(range(10))
    assert len(decoded) == 10


def test_nothing_decoded_leaves_nothing(folder, home):
    dataset = folder.load(pack(folder), "images")
    del dataset
    gc.collect()
    assert left(home) == []


def test_other_content_is_decoded_anew(folder, home):
    path = pack(folder)
    assert folder.values(folder.load(path, "images"))[4] == 4
    file = path / "train/4.png"
    before = file.stat()
    file.write_bytes(folder.png(99))
    # The same length: only the time tells.
    assert file.stat().st_size == before.st_size
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    assert folder.values(folder.load(path, "images"))[4] == 99
    large = folder.load(path, "images", size=12, channels=3)
    every = large.take(np.arange(10))["image"]
    assert every.shape == (10, 12, 12, 3) and every[4, 0, 0, 0] == 99
    assert left(home) == [".pictures"] * 3


def test_a_damaged_file_is_not_used(folder, home):
    path = pack(folder)
    folder.values(folder.load(path, "images"))
    file, = home.iterdir()
    os.truncate(file, file.stat().st_size - 3)
    assert folder.values(folder.load(path, "images")) == list(range(10))


READER = """
import sys, time
import numpy as np
from keras_gen import data
dataset = data.load(sys.argv[1], "images", size=8, channels=1)
for i in np.random.default_rng(int(sys.argv[2])).permutation(300):
    assert dataset.take([i])["image"][0, 0, 0, 0] == int(sys.argv[3][i]), i
    time.sleep(0.002)
print("read", dataset.notes[0])
time.sleep(float(sys.argv[4]))
"""


def reader(path, seed, digits, wait=0):
    return subprocess.Popen(
        [sys.executable, "-c", READER, str(path), str(seed), digits,
         str(wait)], stdout=subprocess.PIPE, text=True,
    )


def test_processes_at_once_and_one_that_is_killed(folder, home, decoded):
    digits = "".join(str(i % 10) for i in range(300))
    path = folder.write({
        f"train/{i:03}.png": folder.png(int(digit))
        for i, digit in enumerate(digits)
    } | {f"{split}/0.png": folder.png(0) for split in ("val", "test")})
    killed = reader(path, 0, digits)
    while not (home.exists() and left(home)):
        time.sleep(0.01)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert left(home) == [".aside"]
    os.utime(next(home.iterdir()), (time.time() - 2 * 24 * 3600,) * 2)
    both = [reader(path, seed, digits) for seed in (1, 2)]
    for process in both:
        output, _ = process.communicate(timeout=60)
        assert process.returncode == 0 and "cached in" in output
    assert left(home) == [".pictures"]
    values = folder.values(folder.load(path, "images"))
    assert "".join(map(str, values)) == digits and not decoded


def room(monkeypatch, free):
    """Pretends that this much of the disk is free."""
    monkeypatch.setattr(
        shutil, "disk_usage", lambda path: types.SimpleNamespace(free=free)
    )


def test_no_room_for_a_cache(folder, home, monkeypatch):
    room(monkeypatch, 1000)  # 10 pictures have 640 bytes
    dataset = folder.load(pack(folder), "images")
    assert folder.values(dataset) == list(range(10))
    assert "more than half of the disk" in dataset.notes[0]
    assert left(home) == []


def test_no_folder_for_a_cache(folder, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("KERAS_GEN_CACHE", str(tmp_path / "file"))
    dataset = folder.load(pack(folder), "images")
    assert folder.values(dataset) == list(range(10))
    assert "KERAS_GEN_CACHE" in dataset.notes[0]


def test_the_cache_that_was_not_used_for_longest_makes_room(
    folder, home, monkeypatch
):
    path = pack(folder, 400)
    found = []
    for size in (8, 9, 10):
        folder.values(folder.load(path, "images", size=size))
        new, = set(home.iterdir()) - set(found)
        found.append(new)
    for age, file in enumerate(found):
        os.utime(file, (time.time() - 1000 * (3 - age),) * 2)
    folder.load(path, "images", size=8)  # used again
    room(monkeypatch, 400 * 16 ** 2 * 2 - 10_000)
    folder.load(path, "images", size=16)
    assert [file.exists() for file in found] == [True, False, True]


def test_a_full_disk_costs_only_the_cache(folder, home, decoded, monkeypatch,
                                          capsys):
    def full(*given):
        raise OSError(28, "No space left on device")

    path = pack(folder)
    dataset = folder.load(path, "images")
    dataset.take([0, 1])
    monkeypatch.setattr(os, "pwrite", full)
    for _ in range(2):
        assert folder.values(dataset) == list(range(10))
    assert len(decoded) == 2 + 8 + 8
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 2 and "No space left" in told[1]
    assert "values 0 ... 9" in told[0]


def test_home(monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_GEN_CACHE", str(tmp_path))
    assert cache.home() == tmp_path
    monkeypatch.delenv("KERAS_GEN_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/x")
    assert str(cache.home()) == "/x/keras_gen"


def test_pictures_are_mapped_not_loaded(folder, home):
    dataset = folder.load(pack(folder), "images")
    found = dataset.columns["image"].rows.cache.pictures
    assert isinstance(found.base, np.memmap) and not found.flags.writeable


def test_other_shapes_and_types_have_other_caches(folder, home):
    files = {f"images/{i}.png": folder.png(i, 30, 20) for i in range(10)}
    files |= {f"masks/{i}.png": folder.png(255, 30, 20) for i in range(10)}
    path = folder.write(files)
    for size in (8, [8, 12], [12, 8], 12):
        for kind in ("images", "masks"):
            dataset = folder.load(path, kind, size=size)
            shape = pictures.sides(size)
            for _ in range(2):
                items = dataset.take(np.arange(len(dataset)))
                for column in items.values():
                    assert column.shape[1:] == (*shape, 1)
    assert left(home) == [".pictures"] * 8


def test_square_pictures_keep_the_names_of_their_caches():
    """As long as what is in them is the same."""
    one, large = kinds.named("images").columns["image"], (8, 8, 3)
    assert decoded_files.form([one], [large]) == (8, 3)
    assert decoded_files.form([one, one], [large, large]) == (8, 3)
    assert decoded_files.form([one], [(8, 12, 3)]) == ((8, 12), 3)
    mask = kinds.named("masks").columns["mask"]
    assert decoded_files.form([mask], [(8, 8, 1)]) != (8, 1)
