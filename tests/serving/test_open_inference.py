"""The Open Inference Protocol over REST, against the same model's answers
below /v1."""

import base64
import io
import json
import math
import re

import numpy as np
import pytest
from PIL import Image

import keras_gen
from check import TESTS
from keras_gen import zoo
from serving import tiny

INFER = "/v2/models/tiny/infer"


@pytest.fixture(scope="module")
def serving(tmp_path_factory):
    root = tmp_path_factory.mktemp("served")
    tiny.add(root / "tiny", 3)
    with tiny.start(root, max_body_bytes=100_000) as server:
        yield server


def tensor(name, datatype, array, **more):
    """A flat tensor of a request."""
    array = np.asarray(array)
    return {"name": name, "datatype": datatype, "shape": list(array.shape),
            "data": array.reshape(-1).tolist(), **more}


def body(signature=None, *inputs, **more):
    made = {"inputs": list(inputs), **more}
    if signature:
        made["parameters"] = {"signature_name": signature}
    return made


X = tensor("x", "FP32", [[1, 2], [0.5, -1]])
SHIFT = tensor("shift", "INT64", [10, 0])


def test_the_server_and_its_health(serving):
    for path in ("/v2", "/v2/", "/V2"):
        assert tiny.ask(serving, path) == (200, {
            "name": "keras_gen", "version": keras_gen.__version__,
            "extensions": [],
        })
    assert tiny.ask(serving, "/v2/health/live") == (200, {"live": True})
    assert tiny.ask(serving, "/v2/health/ready") == (200, {"ready": True})


@pytest.mark.parametrize("version", ["", "/versions/3"])
def test_a_model_is_ready(version, serving):
    assert tiny.ask(serving, f"/v2/models/tiny{version}/ready") == (
        200, {"name": "tiny", "ready": True}
    )


@pytest.mark.parametrize("version", ["", "/versions/3"])
def test_metadata(version, serving):
    path = f"/v2/models/tiny{version}"
    status, answer = tiny.ask(serving, path)
    assert status == 200 and answer == {
        "name": "tiny", "versions": ["3"],
        "platform": "tensorflow_savedmodel",
        "inputs": [
            {"name": "shift", "datatype": "INT64", "shape": [-1]},
            {"name": "x", "datatype": "FP32", "shape": [-1, 2]},
        ],
        "outputs": [
            {"name": "version", "datatype": "INT64", "shape": [-1]},
            {"name": "y", "datatype": "FP32", "shape": [-1, 2]},
        ],
    }
    status, answer = tiny.ask(serving, f"{path}?signature_name=text")
    assert answer["inputs"] == [
        {"name": "image_bytes", "datatype": "BYTES", "shape": [-1]}
    ]
    status, answer = tiny.ask(serving, f"{path}?signature_name=x")
    assert status == 400 and '"x" not found' in answer["error"]


def test_the_numbers_of_v1(serving):
    """A batch, flat and nested, by the same names."""
    rows = [{"x": [1, 2], "shift": 10}, {"x": [0.5, -1], "shift": 0}]
    _, before = tiny.predict(serving, "", instances=rows)
    nested = X | {"data": [[1, 2], [0.5, -1]]}
    for x in (X, nested):
        status, answer = tiny.ask(serving, INFER, body(None, SHIFT, x, id="7"))
        assert status == 200
        assert answer["id"] == "7" and answer["model_version"] == "3"
        assert answer["model_name"] == "tiny"
        assert answer["parameters"] == {"signature_name": "serving_default"}
        version, y = answer["outputs"]
        rows = [row["y"] for row in before["predictions"]]
        assert y == tensor("y", "FP32", rows)
        assert version == tensor("version", "INT64", [3, 3])


def test_outputs_are_chosen_and_signatures_named(serving):
    sent = body(None, X, SHIFT, outputs=[{"name": "y"}])
    status, answer = tiny.ask(serving, "/v2/models/tiny/versions/3/infer", sent)
    assert status == 200 and "id" not in answer
    assert [x["name"] for x in answer["outputs"]] == ["y"]
    sent = body("small", tensor("number", "INT32", [4, 5, 6]))
    status, answer = tiny.ask(serving, INFER, sent)
    assert status == 200 and answer["outputs"][0]["data"] == [4, 5, 6]
    scalar = body("scalar", tensor("x", "UINT8", 7))
    status, answer = tiny.ask(serving, INFER, scalar)
    assert answer["outputs"] == [tensor("x", "UINT8", 7)]


def test_no_rows_and_odd_numbers(serving):
    empty = body("small", tensor("number", "INT32", np.zeros(0, int)))
    status, answer = tiny.ask(serving, INFER, empty)
    assert status == 200 and answer["outputs"][0]["shape"] == [0]
    odd = X | {"data": [math.inf, math.nan, 1, 2]}
    _, answer = tiny.ask(serving, INFER, body(None, odd, SHIFT))
    infinite, nan, *_ = answer["outputs"][1]["data"]
    assert infinite == math.inf and math.isnan(nan)


def test_bytes(serving):
    data = [bytes(range(256)), b"", "é".encode()]
    files = [base64.b64encode(x).decode() for x in data]
    told = {"content_type": "base64"}
    sent = tensor("image_bytes", "BYTES", files, parameters=told)
    status, answer = tiny.ask(serving, INFER, body("text", sent))
    back, lengths = answer["outputs"]
    assert status == 200 and back["data"] == files
    assert back["parameters"] == told and back["datatype"] == "BYTES"
    assert lengths["data"] == [256, 0, 2]
    text = tensor("image_bytes", "BYTES", ["é", ""])
    _, answer = tiny.ask(serving, INFER, body("text", text))
    assert answer["outputs"][1]["data"] == [2, 0]


NUMBER = tensor("number", "INT32", [1])


def number(**changes):
    made = NUMBER | changes
    return body("small", {k: v for k, v in made.items() if v is not None})


@pytest.mark.parametrize("sent, words", [
    (b"", "The document is empty"),
    (b"{", "JSON Parse error: "),
    (b"[]", "Is not object"),
    ({}, "Missing 'inputs'"),
    ({"inputs": {}}, "'inputs' of the request must be a list"),
    ({"inputs": [1]}, "'inputs' must be a list of objects with a 'name'"),
    (body("small", {"name": 1}), "objects with a 'name'"),
    (body("small", NUMBER, NUMBER), "'inputs' has number twice"),
    (body("small", NUMBER, id=7), "'id' of the request must be a string"),
    ({"inputs": [], "parameters": []}, "must be an object"),
    (body(7, NUMBER), "'signature_name' of parameters must be a string"),
    (body("x", NUMBER), 'Serving signature name: "x" not found'),
    (body("small"), "Missing but required: {number}"),
    (body("small", NUMBER, X), "Sent extra: {x}"),
    (body("small", NUMBER, outputs=[{"name": "z"}]), "number,rows"),
    (body("small", NUMBER, outputs=[{"name": "number"}] * 2), "twice"),
    (number(datatype=None), "datatype INT32 but null"),
    (number(datatype="INT64"), 'datatype INT32 but "INT64"'),
    (number(datatype=["INT32"]), "datatype INT32 but ['INT32']"),
    (number(shape=None), "'shape' of number must be a list"),
    (number(shape=[True]), "list of whole numbers"),
    (number(shape=[-1]), "list of whole numbers"),
    (number(shape=[1, 1]), "shape [?] but [1,1]"),
    (number(data=None), "'data' of number must be a list"),
    (number(data=1), "'data' of number must be a list"),
    (number(data=[1, 2]), "has 2 values, its shape 1"),
    (number(data=[[1]]), "it is nested as [1, 1]"),
    (number(data=[1, [2]]), "found at incorrect level"),
    (number(data=[1.5]), "not of expected type: int32"),
    (number(data=["1"]), "not of expected type: int32"),
    (number(data=[2**31]), "ends at -2147483648"),
    (number(data=[10]), "number out of range"),
    (number(shape=[33], data=[1] * 33), "Task size 33"),
    (number(shape=[10**30], data=[1]), "has 1 values"),
    (body(None, X, SHIFT | {"shape": [1], "data": [1]}), "0th-dimension"),
    (body("text", tensor("image_bytes", "BYTES", ["%"], parameters={
        "content_type": "base64"})), "Unable to base64 decode"),
    (body("text", tensor("image_bytes", "BYTES", ["a"], parameters={
        "content_type": "np"})), "must be base64, or left out"),
    (body("text", tensor("image_bytes", "BYTES", ["a"], parameters=1)),
     "'parameters' of image_bytes must be an object"),
    (body("text", tensor("image_bytes", "BYTES", [{"b64": "YQ=="}])),
     "not of expected type: string"),
    (number(parameters={"binary_data_size": 4}), "binary tensor data"),
    (body("small", NUMBER, outputs=[
        {"name": "rows", "parameters": {"binary_data": True}}]),
     "binary tensor data"),
    (b'{"inputs": [' + b"[" * 40_000, "JSON Parse error"),
])
def test_bad_bodies(serving, sent, words):
    status, answer = tiny.ask(serving, INFER, sent)
    assert status == 400 and set(answer) == {"error"}
    assert words in answer["error"] and "\n" not in answer["error"]


@pytest.mark.parametrize("path, sent, status, words", [
    ("/v2/models/no/infer", body("small", NUMBER), 404, "Latest(no)"),
    ("/v2/models/tiny/versions/9/infer", body("small", NUMBER), 404,
     "Specific(tiny, 9)"),
    ("/v2/models/no", None, 404, "Latest(no)"),
    ("/v2/models/no/ready", None, 404, "Latest(no)"),
    ("/v2/models/tiny/versions/9/ready", None, 404, "Specific(tiny, 9)"),
    (f"/v2/models/tiny/versions/{2**63}", None, 400, "Failed to convert"),
    ("/v2/models/tiny/versions/x", None, 404, "see /v2/models/NAME"),
    ("/v2/models", None, 404, "see /v2/models/NAME"),
    ("/v2/health", None, 404, "see /v2/models/NAME"),
    (INFER, None, 400, "Malformed request: GET"),
    ("/v2/models/tiny", {}, 400, "Malformed request: POST"),
    ("/v22", None, 404, "see /v1/models/NAME and /v2/models/NAME"),
])
def test_paths_that_are_none(serving, path, sent, status, words):
    found, answer = tiny.ask(serving, path, sent)
    assert found == status and set(answer) == {"error"}
    assert words in answer["error"]


def test_a_body_that_is_too_large(serving):
    assert tiny.ask(serving, INFER, b" " * 100_001)[0] == 413


def test_a_request_is_counted(serving):
    name = ':tensorflow:serving:request_count{model_name="tiny",status="OK"}'
    before = tiny.metrics(serving)[name]
    tiny.ask(serving, INFER, body("small", NUMBER))
    assert tiny.metrics(serving)[name] == before + 1


def test_ready_says_what_is_not(tmp_path):
    """All models of the folder must be, and none is while it stops."""
    tiny.add(tmp_path / "tiny", 1, tiny.FEW)
    broken = tmp_path / "broken" / "1"
    broken.mkdir(parents=True)
    (broken / "saved_model.pb").write_bytes(b"\xff")
    with tiny.start(tmp_path) as serving:
        assert tiny.ask(serving, "/v2/health/ready") == (400, {"ready": False})
        assert tiny.ask(serving, "/v2/health/live")[0] == 200
        path = "/v2/models/broken/ready"
        assert tiny.ask(serving, path) == (
            400, {"name": "broken", "ready": False}
        )
        assert tiny.ask(serving, "/v2/models/tiny/ready")[0] == 200
        (broken / "saved_model.pb").unlink()
        broken.rmdir()
        broken.parent.rmdir()
        serving.service.manager.poll()
        assert tiny.ask(serving, "/v2/health/ready")[0] == 200
        serving.service.stopping = True
        assert tiny.ask(serving, "/v2/health/ready")[0] == 400
        assert tiny.ask(serving, "/v2/models/tiny/ready")[0] == 400


def test_a_starter_draws_as_below_v1():
    folder = zoo.home() / "saved_models" / "cgan_shapes"
    values = {"seed": [7, 8], "label": [2, 0], "truncation": [10, 10]}
    with tiny.start(folder) as serving:
        _, metadata = tiny.ask(
            serving, "/v2/models/cgan_shapes?signature_name=sample_png"
        )
        inputs = [
            tensor(x["name"], x["datatype"], values[x["name"]])
            for x in metadata["inputs"]
        ]
        status, answer = tiny.ask(
            serving, "/v2/models/cgan_shapes/infer",
            body("sample_png", *inputs),
        )
        _, before = tiny.predict(
            serving, "sample_png", "cgan_shapes", inputs=values
        )
    assert status == 200
    (output,) = answer["outputs"]
    found = pixels(output["data"])
    expected = pixels([row["b64"] for row in before["outputs"]])
    assert found.std() > 10
    assert np.abs(found.astype(int) - expected).max() <= 1


def pixels(files):
    return np.stack([
        Image.open(io.BytesIO(base64.b64decode(file))) for file in files
    ])


def test_the_docs_request_is_answered(tmp_path):
    """The body that docs/serving.md shows."""
    page = (TESTS.parent / "docs" / "serving.md").read_text("utf-8")
    (shown,) = re.findall(
        r"/v2/models/dcgan_celeba/infer -d '(.*?)'", page, re.S
    )
    with tiny.start(zoo.home() / "saved_models" / "dcgan_shapes") as serving:
        status, answer = tiny.ask(
            serving, "/v2/models/dcgan_shapes/infer", json.loads(shown)
        )
    assert status == 200, answer
    assert pixels(answer["outputs"][0]["data"]).shape[0] == 2
