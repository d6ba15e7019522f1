"""REST predict: formats, strings, numbers, versions and labels, as TensorFlow
Serving's REST documentation and sources have them."""

import base64
import json
import math

import numpy as np
import pytest

from check import needs

pytestmark = needs("tensorflow")

X = [[1.0, 0.0], [0.0, 1.0], [2.0, -1.0]]
# Versions 1 and 2 of affine.
Y = {1: [[2.0, 3.0], [4.0, 5.0], [0.0, 1.0]],
     2: [[3.0, 5.0], [7.0, 9.0], [-1.0, 1.0]]}
BYTES = [b"\x00\xff\x80", b"", b"text"]
# A row of kinds, and what comes back.
GIVEN = {"count": 2**53 + 1, "level": 5, "scale": 1, "word": "caf\u00e9"}
WANTED = {"count": 2**53 + 2, "level": 250, "logarithm": 0.0,
          "word": "caf\u00e9"}


def b64(contents):
    return {"b64": base64.b64encode(contents).decode()}


@pytest.mark.parametrize("body, key", [
    ({"instances": X}, "predictions"),
    ({"instances": [{"x": x} for x in X]}, "predictions"),
    ({"inputs": X}, "outputs"),
    ({"inputs": {"x": X}}, "outputs"),
    ({"inputs": X, "signature_name": "serving_default"}, "outputs"),
    # Whole numbers are taken for floats.
    ({"instances": [[1, 0], [0, 1], [2, -1]]}, "predictions"),
])
def test_formats_of_one_input_and_output(body, key, server):
    assert server.post("affine:predict", body) == (200, {key: Y[2]})


def test_formats_of_several_outputs(server):
    y, total = [[1, 2], [3, 4], [-1, 0]], [3, 7, -1]
    body = {"signature_name": "both", "instances": X}
    rows = [{"y": a, "total": b} for a, b in zip(y, total)]
    assert server.post("affine:predict", body) == (200, {"predictions": rows})
    body = {"signature_name": "both", "inputs": X}
    columns = {"y": y, "total": total}
    assert server.post("affine:predict", body) == (200, {"outputs": columns})


def test_rows_and_columns_of_several_inputs(server):
    code, found = server.post("kinds:predict", {"instances": [GIVEN] * 2})
    assert (code, found) == (200, {"predictions": [WANTED] * 2})
    columns = {key: [value] * 2 for key, value in GIVEN.items()}
    code, found = server.post("kinds:predict", {"inputs": columns})
    wanted = {key: [value] * 2 for key, value in WANTED.items()}
    assert (code, found) == (200, {"outputs": wanted})


def test_not_a_number_and_infinity_go_both_ways(server):
    rows = [GIVEN | {"scale": s} for s in (0, -1, math.inf, math.nan)]
    code, _, body = server.ask(
        "POST", "/v1/models/kinds:predict",
        json.dumps({"instances": rows}).encode(),
    )
    found = [row["logarithm"] for row in json.loads(body)["predictions"]]
    assert code == 200
    np.testing.assert_equal(found, [-math.inf, math.nan, math.inf, math.nan])
    assert b"-Infinity" in body and b"NaN" in body


def test_floats_come_back_as_the_same_float32(server):
    x = np.random.default_rng(0).normal(size=31) * np.logspace(-30, 30, 31)
    x = np.append(x, 0.1).astype("float32")
    body = {"signature_name": "both", "instances": [[v, 0] for v in x.tolist()]}
    _, found = server.post("affine:predict", body)
    y = [row["y"][0] for row in found["predictions"]]
    np.testing.assert_array_equal(np.float32(y), x)
    assert y[-1] == 0.1  # not 0.10000000149011612


def test_the_name_decides_which_strings_go_out_in_base64(server):
    body = {"signature_name": "same"}
    instances = body | {"instances": [b64(b) for b in BYTES]}
    _, found = server.post("kinds:predict", instances)
    assert found == {"predictions": [b64(b) for b in BYTES]}
    columns = body | {"inputs": {"contents": [b64(b) for b in BYTES]}}
    _, found = server.post("kinds:predict", columns)
    assert found == {"outputs": [b64(b) for b in BYTES]}
    # Text is bytes too, and base64 is taken for any string.
    _, found = server.post("kinds:predict", body | {"instances": ["text"]})
    assert found == {"predictions": [b64(b"text")]}
    row = GIVEN | {"word": b64("caf\u00e9".encode())}
    _, found = server.post("kinds:predict", {"instances": [row]})
    assert found == {"predictions": [WANTED]}


@pytest.mark.parametrize("path, version", [
    ("affine", 2), ("affine/versions/1", 1), ("affine/versions/2", 2),
    ("affine/labels/stable", 1), ("affine/labels/canary", 2),
])
def test_versions_and_labels(path, version, server):
    code, found = server.post(f"{path}:predict", {"instances": X})
    assert (code, found) == (200, {"predictions": Y[version]})


def test_answers_are_json_and_paths_of_any_case(server):
    body = json.dumps({"instances": X}).encode()
    code, headers, found = server.ask("POST", "/V1/Models/affine:Predict", body)
    assert code == 200 and json.loads(found) == {"predictions": Y[2]}
    assert headers["Content-Type"] == "application/json"
