"""Paths of users: one function reads them all, whoever is asked."""

import argparse
import importlib
import inspect
import os
import pathlib
import pkgutil

import numpy as np
import pytest
from PIL import Image

import keras_gen
from keras_gen import (
    atomic,
    cli,
    data,
    evaluation,
    explore,
    plot,
    sharing,
    values,
    zoo,
)
from keras_gen.cli import _common
from keras_gen.data import croissant, loading, picture_files
from keras_gen.errors import InputError
from keras_gen.export import difference, lint, onnx_litert, saved_model
from keras_gen.training import trainer
from keras_gen.zoo import download, records, weights
from keras_gen.zoo.draft import Draft

PICTURES = np.zeros((1, 8, 8, 3), "uint8")
IMAGE = Image.new("RGB", (8, 8))


@pytest.mark.parametrize(("given", "wanted"), [
    ("~/x/y.png", "HOME/x/y.png"),
    ("~", "HOME"),
    (pathlib.Path("~/x"), "HOME/x"),
    (b"runs/x", "runs/x"),
    ("runs/x/", "runs/x"),
    ("runs//x", "runs/x"),
    ("./~/x", "~/x"),
    ("x~", "x~"),
    ("file:///tmp/a%20b", "/tmp/a b"),
    ("a:b/c", "a:b/c"),
    ("cycle_gan/maps:2.0.0", "cycle_gan/maps:2.0.0"),
])
def test_a_path_is_what_the_user_meant(given, wanted, monkeypatch):
    monkeypatch.setenv("HOME", "/home/someone")
    found = atomic.local(given)
    assert found == pathlib.Path(wanted.replace("HOME", "/home/someone"))


ADDRESSES = [
    "gs://b/run", "s3://b/run", "http://host/x.zip", "https://host/x",
    "hdfs://host/x", "GS://b/x", "az-blob://b/x", pathlib.Path("gs://b/run"),
]


@pytest.mark.parametrize(("given", "words"), [
    *((address, "is an address") for address in ADDRESSES),
    ("", "names no file or folder"), ("a\0b", "names no file or folder"),
    (5, "a string or a Path"), (None, "a string or a Path"),
    (r"C:\runs\x", "as on Windows"), ("C:/runs/x", "as on Windows"),
    (r"runs\x", "as on Windows"), (r"\\server\share", "as on Windows"),
    ("~nobody-of-this-name/x", "nobody's home is ~nobody-of-this-name"),
])
def test_what_is_no_path_here_is_refused_in_one_line(given, words):
    with pytest.raises(InputError, match=words) as found:
        atomic.local(given)
    assert "\n" not in str(found.value)


def test_a_name_with_a_backslash_may_be_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / r"a\b").touch()
    assert atomic.local(r"a\b").exists()


# -- functions -----------------------------------------------------------


def taking_paths():
    """The parameters of all public functions and methods that take a str or
    a Path: a set of "module:function.parameter"."""
    found = set()
    for module in pkgutil.walk_packages(keras_gen.__path__, "keras_gen."):
        if module.name.split(".")[1] in ("cli", "_home", "__main__"):
            continue
        there = importlib.import_module(module.name)
        for name, value in vars(there).items():
            if getattr(value, "__module__", None) == there.__name__:
                found |= {
                    f"{there.__name__.removeprefix('keras_gen.')}:{parameter}"
                    for parameter in parameters_of(name, value)
                }
    return found


def parameters_of(name, value):
    """"name.parameter" or "name.method.parameter" of what takes a path."""
    functions = {name: value}
    if inspect.isclass(value):
        functions = {
            f"{name}.{key}": getattr(each, "__func__", each)
            for key, each in vars(value).items()
        }
    for key, function in functions.items():
        if not inspect.isfunction(function) or "._" in key.replace(
            ".__init__", ""
        ) or key.startswith("_"):
            continue
        for parameter in inspect.signature(function).parameters.values():
            told = str(parameter.annotation)
            if "Path" in told and "str" in told:
                yield f"{key}.{parameter.name}"


@pytest.fixture(scope="module")
def model():
    return zoo.recipe("gan_shapes").smoke().build()


def recipe():
    return zoo.recipe("gan_shapes").smoke()


def saves(name, item):
    return lambda model, path: values.named(name).save(item, path)


def compared(**given):
    known = {"made": PICTURES, "real": PICTURES, "training": PICTURES}
    return evaluation.Comparison(**known | given, size=8)


CALLS = {
    "atomic:local.given": lambda model, path: atomic.local(path),
    "data.loading:load.source": lambda model, path: data.load(path, "images"),
    "data.loading:assumed_range.source":
        lambda model, path: loading.assumed_range(path, "images"),
    "data.loading:shows_labels.source":
        lambda model, path: loading.shows_labels(
            path, "pairs", [[0, 0, 0], [9, 9, 9]]
        ),
    "data.loading:short_sides.source":
        lambda model, path: loading.short_sides(path, "images"),
    "data.loading:properties.source":
        lambda model, path: loading.properties(path, "images"),
    "evaluation:compare.made": lambda model, path: evaluation.compare(
        path, PICTURES, features=None, size=8
    ),
    "evaluation:compare.real": lambda model, path: evaluation.compare(
        PICTURES, path, features=None, size=8
    ),
    "evaluation:compare.training": lambda model, path: evaluation.compare(
        PICTURES, PICTURES, features=None, size=8, training=path
    ),
    "evaluation.comparison:Comparison.__init__.made":
        lambda model, path: compared(made=path).samples(),
    "evaluation.comparison:Comparison.__init__.real":
        lambda model, path: compared(real=path),
    "evaluation.comparison:Comparison.__init__.training":
        lambda model, path: compared(training=path),
    "data.picture_files:find.sources":
        lambda model, path: picture_files.find([path]),
    "export.difference:read.folder":
        lambda model, path: difference.read(path),
    "export.lint:check.path": lambda model, path: lint.check(path),
    "export.lint:keeps_no_state.path":
        lambda model, path: lint.keeps_no_state(path),
    "export.onnx_litert:write.path":
        lambda model, path: onnx_litert.write(model, path, "litert"),
    "export.onnx_litert:write_models.path":
        lambda model, path: onnx_litert.write_models({}, path, "litert"),
    "export.saved_model:write.folder":
        lambda model, path: saved_model.write(model, path),
    "objectives.base.configured:Configured.save.filepath":
        lambda model, path: model.save(path),
    "objectives.base.configured:Configured.save_weights.filepath":
        lambda model, path: model.save_weights(path),
    "objectives.base.configured:Configured.load_weights.filepath":
        lambda model, path: model.load_weights(path),
    "objectives.base.generates:Generates.export.folder":
        lambda model, path: model.export(path),
    "plot:grid.path": lambda model, path: plot.grid(PICTURES, path),
    "plot:save.path": lambda model, path: plot.save(IMAGE, path),
    "plot:animation.pictures":
        lambda model, path: plot.animation([path], "x.gif"),
    "plot:animation.path": lambda model, path: plot.animation([IMAGE], path),
    "plot:curves.log": lambda model, path: plot.curves(path, "x.png"),
    "plot:curves.path": lambda model, path: plot.curves(log(), path),
    "plot:correlation.path": lambda model, path: plot.correlation(
        [0, 1], {"a": [0, 1], "b": [0, 1]}, "", path
    ),
    "training.trainer:run.workdir":
        lambda model, path: trainer.run(recipe(), path),
    "training.trainer:run.init_from":
        lambda model, path: trainer.run(recipe(), "run", path),
    "values.base:Value.save.path": saves("picture", PICTURES[0]),
    "values.maps:LabelIds.save.path":
        saves("label_ids", np.zeros((8, 8), "uint8")),
    "values.picture:Picture.save.path": saves("picture", PICTURES[0]),
    "values.points:Points.save.path": saves("points", np.zeros((1, 2))),
    "values.video:Video.save.path": saves("video", PICTURES),
    "values.video:write_gif.path":
        lambda model, path: values.write_gif([IMAGE], path),
    "values.voxels:Voxels.save.path":
        saves("voxels", np.zeros((8, 8, 8, 1), "uint8")),
    "zoo.loading:recipe.name": lambda model, path: zoo.recipe(path),
    "zoo.loading:load.name": lambda model, path: zoo.load(path),
    "zoo.draft:Draft.read.path": lambda model, path: Draft.read(path),
    "zoo.records:file_of.path": lambda model, path: records.file_of(path),
    "zoo.weights:called.name": lambda model, path: weights.called(path),
    "zoo.weights:run_folder.name":
        lambda model, path: weights.run_folder(path),
    "zoo.weights:recipe_file.name":
        lambda model, path: weights.recipe_file(path),
    "zoo.weights:document.path": lambda model, path: weights.document(path),
    "zoo.download:sha256.path": lambda model, path: download.sha256(path),
    "data.croissant:of_files.source":
        lambda model, path: croissant.of_files(path, "images", "x.json"),
    "data.croissant:of_files.out":
        lambda model, path: croissant.of_files(".", "images", path),
    "explore.strips:strip_of_run.folder":
        lambda model, path: explore.strip_of_run(path),
    "sharing.pushing:write.name": lambda model, path: sharing.write(path, "x"),
    "sharing.pushing:write.folder":
        lambda model, path: sharing.write("gan_ring", path),
    "sharing.pushing:push.name":
        lambda model, path: sharing.push(path, "hf://a/b"),
}


def log():
    path = pathlib.Path("log.csv")
    path.write_text("step,loss\n1,2\n2,1\n")
    return path


def test_all_functions_that_take_paths_are_tried():
    assert taking_paths() == set(CALLS)


@pytest.mark.parametrize("given, name", [
    (given, name) for given in ("gs://bucket/x", "") for name in CALLS
    # There it means weights of no other run.
    if given or name != "training.trainer:run.init_from"
])
def test_each_function_refuses_what_is_no_path(
    name, given, model, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    words = "is an address" if given else "names no file or folder"
    with pytest.raises(InputError, match=words):
        CALLS[name](model, given)
    assert {path.name for path in tmp_path.iterdir()} <= {"log.csv"}


@pytest.mark.parametrize(("name", "ending"), [
    ("plot:grid.path", ".png"), ("plot:animation.path", ".gif"),
    ("plot:curves.path", ".png"), ("values.points:Points.save.path", ".csv"),
    ("objectives.base.configured:Configured.save.filepath", ".keras"),
])
def test_home_is_where_files_go(name, ending, model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    CALLS[name](model, f"~/x{ending}")
    assert (tmp_path / f"home/x{ending}").is_file()
    assert not (tmp_path / "~").exists()


# -- flags ---------------------------------------------------------------

# Words of commands that are no paths, and those that the functions above
# read: names of models and of data.
NO_PATHS = {
    "address", "allow_code_of", "attribute", "first", "hold", "host",
    "judge", "label", "last", "layer", "lesson", "license", "loss", "metric",
    "metrics", "size", "url",
}
READ_BY_FUNCTIONS = {
    "model", "name", "names", "data", "beside", "source", "sources",
    "pictures", "features", "place", "trained",
}


def actions(parser):
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for inner in action.choices.values():
                yield from actions(inner)
        else:
            yield action


def flags():
    for command in set(cli.COMMANDS) - {"train"}:
        parser = cli.Parser(prog=command)
        importlib.import_module(f"keras_gen.cli.{command}").add_arguments(
            parser
        )
        for action in actions(parser):
            text = action.nargs != 0 and not action.choices
            if text and action.type not in (int, float):
                yield command, action


def test_every_flag_that_is_a_path_is_read_as_one():
    seen = set()
    for command, action in flags():
        if action.type is _common.path:
            seen.add((command, action.dest))
            with pytest.raises(argparse.ArgumentTypeError, match="address"):
                action.type("gs://b/x")
        elif action.type is None:
            assert action.dest in NO_PATHS | READ_BY_FUNCTIONS, (
                f"{command} {action.dest}: give it type=_common.path"
            )
        assert action.type is not pathlib.Path, f"{command} {action.dest}"
    assert {("sample", "out"), ("serve", "folder"), ("export", "folder"),
            ("reconstruct", "codes"), ("client", "out")} <= seen


def test_a_flag_is_named_with_what_is_wrong(capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["sample", "gan_shapes", "--out=gs://b/x.png"])
    assert ended.value.code == 2
    assert "--out: gs://b/x.png is an address" in capsys.readouterr().err


@pytest.mark.parametrize("variable", ["KERAS_GEN_HOME", "KERAS_GEN_CACHE"])
def test_variables_are_paths_too(variable, monkeypatch):
    from keras_gen.data import cache

    read = {"KERAS_GEN_HOME": zoo.home, "KERAS_GEN_CACHE": cache.home}
    monkeypatch.setenv(variable, "~/x")
    assert read[variable]() == pathlib.Path(os.path.expanduser("~/x"))
    monkeypatch.setenv(variable, "s3://b/x")
    with pytest.raises(InputError, match="is an address"):
        read[variable]()
