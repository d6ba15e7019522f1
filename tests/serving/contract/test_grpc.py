"""gRPC through the official stubs: answers, and a code for each mistake."""

import numpy as np
import pytest

from check import needs
from serving.contract import asking
from serving.contract.test_rest_predict import BYTES, X, Y

pytestmark = needs("tensorflow")

FLOATS = np.float32(X)


def arrays(response):
    """Outputs of a PredictResponse, with bytes as they are."""
    import tensorflow as tf

    return {k: tf.make_ndarray(v) for k, v in response.outputs.items()}


@pytest.mark.parametrize("asked, version", [
    ({}, 2), ({"version": 1}, 1), ({"version": 2}, 2),
    ({"version_label": "stable"}, 1), ({"version_label": "canary"}, 2),
])
def test_versions_and_labels(asked, version, server):
    response = server.predict(asking.request("affine", **asked, x=FLOATS))
    assert response.model_spec.name == "affine"
    assert response.model_spec.version.value == version
    assert response.model_spec.signature_name == "serving_default"
    found = arrays(response)
    assert list(found) == ["y"] and found["y"].dtype == np.float32
    np.testing.assert_array_equal(found["y"], Y[version])


def test_every_dtype(server):
    words = np.array(BYTES, object)
    found = arrays(server.predict(asking.request(
        "kinds", count=np.int64([2**62, -5, 0]), level=np.uint8([0, 5, 255]),
        scale=np.float32([1, -1, 0]), word=words,
    )))
    np.testing.assert_array_equal(found["count"], [2**62 + 1, -4, 1])
    np.testing.assert_array_equal(found["level"], [255, 250, 0])
    np.testing.assert_array_equal(found["logarithm"], [0, np.nan, -np.inf])
    assert list(found["word"]) == BYTES
    dtypes = [found[k].dtype.name for k in ("count", "level", "logarithm")]
    assert dtypes == ["int64", "uint8", "float32"]


def test_a_filter_chooses_outputs(server):
    request = asking.request("affine", "both", x=FLOATS)
    assert set(arrays(server.predict(request))) == {"y", "total"}
    request.output_filter.append("total")
    assert set(arrays(server.predict(request))) == {"total"}


def truncated():
    """A tensor whose content is shorter than its shape says."""
    import tensorflow as tf

    tensor = tf.make_tensor_proto(FLOATS)
    tensor.tensor_content = tensor.tensor_content[:-1]
    return tensor


def with_filter(*names):
    request = asking.request("affine", x=FLOATS)
    request.output_filter.extend(names)
    return request


# Name of a case: the request, the code, and text where it is documented.
MISTAKES = {
    "no model": (lambda: asking.request("", x=FLOATS), "", ""),
    "unknown model": (
        lambda: asking.request("x", x=FLOATS), "NOT_FOUND",
        "Servable not found for request: Latest(x)",
    ),
    "unknown version": (
        lambda: asking.request("affine", version=9, x=FLOATS), "NOT_FOUND",
        "Servable not found for request",
    ),
    "unknown label": (
        lambda: asking.request("affine", version_label="x", x=FLOATS),
        "INVALID_ARGUMENT", "Unrecognized servable version label: x",
    ),
    "unknown signature": (
        lambda: asking.request("affine", "x", x=FLOATS),
        "FAILED_PRECONDITION", 'Serving signature key "x" not found.',
    ),
    "no input": (
        lambda: asking.request("affine"), "INVALID_ARGUMENT", "",
    ),
    "other input": (
        lambda: asking.request("affine", z=FLOATS), "INVALID_ARGUMENT", "",
    ),
    "one input too many": (
        lambda: asking.request("affine", x=FLOATS, z=FLOATS),
        "INVALID_ARGUMENT", "",
    ),
    "double for float": (
        lambda: asking.request("affine", x=np.float64(X)),
        "INVALID_ARGUMENT", "",
    ),
    "integers for float": (
        lambda: asking.request("affine", x=np.int64(X)),
        "INVALID_ARGUMENT", "",
    ),
    "strings for float": (
        lambda: asking.request("affine", x=np.array([["a", "b"]])),
        "INVALID_ARGUMENT", "",
    ),
    "int64 for int32": (
        lambda: asking.request("kinds", "digit", digit=np.int64([1])),
        "INVALID_ARGUMENT", "",
    ),
    "wrong columns": (
        lambda: asking.request("affine", x=np.ones((2, 3), "float32")),
        "INVALID_ARGUMENT", "",
    ),
    "wrong rank": (
        lambda: asking.request("affine", x=np.ones(2, "float32")),
        "INVALID_ARGUMENT", "",
    ),
    "cut tensor": (
        lambda: asking.request("affine", x=truncated()),
        "INVALID_ARGUMENT", "",
    ),
    "unknown output": (
        lambda: with_filter("z"), "INVALID_ARGUMENT",
        "output tensor alias not found in signature: z",
    ),
    "an output twice": (
        lambda: with_filter("y", "y"), "INVALID_ARGUMENT",
        "duplicate output tensor alias",
    ),
    "what the graph refuses": (
        lambda: asking.request("kinds", "digit", digit=np.int32([3, 10])),
        "INVALID_ARGUMENT", "digit must be from 0 to 9",
    ),
}


@pytest.mark.parametrize("mistake, code, text", MISTAKES.values(), ids=MISTAKES)
def test_mistakes(mistake, code, text, server):
    import grpc

    with pytest.raises(grpc.RpcError) as caught:
        server.predict(mistake())
    # A ModelSpec without a name is refused, the code is not documented.
    found = caught.value.code().name
    assert found == code or not code and found in (
        "INVALID_ARGUMENT", "NOT_FOUND"
    )
    assert text in caught.value.details() and caught.value.details()


def test_a_missing_model_spec(server):
    import grpc
    from tensorflow_serving.apis import predict_pb2

    with pytest.raises(grpc.RpcError) as caught:
        server.predict(predict_pb2.PredictRequest())
    assert caught.value.code().name == "INVALID_ARGUMENT"
    assert caught.value.details() == "Missing ModelSpec"


@pytest.mark.parametrize("method", ["Classify", "Regress", "MultiInference"])
def test_signatures_for_predict_only(method, server):
    import grpc
    from tensorflow_serving.apis import (
        classification_pb2,
        inference_pb2,
        regression_pb2,
    )

    request = {
        "Classify": classification_pb2.ClassificationRequest,
        "Regress": regression_pb2.RegressionRequest,
        "MultiInference": inference_pb2.MultiInferenceRequest,
    }[method]()
    spec = (
        request.tasks.add() if method == "MultiInference" else request
    ).model_spec
    asking.specify(spec, "affine")
    with pytest.raises(grpc.RpcError) as caught:
        getattr(server.predictions, method)(request, timeout=asking.SECONDS)
    assert caught.value.code().name in (
        "INVALID_ARGUMENT", "FAILED_PRECONDITION", "UNIMPLEMENTED"
    )
