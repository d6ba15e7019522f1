"""What recipes may name, and what they may not."""

import ast
import os
import subprocess
import sys

import pytest

from check import TESTS
from keras_gen import cli, zoo
from keras_gen.errors import InputError
from keras_gen.training import fine_tuning, run_folder
from keras_gen.zoo import references
from keras_gen.zoo.recipes import Recipe


@pytest.mark.parametrize("reference", [
    "keras_gen.objectives:GAN", "keras_gen.objectives.gan:GAN",
    "keras_gen.networks.mlp:generator", "keras_gen.optimizers:Adam",
    "keras.optimizers:Adam", "keras.optimizers.schedules:PolynomialDecay",
    "keras_gen.penalties:r1", "keras_gen.losses:l1",
])
def test_what_models_are_made_of_is_allowed(reference):
    found = references.resolve(reference)
    assert found.__name__ == reference.partition(":")[2]


@pytest.mark.parametrize("reference", [
    "os:system", "subprocess:Popen", "builtins:exec", "importlib:reload",
    # Functions of keras_gen and Keras that move, read and write files, or
    # run what is in them.
    "keras_gen.atomic:rename", "keras_gen.training.trainer:run",
    "keras_gen.zoo.checkpoint:restore", "keras.saving:load_model",
    "keras.utils:get_file", "keras.layers:TFSMLayer", "keras.layers:Lambda",
    "keras.src.utils.file_utils:get_file", "keras.optimizers:deserialize",
    # What allowed modules have only imported.
    "keras_gen.networks.mlp:keras", "keras_gen.objectives.gan:ops",
    "keras_gen.objectives.base.translator:InputError",
    "keras_gen.penalties:gradient_wrt_input", "keras_gen.losses:NamedTuple",
    "keras.optimizers:legacy", "keras_gen.networks:unet",
    # Other spellings.
    "keras_gen.networks.mlp:keras.utils.get_file", "keras_gen.networks.mlp",
    "keras_gen.networks.mlp:__builtins__", "keras_gen.networks:os.system",
    "keras_genuine.networks:x", "keras_gen.networks_of_mine:x", ":system",
    "keras_gen.networks.mlp:", "", "keras_gen.networks.:mlp", "..os:system",
    "keras.optimizers.schedules:learning_rate_schedule",
])
def test_all_else_is_refused(reference):
    with pytest.raises(InputError) as caught:
        references.resolve(reference)
    message = str(caught.value)
    assert "\n" not in message and repr(reference) in message


def test_nothing_that_a_recipe_may_name_reaches_files_or_the_network():
    allowed = {
        "collections", "contextlib", "dataclasses", "functools",
        "inspect", "itertools", "keras", "keras_gen", "math", "numbers",
        "numpy", "tensorflow", "threading", "torch", "typing", "weakref",
    }
    root = TESTS.parent
    files = [
        file for package in references._OWN
        for path in [root / package.replace(".", "/")]
        for file in [path.with_suffix(".py"), *path.rglob("*.py")]
        if file.is_file()
    ]
    assert len(files) > 20
    for file in files:
        tree = ast.parse(file.read_text("utf-8"))
        for node in ast.walk(tree):
            names = [a.name for a in getattr(node, "names", ())
                     if isinstance(node, ast.Import)]
            if isinstance(node, ast.ImportFrom):
                names = [node.module]
            for name in names:
                assert name.partition(".")[0] in allowed, (file, name)
            if isinstance(node, ast.Name):
                assert node.id not in {
                    "open", "exec", "eval", "compile", "__import__",
                }, (file, node.id)


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A recipe that names code of a package of its own, which says when it
    is imported."""
    package = tmp_path / "my_package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "nets.py").write_text(
        f"open({str(tmp_path / 'imported')!r}, 'w').close()\n"
        "from keras_gen.networks.mlp import generator as theirs\n"
        "from os import system\n"
        "def generator(size, channels, latent_dim, width, depth):\n"
        "    return theirs(size, channels, latent_dim, width, depth)\n"
    )
    text = zoo.recipe("gan_shapes").to_toml()
    first = 'function = "keras_gen.networks.mlp:generator"'
    assert first in text
    file = tmp_path / "mine.toml"
    file.write_text(
        text.replace(first, 'function = "my_package.nets:generator"')
    )
    monkeypatch.syspath_prepend(tmp_path)
    yield file
    for name in ("my_package", "my_package.nets"):
        sys.modules.pop(name, None)


def test_code_of_others_is_not_even_imported_without_leave(own):
    for load in (zoo.recipe, zoo.load, Recipe.read):
        with pytest.raises(InputError) as caught:
            load(str(own))
        message = str(caught.value)
        for words in ("mine.toml: [networks.generator]", "\n",
                      "'my_package.nets:generator'",
                      "allow_code_of=['my_package']",
                      "--allow_code_of=my_package"):
            assert (words in message) == (words != "\n")
    with pytest.raises(InputError, match="may not use"):
        zoo.recipe(str(own), allow_code_of=["my_pack", "other"])
    assert not (own.parent / "imported").exists()
    with pytest.raises(InputError, match="must be a list, each of it a text"):
        zoo.recipe(str(own), allow_code_of="my_package")


def test_leave_is_for_the_package_and_what_follows_from_the_recipe(own):
    recipe = zoo.recipe(str(own), allow_code_of=["my_package"])
    assert (own.parent / "imported").exists()
    model = recipe.smoke().build()
    assert model.generate(2, seed=0).shape == (2, 16, 16, 1)
    loaded = zoo.load(str(own), allow_code_of=["my_package.nets"])
    assert (loaded.generate(3, seed=0) == zoo.load("gan").generate(3, seed=0)
            ).all()
    # Imported by the package, but defined elsewhere.
    for name in ("system", "open"):
        with pytest.raises(InputError):
            recipe.override(
                {"networks.generator.function": f"my_package.nets:{name}"}
            )


def test_work_directories_need_the_same_leave(own, tmp_path):
    allowed = ["my_package"]
    recipe = zoo.recipe(str(own), allowed).smoke()
    workdir = tmp_path / "run"
    (workdir / "export").mkdir(parents=True)
    (workdir / "recipe.toml").write_text(recipe.to_toml())
    model = recipe.build()
    model.save_networks(workdir / "export")
    run_folder.refuse_folder(recipe, workdir)
    assert fine_tuning.resolve(None, recipe, workdir) == ""
    again = zoo.load(workdir, allow_code_of=allowed)
    assert (again.generate(2, seed=1) == model.generate(2, seed=1)).all()
    with pytest.raises(InputError, match="allow_code_of"):
        zoo.load(workdir)


@pytest.mark.slow
def test_the_trainer_has_a_flag_for_it(own, tmp_path):
    paths = map(str, (TESTS.parent, tmp_path))
    result = subprocess.run(
        [sys.executable, TESTS.parent / "train/main.py", f"--model={own}",
         "--allow_code_of=other,my_package", f"--workdir={tmp_path / 'run'}",
         "--set=networks.generator.widht=8"],
        capture_output=True, text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
    )
    # It has read the recipe, and asked the package what it takes.
    assert result.returncode == 2
    assert "my_package.nets:generator takes width" in result.stderr


def test_the_command_line_has_the_same_flag(own, tmp_path, capsys):
    recipe = zoo.recipe(str(own), ["my_package"]).smoke()
    (tmp_path / "run/export").mkdir(parents=True)
    (tmp_path / "run/recipe.toml").write_text(recipe.to_toml())
    recipe.build().save_networks(tmp_path / "run/export")
    command = ["sample", str(tmp_path / "run"), "--n=4",
               f"--out={tmp_path / 'a.png'}"]
    with pytest.raises(SystemExit):
        cli.main(command)
    assert "--allow_code_of=my_package" in capsys.readouterr().err
    assert not (tmp_path / "a.png").exists()
    cli.main([*command, "--allow_code_of=other,my_package"])
    assert (tmp_path / "a.png").is_file()
