"""Where models are: recipes in `zoo/`, weights in `saved_models/`.

Both are looked for in one folder: KERAS_GEN_HOME when it is set, else the
checkout that keras_gen was imported from, else the installed package. Weights
that are not there are taken from the cache, and before that fetched once from
the host at KERAS_GEN_WEIGHTS_URL, which is laid out like `saved_models/`.

Nothing here needs Keras, so that the command line starts fast.
"""

import os
import re
import tomllib
import urllib.parse
from pathlib import Path

from keras_gen import atomic, terminal
from keras_gen.accepted import accepted
from keras_gen.data import cache
from keras_gen.errors import InputError, alike
from keras_gen.zoo import download, pulled, records
from keras_gen.zoo.download import sha256


def home() -> Path:
    """The folder that holds `zoo/` and `saved_models/`."""
    path = os.environ.get("KERAS_GEN_HOME")
    if path:
        return atomic.local(path)
    package = Path(__file__).resolve().parents[1]
    # Only a wheel has this folder: see setup.cfg.
    packed = package / "_home"
    return packed if packed.is_dir() else package.parent


def names() -> list[str]:
    """The names of all recipes, sorted; InputError where there are none."""
    found = _names()
    if not found:
        raise InputError(
            f"there are no recipes in {home() / 'zoo'}: set KERAS_GEN_HOME "
            "to a checkout of keras_gen"
        )
    return found


def _names():
    return sorted(
        p.stem for p in (home() / "zoo").glob("*.toml")
        if not p.stem.endswith(records.ENDING)
    )


def full_name(name: str) -> str | None:
    """A model's name where `name` is one or a family's, else None.

    A family's name, "pix2pix", means its starter on built-in data,
    "pix2pix_shapes".
    """
    known = _names()
    return next((n for n in (name, f"{name}_shapes") if n in known), None)


def run_folder(name: str | Path) -> Path | None:
    """The work directory that `name` is, else None: a folder, or the address
    of one that somebody has pushed, which is fetched. What is published goes
    before a folder of the same name, which ./name means."""
    if pulled.is_address(name):
        return pulled.folder(str(name))
    if full_name(str(name)):
        return None
    folder = atomic.local(name)
    return folder if (folder / "recipe.toml").is_file() else None


def called(name: str | Path) -> str:
    """What a model is called in the names of files: a published one by its
    name, a run by its folder or address, a recipe by its file."""
    if pulled.is_address(name):
        return pulled.called(str(name))
    run = run_folder(name)
    return run.resolve().name if run else recipe_file(name).stem


def refuse_untrained(folder: Path) -> None:
    """Raises an InputError where a work directory has no weights yet."""
    found = [*folder.glob("checkpoints/*.npz"), *folder.glob("export/*.h5")]
    if not found:
        raise InputError(
            f"{folder} has neither a checkpoint nor exported weights: train "
            "it first"
        )


def recipe_file(name: str | Path) -> Path:
    """The recipe's file of a model's or family's name, a work directory or
    the address of a pushed one; a file ending in .toml is itself.

    Raises:
        InputError: no such recipe; the message names the nearest.
    """
    if str(name).endswith(".toml") and not pulled.is_address(name):
        return atomic.local(name)
    folder = run_folder(name)
    if folder:
        return folder / "recipe.toml"
    full = full_name(str(name))
    if full:
        return home() / "zoo" / f"{full}.toml"
    if Path(name).exists() or Path(name).name != str(name):
        raise InputError(
            f"{name} is no work directory of a training, for it has no "
            "recipe.toml, and no published model: keras-gen list shows these"
        )
    known = names()
    near = alike(
        str(name), {*known, *(n.removesuffix("_shapes") for n in known)}
    )
    raise InputError(
        f"there is no model {str(name)!r}"
        + (f": did you mean {', '.join(near)}? " if near else "; ")
        + "keras-gen list shows all; work directories of trainings and "
        "recipe files, which end in .toml, are taken, too"
    )


def document(path: str | Path) -> dict:
    """A recipe's file as nested dicts, with what is recorded beside it;
    `Recipe.read` checks them further.

    Raises:
        InputError: no such file, not TOML, or nothing that a card needs.
    """
    path = atomic.local(path)
    values = _parsed(path)
    record = records.file_of(path)
    if record.exists():
        values = records.merged(values, _parsed(record), str(record))
    for key in ("name", "summary", "paper", "train", "card"):
        if key not in values:
            raise InputError(f"{path}: {key} is missing")
    # It becomes part of paths and addresses.
    if not re.fullmatch(r"[\w.-]*\w", str(values["name"])):
        raise InputError(
            f"{path}: name must be of letters, digits, '_', '-' and '.', got "
            f"{values['name']!r}"
        )
    return values


def _parsed(path):
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read the recipe {path}: {error}")
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path} is not a TOML file: {error}")


def files(values: dict) -> dict[str, Path]:
    """The files with a published model's weights, fetched where they are not
    on this machine.

    Args:
        values: the recipe's nested dicts.

    Returns:
        Dict from network to the path of a file whose sha256 is the recipe's.

    Raises:
        InputError: not published, or the weights are damaged, missing with
            no address to fetch them from, or cannot be fetched.
    """
    return {
        network: _whole(values["name"], network, digest)
        for network, digest in published(values).items()
    }


def published(values: dict) -> dict[str, str]:
    """The sha256 of each network's weights; InputError where there are none,
    which says why and how to train them."""
    if not values.get("weights"):
        why = values.get("unpublished", "")
        raise InputError(
            f"{values['name']} has no published weights"
            f"{f' ({why})' if why else ''}: train it with "
            f"keras-gen train --model={values['name']}"
        )
    return values["weights"]


def refuse_missing(values: dict) -> None:
    """Raises the InputError of `files` where it would have nothing to read
    and no address to fetch from."""
    published(values)
    for network, (where, _) in found(values).items():
        if where == "to fetch":
            _address(values["name"], weights_file(values["name"], network))


def file(values: dict, network: str) -> Path:
    """That of one network, as of `files`."""
    return _whole(values["name"], network, digest(values, network))


def borrowed_file(borrowed: dict) -> Path:
    """That of the network of another recipe that a table [frozen.x] names,
    as of `files`."""
    values = document(recipe_file(borrowed["model"]))
    return file(values, borrowed["network"])


def digest(values: dict, network: str) -> str:
    """The sha256 of one network's published weights; InputError where there
    are none."""
    found = published(values)
    if network not in found:
        raise InputError(
            f"{values['name']} has no weights of {network!r}: it has those "
            f"of {', '.join(found)}"
        )
    return found[network]


@accepted
def weights_file(name: str, network: str) -> Path:
    """Where the published weights of one network are, if they came with the
    recipes."""
    return home() / "saved_models" / name / f"{network}.weights.h5"


def cached_file(digest: str) -> Path:
    """Where fetched weights are kept. The name is their sha256: those of
    another version of the model are another file.

    Raises:
        InputError: `digest` is no sha256.
    """
    if not re.fullmatch("[0-9a-f]{64}", str(digest)):
        raise InputError(
            "[weights] of a recipe has the sha256 of each network's file, 64 "
            f"hexadecimal digits; got {digest!r}"
        )
    return cache.home() / "weights" / f"{digest}.weights.h5"


def found(values: dict) -> dict[str, tuple[str, Path | None]]:
    """Where each network's weights are, without reading them.

    Args:
        values: the recipe's nested dicts.

    Returns:
        Dict from network to (where, path): "here", beside the recipes;
        "cache"; or "to fetch", with the path None.
    """
    places: dict[str, tuple[str, Path | None]] = {}
    for network, digest in values.get("weights", {}).items():
        own = weights_file(values["name"], network)
        cached = cached_file(digest)
        places[network] = (
            ("here", own) if own.is_file()
            else ("cache", cached) if cached.is_file()
            else ("to fetch", None)
        )
    return places


def at_hand(values: dict) -> bool:
    """Whether a recipe has weights, and all of them are on this machine."""
    places = found(values)
    return bool(places) and all(path for _, path in places.values())


def _whole(name, network, digest):
    """The file of one network's weights, verified."""
    own, cached = weights_file(name, network), cached_file(digest)
    if own.is_file():
        if sha256(own) == digest:
            return own
        raise InputError(
            f"the weights {own} are damaged (their sha256 is not the "
            "recipe's): restore the file from the repository, or delete it "
            "and set KERAS_GEN_WEIGHTS_URL to have it fetched"
        )
    if cached.is_file():
        if sha256(cached) == digest:
            return cached
        terminal.say(
            f"the cached weights {cached} are damaged and deleted"
        )
        cached.unlink(missing_ok=True)
    download.fetch(_address(name, own), cached, digest)
    return cached


def _address(name, own):
    """Where a file of weights is fetched from."""
    base = os.environ.get("KERAS_GEN_WEIGHTS_URL")
    if not base:
        raise InputError(
            f"the weights of {name} are not here ({own.parent}): fetch them "
            f"with keras-gen fetch {name} --from=PLACE, the address or "
            "folder of a saved_models/ such as a checkout of keras_gen has, "
            "or set KERAS_GEN_WEIGHTS_URL to one for all models; or train it "
            f"with keras-gen train --model={name}"
        )
    return f"{base.rstrip('/')}/{urllib.parse.quote(f'{name}/{own.name}')}"
