"""Requests of every kind to a server, right and malformed ones mixed.

Not a test by itself: `test_faults.py` sends some hundreds, and
`benchmarks/serving_faults.py` ten thousand.
"""

import base64
import collections
import concurrent.futures
import functools
import io
import json
import socket
import threading

import numpy as np
from PIL import Image

from serving.contract import asking, models

# gRPC codes that tell a mistake of the client.
REFUSALS = {
    "INVALID_ARGUMENT", "NOT_FOUND", "FAILED_PRECONDITION", "OUT_OF_RANGE",
    "RESOURCE_EXHAUSTED",
}
SEEDS = 40


class Requests:
    """All kinds of requests to one server. The methods `good_...` assert that
    the answer is right, `bad_...` return what the mistake was answered by.
    Each takes a number, which decides on the request's values.

    Args:
        server: an `asking.Server` with its models.
    """

    def __init__(self, server):
        self.server = server
        self.lock = threading.Lock()

    # What the published models answer, computed once.

    @functools.cache
    def signature(self, model, name):
        import tensorflow as tf

        return tf.saved_model.load(str(models.newest(model))).signatures[name]

    @functools.cache
    def pictures(self, model):
        """uint8 pictures of the first seeds, all of label seed % 3."""
        import tensorflow as tf

        inputs = {k: tf.constant(v) for k, v in rows(
            self.signature(model, "sample"), np.arange(SEEDS)
        ).items()}
        return self.signature(model, "sample")(**inputs)["image"].numpy()

    @functools.cache
    def translation(self):
        """(a PNG file, its translation as a PNG file)."""
        import tensorflow as tf

        contents = png(np.random.default_rng(0), 64)
        translate = self.signature("pix2pix_shapes", "translate_png")
        made = translate(image_bytes=tf.constant([contents]))
        return contents, made["image_bytes"].numpy()[0]

    def known(self, function, *arguments):
        """A cached result; one thread computes it."""
        with self.lock:
            return function(*arguments)

    def predict(self, model, **inputs):
        """The outputs over gRPC, as arrays."""
        import tensorflow as tf

        request = asking.request(model, **inputs)
        outputs = self.server.predict(request).outputs
        return {k: tf.make_ndarray(v) for k, v in outputs.items()}

    # Right requests.

    def good_rest(self, i):
        x = np.random.default_rng(i).normal(size=(1 + i % 5, 2))
        code, found = self.server.post(
            "affine:predict", {"instances": x.tolist()}
        )
        assert code == 200, found
        np.testing.assert_allclose(
            found["predictions"], 2 * x @ [[1, 2], [3, 4]] + 1, atol=1e-4
        )

    def good_grpc(self, i):
        x = np.random.default_rng(i).normal(size=(1 + i % 32, 2))
        found = self.predict("affine", x=x.astype("float32"))
        np.testing.assert_allclose(
            found["y"], 2 * x @ [[1, 2], [3, 4]] + 1, atol=1e-4
        )

    def good_kinds(self, i):
        word = f"word {i} \u00e9"
        row = {"count": i, "level": i % 256, "scale": 1, "word": word}
        code, found = self.server.post("kinds:predict", {"instances": [row]})
        assert (code, found) == (200, {"predictions": [{
            "count": i + 1, "level": 255 - i % 256, "logarithm": 0.0,
            "word": word,
        }]})

    def good_png(self, i):
        wanted = self.known(self.pictures, "dcgan_shapes")
        seeds = (np.arange(1 + i % 3) + i) % SEEDS
        inputs = rows(self.signature("dcgan_shapes", "sample"), seeds)
        code, found = self.server.post("dcgan_shapes:predict", {
            "signature_name": "sample_png",
            "inputs": {k: v.tolist() for k, v in inputs.items()},
        })
        assert code == 200, found
        for seed, file in zip(seeds, found["outputs"]):
            near(picture(base64.b64decode(file["b64"])), wanted[seed])

    def good_label(self, i):
        wanted = self.known(self.pictures, "cgan_shapes")
        seeds = (np.arange(1 + i % 7) + i) % SEEDS
        inputs = rows(self.signature("cgan_shapes", "sample"), seeds)
        found = self.predict("cgan_shapes", signature="sample", **inputs)
        near(found["image"], wanted[seeds])

    def good_translation(self, i):
        given, wanted = self.known(self.translation)
        found = self.predict(
            "pix2pix_shapes", signature="translate_png",
            image_bytes=np.array([given], object),
        )
        near(picture(found["image_bytes"][0]), picture(wanted))

    # Malformed requests.

    def bad_json(self, i):
        body = json.dumps({"instances": [[1.0, 2.0]] * 9}).encode()
        place = i % (len(body) - 1)
        broken = (
            body[:place], body[:place] + b"\xff" + body[place:],
            b"[" * (1000 + i % 1000), b"",
        )[i % 4]
        return self.server.post("affine:predict", broken)[0]

    def bad_shape(self, i):
        x = ([[1.0]], [[1.0, 2.0], [1.0]], [[[1.0, 2.0]]], 1.0, [])[i % 5]
        key = ("instances", "inputs")[i // 5 % 2 if x else 0]
        return self.server.post("affine:predict", {key: x})[0]

    def bad_type(self, i):
        value = ("a", None, True, {"b64": "AA=="}, 1e39)[i % 5]
        return self.server.post("affine:predict", {"inputs": [[value, 1]]})[0]

    def bad_name(self, i):
        path = (
            "nobody", "affine/versions/7", "affine/labels/nothing",
            "affine/versions/x", "..%2f..%2fetc",
        )[i % 5]
        return self.server.post(f"{path}:predict", {"instances": [[1, 2]]})[0]

    def bad_label(self, i):
        inputs = rows(self.signature("cgan_shapes", "sample"), np.array([i]))
        inputs["label"][0] = (-1, 99, 2**31 - 1)[i % 3]
        return self.refusal(
            "cgan_shapes", signature="sample_png", **inputs
        )

    def bad_tensor(self, i):
        x = (
            np.ones((2, 3), "float32"), np.ones((2, 2)), np.ones((2, 2), int),
            np.array([["a", "b"]]), np.ones(2, "float32"),
        )[i % 5]
        return self.refusal("affine", x=x)

    def bad_picture(self, i):
        good = png(np.random.default_rng(i), 64)
        contents = (
            b"picture", b"", good[:len(good) // 2], good[:30],
            b"\x89PNG\r\n\x1a\n" + bytes(40), b"\xff\xd8\xff" + bytes(40),
        )[i % 6]
        return self.refusal(
            "pix2pix_shapes", signature="translate_png",
            image_bytes=np.array([contents], object),
        )

    def bad_size(self, i):
        """A huge body, which the server may stop reading."""
        body = b'{"instances": [' + b"[1.0, 2.0, 3.0]," * 200_000 + b"]}"
        try:
            return self.server.post("affine:predict", body)[0]
        except ConnectionError:
            return "cut by the server"

    def bad_connection(self, i):
        """A request that ends in the middle."""
        body = b'{"instances": [[1.0, 2.0]]}'
        message = (
            b"POST /v1/models/affine:predict HTTP/1.1\r\nHost: a\r\n"
            b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
        )[:20 + i % 100]
        address = (self.server.url.hostname, self.server.url.port)
        with socket.create_connection(address, timeout=60) as connection:
            connection.sendall(message)
            if i % 2:  # reset instead of closed
                connection.setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, b"\1" + bytes(7)
                )
        return "cut by the client"

    def bad_protocol(self, i):
        """Bytes that are no HTTP."""
        address = (self.server.url.hostname, self.server.url.port)
        with socket.create_connection(address, timeout=60) as connection:
            connection.sendall((
                b"\x16\x03\x01\x02\x00\r\n\r\n", b"POST\r\n\r\n",
                b"GET /v1/models/affine\r\n\r\n",
                b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
            )[i % 4])
            line = connection.makefile("rb").readline().split()
        return int(line[1]) if line else "cut by the server"

    def refusal(self, model, **inputs):
        """The gRPC code that a request is refused with."""
        import grpc

        try:
            self.predict(model, **inputs)
        except grpc.RpcError as error:
            return error.code().name
        return "OK"


def rows(signature, seeds):
    """Inputs of a `sample` signature for int64 seeds."""
    values = {
        "seed": seeds.astype("int64"), "label": (seeds % 3).astype("int32"),
        "truncation": np.full(len(seeds), 10, "float32"),
    }
    return {k: values[k] for k in signature.structured_input_signature[1]}


def png(rng, side):
    """A PNG file of noise."""
    file = io.BytesIO()
    values = rng.integers(0, 256, (side, side, 3), np.uint8)
    Image.fromarray(values).save(file, "png")
    return file.getvalue()


def picture(contents):
    """The uint8 array of a PNG file."""
    return np.asarray(Image.open(io.BytesIO(contents)))


def near(found, wanted):
    """Asserts that uint8 pictures differ by one level at most."""
    assert found.shape == wanted.shape
    assert np.abs(found.astype(int) - wanted).max() <= 1


def right(answer):
    """Whether this is how a mistake is answered."""
    if isinstance(answer, int):
        return 400 <= answer < 500
    return answer in REFUSALS or answer.startswith("cut by ")


def load(requests, count, threads, progress=lambda done: None):
    """Sends `count` requests, one in five malformed, from some threads.

    Args:
        requests: `Requests`.
        progress: called with the number that are done.

    Returns:
        (Counter of (kind, answer), list of failures in words).
    """
    kinds = {
        wanted: [n for n in sorted(dir(requests)) if n.startswith(wanted)]
        for wanted in ("good_", "bad_")
    }

    def one(number):
        fifths, good = divmod(number, 5)
        chosen = kinds["good_" if good else "bad_"]
        # How many of its sort came before: every kind in turn.
        before = number - fifths - 1 if good else fifths
        i, kind = divmod(before, len(chosen))
        name = chosen[kind]
        try:
            answer = getattr(requests, name)(i) or "right"
        except Exception as error:  # told with all others at the end
            what = f"{type(error).__name__} {error}"
            return name, "failed", f"{name}({i}): {what}"
        wrong = name.startswith("bad_") and not right(answer)
        return name, answer, f"{name}({i}): {answer}" if wrong else None

    counts, failures = collections.Counter(), []
    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        for done, (name, answer, failure) in enumerate(
            pool.map(one, range(count)), 1
        ):
            counts[name, answer] += 1
            failures += [failure] if failure else []
            progress(done)
    return counts, failures
