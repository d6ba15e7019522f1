"""Archives of other systems, and keras_gen's own figures and runs beside
pictures."""

import zipfile

import numpy as np
import pytest

from keras_gen import data, plot
from keras_gen.data import account
from keras_gen.errors import InputError


def both(packs, path, kind="images", **options):
    """The Datasets of train and test."""
    return [packs.load(path, kind, split, **options)
            for split in ("train", "test")]


def told(packs, path, kind="images"):
    """What is told of a source."""
    train, test = both(packs, path, kind)
    return "\n".join(account.told(train, [test]))


# -- archives ----------------------------------------------------------------


@pytest.mark.parametrize("form", [
    "./{split}/{i}.png", "{split}\\{i}.png", "/{split}/{i}.png",
    "C:\\data\\{split}\\{i}.png", "data//{split}/./{i}.png",
])
def test_names_of_archives(folder, form, tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("__MACOSX/._0.png", b"x")
        for split, first in (("train", 0), ("test", 100)):
            for i in range(3):
                archive.writestr(
                    form.format(split=split, i=i), folder.png(first + i)
                )
    found = both(folder, tmp_path / "a.zip", "images")
    assert [folder.values(part) for part in found] == [
        [0, 1, 2], [100, 101, 102]
    ]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_names_outside_and_twice(folder, tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for name, value in [("a.png", 1), ("./a.png", 2), ("../b.png", 3),
                            ("c/../../d.png", 4), ("e.png", 5)]:
            archive.writestr(name, folder.png(value))
    found = both(folder, tmp_path / "a.zip", "images")
    assert sorted(sum(map(folder.values, found), [])) == [2, 5]
    text = "\n".join(account.told(found[0], found[1:]))
    assert "outside of the archive: ../b.png, c/../../d.png" in text
    assert "of one name, of which the last is read: a.png" in text


def test_an_archive_that_was_unpacked_without_folders(folder):
    path = folder.write({"train\\a\\0.png": folder.png(0)})
    with pytest.raises(InputError, match="backslashes, such as train.a.0"):
        folder.load(path, "images")


# -- our own files -----------------------------------------------------------


def figures(folder):
    """Writes what commands and runs leave beside pictures."""
    sheet = np.zeros((4, 8, 8, 3), np.uint8)
    for name in ("pack-contact-sheet.png", "x.jpg", "x.gif"):
        plot.grid(sheet, folder / name)
    plot.animation([plot.grid(sheet)] * 2, folder / "samples.gif")
    (folder / "log.csv").write_text("step,loss\n1,2\n2,3\n")
    plot.curves(folder / "log.csv", folder / "losses.png")


@pytest.mark.parametrize("kind", ["images", "labelled", "unpaired"])
def test_own_figures_and_runs_are_no_data(folder, kind):
    tops = {"images": [""], "labelled": ["ape/", "bee/"],
            "unpaired": ["trainA/", "trainB/"]}[kind]
    path = folder.write({
        f"{top}{i}.png": folder.png(i) for top in tops for i in range(20)
    } | {
        "runs/a/recipe.toml": b"", "runs/a/lock": b"",
        "runs/a/samples/step-1.png": folder.png(99),
        "runs/a/export/1/saved_model.pb": b"",
        "served/1/saved_model.pb": b"", "served/1/a.png": folder.png(98),
    })
    before = told(folder, path, kind)
    figures(path)
    after = told(folder, path, kind)
    assert "of a training or export: runs/a/" in before
    assert before.splitlines()[0] == after.splitlines()[0]
    assert "a figure of keras_gen: losses.png, pack-contact-" in after
    assert data.properties(path, kind).channels == 1


def test_a_picture_that_a_model_made_is_data(folder, tmp_path):
    from keras_gen import values

    for split in ("train", "test"):
        (tmp_path / split).mkdir()
        values.Picture().save(
            np.full((16, 16, 3), 5, np.uint8), tmp_path / split / "0.png"
        )
    assert folder.values(folder.load(tmp_path, "images")) == [5]


def test_nothing_but_figures(folder, tmp_path):
    figures(tmp_path)
    with pytest.raises(InputError, match="none of the . pictures found for"):
        folder.load(tmp_path, "images")


@pytest.mark.parametrize("source", ["", " ", "\t"])
def test_an_empty_name_is_not_the_current_folder(source, folder, monkeypatch):
    monkeypatch.chdir(folder.folder)
    folder.write({"a.png": folder.png(0), "b.png": folder.png(0)})
    for ask in (data.properties, data.load):
        with pytest.raises(InputError, match="names no file or folder"):
            ask(source, "images")


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_table_of_points_with_a_mark_of_its_encoding(folder, tmp_path, mark):
    text = mark + "x,y\n" + "".join(f"{i},{i / 2}\n" for i in range(20))
    (tmp_path / "a.csv").write_text(text, "utf-8")
    parts = [data.load(tmp_path / "a.csv", "points", split)
             for split in ("train", "test")]
    assert sum(map(len, parts)) == 20
    assert parts[0].account.lines()[0].startswith("lines       20: ")
