"""The page as files: what is in it, that no text becomes markup, what is
refused; and the server's headers."""

import base64
import http.client
import json
import re

import pytest

from check import running
from keras_gen.errors import InputError
from keras_gen.play import runtime, server, site
from keras_gen.zoo import cards

EVIL = '</script><img src=x onerror=alert(1)> & "\' <!-- \u2028'
MODEL = {
    "id": "mine", "name": EVIL, "summary": EVIL, "paper": "javascript:alert(1)",
    "texts": [["For", EVIL]], "numbers": [], "networks": {"generator": 3},
    "picture": False, "made": None, "draws": None, "labels": None,
    "encodes": None, "translates": None, "predicts": None, "examples": {},
}
FILES = {runtime.LIBRARY: b"library", runtime.BINARY: b"\0binary"}


@pytest.fixture(autouse=True)
def files(monkeypatch):
    monkeypatch.setattr(runtime, "files", lambda: dict(FILES))


@pytest.fixture
def made(tmp_path):
    (tmp_path / "made/mine").mkdir(parents=True)
    (tmp_path / "made/mine/generator.onnx").write_bytes(b"abc")
    return tmp_path / "made"


def data_of(text):
    """The JSON in a page; of script elements there are no others in it."""
    (found,) = re.findall(
        r'<script type="application/json" id="zoo">(.*?)</script>', text, re.S
    )
    return json.loads(found)


def test_a_folder_has_all_that_a_page_needs(tmp_path, made):
    site.folder(tmp_path / "site", [MODEL], made)
    there = {
        str(p.relative_to(tmp_path / "site"))
        for p in (tmp_path / "site").rglob("*") if p.is_file()
    }
    own = {p.name for p in site.PAGE.iterdir()}
    assert there == own | set(FILES) | {"models/mine/generator.onnx"}
    text = (tmp_path / "site/index.html").read_text("utf-8")
    assert data_of(text)["models"] == [MODEL]
    assert "<img" not in text and "<!-- zoo" not in text
    # No script of the page itself: the policy allows files only.
    policy = re.search(r'Security-Policy" content="(.*?)"', text)[1]
    assert "script-src &#x27;self&#x27; " in policy
    assert "unsafe-inline" not in policy


def test_one_file_has_all_of_it(tmp_path, made):
    site.one_file(tmp_path / "x.html", [MODEL], made)
    text = (tmp_path / "x.html").read_text("utf-8")
    assert data_of(text)["models"] == [MODEL] and "<img" not in text
    kept = dict(re.findall(r'data-file="(.*?)">(.*?)</script>', text))
    wanted = {**FILES, "models/mine/generator.onnx": b"abc"}
    assert {k: base64.b64decode(v) for k, v in kept.items()} == wanted
    (modules,) = re.findall(r'id="modules">(.*?)</script>', text, re.S)
    modules = json.loads(modules)
    scripts = {p.name for p in site.PAGE.glob("*.js")} - {"loader.js"}
    assert set(modules) == scripts
    for name, source in modules.items():
        # A Blob has no neighbours to import from.
        found = re.findall(r'from "(.*?)"', source)
        assert all(x.removeprefix("play/") in scripts for x in found), name
        assert all(x.startswith("play/") for x in found), name


def test_every_module_is_imported_from_main():
    sources = {p.name: p.read_text("utf-8") for p in site.PAGE.glob("*.js")}
    waiting, seen = ["main.js"], set()
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += re.findall(r'from "\./([\w-]+\.js)"', sources[name])
    assert seen == set(sources) - {"loader.js"}


def test_the_page_names_no_other_place():
    for path in site.PAGE.iterdir():
        text = path.read_text("utf-8")
        assert not re.findall(r"(?:https?:)?//[\w-]+\.[\w.]+", text), path
        # Texts become text nodes only.
        assert not re.findall(r"innerHTML|insertAdjacent|document\.write",
                              text), path
        assert len(text.splitlines()) <= 330, path


def test_a_page_takes_the_place_of_a_page_and_of_nothing_else(tmp_path, made):
    goal = tmp_path / "site"
    site.folder(goal, [MODEL], made)
    (goal / "models/old").mkdir()
    site.folder(goal, [MODEL], made)
    assert not (goal / "models/old").exists()
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.txt").write_text("years")
    with pytest.raises(InputError, match="other files"):
        site.folder(other, [MODEL], made)
    assert [p.name for p in other.iterdir()] == ["thesis.txt"]
    with pytest.raises(InputError, match="is a file"):
        site.folder(other / "thesis.txt", [MODEL], made)
    assert {p.name for p in tmp_path.iterdir()} == {"made", "site", "other"}


def test_the_server_isolates_the_page(tmp_path, made):
    site.folder(tmp_path / "site", [MODEL], made)
    with server.Server(tmp_path / "site") as here, running(here):
        def ask(path, host=None):
            link = http.client.HTTPConnection(server.HOST, here.server_port)
            link.request("GET", path, headers={"Host": host} if host else {})
            answer = link.getresponse()
            answer.read()
            link.close()
            return answer

        for path, kind in (
            ("/", "text/html"), ("/main.js", "text/javascript"),
            (f"/{runtime.LIBRARY}", "text/javascript"),
            (f"/{runtime.BINARY}", "application/wasm"),
        ):
            answer = ask(path)
            assert answer.status == 200, path
            assert answer.headers.get_content_type() == kind
            assert answer.headers["Cross-Origin-Opener-Policy"] == (
                "same-origin"
            )
            assert answer.headers["Cross-Origin-Embedder-Policy"] == (
                "require-corp"
            )
        assert ask("/models/").status == 404  # no list of files
        assert ask("/../made/mine/generator.onnx").status == 404
        # A name of another site that was made to lead here.
        assert ask("/", "evil.example:80").status == 403
        with pytest.raises(InputError, match="--port"):
            server.Server(tmp_path / "site", here.server_port)


def test_a_card_has_its_numbers_with_what_to_compare_with():
    card = cards.of({
        "name": "x", "summary": "y", "paper": "z",
        "card": {"use": "to see", "data": "ours", "measured": {"date": "now"}},
        "results": [
            {"real": "shapes test", "near_copies": {"model": 0.0}},
            {"real": "shapes test", "features": "pca",
             "distance": {"model": [1.5, 0.1], "training data": 0.5}},
            {"real": "shapes validation", "l1": {"model": 9.0}},
            {"real": "shapes test", "over": "sample seeds", "times": 5,
             "distance": {"model": [1.6, 0.2]}},
            {"real": "shapes test", "l2": {"mean picture": 4.0}},
        ],
    })
    assert card["texts"] == [["For", "to see"], ["Data", "ours"]]
    assert card["numbers"] == [
        {"metric": "distance (pca)", "model": 1.5, "spread": 0.1,
         "others": {"training data": 0.5}},
        {"metric": "near_copies", "model": 0.0, "spread": None, "others": {}},
    ]
