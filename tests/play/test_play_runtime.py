"""onnxruntime-web out of its npm package: which registry, and that what comes
is what was published; on a loopback registry."""

import base64
import hashlib
import io
import socket
import tarfile

import pytest
from weights_host import host as serving

from keras_gen.errors import InputError
from keras_gen.play import runtime
from keras_gen.zoo import download

NAMES = [runtime.LIBRARY, runtime.BINARY]
PATH = f"{runtime.NAME}/-/{runtime.NAME}-{runtime.VERSION}.tgz"


def tarball(names):
    """A npm package with these files in dist/."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for name in names:
            member = tarfile.TarInfo(f"package/dist/{name}")
            member.size = len(name)
            archive.addfile(member, io.BytesIO(name.encode()))
    return file.getvalue()


@pytest.fixture(autouse=True)
def registry(tmp_path, monkeypatch):
    """A registry with a package of the same name, which is published."""
    content = tarball(NAMES)
    digest = base64.b64encode(hashlib.sha512(content).digest()).decode()
    monkeypatch.setattr(runtime, "INTEGRITY", f"sha512-{digest}")
    monkeypatch.setattr(download, "_PAUSE", 0.001)
    monkeypatch.setenv("KERAS_GEN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with serving({PATH: content}) as server:
        monkeypatch.setenv("npm_config_registry", server.address)
        yield server


def kept(tmp_path):
    return [p.name for p in (tmp_path / "cache").rglob("*") if p.is_file()]


def test_it_is_fetched_once(registry, tmp_path):
    for _ in range(2):
        assert runtime.files() == {name: name.encode() for name in NAMES}
    assert len(registry.asked) == 1
    assert kept(tmp_path) == [f"{runtime.NAME}-{runtime.VERSION}.tgz"]


def test_another_content_is_not_kept(registry, tmp_path):
    registry.files[PATH] = tarball([*NAMES, "more"])
    with pytest.raises(InputError, match="damaged and was not kept.*sha512"):
        runtime.files()
    assert not kept(tmp_path)


@pytest.mark.parametrize("content, words", [
    (None, "404"), (b"<html>sign in</html>", "sends no npm package"),
])
def test_what_is_no_package_is_refused_in_a_line(
    content, words, registry, tmp_path
):
    registry.files[PATH] = content
    with pytest.raises(InputError, match=words) as caught:
        runtime.files()
    assert "npm_config_registry" in str(caught.value)
    assert "\n" not in str(caught.value) and not kept(tmp_path)


def test_without_a_connection_a_line_says_what_to_do(monkeypatch):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    monkeypatch.setenv("npm_config_registry", f"http://127.0.0.1:{port}/")
    with pytest.raises(InputError, match="check the registry.*or copy a cache"):
        runtime.files()


def test_a_damaged_cache_is_told(registry):
    runtime.files()
    path = runtime.package(runtime.NAME, runtime.VERSION, runtime.INTEGRITY)
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(InputError, match="delete it"):
        runtime.files()


def test_the_registry_is_npms(monkeypatch, tmp_path):
    for name in ("npm_config_registry", "NPM_CONFIG_REGISTRY"):
        monkeypatch.delenv(name, raising=False)
    own = tmp_path / "npmrc"
    monkeypatch.setenv("npm_config_userconfig", str(own))
    monkeypatch.setattr(runtime.sys, "prefix", str(tmp_path / "prefix"))
    own.write_text("cache=/x\n")
    machine = tmp_path / "prefix/etc/npmrc"
    machine.parent.mkdir(parents=True)
    machine.write_text("registry=https://machine/\n")
    assert runtime.registry() == "https://machine/"
    monkeypatch.setenv("HERE", "mine")
    own.write_text(
        "@some:registry=https://scope/\nregistry=https://old/\n"
        '; registry=https://comment/\n registry = "https://${HERE}/npm/"\n'
    )
    assert runtime.registry() == "https://mine/npm/"
    monkeypatch.setenv("NPM_CONFIG_REGISTRY", "https://environment/")
    assert runtime.registry() == "https://environment/"


def test_the_real_package_is_pinned():
    assert runtime.VERSION.count(".") == 2
    assert runtime.PACKAGE.digest == "sha512"
