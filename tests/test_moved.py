"""Runs and data that are not where they were, and places that cannot be
written to."""

import errno
import os
import resource
import shutil
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from check import TESTS, assert_same, needs, values
from keras_gen import InputError, atomic, cli, data, plot, zoo
from keras_gen.training import (
    devices,
    fine_tuning,
    run_folder,
    same_data,
    trainer,
)
from keras_gen.zoo import checkpoint
from keras_gen.zoo.recipes import Recipe


def pictures(folder, count=12, seed=0):
    folder.mkdir(parents=True)
    noise = np.random.default_rng(seed).integers(
        0, 256, (count, 16, 16, 3), "uint8"
    )
    for i, array in enumerate(noise):
        Image.fromarray(array).save(folder / f"{i:02}.png")
    return folder


def recipe(source, **changes):
    return zoo.recipe("gan_shapes").smoke().override({
        "data.source": str(source), "train.precision": "float32",
        "networks.generator.width": 8, "networks.discriminator.width": 8,
    } | changes)


def restored(made, workdir):
    model = made.build()
    checkpoint.restore(model, workdir / "checkpoints")
    return values(model)


def test_a_run_goes_on_elsewhere_bit_for_bit(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(trainer, "finish", lambda *run: None)
    old = pictures(tmp_path / "old")
    stays = {"train.steps": 4}
    whole = tmp_path / "whole"
    trainer.run(recipe(old, **stays), whole)
    trainer.run(recipe(old), tmp_path / "there" / "run")
    shutil.copytree(tmp_path / "there" / "run", tmp_path / "here")
    shutil.rmtree(tmp_path / "there")
    new = tmp_path / "other" / "new"
    new.parent.mkdir()
    old.rename(new)
    trainer.run(recipe(new, **stays), tmp_path / "here")
    assert f"moved from {old}, and the same" in capsys.readouterr().out
    assert_same(*(
        restored(recipe(new, **stays), workdir)
        for workdir in (whole, tmp_path / "here")
    ))
    written = Recipe.read(tmp_path / "here" / "recipe.toml")
    assert written["data"]["source"] == str(new)


def begun(source, workdir):
    """A run's folder as its start leaves it."""
    made = recipe(source)
    workdir.mkdir(exist_ok=True)
    run_folder.prepare(
        made, workdir, devices.plan().start(1), "",
        data=same_data.fingerprint(made.dataset()),
    )
    return run_folder.begun(made, workdir)


def test_other_data_are_refused_and_changed_ones_told(tmp_path, capsys):
    old = pictures(tmp_path / "old")
    run = begun(old, tmp_path / "run")
    other = recipe(pictures(tmp_path / "other", seed=1))
    words = f"began with the data in {old}, and those in .*other are others"
    with pytest.raises(InputError, match=words):
        same_data.checked(other, run, other.dataset(), tmp_path / "run")
    # Some of them to train on, some held out.
    for i in range(9):
        Image.new("RGB", (16, 16)).save(old / f"more{i}.png")
    same_data.checked(recipe(old), run, recipe(old).dataset(), tmp_path)
    assert "have changed since the run began" in capsys.readouterr().out
    # A run of a version that looked at no data.
    run.values["run"].pop("data")
    with pytest.raises(InputError, match="others, as far as is known"):
        same_data.checked(other, run, other.dataset(), tmp_path)
    assert same_data.checked(recipe(old), run, recipe(old).dataset(), tmp_path)


def test_a_fingerprint_is_of_what_is_trained_on(tmp_path):
    folder = pictures(tmp_path / "a")
    shutil.make_archive(str(tmp_path / "b"), "zip", folder)
    np.savez(tmp_path / "labels", x=np.zeros((70, 8, 8), "uint8"))

    def found(source, **arguments):
        return same_data.fingerprint(
            data.load(source, "images", size=16, **arguments)
        )

    assert found(folder) == found(tmp_path / "b.zip")
    assert found(folder) != found(folder, split="test")
    (folder / "03.png").unlink()
    assert found(folder) != found(tmp_path / "b.zip")
    # All labels count, not only those of the items looked at.
    labels = np.zeros(200, "int32")
    sets = [
        data.Dataset({"image": np.zeros((200, 8, 8, 3), "uint8"),
                      "label": each}, classes=("a", "b"))
        for each in (labels, np.where(np.arange(200) == 77, 1, labels))
    ]
    assert len({same_data.fingerprint(each) for each in sets}) == 2


def test_a_relative_source_is_written_down_whole(tmp_path, monkeypatch):
    pictures(tmp_path / "mine")
    monkeypatch.chdir(tmp_path)
    run = begun("mine", tmp_path / "run")
    assert run["data"]["source"] == str(tmp_path / "mine")
    monkeypatch.chdir("/")
    assert len(Recipe.read(tmp_path / "run" / "recipe.toml").dataset())
    for name in ("shapes", "mnist", "cycle_gan/maps"):
        assert same_data.located(name) == name


def test_data_that_are_gone_are_asked_for(tmp_path, capsys):
    gone = pictures(tmp_path / "gone")
    begun(gone, tmp_path / "run")
    shutil.rmtree(gone)
    with pytest.raises(SystemExit) as ended:
        cli.main(["evaluate", str(tmp_path / "run"), "--metrics=diversity",
                  f"--out={tmp_path / 'x.json'}"])
    told = capsys.readouterr().err
    (line,) = [x for x in told.splitlines() if x.startswith("error: ")]
    assert ended.value.code == 2 and line
    with pytest.raises(InputError, match=f"no {gone};.*--data=NEW"):
        Recipe.read(tmp_path / "run" / "recipe.toml").dataset()


def command(*arguments, **options):
    found = subprocess.run(
        [sys.executable, str(TESTS.parent / "train" / "main.py"),
         *map(str, arguments)], capture_output=True, text=True,
        env=os.environ | {"PYTHONPATH": str(TESTS.parent)}, **options,
    )
    lines = [x for x in found.stderr.splitlines() if x.startswith("error: ")]
    assert "Traceback" not in found.stderr, found.stderr
    return found.returncode, lines


@pytest.mark.slow
def test_the_trainer_asks_for_data_that_are_gone(tmp_path):
    gone = pictures(tmp_path / "gone")
    begun(gone, tmp_path / "run")
    shutil.rmtree(gone)
    code, lines = command(
        "--model=gan", f"--data={gone}", f"--workdir={tmp_path / 'run'}"
    )
    assert code == 2 and len(lines) == 1
    assert f"no {gone};" in lines[0] and "--data=NEW" in lines[0]


def test_what_a_run_started_from_may_move(tmp_path):
    made = recipe("shapes")
    workdir, source = tmp_path / "run", tmp_path / "away" / "source"
    workdir.mkdir()
    run_folder.prepare(made, workdir, devices.plan().start(1), str(source))
    moved = tmp_path / "back" / "source"
    assert fine_tuning.resolve(str(moved), made, workdir) == str(moved)
    assert fine_tuning.resolve(None, made, workdir) == str(source)
    for other in (tmp_path / "other", "", "gan_shapes"):
        with pytest.raises(InputError, match="started from"):
            fine_tuning.resolve(str(other), made, workdir)
    source.mkdir(parents=True)
    with pytest.raises(InputError, match="started from"):
        fine_tuning.resolve(str(moved), made, workdir)


# -- places that cannot be written to --------------------------------------


@pytest.mark.parametrize(("number", "words"), [
    (errno.EACCES, "no right to write"), (errno.EPERM, "no right to write"),
    (errno.EROFS, "only be read"), (errno.ENOSPC, "the disk is full"),
    (errno.EDQUOT, "quota is used up"), (errno.EFBIG, "become that large"),
    (errno.ENOTDIR, "a file is where a folder should be"),
    (errno.EISDIR, "a folder has that name"),
    (errno.ENAMETOOLONG, "too long"), (errno.ENOENT, "no folder to write it"),
    (errno.EIO, "Input/output error"),
])
def test_why_is_the_true_reason(number, words, tmp_path):
    error = OSError(number, os.strerror(number), "x")
    assert words in atomic.why(error)
    with pytest.raises(InputError, match=words):
        with atomic.replacing(tmp_path / "x"):
            raise error
    with pytest.raises(InputError, match=words) as found:
        with run_folder.disk_errors(tmp_path):
            raise error
    assert "checkpoint" not in str(found.value)
    assert "goes on" not in str(found.value)
    assert not list(tmp_path.iterdir())


def test_hdf5_tells_the_number_in_its_words(tmp_path):
    with pytest.raises(InputError, match="the disk is full"):
        with run_folder.disk_errors(tmp_path):
            raise RuntimeError("Unable to write (errno = 28, No space left)")
    with pytest.raises(RuntimeError, match="ours"):
        with run_folder.disk_errors(tmp_path):
            raise RuntimeError("ours")


def test_a_file_in_the_way_is_named(tmp_path):
    (tmp_path / "file").touch()
    for call in (
        lambda path: plot.grid(np.zeros((1, 8, 8, 3), "uint8"), path / "x.png"),
        lambda path: trainer.run(recipe("shapes"), path / "run"),
    ):
        with pytest.raises(InputError, match="file is where a folder should"):
            call(tmp_path / "file")


@pytest.mark.skipif(
    not os.path.isdir("/sys/kernel"), reason="needs a folder of the system"
)
def test_a_folder_that_nobody_may_write_to(tmp_path, capsys):
    """Where even root has no right to write."""
    with pytest.raises(InputError, match="no right to write|only be read"):
        trainer.run(recipe("shapes"), "/sys/kernel/run")
    for arguments in (
        ["sample", "gan_ring", "--out=/sys/kernel/x.png"],
        ["sample", "gan_ring", "--separate=/sys/kernel/x"],
        ["export", "gan_ring", "/sys/kernel/x"],
    ):
        with pytest.raises(SystemExit) as ended:
            cli.main(arguments)
        told = capsys.readouterr().err
        assert ended.value.code == 2
        assert "no right to write" in told or "only be read" in told, told


@pytest.mark.slow
def test_files_that_may_not_grow_end_in_one_line(tmp_path):
    def limited():
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    code, lines = command(
        "--model=gan_ring", "--steps=2", f"--workdir={tmp_path / 'run'}",
        preexec_fn=limited,
    )
    assert code == 2 and len(lines) == 1 and "large" in lines[0]


@needs("tensorflow")
@pytest.mark.parametrize("name", [
    "PermissionDeniedError", "ResourceExhaustedError", "OutOfRangeError",
])
def test_what_the_disk_refuses_tensorflow_is_one_line(
    name, tmp_path, monkeypatch
):
    import tensorflow as tf

    from keras_gen.export import saved_model

    def full(signatures, path):
        path.mkdir()
        raise getattr(tf.errors, name)(None, None, "no room\nat all")

    monkeypatch.setattr(saved_model, "_write", full)
    model = zoo.recipe("gan_ring").smoke().build()
    with pytest.raises(InputError, match="cannot write .*x/1: no room$"):
        model.export(tmp_path / "x")
    assert not list(tmp_path.iterdir())
