"""Models from where others have put them: hf://user/name, of the Hugging Face
Hub, and https://host/folder, of any static host.

Such a folder is what `keras_gen.sharing.push` writes: a work directory,
whose recipe names each of its other files with its sha256 in `[files]`. What
comes is whole and is what the recipe names, or it is not used. A recipe from
elsewhere may call nothing but what recipes may (`keras_gen.zoo.references`).

Nothing here needs Keras.
"""

import functools
import re
import shutil
import tomllib
import urllib.parse
from pathlib import Path, PurePosixPath
from types import ModuleType

from keras_gen import atomic
from keras_gen.data import cache
from keras_gen.errors import InputError
from keras_gen.zoo import download

RECIPE = "recipe.toml"
_HUB = "hf://"
_HOSTS = ("http://", "https://")
_FILES = download.Kind(
    "model", b"", "sha256",
    "the address must be that of a folder as keras-gen push writes it",
    "the address", "pull the model where there is one",
)


def is_address(name: object) -> bool:
    """Whether a model's name is the address of a folder elsewhere."""
    return str(name).startswith((_HUB, *_HOSTS))


def called(address: str) -> str:
    """What a model at an address is called in the names of files."""
    return address.rstrip("/").rpartition("/")[2].partition("@")[0]


@functools.cache
def folder(address: str) -> Path:
    """The work directory at an address, in a cache on this machine, fetched
    where it is not there; verified once in each process.

    Raises:
        InputError: as of `pull`.
    """
    if address.startswith(_HUB):
        found = _snapshot(address)
    else:
        found = cache.home() / "pulled" / cache.key(address.rstrip("/"))
        _fetch(address, found)
    verify(found, address)
    return found


def pull(address: str, target: Path) -> None:
    """Copies the work directory at an address into a new folder.

    Args:
        address: hf://user/name, also @revision, a branch, tag or commit, of
            the Hugging Face Hub (HF_ENDPOINT, HF_TOKEN and HF_HOME are
            those of its own tools); or http:// or https:// of a folder of a
            static host.
        target: the folder to make.

    Raises:
        InputError: no such model, no connection, a folder that is there
            already, or other files than the recipe names; `target` does not
            exist then.
    """
    with atomic.new_folder(target) as aside:
        if address.startswith(_HUB):
            _snapshot(address, aside)
            # What the hub's library keeps beside what it fetched.
            shutil.rmtree(aside / ".cache", ignore_errors=True)
        else:
            _fetch(address, aside)
        verify(aside, address)


def verify(found: Path, address: str) -> None:
    """Raises an InputError unless a folder has what its recipe names."""
    for name, digest in _files(found, address).items():
        path = found / name
        if not path.is_file() or download.sha256(path) != digest:
            raise InputError(
                f"{address} is not whole: {name} is missing or not what its "
                f"{RECIPE} names; have it pushed again"
            )


def _files(found, address):
    """{path: sha256} of the files that a folder's recipe names."""
    path = found / RECIPE
    if not path.is_file():
        raise InputError(
            f"{address} has no {RECIPE}, and so is no model that keras-gen "
            "push has put there"
        )
    try:
        named = tomllib.loads(path.read_text("utf-8")).get("files")
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{address}: its {RECIPE} is damaged: {error}")
    if not isinstance(named, dict) or not named:
        raise InputError(
            f"{address}: its {RECIPE} has no [files]; have the model put "
            "there with keras-gen push"
        )
    for name, digest in named.items():
        _check(name, digest, address)
    return named


def _check(name, digest, address):
    """Raises an InputError for a file that would lie outside the folder, or
    be something else than files of a model are."""
    path = PurePosixPath(name)
    if (
        path.is_absolute() or ".." in path.parts or "\\" in name
        or name == RECIPE or path.parts[0] == "checkpoints"
        or not re.fullmatch("[0-9a-f]{64}", str(digest))
    ):
        raise InputError(
            f"{address}: its {RECIPE} names the file {name!r}, which no model "
            "that keras-gen push has put there has: do not use it"
        )


def _fetch(address, target):
    """Fetches from a static host what is not there yet."""
    base = address.rstrip("/")
    part = target / f"{RECIPE}.new"
    download.fetch(f"{base}/{RECIPE}", part, None, _FILES)
    atomic.rename(part, target / RECIPE)
    for name, digest in _files(target, address).items():
        path = target / name
        if not path.is_file() or download.sha256(path) != digest:
            download.fetch(
                f"{base}/{urllib.parse.quote(name)}", path, digest, _FILES
            )


def _snapshot(address, target=None):
    """Fetches a repository of the hub; the folder that it is in."""
    hub, errors = library()
    name, revision = repository(address)
    try:
        return Path(hub.snapshot_download(
            name, revision=revision, local_dir=target,
            ignore_patterns=["checkpoints/*", ".git*"],
            library_name="keras_gen",
        ))
    except (errors.RepositoryNotFoundError, errors.RevisionNotFoundError):
        raise InputError(
            f"there is no model {address} at {hub.constants.ENDPOINT}, or you "
            "may not see it: check the name, and log in with hf auth login if "
            "it is private"
        ) from None
    except (errors.HTTPError, OSError, ValueError) as error:
        why = " ".join(str(error).split())
        raise InputError(f"cannot fetch {address}: {why}") from error


def library() -> tuple[ModuleType, ModuleType]:
    """huggingface_hub and its errors; InputError where it is not
    installed."""
    try:
        import huggingface_hub
        import huggingface_hub.constants
        from huggingface_hub import errors
    except ImportError as error:
        raise InputError(
            "huggingface_hub is not installed, which hf:// needs: pip install "
            "'keras_gen[hub]'"
        ) from error
    return huggingface_hub, errors


def newest(address: str) -> str:
    """user/name of an hf:// address that is to be pushed to.

    Raises:
        InputError: an address of another form, or of a revision.
    """
    name, revision = repository(address)
    if revision:
        raise InputError(
            f"{address} names a revision, and a push makes a new one: leave "
            f"@{revision} out"
        )
    return name


def repository(address: str) -> tuple[str, str | None]:
    """(user/name, revision) of an hf:// address, the revision None without
    one.

    Raises:
        InputError: an address of another form.
    """
    name, _, revision = address.removeprefix(_HUB).strip("/").partition("@")
    if not address.startswith(_HUB) or not re.fullmatch(
        r"[\w.-]+/[\w.-]+", name
    ):
        raise InputError(
            f"{address} is no model of the hub: give hf://user/name, or "
            "hf://user/name@revision"
        )
    return name, revision or None
