"""Status, metadata, health and metrics, over REST and gRPC."""

import re
import socket

import numpy as np
import pytest

from check import needs
from serving.contract import asking
from serving.contract.test_rest_predict import X

pytestmark = needs("tensorflow")

METRICS = "/monitoring/prometheus/metrics"


def version(number):
    return {
        "version": str(number), "state": "AVAILABLE",
        "status": {"error_code": "OK", "error_message": ""},
    }


@pytest.mark.parametrize("path, versions", [
    ("affine", [1, 2]), ("affine/versions/1", [1]),
    ("affine/labels/canary", [2]), ("kinds", [1]),
])
def test_status_over_rest(path, versions, server):
    code, found = server.get(path)
    assert code == 200 and list(found) == ["model_version_status"]
    states = sorted(found["model_version_status"], key=lambda v: v["version"])
    assert states == [version(v) for v in versions]


def status_request(*arguments, **options):
    from tensorflow_serving.apis import get_model_status_pb2

    request = get_model_status_pb2.GetModelStatusRequest()
    asking.specify(request.model_spec, *arguments, **options)
    return request


def test_status_over_grpc(server):
    request = status_request("affine")
    found = server.models.GetModelStatus(request, timeout=asking.SECONDS)
    states = {v.version: (v.state, v.status.error_code)
              for v in found.model_version_status}
    assert states == {1: (30, 0), 2: (30, 0)}  # AVAILABLE, OK
    request = status_request("affine", version=1)
    (one,) = server.models.GetModelStatus(
        request, timeout=asking.SECONDS
    ).model_version_status
    assert (one.version, one.state) == (1, 30)


@pytest.mark.parametrize("options, text", [
    ({"name": "x"}, "Could not find any versions of model x"),
    ({"name": "affine", "version": 9},
     "Could not find version 9 of model affine"),
])
def test_no_status_over_grpc(options, text, server):
    import grpc

    with pytest.raises(grpc.RpcError, match=text) as caught:
        server.models.GetModelStatus(
            status_request(**options), timeout=asking.SECONDS
        )
    assert caught.value.code().name == "NOT_FOUND"


@pytest.mark.parametrize("path, number", [
    ("affine/metadata", "2"), ("affine/versions/1/metadata", "1"),
    ("affine/labels/stable/metadata", "1"),
])
def test_metadata_over_rest(path, number, server):
    code, found = server.get(path)
    assert code == 200 and set(found) == {"model_spec", "metadata"}
    spec = found["model_spec"]
    assert (spec["name"], spec["version"]) == ("affine", number)
    signatures = found["metadata"]["signature_def"]["signature_def"]
    assert set(signatures) == {
        "serving_default", "both", "__saved_model_init_op"
    }
    signature = signatures["serving_default"]
    assert signature["method_name"] == "tensorflow/serving/predict"
    x, y = signature["inputs"]["x"], signature["outputs"]["y"]
    for tensor in (x, y):
        assert tensor["dtype"] == "DT_FLOAT"
        sizes = [d["size"] for d in tensor["tensor_shape"]["dim"]]
        assert sizes == ["-1", "2"]
        assert tensor["tensor_shape"]["unknown_rank"] is False


def metadata(server, *fields, **options):
    from tensorflow_serving.apis import get_model_metadata_pb2

    request = get_model_metadata_pb2.GetModelMetadataRequest()
    asking.specify(request.model_spec, **options)
    request.metadata_field.extend(fields)
    return server.predictions.GetModelMetadata(
        request, timeout=asking.SECONDS
    )


def test_metadata_over_grpc(server):
    from tensorflow_serving.apis import get_model_metadata_pb2

    found = metadata(server, "signature_def", name="kinds")
    assert found.model_spec.version.value == 1
    signatures = get_model_metadata_pb2.SignatureDefMap()
    assert found.metadata["signature_def"].Unpack(signatures)
    inputs = signatures.signature_def["serving_default"].inputs
    assert {k: v.dtype for k, v in inputs.items()} == {
        "count": 9, "level": 4, "scale": 1, "word": 7
    }


@pytest.mark.parametrize("fields, name, code", [
    ((), "affine", "INVALID_ARGUMENT"),
    (("weights",), "affine", "INVALID_ARGUMENT"),
    (("signature_def",), "x", "NOT_FOUND"),
])
def test_no_metadata_over_grpc(fields, name, code, server):
    import grpc

    with pytest.raises(grpc.RpcError) as caught:
        metadata(server, *fields, name=name)
    assert caught.value.code().name == code


def test_liveness_is_a_connection(server):
    host, _, port = server.grpc_address.rpartition(":")
    socket.create_connection((host, int(port)), asking.SECONDS).close()


def test_metrics_count_requests(server):
    before, text = count(server)
    assert re.search(
        r"^# TYPE :tensorflow:serving:request_count counter", text, re.M
    )
    server.predict(asking.request("affine", x=np.float32(X)))
    assert server.post("affine:predict", {"instances": X})[0] == 200
    after, text = count(server)
    assert after >= before + 2
    for name in ("bucket", "sum", "count"):
        assert re.search(
            rf":tensorflow:serving:request_latency_{name}\{{[^}}]*"
            r"model_name=\"affine\"", text,
        )


def count(server):
    """(good requests to affine, the page)."""
    code, headers, body = server.ask("GET", METRICS)
    assert code == 200 and headers["Content-Type"].startswith("text/plain")
    text = body.decode()
    lines = re.findall(
        r'^:tensorflow:serving:request_count\{([^}]*)\} ([\d.e+]+)$', text,
        re.M,
    )
    return sum(
        float(value) for labels, value in lines
        if 'model_name="affine"' in labels and 'status="OK"' in labels
    ), text
