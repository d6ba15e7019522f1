"""REST: what is wrong with a request is told by code and a line of JSON."""

import json

import pytest

from check import needs
from serving.contract.test_rest_predict import GIVEN, X, b64

pytestmark = needs("tensorflow")


def without(key):
    return {k: v for k, v in GIVEN.items() if k != key}


def refused(server, path, body, code, text):
    """Asserts that the answer is this code and an error with the text."""
    found, answer = server.post(path, body)
    assert (found, list(answer)) == (code, ["error"]), answer
    assert isinstance(answer["error"], str) and answer["error"]
    assert text in answer["error"]


# Name of a case: body, and text where TensorFlow Serving's is documented.
BODIES = {
    "empty": (b"", "JSON Parse error: The document is empty"),
    "no JSON": (b"picture", "JSON Parse error: "),
    "cut": (b'{"instances": [[1.0,', "JSON Parse error: "),
    "no text": (b"\xff\xfe\x00{}", ""),
    "no object": (b"[1, 2]", ""),
    "nothing": ({}, "Missing 'inputs' or 'instances' key"),
    "both": ({"instances": X, "inputs": X}, ""),
    "no rows": ({"instances": []}, ""),
    "no list": ({"instances": 5}, ""),
    "instances are a dict": ({"instances": {"x": X}}, ""),
    "wrong columns": ({"instances": [[1.0, 2.0, 3.0]]}, ""),
    "wrong rank": ({"instances": [1.0, 2.0]}, ""),
    "deeper": ({"instances": [[[1.0, 2.0]]]}, ""),
    "rank 0": ({"inputs": 1.0}, ""),
    "ragged": ({"instances": [[1.0, 2.0], [1.0]]}, ""),
    "ragged columns": ({"inputs": [[1.0, 2.0], [1.0]]}, ""),
    "mixed depth": ({"instances": [[1.0, [2.0]]]}, ""),
    "text for a number": ({"instances": [["a", "b"]]}, "expected type: float"),
    "null": ({"instances": [[None, 1.0]]}, ""),
    "bool for a number": ({"instances": [[True, 1.0]]}, ""),
    "dict for a number": ({"instances": [[{"a": 1}, 1.0]]}, ""),
    "too large for a float": (b'{"instances": [[1e39, 0.0]]}', ""),
    "objects and lists": ({"instances": [{"x": X[0]}, X[0]]}, ""),
    "other name": ({"instances": [{"z": X[0]}]}, ""),
    "one name too many": ({"instances": [{"x": X[0], "z": 1}]}, ""),
    "other column": ({"inputs": {"z": X}}, ""),
    "signature is a number": (
        {"signature_name": 7, "instances": X},
        "'signature_name' key must be a string value",
    ),
    "unknown signature": (
        {"signature_name": "x", "instances": X},
        'Serving signature name: "x" not found in signature def',
    ),
}


@pytest.mark.parametrize("body, text", BODIES.values(), ids=BODIES)
def test_bodies_for_one_input(body, text, server):
    refused(server, "affine:predict", body, 400, text)


ROWS = {
    "missing": without("word"),
    "list for several inputs": [1, 2, 3, 4],
    "fraction for an integer": GIVEN | {"count": 1.5},
    "whole float for an integer": GIVEN | {"count": 1.0},
    "too large for an integer": GIVEN | {"count": 2**63},
    "text for an integer": GIVEN | {"count": "1"},
    "number for a string": GIVEN | {"word": 7},
    "a list in a row": GIVEN | {"word": ["a", "b"]},
    "no base64": GIVEN | {"word": {"b64": "!?"}},
    "base64 is a number": GIVEN | {"word": {"b64": 7}},
    "more than base64": GIVEN | {"word": b64(b"a") | {"c": 1}},
    "base64 for a number": GIVEN | {"count": b64(b"a")},
}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_rows_of_several_inputs(row, server):
    refused(server, "kinds:predict", {"instances": [row]}, 400, "")


@pytest.mark.parametrize("columns", [
    {key: [value] for key, value in without("count").items()},
    {key: [value] for key, value in GIVEN.items()} | {"count": [1.5]},
    [1, 2],
])
def test_columns_of_several_inputs(columns, server):
    refused(server, "kinds:predict", {"inputs": columns}, 400, "")


def test_what_the_graph_refuses(server):
    body = {"signature_name": "digit", "instances": [3, 10]}
    refused(server, "kinds:predict", body, 400, "digit must be from 0 to 9")
    body = {"signature_name": "digit", "instances": [3, 9]}
    assert server.post("kinds:predict", body) == (
        200, {"predictions": [9, 81]}
    )


@pytest.mark.parametrize("path, code, text", [
    ("x:predict", 404, "Servable not found for request: Latest(x)"),
    ("affine/versions/9:predict", 404, "Servable not found for request"),
    ("affine/labels/x:predict", 400,
     "Unrecognized servable version label: x"),
    ("affine/versions/99999999999999999999:predict", 400, ""),
    ("affine:classify", 400, ""),
    ("affine:regress", 400, ""),
    ("affine:guess", 400, "Malformed request: POST /v1/models/affine:guess"),
    ("affine", 400, "Malformed request: POST /v1/models/affine"),
    ("affine/versions/one:predict", 400, "Malformed request: POST "),
    ("../affine:predict", 400, ""),
])
def test_paths(path, code, text, server):
    refused(server, path, {"instances": X}, code, text)


@pytest.mark.parametrize("method, path, code, text", [
    ("GET", "/v1/foo", 400, "Malformed request: GET /v1/foo"),
    ("GET", "/v1/models/affine:predict", 400, "Malformed request: GET "),
    ("PUT", "/v1/models/affine:predict", 400, "Malformed request: PUT "),
    ("DELETE", "/v1/models/affine", 400, "Malformed request: DELETE "),
    ("GET", "/v1/models/x", 404, "Could not find any versions of model x"),
    ("GET", "/v1/models/affine/versions/9", 404,
     "Could not find version 9 of model affine"),
    ("GET", "/v1/models/x/metadata", 404, "Servable not found for request"),
])
def test_methods_status_and_metadata(method, path, code, text, server):
    found, _, body = server.ask(method, path)
    assert found == code
    assert text in json.loads(body)["error"]


def test_outside_of_v1_there_is_nothing(server):
    assert server.ask("GET", "/models/affine")[0] == 404
    assert server.ask("GET", "/v3")[0] == 404
