"""A SavedModel that is written and loaded at once, and clients for it."""

import contextlib
import functools
import http.client
import json
import pathlib
import shutil
import tempfile
import time
import urllib.request

import tensorflow as tf

from keras_gen.serving import batching, server
from keras_gen.serving.limits import Limits

SPEC = tf.TensorSpec
# Signatures of `Model`; a few of them are faster to load.
FEW = ("serving_default", "small")
ALL = (*FEW, "text", "any_width", "wait", "scalar")


class Model(tf.Module):
    """Signatures that say what became of a request."""

    def __init__(self, version):
        super().__init__()
        self.version = tf.Variable(version, dtype="int64")

    @tf.function(input_signature=[
        SPEC([None, 2], "float32", "x"), SPEC([None], "int64", "shift"),
    ])
    def serving_default(self, x, shift):
        return {
            "y": 2 * x + tf.cast(shift, "float32")[:, None],
            "version": tf.fill(tf.shape(shift), self.version),
        }

    @tf.function(input_signature=[SPEC([None], "int32", "number")])
    def small(self, number):
        """Refuses rows above 9; tells how many rows ran together."""
        with tf.control_dependencies([
            tf.debugging.assert_less(number, 10, "number out of range")
        ]):
            rows = tf.fill(tf.shape(number), tf.size(number))
        return {"number": number, "rows": rows}

    @tf.function(input_signature=[SPEC([None], "string", "image_bytes")])
    def text(self, image_bytes):
        return {"image_bytes": image_bytes,
                "length": tf.strings.length(image_bytes)}

    @tf.function(input_signature=[SPEC([None, None], "float32", "x")])
    def any_width(self, x):
        return {"mean": tf.reduce_mean(1 / x, -1)}

    @tf.function(input_signature=[SPEC([None], "float64", "seconds")])
    def wait(self, seconds):
        end = tf.timestamp() + tf.reduce_max(seconds)
        tf.while_loop(lambda: tf.timestamp() < end, lambda: [], [])
        return {"waited": seconds}

    @tf.function(input_signature=[SPEC([], "uint8", "x")])
    def scalar(self, x):
        return {"x": x}


@functools.cache
def _written(version, names):
    """The folder of a version, written once; removed at the end."""
    folder = tempfile.TemporaryDirectory()
    model = Model(version)
    path = pathlib.Path(folder.name, "model")
    tf.saved_model.save(
        model, str(path), signatures={n: getattr(model, n) for n in names}
    )
    return folder, path


def add(folder, version, signatures=ALL):
    """Puts a version into the folder of a model, whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder / f"{version}.aside"
    shutil.copytree(_written(version, signatures)[1], aside)
    return aside.rename(folder / str(version))


def start(root, poll_seconds=0, **limits):
    """A `Server` on free ports; a context manager."""
    limits = {
        "batching": batching.Parameters(batch_timeout_micros=0),
        "grace_seconds": 10, **limits,
    }
    return server.Server(
        root, rest_port=0, grpc_port=0, poll_seconds=poll_seconds,
        limits=Limits(**limits),
    )


def ask(serving, path, body=None):
    """(HTTP status, what the JSON says) of a GET, or a POST of `body`: bytes,
    chunks of bytes, or a dict that is made JSON."""
    if isinstance(body, dict):
        body = json.dumps(body).encode()
    connection = http.client.HTTPConnection(
        "127.0.0.1", serving.rest_port, timeout=30
    )
    with contextlib.closing(connection):
        connection.request("GET" if body is None else "POST", path, body)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())


def predict(serving, signature, model="tiny", **body):
    """(HTTP status, JSON) of a predict request."""
    body = {"signature_name": signature, **body}
    return ask(serving, f"/v1/models/{model}:predict", body)


def metrics(serving):
    """Values by name and labels."""
    address = f"{serving.rest_url}/monitoring/prometheus/metrics"
    with urllib.request.urlopen(address, timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    samples = (x.rsplit(" ", 1) for x in lines if not x.startswith("#"))
    assert "# TYPE :tensorflow:serving:request_count counter" in lines
    return {name: float(value) for name, value in samples}


def until(true, what):
    """Waits for it, but not forever."""
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end, f"no {what} came"
        time.sleep(0.01)
