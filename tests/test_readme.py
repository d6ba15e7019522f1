"""The README and the files beside it: what they show can be run, what they
link to is there."""

import os
import re
import subprocess
import sys

import pytest

import keras_gen
from check import TESTS, needs
from keras_gen import cli, objectives, zoo

ROOT = TESTS.parent
GUIDE = ROOT / "docs/guide"
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
BESIDE = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "train/README.md"]
# Of what a reader has: pictures, and features' two sides.
GIVEN = """
import numpy as np
my_pictures = np.random.default_rng(0).integers(
    0, 256, (64, 64, 64, 3), "uint8"
)
made = real = my_pictures[:, :28, :28, :1]
"""


def blocks(path, language):
    """The fenced blocks of a page in a language."""
    return [
        text for found, text in FENCED.findall(path.read_text("utf-8"))
        if found == language
    ]


def run(code, folder):
    """Runs Python as a reader does, in a folder."""
    subprocess.run(
        [sys.executable, "-c", code], cwd=folder, check=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )


def test_the_readme_begins_with_two_commands_and_is_a_screen():
    text = (ROOT / "README.md").read_text("utf-8")
    assert blocks(ROOT / "README.md", "sh")[0].splitlines() == [
        "pip install -e . && python train/main.py --model=pix2pix",
        "pip install -e '.[test]' && pytest",
    ]
    assert len(text.splitlines()) < 80


@needs("tensorflow")
def test_the_readmes_python_runs(tmp_path):
    code, = blocks(ROOT / "README.md", "python")
    run(code, tmp_path)
    assert (tmp_path / "pictures.png").exists()
    assert (tmp_path / "served/dcgan_celeba/1/saved_model.pb").exists()


def test_the_readmes_families_are_all_there_is():
    text = (ROOT / "README.md").read_text("utf-8")
    for family in objectives.__all__:
        assert f"`{family}`" in text
    named = set(re.findall(r"`([a-z0-9]+(?:_[a-z0-9]+)+)`", text))
    assert named - {"train_step", "keras_gen"} <= set(zoo.names())


@pytest.mark.parametrize("name", BESIDE)
def test_links_of_the_files_beside_lead_somewhere(name):
    text = FENCED.sub("", (ROOT / name).read_text("utf-8"))
    for link in re.findall(r"\]\(\s*([^)\s#]+)", text):
        if not link.startswith("http"):
            assert ((ROOT / name).parent / link).exists(), link


@pytest.mark.slow
@needs("tensorflow")
def test_the_guides_python_for_pictures_of_ones_own_runs(tmp_path):
    first, next_day = blocks(GUIDE / "models_in_python.md", "python")
    run(GIVEN + first, tmp_path)
    run(GIVEN + next_day, tmp_path)
    assert (tmp_path / "mine.keras").exists()
    measured, = blocks(GUIDE / "measuring.md", "python")
    run(GIVEN + measured, tmp_path)


def test_the_citation_is_of_this_version():
    text = (ROOT / "CITATION.cff").read_text("utf-8")
    assert f"\nversion: {keras_gen.__version__}\n" in text


def test_reports_of_bugs_are_asked_for_the_environment():
    text = (ROOT / ".github/ISSUE_TEMPLATE/bug.md").read_text("utf-8")
    assert "`keras-gen env`" in text and "env" in cli.COMMANDS
