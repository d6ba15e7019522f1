"""What is said of data in Croissant, read by MLCommons' own library."""

import hashlib
import json
import zipfile

import numpy as np
import pytest
from PIL import Image

from keras_gen import cli
from keras_gen.data import croissant
from keras_gen.errors import InputError


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder and a .zip of two classes in two formats."""
    monkeypatch.chdir(tmp_path)
    for name, level in (("a/1.png", 10), ("a/2.png", 20), ("b/3.jpg", 30)):
        path = tmp_path / "mine" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8), (level,) * 3).save(path)
    (tmp_path / "mine/notes.txt").write_text("none of it")
    with zipfile.ZipFile("mine.zip", "w") as archive:
        for path in sorted((tmp_path / "mine").rglob("*.*")):
            archive.write(path, path.relative_to(tmp_path / "mine"))
    return tmp_path


def records(file):
    """{class: levels} of all items, as mlcroissant reads them."""
    mlcroissant = pytest.importorskip("mlcroissant")
    dataset = mlcroissant.Dataset(str(file))
    assert not dataset.metadata.ctx.issues.errors
    found = {}
    for each in dataset.metadata.record_sets:
        for item in dataset.records(each.uuid):
            values = {name.rpartition("/")[2]: v for name, v in item.items()}
            label = values.get("label", b"all").decode()
            level = int(np.asarray(values["image"])[0, 0, 0])
            found.setdefault(label, set()).add(level)
    return found


@pytest.mark.parametrize(("source", "out"), [
    ("mine", "mine/croissant.json"), ("mine", "croissant.json"),
    ("mine.zip", "mine.json"),
])
def test_a_library_reads_pictures_and_classes_by_it(place, source, out):
    cli.main(["data", source, "--size=8", f"--croissant={out}"])
    if source == "mine":
        assert records(place / out) == {"a": {10, 20}, "b": {30}}


def test_pictures_without_classes_have_no_label(place):
    found = croissant.of_files("mine", "images", "all.json")
    (place / "all.json").write_text(croissant.text(found))
    assert records(place / "all.json") == {"all": {10, 20, 30}}
    (fields,) = {
        tuple(field["name"] for field in each["field"])
        for each in found["recordSet"]
    }
    assert fields == ("image",)


def test_an_archive_is_known_by_its_sha256(place):
    found = croissant.of_files("mine.zip", "pairs", "all.json")
    (archive,) = [
        each for each in found["distribution"]
        if each["@type"] == "cr:FileObject"
    ]
    content = (place / "mine.zip").read_bytes()
    assert archive["sha256"] == hashlib.sha256(content).hexdigest()
    assert archive["contentUrl"] == "mine.zip"
    assert {
        (each["containedIn"]["@id"], *each["includes"])
        for each in found["distribution"] if each is not archive
    } == {(archive["@id"], "*.png"), (archive["@id"], "*.jpg")}
    # An item of two pictures has no fields that could be told.
    assert "recordSet" not in found


def test_it_is_json_that_says_which_version(place):
    cli.main(["data", "mine", "--size=8", "--croissant=all.json"])
    found = json.loads((place / "all.json").read_text())
    assert found["conformsTo"] == "http://mlcommons.org/croissant/1.1"
    assert found["@type"] == "sc:Dataset" and found["name"] == "mine"


@pytest.mark.parametrize(("source", "out", "says"), [
    ("mine", "other/all.json", "in the folder of mine"),
    ("shapes", "all.json", "no folder or file of this machine"),
])
def test_paths_that_cannot_be_told(place, source, out, says):
    (place / "other").mkdir()
    with pytest.raises(InputError, match=says):
        croissant.of_files(source, "images", out)
