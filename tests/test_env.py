"""keras-gen env: what a report of a bug says of the machine."""

import json
import platform

import keras
import pytest

import keras_gen
from check import BACKEND, needs
from keras_gen import cli
from keras_gen.backend import settings
from keras_gen.cli import env

CPU = """processor\t: 0
model name\t: A Processor 9000
flags\t\t: fpu sse2 avx2 avx512f amx_tile avx512_bf16
"""


def test_it_says_what_there_is_within_a_screen(capsys):
    cli.main(["env"])
    lines = capsys.readouterr().out.splitlines()
    told = dict(line.split(None, 1) for line in lines)
    assert len(lines) < 20
    assert told["keras_gen"] == f"{keras_gen.__version__} (checkout)"
    assert told["python"] == platform.python_version()
    assert told["keras"] == keras.__version__
    assert told["backend"].split()[0] == BACKEND
    assert told["backend"].split()[1][0].isdigit()
    assert f"{env.cores()} cores" in told["processor"]
    assert told["devices"].startswith(("CPU", "GPU"))


def test_json_has_the_same(capsys):
    cli.main(["env", "--json"])
    assert json.loads(capsys.readouterr().out) == env.facts()


@needs("tensorflow")
def test_what_is_broken_is_told_and_the_rest_all_the_same(monkeypatch):
    def broken():
        raise ImportError("libcudart.so.12:\n cannot open")

    monkeypatch.setattr(
        "keras_gen.training.devices.place.gpu_names", broken
    )
    facts = env.facts()
    assert facts["devices"] == "ImportError: libcudart.so.12: cannot open"
    assert facts["keras"] == keras.__version__
    assert env.version("no-such-package") == "not installed"


@pytest.mark.parametrize("names, told", [
    ([], "CPU, no GPU"), (["A", "A"], "GPU: A, A"),
])
def test_devices_are_those_that_the_backend_sees(names, told, monkeypatch):
    monkeypatch.setattr(
        "keras_gen.training.devices.place.gpu_names", lambda: names
    )
    assert env.devices() == told


def test_the_instructions_that_matter_are_named(tmp_path, monkeypatch):
    file = tmp_path / "cpuinfo"
    file.write_text(CPU)
    read = env.cpu_info
    monkeypatch.setattr(env, "cpu_info", lambda: read(file))
    assert env.name() == "A Processor 9000"
    assert env.flags() == ["AVX2", "AVX512", "AVX512-BF16", "no AMX-BF16"]
    monkeypatch.setattr(env, "cpu_info", lambda: read(tmp_path / "none"))
    assert env.flags() == []
    assert env.name()


def test_the_wanted_backend_is_that_of_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    assert settings.wanted_backend() == "torch"
    monkeypatch.delenv("KERAS_BACKEND")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    assert settings.wanted_backend() == "tensorflow"
    (tmp_path / "keras.json").write_text('{"backend": "jax"}')
    assert settings.wanted_backend() == "jax"
