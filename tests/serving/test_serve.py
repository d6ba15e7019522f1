"""The command keras-gen serve, as typed."""

import argparse
import base64
import contextlib
import ctypes
import http.client
import io
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from PIL import Image

import keras_gen.serving
from check import TESTS
from keras_gen import cli, zoo
from keras_gen.cli import serve
from serving import tiny
from waiting import ended, until

SCRIPT = "from keras_gen.cli import main; main()"


class Process:
    """`keras-gen serve` in a process of its own."""

    def __init__(self, *arguments):
        self.popen = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, "serve", *map(str, arguments),
             "--rest_port=0", "--grpc_port=0"],
            env=os.environ | {"PYTHONPATH": str(TESTS.parent)}, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )
        self.lines, self.said = queue.Queue(), []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.popen.stdout:
            self.lines.put(line)

    def until(self, beginning):
        """Reads what is printed up to a line that begins so."""
        while True:
            until(lambda: not self.lines.empty(), self.popen)
            line = self.lines.get()
            self.said.append(line)
            if line.startswith(beginning):
                return line

    def __enter__(self):
        ports = dict(
            word.split("=") for word in self.until("ready: ").split()[1:]
        )
        self.rest_port = int(ports["rest_port"])
        self.host = ports["host"]
        return self

    def __exit__(self, *error):
        self.popen.kill()
        self.popen.wait(30)
        self.popen.stdout.close()


def fill(serving, seconds, answers):
    """Threads whose requests take that long and have all places."""

    def wait(time):
        status = 429
        with contextlib.suppress(OSError, http.client.HTTPException):
            while status == 429:
                status, _ = tiny.predict(serving, "wait", instances=[time])
            answers.append(status)

    threads = [threading.Thread(target=wait, args=(s,)) for s in seconds]
    for thread in threads:
        thread.start()
    tiny.until(lambda: tiny.predict(
        serving, "small", instances=[1]
    )[0] == 429, "429")
    return threads


def test_the_stop_is_graceful(tmp_path):
    tiny.add(tmp_path / "tiny", 1)
    # One batch runs at a time: behind one that waits, the request that asks
    # whether all places are taken would wait in one of them.
    alone = "--max_concurrent_requests=2", "--enable_batching=false"
    with Process(tmp_path, *alone) as serving:
        command = next(x for x in serving.said if "curl http" in x)
        assert f":{serving.rest_port}/v1/models/tiny/metadata" in command
        answers = []
        threads = fill(serving, (1, 1.5), answers)
        serving.popen.send_signal(signal.SIGTERM)
        serving.until("stopping")
        for thread in threads:
            thread.join(30)
        assert answers == [200, 200]
        assert ended(serving.popen) == 0
        with pytest.raises(OSError):
            tiny.ask(serving, "/v1/models/tiny")


@pytest.mark.skipif(
    sys.platform != "linux", reason="signals one thread as Linux does"
)
def test_the_stop_whichever_thread_is_interrupted(tmp_path):
    tiny.add(tmp_path / "tiny", 1)
    with Process(tmp_path) as serving:
        threads = map(int, os.listdir(f"/proc/{serving.popen.pid}/task"))
        other = max(set(threads) - {serving.popen.pid})
        assert not ctypes.CDLL(None).tgkill(
            serving.popen.pid, other, signal.SIGTERM
        )
        assert ended(serving.popen) == 0


def test_a_request_that_takes_longer_than_the_grace(tmp_path):
    tiny.add(tmp_path / "tiny", 1)
    with tiny.start(
        tmp_path, grace_seconds=0.1, max_concurrent_requests=1
    ) as serving:
        answers = []
        thread, = fill(serving, (4,), answers)
        start = time.monotonic()
        serving.stop()
        thread.join(30)
        assert answers == [503] and time.monotonic() - start < 3


def test_a_starter_draws_what_generate_draws():
    model = zoo.load("cgan_shapes")
    with tiny.start(zoo.home() / "saved_models" / "cgan_shapes") as serving:
        command = serve.curl(
            serving.service.manager.models(), serving.rest_url
        )
        path = command.split(serving.rest_url)[1].split()[0]
        body = json.loads(command.split("'")[1])
        row = body["instances"][0] | {"label": 2, "seed": 7}
        body["instances"] = [row, row | {"seed": 8}]
        status, answer = tiny.ask(serving, path, body)
    assert status == 200
    files = [base64.b64decode(x["b64"]) for x in answer["predictions"]]
    drawn = np.stack([Image.open(io.BytesIO(file)) for file in files])
    expected = model.generate(
        2, seed=7, label=2, truncation=row["truncation"]
    )
    assert np.abs(drawn.astype(int) - expected).max() <= 1


def test_a_run_is_served_under_its_name(tmp_path):
    run = tmp_path / "runs/mine"
    tiny.add(run / "export", 3)
    (run / "recipe.toml").touch()
    options = argparse.Namespace(folder=run)
    serve.check(options)
    assert options.folder == run / "export"
    with tiny.start(options.folder) as serving:
        assert list(serving.service.manager.models()) == ["mine"]


def refusal(arguments, capsys):
    """The line of a mistake."""
    with pytest.raises(SystemExit) as caught:
        cli.main(["serve", *map(str, arguments)])
    error = capsys.readouterr().err
    assert caught.value.code == 2 and error.startswith("error: ")
    assert error.count("\n") == 1
    return error


@pytest.fixture
def free(monkeypatch):
    """Signal handlers as they were, and free ports."""
    before = {n: signal.getsignal(n) for n in (signal.SIGTERM, signal.SIGINT)}
    yield ["--rest_port=0", "--grpc_port=0"]
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("arguments, words", [
    (["no/such/folder"], "there is no folder"),
    (["."], "there is no model in"),
    (["."] + ["--max_batch_size=0"], "max_batch_size must be at least 1"),
    ([".", "--enable_batching=perhaps"], "must be true or false"),
    ([".", "--max_body_bytes=0"], "must be at least 1"),
    ([".", "--batching_parameters_file=x", "--max_batch_size=3"],
     "in place of --max_batch_size"),
    ([".", "--batching_parameters_file=x"], "cannot read the batching"),
    ([".", "--model_config_file=x"], "cannot read the model config"),
    ([".", "--host=no.such.host.invalid"], "cannot listen on no.such"),
    ([".", "--rest_port=99999"], "cannot listen on 127.0.0.1 port 99999"),
])
def test_mistakes(arguments, words, tmp_path, monkeypatch, capsys, free):
    monkeypatch.chdir(tmp_path)
    assert words in refusal([*free, *arguments], capsys)
    assert not list(tmp_path.iterdir())


def test_a_model_that_cannot_be_loaded(tmp_path, capsys, free):
    (tmp_path / "a" / "1").mkdir(parents=True)
    (tmp_path / "a" / "1" / "saved_model.pb").write_bytes(b"\xff")
    assert "not one model" in refusal([*free, tmp_path], capsys)


@pytest.mark.parametrize("protocol, other", [("rest", "grpc"),
                                             ("grpc", "rest")])
def test_a_port_that_is_taken(protocol, other, tmp_path, capsys, free):
    tiny.add(tmp_path / "tiny", 1)
    with tiny.start(tmp_path) as serving:
        port = getattr(serving, f"{protocol}_port")
        # No model in there: it would end with another line, not serve.
        error = refusal([
            tmp_path / "tiny" / "1", f"--{protocol}_port={port}",
            f"--{other}_port=0",
        ], capsys)
    assert f"cannot listen on 127.0.0.1 port {port}" in error
    assert f"--{protocol}_port" in error


def test_nothing_else_imports_it():
    code = (
        "import sys, keras_gen; from keras_gen.cli import main\n"
        "main(['list']); import keras_gen.export.saved_model\n"
        f"assert not {serve.EXTRA} & set(sys.modules)"
    )
    subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True,
        env=os.environ | {"PYTHONPATH": str(TESTS.parent)},
    )


def test_a_missing_extra(tmp_path, capsys, monkeypatch, free):
    for name in list(sys.modules):
        if name.startswith("keras_gen.serving."):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr(keras_gen.serving, "server")
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    error = refusal([*free, tmp_path], capsys)
    assert "pip install 'keras_gen[serving]'" in error and "uvicorn" in error
