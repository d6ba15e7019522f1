"""The folder of a model that others load, and its way to a hub.

It is laid out like a work directory, so that every tool takes it:

    recipe.toml             with the sha256 of the files below in [files]
    export/                 weights of each network, and the SavedModel
    samples.png             what the card shows: nothing but what it makes
    croissant.json          what it was trained on, as far as that is told
    README.md               the card, with the hub's metadata

Nothing in it tells where anything was on this machine.
"""

import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from keras_gen import atomic, data
from keras_gen.accepted import accepted
from keras_gen.data import croissant
from keras_gen.errors import InputError
from keras_gen.sharing import card
from keras_gen.zoo import compress, loading, pulled, toml, weights

# All but the directories of a path, in a line of text.
_FOLDERS = re.compile(r"(^|[\s=])[^\s=]*[/\\](?=[^\s/\\])")
# The card may be mended where it is.
_UNNAMED = (pulled.RECIPE, card.FILE)


@accepted
def push(
    name: str | Path, address: str, private: bool = False,
    license: str | None = None, allow_code_of: Sequence[str] = (),
) -> str:
    """Puts a model on the Hugging Face Hub, in one commit.

    Args:
        name: a published model, or the work directory of a run, whose
            newest weights are taken.
        address: hf://user/name; the repository is made where it is not there.
        private: whether a new repository is shown to you alone.
        license: of the weights, the hub's identifier, for instance
            "apache-2.0" or "other"; the card names none without it.
        allow_code_of: as of `zoo.load`.

    Returns:
        The commit's address.

    Raises:
        InputError: as of `write`; an address of another form, no right to
            write there, or no connection. Nothing is changed there then.
    """
    repository = pulled.newest(address)
    hub, errors = pulled.library()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "model"
        write(name, folder, address, license, allow_code_of)
        api = hub.HfApi(library_name="keras_gen")
        try:
            api.create_repo(repository, private=private, exist_ok=True)
            # What an earlier push has left is no longer of the model.
            return api.upload_folder(
                repo_id=repository, folder_path=folder,
                delete_patterns=["export/**", "samples.*"],
                commit_message=f"{weights.called(name)}, by keras-gen push",
            ).commit_url
        except errors.LocalTokenNotFoundError:
            raise InputError(
                "you are not logged in at the hub: hf auth login, or set "
                "HF_TOKEN"
            ) from None
        except (errors.HTTPError, OSError, ValueError) as error:
            why = " ".join(str(error).split())
            raise InputError(f"cannot push to {address}: {why}") from error


@accepted
def write(
    name: str | Path, folder: str | Path, address: str | None = None,
    license: str | None = None, allow_code_of: Sequence[str] = (),
) -> None:
    """Writes the folder of a model for others, to be put on any static host.

    Args:
        name: as of `push`.
        folder: to make.
        address: where it will be, for the card's first example.
        license, allow_code_of: as of `push`.

    Raises:
        InputError: no such model, one without weights, or a folder that is
            there already; `folder` does not exist then.
    """
    recipe = loading.recipe(name, allow_code_of)
    folder = atomic.local(folder)
    with atomic.new_folder(folder) as aside:
        model = loading.load(name, allow_code_of=allow_code_of)
        (aside / "export").mkdir()
        values = told(recipe.values)
        save_weights(model, aside / "export", weights.run_folder(name))
        model.export(aside / "export")
        draw(model, recipe, aside)
        (aside / croissant.FILE).write_text(data_told(values), "utf-8")
        (aside / card.FILE).write_text(card.text(
            values, model, address or f"https://HOST/{folder.name}", license
        ), "utf-8")
        values["files"] = named(aside)
        (aside / pulled.RECIPE).write_text(toml.text(values), "utf-8")


def told(values: dict) -> dict:
    """A recipe's nested dicts without what is this machine's: folders in
    paths, and what the trainer noted of the run but for its command, backend,
    device and date, which are the card's."""
    values = {key: value for key, value in values.items() if key != "files"}
    run, card_table = values.pop("run", None), dict(values["card"])
    if run:
        card_table["trained"] = {
            "command": _FOLDERS.sub(r"\1", run["command"]),
            "backend": run["backend"],
            "device": run["device"],
            "precision": values["train"]["precision"],
            "date": run["date"][:10],
        }
    if "changes" in card_table:
        card_table["changes"] = _FOLDERS.sub(r"\1", card_table["changes"])
    table = values["data"]
    if not data.built_in(table["source"]):
        source = os.path.basename(os.path.normpath(table["source"]))
        table = table | {"source": source}
    return values | {"card": card_table, "data": table}


def save_weights(model, folder, run):
    """Saves the networks' weights, and of a run its averages: those of a
    published model are in their networks' place."""
    saved = model.networks | (model.averages if run else {})
    for name, network in saved.items():
        file = folder / f"{name}.weights.h5"
        network.save_weights(file)
        compress.compress(file)


def data_told(values):
    """The data that the recipe names, as a Croissant file: what is known of
    them without their files."""
    table, told_of = values["data"], values["card"].get("data")
    source = table["source"]
    return croissant.text(croissant.document(
        source, told_of or f"{source}, read as {table['kind']}"
    ))


def draw(model, recipe, folder):
    """Draws the card's pictures: nothing of the data unless they are the
    built-in, and none where the data are needed and not there."""
    try:
        test = recipe.dataset("test")
    except InputError:
        return
    model.card_pictures(
        folder, test.take(np.arange(min(1000, len(test)))),
        with_data=data.built_in(recipe["data"]["source"]),
    )


def named(folder: Path) -> dict[str, str]:
    """The sha256 of each file in a folder, but for the recipe and the card,
    by its path in it."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    found = {path.relative_to(folder).as_posix(): path for path in files}
    return {
        name: weights.sha256(path) for name, path in found.items()
        if name not in _UNNAMED
    }
