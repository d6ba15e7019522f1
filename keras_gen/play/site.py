"""The page as files: a folder for any static host, or a single .html."""

import base64
import html
import json
import re
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from keras_gen import atomic
from keras_gen.errors import InputError
from keras_gen.play import runtime

PAGE = Path(__file__).parent / "page"
MODELS = "models"
_STYLES = ("style.css", "lesson.css")
# The page may load what came with it, and nothing else from anywhere.
POLICY = (
    "default-src 'none'; script-src {script} 'wasm-unsafe-eval' blob:; "
    "worker-src 'self' blob:; style-src {style}; img-src 'self' data: blob:; "
    "media-src 'self' blob:; connect-src 'self' data: blob:; "
    "base-uri 'none'; form-action 'none'"
)
_MODULE = re.compile(r"""(from\s+|import\s*\(?\s*)(["'])\./([\w-]+\.js)\2""")


def folder(
    path: Path, models: Sequence[dict[str, Any]], made: Path
) -> None:
    """Writes the page into a folder, which appears when it is whole.

    Args:
        path: of the folder, which is not there, or is empty, or is an older
            page of ours, which is replaced.
        models: what `build` returns.
        made: the folder with their files.

    Raises:
        InputError: something else is there, it cannot be written, or
            onnxruntime-web is not to be had.
    """
    refuse_other(path)
    files = runtime.files()
    path = path.absolute()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(
            prefix=f".{path.name}.", suffix=".aside", dir=path.parent
        ))
    except OSError as error:
        raise InputError(
            f"cannot write {path}: {atomic.why(error)}"
        ) from error
    try:
        aside.chmod(0o755)
        for name, content in {**files, **_own()}.items():
            (aside / name).write_bytes(content)
        shutil.copytree(made, aside / MODELS)
        (aside / "index.html").write_text(_index(models, _linked()), "utf-8")
        if path.exists():
            shutil.rmtree(path)
        aside.rename(path)
    except OSError as error:
        raise InputError(
            f"cannot write {path}: {atomic.why(error)}"
        ) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def one_file(
    path: Path, models: Sequence[dict[str, Any]], made: Path
) -> None:
    """As `folder`, but all in one .html, which opens by double click; a file
    that is there is replaced."""
    files = runtime.files()
    for model in models:
        for file in sorted((made / model["id"]).iterdir()):
            files[f"{MODELS}/{model['id']}/{file.name}"] = file.read_bytes()
    with atomic.replacing(path) as aside:
        aside.write_text(_index(models, _embedded(files)), "utf-8")


def refuse_other(path: Path) -> None:
    """Raises an InputError where a folder has something else than a page of
    ours."""
    if not path.exists():
        return
    if not path.is_dir():
        raise InputError(f"{path} is a file: give a folder, or a .html")
    there = {p.name for p in path.iterdir()}
    if there and not {"index.html", runtime.LIBRARY, MODELS} <= there:
        raise InputError(
            f"{path} has other files than a page of keras-gen play: choose a "
            "new folder"
        )


def as_json(value: Any) -> str:
    """JSON that can stand inside of <script>: none of it ends the element,
    whatever the texts are."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace(
        "&", "\\u0026"
    )


def _own():
    """Our files but index.html: {name: bytes}."""
    return {
        path.name: path.read_bytes() for path in sorted(PAGE.iterdir())
        if path.suffix in (".js", ".css")
    }


def _index(models, parts):
    """index.html, whole."""
    text = (PAGE / "index.html").read_text("utf-8")
    parts = {
        **parts, "zoo": as_json({
            "models": list(models),
            "runtime": {"library": runtime.LIBRARY, "binary": runtime.BINARY},
        }),
    }
    return filled(text, parts)


def filled(text: str, parts: dict[str, str]) -> str:
    """A page with its parts in the places, <!-- name -->, that it has for
    them."""
    for name, content in parts.items():
        mark = f"<!-- {name} -->"
        assert text.count(mark) == 1, mark
        before, after = text.split(mark)
        text = before + content + after
    return text


def _linked():
    """The parts of a page in a folder."""
    policy = POLICY.format(script="'self'", style="'self'")
    return {
        "policy": html.escape(policy),
        "style": "\n".join(
            f'<link rel="stylesheet" href="{name}">' for name in _STYLES
        ),
        "script": '<script type="module" src="main.js"></script>',
    }


def _embedded(files):
    """The parts of a page in one file, whose modules become Blobs under the
    names of an import map: an address relative to a Blob there is not."""
    policy = POLICY.format(script="'unsafe-inline'", style="'unsafe-inline'")
    own = _own()
    style = "\n".join(own.pop(name).decode() for name in _STYLES)
    modules = {
        name: _MODULE.sub(r"\1\2play/\3\2", content.decode())
        for name, content in own.items() if name != "loader.js"
    }
    kept = "\n".join(
        f'<script type="text/plain" data-file="{html.escape(name)}">'
        f"{base64.b64encode(content).decode()}</script>"
        for name, content in files.items()
    )
    return {
        "policy": html.escape(policy),
        "style": f"<style>\n{style}</style>",
        "script": (
            f'<script type="application/json" id="modules">'
            f"{as_json(modules)}</script>\n{kept}\n"
            f"<script>\n{own['loader.js'].decode()}</script>"
        ),
    }
