"""The wheel: what is in it, and that it works without a checkout."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile

import pytest

import recipes
from check import TESTS
from keras_gen import zoo

ROOT = TESTS.parent
HOME = "keras_gen/_home"
PAGES = (
    "keras_gen/play/page", "keras_gen/play/judge", "keras_gen/serving/page"
)

# As pip calls them; from the source distribution, which is then whole, too.
BUILD = """
import setuptools.build_meta as backend
print(backend.build_{what}({folder!r}))
"""

# Without site there is no editable checkout on the path.
USE = """
import sys
sys.path += sys.argv[1:]
import keras_gen
from keras_gen import zoo
assert keras_gen.__file__.startswith(sys.argv[1]), keras_gen.__file__
assert str(zoo.home()).startswith(sys.argv[1]), zoo.home()
print(*zoo.names())
model = zoo.load("gan_shapes")
print(model.generate(3, seed=5).sum())
try:
    zoo.load("gan_mnist")
except keras_gen.InputError as error:
    print(error)
"""


def build(what, source, folder):
    """Builds an "sdist" or a "wheel" from a source folder; its path."""
    folder.mkdir()
    code = BUILD.format(what=what, folder=str(folder))
    subprocess.run(
        [sys.executable, "-c", code], cwd=source, check=True,
        capture_output=True,
    )
    path, = folder.iterdir()
    return path


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel of this checkout, which stays as it is."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in (
        "setup.cfg", "setup.py", "pyproject.toml", "README.md", "LICENSE"
    ):
        shutil.copy(ROOT / name, source)
    for name in ("keras_gen", "zoo", "saved_models", "train", "tests"):
        shutil.copytree(
            ROOT / name, source / name, copy_function=os.symlink,
            ignore=shutil.ignore_patterns("__pycache__"),
        )
    with tarfile.open(build("sdist", source, folder / "sdist")) as archive:
        archive.extractall(folder / "unpacked", filter="data")
    unpacked, = (folder / "unpacked").iterdir()
    return build("wheel", unpacked, folder / "wheel")


def small(name):
    """Whether a model's weights are few enough for the wheel, and those
    that it cannot be without."""
    files = (ROOT / "saved_models" / name).glob("*.weights.h5")
    borrowed = zoo.recipe(name).values.get("frozen", {}).values()
    return sum(file.stat().st_size for file in files) <= 3e6 and all(
        small(other["model"]) for other in borrowed
    )


def test_the_wheel_has_all_code_all_recipes_and_small_models(wheel):
    with zipfile.ZipFile(wheel) as archive:
        files = {n for n in archive.namelist() if ".dist-info/" not in n}
    code = {str(p.relative_to(ROOT)) for p in ROOT.glob("keras_gen/**/*.py")}
    tables = {
        f"{HOME}/zoo/{name}{ending}.toml" for name in zoo.names()
        for ending in ("", ".record")
        # What is not published yet has no record.
        if (ROOT / "zoo" / f"{name}{ending}.toml").exists()
    }
    weights = {
        f"{HOME}/saved_models/{name}/{network}.weights.h5"
        for name in recipes.PUBLISHED if small(name)
        for network in zoo.recipe(name)["weights"]
    }
    assert all(map(small, filter(recipes.starter, recipes.PUBLISHED)))
    assert not small("detector_celeba")  # it borrows dcgan_celeba's
    pages = {
        str(p.relative_to(ROOT)) for page in PAGES
        for p in ROOT.glob(f"{page}/*")
    }
    assert len(pages) > 20
    assert files == code | pages | tables | weights | {"keras_gen/py.typed"}
    assert wheel.stat().st_size < 25e6


@pytest.mark.slow
def test_the_wheel_works_without_a_checkout(wheel, tmp_path):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    paths = {sysconfig.get_path(name) for name in ("purelib", "platlib")}
    variables = {
        k: v for k, v in os.environ.items() if not k.startswith("KERAS_GEN_")
    }
    output = subprocess.run(
        [sys.executable, "-I", "-S", "-c", USE, tmp_path / "site", *paths],
        cwd=tmp_path, capture_output=True, text=True, check=True,
        env=variables | {"KERAS_GEN_CACHE": str(tmp_path / "cache")},
    ).stdout.splitlines()
    assert output[0].split() == zoo.names()
    assert int(output[1]) == zoo.load("gan").generate(3, seed=5).sum()
    assert "keras-gen fetch gan_mnist --from=" in output[2]
    assert "keras-gen train --model=gan_mnist" in output[2]
