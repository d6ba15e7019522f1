"""A client of either front end: http.client for REST, and the stubs of
tensorflow-serving-api for gRPC. No code of keras_gen."""

import http.client
import json
import urllib.parse

SECONDS = 60


class Server:
    """A server under test.

    Args:
        url: of REST, "http://127.0.0.1:8501".
        grpc_address: "127.0.0.1:8500".
    """

    def __init__(self, url, grpc_address):
        import grpc
        from tensorflow_serving.apis import (
            model_service_pb2_grpc,
            prediction_service_pb2_grpc,
        )

        self.url = urllib.parse.urlsplit(url)
        self.grpc_address = grpc_address
        channel = grpc.insecure_channel(grpc_address)
        self.models = model_service_pb2_grpc.ModelServiceStub(channel)
        self.predictions = prediction_service_pb2_grpc.PredictionServiceStub(
            channel
        )

    def ask(self, method, path, body=None):
        """(code, headers, body) of an HTTP request; the body is bytes."""
        connection = http.client.HTTPConnection(
            self.url.hostname, self.url.port, timeout=SECONDS
        )
        try:
            connection.request(method, self.url.path.rstrip("/") + path, body)
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()

    def get(self, path):
        """(code, decoded JSON) of a GET below /v1/models/."""
        code, _, body = self.ask("GET", f"/v1/models/{path}")
        return code, json.loads(body)

    def post(self, path, body):
        """(code, decoded JSON) of a POST below /v1/models/; a body that is
        no bytes is sent as JSON, which may have NaN and Infinity."""
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        code, _, body = self.ask("POST", f"/v1/models/{path}", body)
        return code, json.loads(body)

    def predict(self, request):
        """The PredictResponse, or a grpc.RpcError."""
        return self.predictions.Predict(request, timeout=SECONDS)


def request(name, signature="", version=None, version_label="", **inputs):
    """A PredictRequest; inputs are arrays or TensorProtos."""
    import tensorflow as tf
    from tensorflow.core.framework import tensor_pb2
    from tensorflow_serving.apis import predict_pb2

    found = predict_pb2.PredictRequest()
    specify(found.model_spec, name, signature, version, version_label)
    for key, value in inputs.items():
        if not isinstance(value, tensor_pb2.TensorProto):
            value = tf.make_tensor_proto(value)
        found.inputs[key].CopyFrom(value)
    return found


def specify(spec, name, signature="", version=None, version_label=""):
    """Fills a ModelSpec."""
    spec.name, spec.signature_name = name, signature
    if version is not None:
        spec.version.value = version
    if version_label:
        spec.version_label = version_label
