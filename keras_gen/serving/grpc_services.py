"""TensorFlow Serving's gRPC services.

https://github.com/tensorflow/serving/tree/master/tensorflow_serving/apis
"""

import functools
import logging

import grpc
import tensorflow as tf
from grpc_health.v1 import health_pb2_grpc
from tensorflow_serving.apis import (
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
)

from keras_gen.serving import tensor_protos
from keras_gen.serving.errors import INTERNAL, ServingError, invalid

logger = logging.getLogger(__name__)


def add(service, health, server):
    """Adds all services to a `grpc.Server`.

    Args:
        service: `Service`.
        health: `Health`.
    """
    prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(
        PredictionService(service), server
    )
    model_service_pb2_grpc.add_ModelServiceServicer_to_server(
        ModelService(service), server
    )
    health_pb2_grpc.add_HealthServicer_to_server(health, server)


def _answering(method):
    """Makes a method's errors the call's status."""

    @functools.wraps(method)
    def call(self, request, context):
        try:
            return method(self, request)
        except ServingError as error:
            code, message = error.code, error.message
        except Exception:
            logger.exception("error in %s", method.__name__)
            code, message = "INTERNAL", INTERNAL
        context.abort(grpc.StatusCode[code], message)

    return call


class PredictionService(
    prediction_service_pb2_grpc.PredictionServiceServicer
):
    """Predictions and metadata."""

    def __init__(self, service):
        self.service = service

    @_answering
    def Predict(self, request):
        asked = _asked(request)
        with self.service.request(asked[0], "GRPC"):
            servable = self.service.manager.servable(*asked)
            key = request.model_spec.signature_name or "serving_default"
            signature = servable.signature(key)
            wanted = signature.chosen(request.output_filter)
            signature.check_names(request.inputs)
            outputs = self.service.run(servable, key, tensor_protos.arrays(
                request.inputs, signature.inputs,
                self.service.limits.max_body_bytes,
            ))
            response = predict_pb2.PredictResponse()
            response.model_spec.name = servable.name
            response.model_spec.version.value = servable.version
            response.model_spec.signature_name = key
            for name in wanted:
                response.outputs[name].CopyFrom(
                    tf.make_tensor_proto(outputs[name])
                )
            return response

    @_answering
    def GetModelMetadata(self, request):
        asked = _asked(request)
        if not request.metadata_field:
            raise invalid(
                "GetModelMetadataRequest must specify at least one "
                "metadata_field"
            )
        for field in request.metadata_field:
            if field != "signature_def":
                raise invalid(f"Metadata field {field} is not supported")
        return self.service.metadata(*asked)

    @_answering
    def Classify(self, request):
        self._refuse("classify", request)

    @_answering
    def Regress(self, request):
        self._refuse("regress", request)

    @_answering
    def MultiInference(self, request):
        for task in request.tasks:
            kind = task.method_name.removeprefix("tensorflow/serving/")
            if kind not in ("classify", "regress"):
                raise ServingError(
                    "UNIMPLEMENTED",
                    f"Unsupported signature method_name: {task.method_name}",
                )
            self._refuse(kind, task)
        raise invalid("Inference request must have at least one task")

    def _refuse(self, kind, request):
        asked = _asked(request)
        self.service.refuse(kind, request.model_spec.signature_name, *asked)


class ModelService(model_service_pb2_grpc.ModelServiceServicer):
    """Status of models; another configuration needs another start."""

    def __init__(self, service):
        self.service = service

    @_answering
    def GetModelStatus(self, request):
        return self.service.status(*_asked(request))

    @_answering
    def HandleReloadConfigRequest(self, request):
        raise ServingError(
            "UNIMPLEMENTED",
            "the configuration is read at the start: start the server again",
        )


def _asked(request):
    """(name, version, label) that a request asks for."""
    if not request.HasField("model_spec"):
        raise invalid("Missing ModelSpec")
    spec = request.model_spec
    kind = spec.WhichOneof("version_choice")
    return (
        spec.name,
        spec.version.value if kind == "version" else None,
        spec.version_label if kind == "version_label" else None,
    )
