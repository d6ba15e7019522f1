"""The gRPC services of a server in this process, by the official stubs."""

import threading

import grpc
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.framework import tensor_pb2
from tensorflow_serving.apis import (
    classification_pb2,
    get_model_metadata_pb2,
    get_model_status_pb2,
    inference_pb2,
    model_management_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
    regression_pb2,
)

from keras_gen.serving import servable
from serving import tiny


class Stubs:
    def __init__(self, channel):
        self.predictions = prediction_service_pb2_grpc.PredictionServiceStub(
            channel
        )
        self.models = model_service_pb2_grpc.ModelServiceStub(channel)


@pytest.fixture(scope="module")
def stubs(tmp_path_factory):
    root = tmp_path_factory.mktemp("served")
    tiny.add(root / "tiny", 4)
    with tiny.start(root, max_body_bytes=10_000) as server:
        with grpc.insecure_channel(server.grpc_address) as channel:
            yield Stubs(channel)


def request(signature, model="tiny", **inputs):
    sent = predict_pb2.PredictRequest()
    sent.model_spec.name, sent.model_spec.signature_name = model, signature
    for name, value in inputs.items():
        if not isinstance(value, tensor_pb2.TensorProto):
            value = tf.make_tensor_proto(value)
        sent.inputs[name].CopyFrom(value)
    return sent


def refused(call, sent, code, words):
    with pytest.raises(grpc.RpcError) as caught:
        call(sent, timeout=30)
    assert caught.value.code() == grpc.StatusCode[code]
    assert words in caught.value.details(), caught.value.details()


X, SHIFT = np.float32([[1, 2], [3, 4]]), np.int64([10, 20])


def test_predict(stubs):
    sent = request("", x=X, shift=SHIFT)
    answer = stubs.predictions.Predict(sent, timeout=30)
    assert answer.model_spec.version.value == 4
    assert answer.model_spec.signature_name == "serving_default"
    found = {k: tf.make_ndarray(v) for k, v in answer.outputs.items()}
    np.testing.assert_array_equal(found["y"], 2 * X + SHIFT[:, None])
    np.testing.assert_array_equal(found["version"], [4, 4])
    sent.output_filter.append("y")
    answer = stubs.predictions.Predict(sent, timeout=30)
    assert set(answer.outputs) == {"y"}


def test_bytes_and_empty_batches(stubs):
    data = [b"\x00\xff\x00", b""]
    for values in (data, []):
        sent = request("text", image_bytes=np.array(values, object))
        answer = stubs.predictions.Predict(sent, timeout=30)
        found = tf.make_ndarray(answer.outputs["image_bytes"])
        assert found.tolist() == values


INVALID = "INVALID_ARGUMENT"


@pytest.mark.parametrize("sent, code, words", [
    (predict_pb2.PredictRequest(), INVALID, "Missing ModelSpec"),
    (request("", model=""), INVALID, "has no name"),
    (request("", model="no"), "NOT_FOUND", "Servable not found"),
    (request("nothing"), "FAILED_PRECONDITION",
     'Serving signature key "nothing" not found.'),
    (request("", x=X), INVALID, "Missing but required: {shift}"),
    (request("", x=X, shift=SHIFT, z=X), INVALID, "Sent extra: {z}"),
    (request("", x=X, shift=np.int32([1, 2])), INVALID,
     "to be int64 but int32"),
    (request("", x=np.float64(X), shift=SHIFT), INVALID,
     "to be float but double"),
    (request("small", number=np.float32([1])), INVALID, "but float"),
    (request("small", number=[b"1"]), INVALID, "but string"),
    (request("", x=X[:1], shift=SHIFT), INVALID, "equal 0th-dimension"),
    (request("", x=X[0], shift=SHIFT), INVALID, "shape [?,2] but [2]"),
    (request("small", number=np.int32(3)), INVALID, "shape [?] but []"),
    (request("small", number=np.zeros(33, "int32")), INVALID,
     "Task size 33"),
    (request("small", number=np.int32([1, 11])), INVALID, "out of range"),
    # Far more than a status of gRPC can tell.
    (request("x" * 9000), "FAILED_PRECONDITION", "xxx"),
    (request("text", image_bytes=[b"x" * 20_000]), "RESOURCE_EXHAUSTED",
     "larger than max"),
])
def test_errors(stubs, sent, code, words):
    refused(stubs.predictions.Predict, sent, code, words)


def test_an_output_that_is_not_there(stubs):
    sent = request("", x=X, shift=SHIFT)
    sent.output_filter.append("z")
    refused(stubs.predictions.Predict, sent, INVALID, "expected to be in the")
    sent.output_filter[:] = ["y", "y"]
    refused(stubs.predictions.Predict, sent, INVALID, "duplicate")


def proto(dtype, *shape, **values):
    sent = tensor_pb2.TensorProto(dtype=dtype, **values)
    for size in shape:
        sent.tensor_shape.dim.add(size=size)
    return sent


@pytest.mark.parametrize("name, value, code, words", [
    # A few bytes that would become gigabytes.
    ("any_width", proto(1, 32, 2**40, float_val=[1]), "RESOURCE_EXHAUSTED",
     "the limit is 10000"),
    ("text", proto(7, 32, string_val=[b"x" * 1000]), "RESOURCE_EXHAUSTED",
     "the limit is 10000"),
    ("any_width", proto(1, 1, 3, tensor_content=b"1234"), INVALID, "be read"),
    ("any_width", proto(1, 1, 1, float_val=[1, 2, 3]), INVALID, "be read"),
    ("any_width", proto(1, -1, 2), INVALID, "no complete shape"),
    ("any_width", proto(0, 1, 1), INVALID, "but invalid is provided"),
    ("any_width", proto(77, 1, 1), INVALID, "but 77 is provided"),
    ("any_width", proto(101, 1, 1), INVALID, "but float_ref is provided"),
    ("text", proto(20, 1), INVALID, "but resource is provided"),
    ("scalar", proto(4, int_val=[300]), INVALID, "be read"),
])
def test_tensors_that_lie(stubs, name, value, code, words):
    key = {"text": "image_bytes"}.get(name, "x")
    sent = request(name, **{key: value})
    refused(stubs.predictions.Predict, sent, code, words)


def test_a_value_may_stand_for_all(stubs):
    sent = request("any_width", x=proto(1, 2, 3, float_val=[0.5]))
    answer = stubs.predictions.Predict(sent, timeout=30)
    assert tf.make_ndarray(answer.outputs["mean"]).tolist() == [2, 2]


def test_the_stop_waits_for_calls(tmp_path, monkeypatch):
    begun = threading.Event()
    run = servable.Servable.run

    def seen(self, name, tensors):
        begun.set()
        return run(self, name, tensors)

    tiny.add(tmp_path / "tiny", 4)
    with tiny.start(tmp_path) as server:
        monkeypatch.setattr(servable.Servable, "run", seen)
        with grpc.insecure_channel(server.grpc_address) as channel:
            call = Stubs(channel).predictions.Predict.future(
                request("wait", seconds=np.array([0.5])), timeout=30
            )
            assert begun.wait(30)
            server.stop()
            outputs = call.result().outputs
    assert tf.make_ndarray(outputs["waited"]).tolist() == [0.5]


def test_status(stubs):
    sent = get_model_status_pb2.GetModelStatusRequest()
    refused(stubs.models.GetModelStatus, sent, INVALID, "Missing ModelSpec")
    sent.model_spec.name = "tiny"
    status, = stubs.models.GetModelStatus(
        sent, timeout=30
    ).model_version_status
    assert (status.version, status.state) == (4, status.AVAILABLE)
    assert status.HasField("status") and status.status.error_code == 0
    sent.model_spec.version.value = 9
    refused(stubs.models.GetModelStatus, sent, "NOT_FOUND", "version 9 of")
    sent.model_spec.version_label = "best"
    refused(stubs.models.GetModelStatus, sent, INVALID, "label: best")
    refused(
        stubs.models.HandleReloadConfigRequest,
        model_management_pb2.ReloadConfigRequest(), "UNIMPLEMENTED", "start",
    )


def test_metadata(stubs):
    sent = get_model_metadata_pb2.GetModelMetadataRequest()
    sent.model_spec.name = "tiny"
    call = stubs.predictions.GetModelMetadata
    refused(call, sent, INVALID, "at least one metadata_field")
    sent.metadata_field.append("signature_def")
    answer = call(sent, timeout=30)
    assert answer.model_spec.version.value == 4
    signatures = get_model_metadata_pb2.SignatureDefMap()
    assert answer.metadata["signature_def"].Unpack(signatures)
    assert signatures.signature_def["small"].inputs["number"].dtype == 3
    sent.metadata_field.append("weights")
    refused(call, sent, INVALID, "Metadata field weights is not supported")


def test_no_other_kinds(stubs):
    words = "signature method_name to be tensorflow/serving/"
    for call, sent in [
        (stubs.predictions.Classify, classification_pb2.ClassificationRequest),
        (stubs.predictions.Regress, regression_pb2.RegressionRequest),
    ]:
        sent = sent()
        refused(call, sent, INVALID, "Missing ModelSpec")
        sent.model_spec.name = "tiny"
        refused(call, sent, INVALID, words)
        sent.model_spec.signature_name = "nothing"
        refused(call, sent, INVALID, "No signature was found")
    sent = inference_pb2.MultiInferenceRequest()
    call = stubs.predictions.MultiInference
    refused(call, sent, INVALID, "at least one task")
    task = sent.tasks.add(method_name="tensorflow/serving/regress")
    task.model_spec.name = "tiny"
    refused(call, sent, INVALID, words)
    task.method_name = "tensorflow/serving/dream"
    refused(call, sent, "UNIMPLEMENTED", "dream")
