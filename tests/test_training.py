"""Work directories: whole runs, going on, and refusing without loss."""

import copy
import csv
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

import recipes
from check import BACKEND, assert_same, needs, values
from keras_gen import zoo
from keras_gen.errors import InputError
from keras_gen.training import devices, run_folder, trainer
from keras_gen.training.callbacks.progress import clock
from keras_gen.zoo import checkpoint, records
from keras_gen.zoo.recipes import Recipe

SLOW = pytest.mark.slow


def smoke(name, **changes):
    changes = {k.replace("__", "."): v for k, v in changes.items()}
    return zoo.recipe(name).smoke().override(changes)


def restored(recipe, workdir):
    model = recipe.build()
    checkpoint.restore(model, workdir / "checkpoints")
    return values(model)


@pytest.mark.parametrize("name", [
    name if name == "gan_shapes" else pytest.param(name, marks=SLOW)
    for name in recipes.NAMES
])
def test_two_quick_steps_of_every_recipe_leave_everything(name, finished):
    recipe, workdir = smoke(name), finished(name)
    resolved = Recipe.read(workdir / "recipe.toml")
    # What is recorded of a published model is another run's.
    trained, _ = records.split(copy.deepcopy(recipe.values))
    if "frozen" in trained:
        # With the weights that it borrowed.
        trained["frozen"] = recipe.pinned()["frozen"]
    # It was left to the machine.
    trained["train"]["precision"] = resolved["train"]["precision"]
    assert resolved["train"]["precision"] in ("float32", "bfloat16")
    assert {**resolved.values, "run": None} == {**trained, "run": None}
    assert resolved["run"]["backend"] == BACKEND
    for network in recipe.network_names:
        assert (workdir / "export" / f"{network}.weights.h5").stat().st_size
    exported = workdir / "export" / "1" / "saved_model.pb"
    assert exported.exists() == (BACKEND == "tensorflow")
    grids = sorted((workdir / "samples").glob("*.png"))
    moves = recipe["objective"].get("makes") in ("video", "voxels")
    assert (workdir / "samples" / "moving.gif").exists() == moves
    assert [g.name for g in grids] == [
        "step-0000001.png", "step-0000002.png"
    ]
    assert np.array(Image.open(grids[-1])).std() > 0
    with open(workdir / "log.csv", newline="") as file:
        header, *rows = list(csv.reader(file))
    assert header[0] == "step" and [r[0] for r in rows] == ["1", "2"]
    assert all(np.isfinite(float(x)) for row in rows for x in row)
    with open(workdir / "monitors.csv", newline="") as file:
        header, *rows = list(csv.reader(file))
    assert [r[0] for r in rows] == ["1", "2"]
    classifier = "classifier" in recipe["networks"]
    measured = "validation_accuracy" if classifier else "pairwise_distance"
    assert measured in header
    assert all(np.isfinite(float(x)) for row in rows for x in row)
    assert (workdir / "losses.png").exists()
    assert (workdir / "monitors.png").exists()
    assert Image.open(workdir / "samples.gif").n_frames == 2
    assert list((workdir / "tensorboard").glob("events*"))


@SLOW
# All objectives go on in `objectives/test_kill.py`; these as compiled graphs.
@pytest.mark.parametrize("name", ["wgan_gp_shapes", "pix2pix_shapes"])
def test_going_on_equals_never_having_stopped(name, tmp_path):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    recipe = smoke(name, train__steps=4)
    trainer.run(recipe, whole)
    trainer.run(smoke(name, train__steps=2), parts)
    trainer.run(recipe, parts)
    assert_same(restored(recipe, whole), restored(recipe, parts))
    assert (whole / "log.csv").read_text() == (parts / "log.csv").read_text()


@SLOW
def test_the_reloaded_recipe_reproduces_the_run(tmp_path):
    trainer.run(smoke("gan_shapes"), tmp_path / "one")
    again = zoo.recipe(str(tmp_path / "one" / "recipe.toml"))
    trainer.run(again, tmp_path / "two")
    assert_same(
        restored(again, tmp_path / "one"), restored(again, tmp_path / "two")
    )


def test_a_folder_of_another_recipe_is_left_alone(finished, tmp_path):
    workdir = shutil.copytree(finished("gan_shapes"), tmp_path / "run")
    (workdir / "lock").unlink(missing_ok=True)
    before = {p: p.stat().st_mtime_ns for p in workdir.rglob("*")}
    for change, words in [
        ({"train__seed": 1}, "train.seed = 0 there, 1 here"),
        ({"train__steps": 1}, "has done 2 steps already"),
    ]:
        with pytest.raises(InputError, match=words):
            trainer.run(smoke("gan_shapes", **change), workdir)
        (workdir / "lock").unlink(missing_ok=True)
        after = {p: p.stat().st_mtime_ns for p in workdir.rglob("*")}
        assert after == before


NAMES = "objective.class_names"


@pytest.mark.parametrize("there, here, told", [
    (["a", "b"], ["a", "b"], None),
    (["1", "2", "10"], ["1", "2", "11"], "[2] = '10' there, '11' here"),
    (["a", "b", "c", "d"], ["a"], " has 4 entries there, 1 here"),
    (["a", "b"], None, " = ['a', 'b'] there, None here"),
    # A run that kept no names: of folders in the order of letters.
    (None, ["a", "b"], None), (None, [], None),
    (None, ["disc", "square", "cross"], None),
    (None, ["1", "2", "10"], " = None there, ['1', '2', '10'] here"),
])
def test_other_names_of_classes_are_told(there, here, told):
    tables = [
        {"objective": {} if names is None else {"class_names": names}}
        for names in (there, here)
    ]
    found = run_folder.differences(*tables)
    assert found == ([] if told is None else [NAMES + told])


@pytest.mark.parametrize("there, here, told", [
    ({}, {"validation": 0}, []), ({"validation": 0.0}, {}, []),
    ({}, {"validation": 0.1}, ["None there, 0.1 here"]),
    ({"validation": 0}, {"validation": 0.05}, ["0 there, 0.05 here"]),
])
def test_a_run_of_before_was_trained_on_all(there, here, told):
    found = run_folder.differences({"data": there}, {"data": here})
    assert found == [f"data.validation = {words}" for words in told]


@SLOW
def test_a_folder_of_one_class_is_trained_to_the_end(tmp_path, capsys):
    from keras_gen.zoo import fit_to_data

    (tmp_path / "mine" / "cat").mkdir(parents=True)
    for number in range(30):
        Image.new("RGB", (40, 40), (number, 0, 9)).save(
            tmp_path / "mine" / "cat" / f"{number}.png"
        )
    # Both are trained on: what is held out for the test is not read.
    for number in (3, 7):
        (tmp_path / "mine/cat" / f"{number}.png").write_text("no picture")
    recipe = zoo.recipe("cgan")
    changes = {"data.source": str(tmp_path / "mine")}
    small = {
        key: value for key, value in recipe["smoke"].items()
        if not key.startswith("objective")
    }
    changes |= fit_to_data.follow(recipe, changes) | small
    assert trainer.run(recipe.override(changes), tmp_path / "run")
    output = capsys.readouterr().out
    for words in ("files       30: ", " held out for the test",
                  "  skipped   cat/3.png", "  skipped   cat/7.png",
                  "classes     cat 2"):
        assert words in output, output
    model = zoo.load(tmp_path / "run")
    np.testing.assert_array_equal(
        model.generate(2, seed=1, label="Cat"), model.generate(2, seed=1)
    )
    exported = tmp_path / "run" / "export" / "1"
    assert exported.is_dir() == (BACKEND == "tensorflow")


def test_a_foreign_folder_and_a_file_are_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    for place in (tmp_path, tmp_path / "thesis.txt"):
        with pytest.raises(InputError, match="choose another --workdir"):
            trainer.run(smoke("gan_shapes"), place)
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize(
    ("name", "changes", "words"),
    [
        ("dcgan_shapes", {"data__size": 64}, "64 x 64 x 3 but discriminator"),
        ("vae_shapes", {"data__channels": 1}, "32 x 32 x 1 but encoder"),
        ("pix2pix_shapes", {"data__size": 48}, "multiples of 64"),
        ("cgan_shapes", {
            "objective__classes": 3, "objective__class_names": [],
        }, "labels must go"),
        ("dcgan_shapes", {"data__source": "./no/such/folder"}, "no/such"),
    ],
)
def test_data_that_does_not_fit_leaves_no_folder(
    name, changes, words, tmp_path
):
    workdir = tmp_path / "run"
    with pytest.raises(InputError, match=words):
        trainer.run(smoke(name, **changes), workdir)
    assert not workdir.exists()


def test_a_nan_stops_the_run_and_keeps_the_checkpoint(tmp_path):
    workdir = tmp_path / "run"
    rate = {"optimizers__autoencoder__learning_rate": float("inf")}
    recipe = smoke("autoencoder_shapes", train__steps=5, **rate)
    words = "autoencoder_(loss|gradient_norm) became nan at step 2;"
    with pytest.raises(InputError, match=words):
        trainer.run(recipe, workdir)
    assert not list((workdir / "export").iterdir())


@SLOW
def test_rows_after_the_checkpoint_are_dropped_from_the_log(tmp_path):
    trainer.run(smoke("gan_shapes"), tmp_path)
    log = tmp_path / "log.csv"
    rows = log.read_text()
    row = rows.splitlines()[-1].replace("2,", "3,", 1)
    # A full disk cut off what would have been step 10.
    log.write_text(f"{rows}{row}\n1")
    trainer.run(smoke("gan_shapes", train__steps=3), tmp_path)
    header, *rows = log.read_text().splitlines()
    assert [r.split(",")[0] for r in rows] == ["1", "2", "3"]
    assert {r.count(",") for r in rows} == {header.count(",")}


def test_two_trainings_in_one_folder_are_refused(tmp_path):
    workdir = tmp_path / "run"
    recipe = smoke("gan_shapes")
    with run_folder.alone(workdir):
        words = f"under way in {workdir} .process {os.getpid()} on"
        with pytest.raises(InputError, match=words):
            trainer.run(recipe, workdir)
        assert [p.name for p in workdir.iterdir()] == ["lock"]
    assert not workdir.exists()


def test_a_killed_process_leaves_no_lock(tmp_path):
    (tmp_path / "lock").touch()
    holder = subprocess.Popen(
        [sys.executable, "-c", "import fcntl, sys; file = open(sys.argv[1]);"
         "fcntl.flock(file, fcntl.LOCK_EX); print(flush=True); input()",
         tmp_path / "lock"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )
    holder.stdout.readline()
    with pytest.raises(InputError, match="another training is under way"):
        with run_folder.alone(tmp_path):
            pass
    holder.kill()
    holder.wait()
    with run_folder.alone(tmp_path):
        pass


def test_a_run_killed_at_its_very_start_goes_on(tmp_path):
    recipe = smoke("gan_shapes")
    for name in ("lock", "recipe.aside"):
        (tmp_path / name).write_text("half")
    run_folder.refuse_folder(recipe, tmp_path)
    place = devices.plan().start(1)
    run_folder.prepare(recipe, tmp_path, place, init_from="")
    assert Recipe.read(tmp_path / "recipe.toml").name == "gan_shapes"


@pytest.mark.parametrize(
    ("seconds", "text"), [(5, "0:05"), (65.4, "1:05"), (7261, "2:01:01")]
)
def test_clock(seconds, text):
    assert clock(seconds) == text


@needs("tensorflow")
def test_training_on_torch_is_exported_on_tensorflow(finished, tmp_path):
    workdir = shutil.copytree(finished("gan_shapes"), tmp_path / "run")
    shutil.rmtree(workdir / "export")
    trainer.run(smoke("gan_shapes"), workdir)
    assert (workdir / "export" / "1" / "saved_model.pb").exists()
