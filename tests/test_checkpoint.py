"""Checkpoints: whole or recognised as not, and never lost to a new one."""

import contextlib
import hashlib
import resource
import shutil
import signal

import keras
import numpy as np
import pytest

from check import array, assert_same, values
from keras_gen.errors import InputError
from keras_gen.training import callbacks
from keras_gen.zoo import checkpoint
from objectives import tiny


def scaled():
    return keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(1e-3))


def trained(step, name="autoencoder", optimizer=tiny.adam):
    """A model that has been trained a bit, said to be at `step`."""
    model = tiny.compiled(name, optimizer)
    tiny.fit(model, tiny.data(name, tiny.ROWS))
    model.step.assign(step)
    return model


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A folder with checkpoints of steps 1 and 2, and what the first holds;
    tests change a copy."""
    folder = tmp_path_factory.mktemp("checkpoints")
    model = trained(1)
    checkpoint.write(model, folder)
    first = values(model)
    tiny.fit(model, tiny.data("autoencoder", tiny.ROWS))
    checkpoint.write(model, folder)
    return folder, first


@pytest.fixture
def folder(written, tmp_path):
    return shutil.copytree(written[0], tmp_path / "checkpoints")


@pytest.mark.parametrize("optimizer", [tiny.adam, scaled])
def test_what_is_written_is_restored(optimizer, tmp_path):
    model = trained(12, "gan_r1", optimizer)
    path = checkpoint.write(model, tmp_path)
    keras.utils.set_random_seed(8)
    other = tiny.compiled("gan_r1", optimizer)
    assert checkpoint.restore(other, tmp_path) == other.steps_done == 12
    assert_same(values(model), values(other))
    # The same content has the same name.
    assert checkpoint.write(other, tmp_path) == path


def test_a_new_folder_is_step_0(tmp_path):
    model = tiny.compiled("autoencoder")
    assert checkpoint.restore(model, tmp_path / "checkpoints") == 0


def truncate(path):
    path.write_bytes(path.read_bytes()[:-20])


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def empty(path):
    path.write_bytes(b"")


def other_model(path):
    path.unlink()
    checkpoint.write(trained(2, "vae_gaussian"), path.parent)


def test_that_of_another_backend_is_restored(tmp_path):
    # Keras counts an optimizer's steps in 64 bits on TensorFlow, in 32 on
    # PyTorch.
    model = trained(3)
    path = checkpoint.write(model, tmp_path)
    with np.load(path) as file:
        arrays = dict(file)
    key = "autoencoder optimizer 0"
    width = {"int32": "int64", "int64": "int32"}[str(arrays[key].dtype)]
    arrays[key] = arrays[key].astype(width)
    np.savez(path, **arrays)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    path.rename(tmp_path / f"step-0000003-{digest}.npz")
    other = tiny.compiled("autoencoder")
    assert checkpoint.restore(other, tmp_path) == 3
    assert_same(values(model), values(other))


def other_optimizer(path):
    path.unlink()
    checkpoint.write(trained(2, optimizer=tiny.sgd), path.parent)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (truncate, "is damaged: its content is not what was written"),
        (flip, "is damaged: its content is not what was written"),
        (empty, "is damaged: its content is not what was written"),
        (other_model, "does not fit: objective "),
        (other_optimizer, "does not fit: autoencoder optimizer "),
    ],
)
def test_a_damaged_one_is_named_and_the_one_before_is_used(
    damage, words, written, folder, capsys
):
    damage(checkpoint.files(folder)[-1])
    path = checkpoint.files(folder)[-1]
    model = tiny.compiled("autoencoder")
    assert checkpoint.restore(model, folder) == 1
    assert_same(values(model), written[1])
    line, = capsys.readouterr().out.splitlines()
    assert line.startswith(f"the checkpoint {path} {words}")
    assert line.endswith("the one before it is used")


def test_without_a_whole_one_nothing_is_changed(folder):
    first, second = checkpoint.files(folder)
    truncate(first)
    flip(second)
    before = {p: p.read_bytes() for p in folder.iterdir()}
    model = tiny.compiled("autoencoder")
    with pytest.raises(InputError) as error:
        checkpoint.restore(model, folder)
    for words in (str(first), str(second), "put a copy", "from step 0"):
        assert words in str(error.value)
    assert {p: p.read_bytes() for p in folder.iterdir()} == before


@contextlib.contextmanager
def largest_file(size):
    """As a full disk: no file grows beyond `size` bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_full_disk_leaves_what_was_there(folder):
    before = names(folder)
    model = trained(3)
    with pytest.raises(OSError), largest_file(20_000):
        checkpoint.write(model, folder)
    assert names(folder) == before
    assert checkpoint.restore(model, folder) == 2


def test_a_half_written_one_is_no_checkpoint(folder):
    (folder / "aside.npz").write_bytes(b"PK killed here")
    model = tiny.compiled("autoencoder")
    assert checkpoint.restore(model, folder) == 2
    model.step.assign(3)
    checkpoint.write(model, folder)
    assert "aside.npz" not in names(folder)
    assert checkpoint.restore(model, folder) == 3


def train(model, folder, minutes, steps):
    """Trains with the callback; it, and the steps of the files left."""
    callback = callbacks.Checkpoints(folder, minutes)
    tiny.fit(
        model, tiny.data("autoencoder", steps * tiny.ROWS),
        callbacks=[callback],
    )
    return [checkpoint.step(path) for path in checkpoint.files(folder)]


def test_the_last_two_stay(tmp_path):
    model = tiny.compiled("autoencoder")
    assert train(model, tmp_path, minutes=0.0, steps=3) == [2, 3]
    assert train(model, tmp_path, minutes=60.0, steps=2) == [3, 5]


def test_a_damaged_one_does_not_count_among_the_last_two(folder):
    flip(checkpoint.files(folder)[-1])
    model = tiny.compiled("autoencoder")
    assert checkpoint.restore(model, folder) == 1
    assert train(model, folder, minutes=60.0, steps=3) == [1, 4]


def test_the_minutes_count_from_the_last_one(tmp_path, monkeypatch):
    clock = [1000.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    model = tiny.compiled("autoencoder")
    callback = callbacks.Checkpoints(tmp_path, minutes=2.0)
    callback.set_model(model)
    callback.on_train_begin()
    found = []
    for batch in range(5):
        clock[0] += 61.0
        model.step.assign_add(1)
        callback.on_train_batch_end(batch)
        found.append([checkpoint.step(p) for p in checkpoint.files(tmp_path)])
    assert found == [[], [2], [2], [2, 4], [2, 4]]
    assert array(model.step) == 5
