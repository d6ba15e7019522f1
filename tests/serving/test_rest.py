"""The REST API of a server in this process."""

import base64
import json
import math
import socket
import threading
import tracemalloc

import pytest

from serving import tiny

PREDICT = "/v1/models/tiny:predict"


@pytest.fixture(scope="module")
def serving(tmp_path_factory):
    root = tmp_path_factory.mktemp("served")
    tiny.add(root / "tiny", 3)
    with tiny.start(root, max_body_bytes=100_000, body_seconds=0.3) as server:
        yield server


def test_rows_and_columns(serving):
    status, answer = tiny.predict(serving, "serving_default", instances=[
        {"x": [1, 2], "shift": 10}, {"x": [0.5, -1], "shift": 0},
    ])
    assert (status, answer) == (200, {"predictions": [
        {"version": 3, "y": [12.0, 14.0]}, {"version": 3, "y": [1.0, -2.0]},
    ]})
    status, answer = tiny.ask(serving, PREDICT.upper().replace(
        "TINY", "tiny"
    ), {"inputs": {"x": [[math.inf, math.nan]], "shift": [1]}})
    assert status == 200 and answer["outputs"]["version"] == [3]
    (infinite, nan), = answer["outputs"]["y"]
    assert infinite == math.inf and math.isnan(nan)


def test_binary(serving):
    data = [bytes(range(256)), b""]
    rows = [{"b64": base64.b64encode(x).decode()} for x in data]
    status, answer = tiny.predict(serving, "text", instances=rows)
    assert status == 200 and answer["predictions"] == [
        {"image_bytes": row, "length": len(x)} for row, x in zip(rows, data)
    ]
    status, answer = tiny.predict(serving, "text", inputs=rows[0])
    assert status == 400 and "shape [?] but []" in answer["error"]


def test_scalars_are_not_rows(serving):
    assert tiny.predict(serving, "scalar", inputs=7) == (200, {"outputs": 7})
    status, answer = tiny.predict(serving, "scalar", instances=[7])
    assert status == 400 and "shape [] but [1]" in answer["error"]


def test_versions_and_status(serving):
    status = {"version": "3", "state": "AVAILABLE",
              "status": {"error_code": "OK", "error_message": ""}}
    for path in ("/v1/models/tiny", "/V1/Models/tiny/Versions/3"):
        assert tiny.ask(serving, path) == (
            200, {"model_version_status": [status]}
        )
    pinned = "/v1/models/tiny/versions/3:predict"
    body = {"signature_name": "small", "instances": [5]}
    assert tiny.ask(serving, pinned, body)[0] == 200


def test_metadata(serving):
    status, answer = tiny.ask(serving, "/v1/models/tiny/metadata")
    assert status == 200 and answer["model_spec"] == {
        "name": "tiny", "version": "3", "signature_name": "",
    }
    signatures = answer["metadata"]["signature_def"]["signature_def"]
    assert {"small", "text", "__saved_model_init_op"} <= set(signatures)
    default = signatures["serving_default"]
    assert default["method_name"] == "tensorflow/serving/predict"
    assert default["inputs"]["x"]["dtype"] == "DT_FLOAT"
    assert [d["size"] for d in default["inputs"]["x"]["tensor_shape"]["dim"]
            ] == ["-1", "2"]


@pytest.mark.parametrize("path, body, status, words", [
    (PREDICT, b"", 400, "JSON Parse error: The document is empty"),
    (PREDICT, b"{", 400, "JSON Parse error: "),
    (PREDICT, {}, 400, "Missing 'inputs' or 'instances' key"),
    (PREDICT, {"instances": [], "signature_name": "small"}, 400, "No values"),
    (PREDICT, {"instances": [1], "signature_name": "x"}, 400,
     'Serving signature name: "x" not found in signature def'),
    (PREDICT, {"instances": [1.5], "signature_name": "small"}, 400,
     "not of expected type: int32"),
    (PREDICT, {"instances": [12], "signature_name": "small"}, 400,
     "number out of range"),
    (PREDICT, {"instances": [1] * 33, "signature_name": "small"}, 400,
     "Task size 33 is larger than maximum input batch size 32"),
    (PREDICT, {"inputs": {"x": [[1, 2]], "shift": [1, 2]}}, 400,
     "equal 0th-dimension size"),
    (PREDICT, {"inputs": {"x": [[1, 2, 3]], "shift": [1]}}, 400,
     'input "x" is expected to have shape [?,2] but [1,3]'),
    ("/v1/models/no:predict", {"instances": [1]}, 404,
     "Servable not found for request: Latest(no)"),
    ("/v1/models/tiny/versions/9:predict", {"instances": [1]}, 404,
     "Servable not found for request: Specific(tiny, 9)"),
    ("/v1/models/tiny/labels/best:predict", {"instances": [1]}, 400,
     "Unrecognized servable version label: best"),
    (f"/v1/models/tiny/versions/{2**63}:predict", {"instances": [1]}, 400,
     "Failed to convert version"),
    (f"/v1/models/tiny/versions/{'9' * 5000}", None, 400,
     "Failed to convert version"),
    (PREDICT, b'{"signature_name": "\\ud800"}', 400, 'name: "?" not found'),
    (PREDICT, {"instances": [1], "signature_name": "x" * 50_000}, 400,
     'Serving signature name: "xxx'),
    ("/v1/models/..%2Ftiny:predict", {"instances": [1]}, 404, "../tiny"),
    ("/v1/models/no", None, 404, "Could not find any versions of model no"),
    ("/v1/models/tiny/versions/9", None, 404,
     "Could not find version 9 of model tiny"),
    ("/v1/models/no/metadata", None, 404, "Servable not found"),
    ("/v1/models", None, 400, "Missing model name in request."),
    ("/v1/foo", None, 400, "Malformed request: GET /v1/foo"),
    (PREDICT, None, 400, "Malformed request: GET /v1/models/tiny:predict"),
    ("/v1/models/tiny", b"{}", 400, "Malformed request: POST"),
    ("/v3", None, 404, "see /v1/models/NAME"),
    ("/v1/models/tiny:classify", {"examples": [{}]}, 400,
     "Expected classification signature method_name to be "
     "tensorflow/serving/classify. Was: tensorflow/serving/predict"),
    ("/v1/models/tiny:regress", {"signature_name": "x"}, 400,
     "No signature was found with the name: x"),
    ("/v1/models/no:regress", {}, 404, "Servable not found"),
])
def test_errors(serving, path, body, status, words):
    found, answer = tiny.ask(serving, path, body)
    assert found == status and set(answer) == {"error"}
    assert words in answer["error"] and "{{" not in answer["error"]
    assert len(answer["error"]) <= 2000


def test_bodies_have_a_limit(serving):
    body = b'{"signature_name": "small", "instances": [1]'
    filled = body + b" " * (100_000 - len(body) - 1) + b"}"
    assert tiny.ask(serving, PREDICT, filled)[0] == 200
    status, answer = tiny.ask(serving, PREDICT, filled + b" ")
    assert status == 413 and "the limit is 100000" in answer["error"]
    # Far more than any buffer on the way holds: read all the same, not kept.
    tracemalloc.start()
    chunks = (filled for _ in range(200))
    assert tiny.ask(serving, PREDICT, chunks)[0] == 413
    assert tracemalloc.get_traced_memory()[1] < 5e6
    tracemalloc.stop()


def send(serving, head, body=b""):
    """What a server answers to bytes; b"" if it hangs up."""
    address = ("127.0.0.1", serving.rest_port)
    with socket.create_connection(address, timeout=10) as client:
        client.sendall(head + b"\r\nHost: x\r\n\r\n" + body)
        return client.recv(1000)


def test_a_body_that_does_not_come(serving):
    head = f"POST {PREDICT} HTTP/1.1\r\nContent-Length: 9".encode()
    assert b"408 Request Timeout" in send(serving, head, b"{")


def test_a_client_that_goes_away(serving):
    head = f"POST {PREDICT} HTTP/1.1\r\nContent-Length: 99".encode()
    for _ in range(3):
        with socket.create_connection(
            ("127.0.0.1", serving.rest_port), timeout=10
        ) as client:
            client.sendall(head + b"\r\nHost: x\r\n\r\n{")
    assert tiny.predict(serving, "small", instances=[1])[0] == 200


def test_no_http(serving):
    assert b"400 Bad Request" in send(serving, b"\x00\xff\x16\x03\x01")
    assert b"404" in send(serving, b"BREW / HTTP/1.1")


def test_as_many_at_once_as_allowed(tmp_path):
    tiny.add(tmp_path / "tiny", 3)
    with tiny.start(tmp_path, max_concurrent_requests=2) as serving:
        codes = []

        def ask():
            codes.append(tiny.predict(serving, "wait", instances=[0.5])[0])

        threads = [threading.Thread(target=ask) for _ in range(6)]
        for thread in threads:
            thread.start()
        # Its state is told all the same.
        assert tiny.ask(serving, "/v1/models/tiny")[0] == 200
        for thread in threads:
            thread.join(30)
        assert sorted(codes) == [200] * 2 + [429] * 4
        status, answer = tiny.predict(serving, "wait", instances=[0])
        assert status == 200


def test_metrics(serving):
    before = tiny.metrics(serving)
    tiny.predict(serving, "small", instances=[1])
    tiny.predict(serving, "small", instances=[99])
    tiny.predict(serving, "small", model="never-heard-of", instances=[1])
    after = tiny.metrics(serving)
    prefix = ":tensorflow:serving:"

    def more(name):
        return after[prefix + name] - before.get(prefix + name, 0)

    count = 'request_count{{model_name="{}",status="{}"}}'.format
    assert more(count("tiny", "OK")) == 1
    assert more(count("tiny", "INVALID_ARGUMENT")) == 1
    # What clients make up is no label.
    assert more(count("", "NOT_FOUND")) == 1
    assert not any("never-heard-of" in name for name in after)
    labels = '{API="Predict",entrypoint="REST",model_name="tiny"}'
    assert more(f"request_latency_count{labels}") == 1
    assert 0 < more(f"request_latency_sum{labels}") < 60e6
    loads = [v for k, v in after.items() if "load_attempt_count" in k]
    assert loads == [1] and after[":tensorflow:core:graph_runs"] > 0


def test_an_error_of_ours_tells_nothing(serving, monkeypatch, caplog):
    monkeypatch.setattr(
        serving.service.manager, "servable", lambda *_: 1 / 0
    )
    status, answer = tiny.predict(serving, "small", instances=[1])
    assert status == 500 and "division" not in json.dumps(answer)
    assert "division" in caplog.text
