"""Models of a page, each built once: those of the zoo are kept in the cache."""

import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from keras_gen.data import cache
from keras_gen.errors import InputError
from keras_gen.export import onnx_litert
from keras_gen.play import judges
from keras_gen.zoo import cards, weights

_ENDING = ".play"
_SAID = "model.json"
# Our files on which those of a model depend.
_CODE = ("attributes", "describe", "directions", "halves", "networks")


def build(
    names: Sequence[str], folder: Path, allow_code_of: Sequence[str] = (),
    tell: Callable[[str], Any] = print, skip: bool = False,
) -> list[dict[str, Any]]:
    """Writes the files of models into `folder`/<id>/.

    Args:
        names: of published models, or work directories of runs.
        folder: for the models, which is there.
        allow_code_of: as of `zoo.load`.
        tell: is given a line before each model that takes a while.
        skip: leave out what cannot be had as ONNX, and tell why.

    Returns:
        What the page is told of each: the card, `describe.write`'s, and "id",
        which is the name of its folder.

    Raises:
        InputError: no such model, no weights, or no ONNX of it; it names the
            model.
    """
    onnx_litert.require("onnx")
    found: list[dict] = []
    for number, name in enumerate(names, 1):
        values = weights.document(weights.recipe_file(name))
        run = weights.run_folder(name)
        known = {model["id"] for model in found}
        id_ = _unused(_slug(run.resolve().name if run else values["name"]),
                      known)
        kept = None if run else _kept(values)
        if kept is None or not (kept / _SAID).is_file():
            tell(f"{number} of {len(names)}: {name}, for the browser")
            try:
                kept = _made(name, kept, folder / id_, allow_code_of)
            except InputError as error:
                if not skip:
                    raise
                tell(f"left out: {error}\n")
                continue
        if kept != folder / id_:
            shutil.copytree(kept, folder / id_)
        said = json.loads((folder / id_ / _SAID).read_text("utf-8"))
        (folder / id_ / _SAID).unlink()
        found.append({**cards.of(values), **said, "id": id_})
    if not found:
        raise InputError("none of these models can be had for a browser")
    return found


def _made(name, kept, place, allow_code_of):
    """Writes a model's files to its place in the cache, or where it has none
    to `place`; the folder that was written."""
    from keras_gen import zoo
    from keras_gen.play import describe

    goal = kept or place
    goal.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(suffix=cache.ASIDE, dir=goal.parent))
    try:
        recipe = zoo.recipe(name, allow_code_of)
        model = zoo.load(name, allow_code_of=allow_code_of)
        said = describe.write(model, recipe, aside / "files")
        (aside / "files" / _SAID).write_text(json.dumps(said), "utf-8")
        try:
            os.rename(aside / "files", goal)
        except OSError:  # another process was first
            if not (goal / _SAID).is_file():
                raise
    except InputError as error:
        raise InputError(f"{name}: {error}") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return goal


def _kept(values):
    """The folder in the cache of a published model, which has another name
    for other weights, its own or of who judges it, another recipe, and other
    code of ours."""
    code = [Path(__file__).with_name(f"{name}.py") for name in _CODE]
    judge = judges.of(values["data"])
    judged = judge and weights.published(
        weights.document(weights.recipe_file(judge))
    )
    key = cache.key(
        values["name"], weights.published(values),
        values["objective"], values["data"], judged,
        [path.read_bytes() for path in code],
    )
    return cache.home() / "play" / f"{values['name']}-{key}{_ENDING}"


def _slug(name):
    """A name as part of addresses."""
    return re.sub(r"[^\w.-]+", "-", name, flags=re.ASCII).strip("-.") or "run"


def _unused(name, known):
    number, found = 1, name
    while found in known:
        number += 1
        found = f"{name}-{number}"
    return found
