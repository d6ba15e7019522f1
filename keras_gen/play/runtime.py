"""onnxruntime-web, which computes in the browser: out of its npm package.

The package's tarball is fetched once, without Node, from the registry that
the user's npm configuration names, checked against the digest that npm has
published for this version, and kept beside fetched weights.
"""

import base64
import os
import re
import sys
import tarfile
from pathlib import Path

from keras_gen import atomic
from keras_gen.data import cache
from keras_gen.errors import InputError
from keras_gen.zoo import download

NAME, VERSION = "onnxruntime-web", "1.30.0"
# `npm view onnxruntime-web@1.30.0 dist.integrity`.
INTEGRITY = (
    "sha512-q0y+JrrtukXSzsBWEMccVfqX25LRmosXHF+CaRJmg8pZClzcV7svNc4rKY3jL02Vb7"
    "QmRMDs1SigqR4CXAfKYQ=="
)
# The library with its glue, and what it runs.
LIBRARY, BINARY = "ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm"
_PUBLIC = "https://registry.npmjs.org/"
_SETTING = "registry of npm's configuration (npm_config_registry, ~/.npmrc)"
PACKAGE = download.Kind(
    "npm package", b"\x1f\x8b", "sha512",
    f"the {_SETTING} must be an npm registry that has {NAME} {VERSION}",
    f"the {_SETTING}",
    f"copy a cache with npm/{NAME}-{VERSION}.tgz here (KERAS_GEN_CACHE)",
)


def files() -> dict[str, bytes]:
    """The content of `LIBRARY` and `BINARY`, by name; fetched where they are
    not in the cache.

    Raises:
        InputError: no connection, no such package there, another content, or
            no room.
    """
    path = package(NAME, VERSION, INTEGRITY)
    return members(path, [f"dist/{name}" for name in (LIBRARY, BINARY)])


def package(name: str, version: str, integrity: str) -> Path:
    """The tarball of a npm package, which is fetched once.

    Args:
        name, version: of the package.
        integrity: as npm writes it, "sha512-" and base64.
    """
    path = cache.home() / "npm" / f"{name}-{version}.tgz"
    if path.is_file():
        return path
    digest = base64.b64decode(integrity.removeprefix("sha512-")).hex()
    address = f"{registry().rstrip('/')}/{name}/-/{name}-{version}.tgz"
    download.fetch(address, path, digest, PACKAGE)
    return path


def members(path: Path, names: list[str]) -> dict[str, bytes]:
    """Files out of a npm package's tarball, by their last names.

    Raises:
        InputError: it is not whole, or does not have them.
    """
    try:
        with tarfile.open(path) as archive:
            return {
                Path(name).name: archive.extractfile(f"package/{name}").read()
                for name in names
            }
    except (tarfile.TarError, OSError, EOFError, KeyError) as error:
        raise InputError(
            f"{path} is damaged ({error}): delete it, and it is fetched again"
        ) from error


def registry() -> str:
    """The address of the npm registry: npm_config_registry of the
    environment, else what the user's, then the machine's npmrc says, else
    the public one."""
    for name, value in os.environ.items():
        if name.lower() == "npm_config_registry" and value:
            return value
    own = next((
        value for name, value in os.environ.items()
        if name.lower() == "npm_config_userconfig" and value
    ), "~/.npmrc")
    places = [own, *(
        f"{prefix}/etc/npmrc" for prefix in (sys.prefix, "/usr/local", "/usr")
    ), "/etc/npmrc"]
    found = (_said(atomic.local(place)) for place in places)
    return next(filter(None, found), _PUBLIC)


def _said(path):
    """The registry that an npmrc names, or None."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    said = re.findall(r"^\s*registry\s*=\s*(.+?)\s*$", text, re.MULTILINE)
    if not said:
        return None
    # npm takes the last one, and ${NAME} is the environment's.
    return re.sub(
        r"\$\{(\w+)\}", lambda name: os.environ.get(name[1], name[0]),
        said[-1].strip("\"'"),
    )
