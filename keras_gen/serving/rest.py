"""TensorFlow Serving's REST API, below /v1, and the Open Inference Protocol,
below /v2, as a web application.

https://www.tensorflow.org/tfx/serving/api_rest
https://github.com/kserve/open-inference-protocol
"""

import asyncio
import logging
import re
from urllib.parse import unquote

import orjson
from google.protobuf import json_format
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from tensorflow_serving.apis import get_model_metadata_pb2

from keras_gen.serving import (
    front_page,
    json_request,
    json_response,
    open_inference,
)
from keras_gen.serving.errors import INTERNAL, ServingError, invalid
from keras_gen.serving.signatures import Unknown

logger = logging.getLogger(__name__)
METRICS = "/monitoring/prometheus/metrics"
_MODEL = (
    r"/v1/models/(?P<name>[^/:]+)"
    r"(?:/versions/(?P<version>\d+)|/labels/(?P<label>[^/:]+))?"
)
_POST = re.compile(_MODEL + r":(?P<method>classify|regress|predict)", re.I)
_GET = re.compile(_MODEL + r"(?P<metadata>/metadata)?", re.I)
_V2 = re.compile(
    r"/v2/models/(?P<name>[^/]+)(?:/versions/(?P<version>\d+))?"
    r"(?:/(?P<what>ready|infer))?", re.I
)


def application(service, executor):
    """The ASGI application.

    Args:
        service: `Service`.
        executor: where predictions run.
    """
    handler = _Handler(service, executor)

    async def answer(scope, receive, send):
        response = await handler.answer(Request(scope, receive))
        await response(scope, receive, send)

    return answer


class _Handler:
    def __init__(self, service, executor):
        self.service, self.executor = service, executor

    async def answer(self, request):
        try:
            return await self._answer(request)
        except ServingError as error:
            return _response({"error": error.message}, error.http)
        except asyncio.CancelledError:
            # uvicorn ends what the grace was too short for.
            return _response({"error": "the server is stopping"}, 503)
        except Exception:
            logger.exception("error in a request for %s", request.url.path)
            return _response({"error": INTERNAL}, 500)

    async def _answer(self, request):
        # As it was sent, so that an escaped slash stays in a name.
        path = request.scope["raw_path"].decode("latin-1")
        if request.method == "GET" and path == METRICS:
            return Response(
                self.service.metrics.page(),
                media_type="text/plain; version=0.0.4",
            )
        if request.method == "GET" and path == "/":
            return Response(
                front_page.html(self.service.manager), media_type="text/html"
            )
        if re.match(r"/v2(/|$)", path, re.I):
            return await self._open_inference(request, path)
        if not path.lower().startswith("/v1/"):
            return _nothing(path, "/v1/models/NAME and /v2/models/NAME")
        if request.method == "POST" and (match := _POST.fullmatch(path)):
            return await self._predict(
                request, match["method"].lower(), _asked(match)
            )
        if request.method == "GET" and path.lower().rstrip("/") == "/v1/models":
            raise invalid("Missing model name in request.")
        if request.method == "GET" and (match := _GET.fullmatch(path)):
            if match["metadata"]:
                return _metadata(self.service.metadata(*_asked(match)))
            return _response(_json(self.service.status(*_asked(match))))
        raise invalid(f"Malformed request: {request.method} {path}")

    async def _predict(self, request, method, asked):
        with self.service.request(asked[0], "REST"):
            body = await self._body(request)
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(
                self.executor, self._predicted, body, method, asked
            )

    async def _open_inference(self, request, path):
        """Answers what is below /v2."""
        match = _V2.fullmatch(path)
        what = match and (match["what"] or "").lower()
        if what == "infer" and request.method == "POST":
            return await self._predict(request, what, _asked(match))
        if request.method != "GET" or what == "infer":
            raise invalid(f"Malformed request: {request.method} {path}")
        if match:
            name, version, _ = _asked(match)
            if what == "ready":
                return self._model_ready(name, version)
            signature = request.query_params.get("signature_name", "")
            return _response(open_inference.metadata(
                name, *self._versions(name, version, signature)
            ))
        state = {"/v2/health/live": ("live", True),
                 "/v2/health/ready": ("ready", self.service.ready())}
        if found := state.get(path.lower()):
            return _response(dict([found]), 200 if found[1] else 400)
        if path.lower().rstrip("/") == "/v2":
            return _response(open_inference.server())
        return _nothing(path, "/v2/models/NAME")

    def _model_ready(self, name, version):
        ready = self.service.ready(name, version)
        if ready is None:
            self.service.manager.servable(name, version)
        return _response(
            {"name": name, "ready": bool(ready)}, 200 if ready else 400
        )

    def _versions(self, name, version, signature_name):
        """(numbers of the versions, `Signature`) that metadata tell of."""
        servable = self.service.manager.servable(name, version)
        numbers = self.service.manager.models().get(name, {})
        return numbers, _signature(servable, signature_name)

    def _predicted(self, body, method, asked):
        """Runs in a thread of the executor."""
        if method == "infer":
            return self._inferred(open_inference.Request(body), asked)
        sent = json_request.Request(body)
        if method != "predict":
            self.service.refuse(method, sent.signature_name, *asked)
        servable = self.service.manager.servable(*asked)
        signature = _signature(servable, sent.signature_name)
        outputs = self.service.run(
            servable, sent.signature_name, sent.tensors(signature.inputs)
        )
        return Response(
            json_response.encode(outputs, sent.row),
            media_type="application/json",
        )

    def _inferred(self, sent, asked):
        servable = self.service.manager.servable(*asked)
        signature = _signature(servable, sent.signature_name)
        names = signature.chosen(sent.outputs)
        outputs = self.service.run(
            servable, sent.signature_name, sent.tensors(signature)
        )
        return Response(
            sent.answer(servable, {name: outputs[name] for name in names}),
            media_type="application/json",
        )

    async def _body(self, request):
        """The body, within the limits of size and time."""
        most = self.service.limits.max_body_bytes
        body, size = bytearray(), 0
        try:
            async with asyncio.timeout(self.service.limits.body_seconds):
                async for chunk in request.stream():
                    size += len(chunk)
                    # Read to the end all the same: who is still sending
                    # does not hear the answer.
                    if size <= most:
                        body += chunk
        except TimeoutError as error:
            raise ServingError(
                "DEADLINE_EXCEEDED", "the body did not come in time", http=408
            ) from error
        except ClientDisconnect as error:
            raise ServingError(
                "CANCELLED", "the client went away"
            ) from error
        if size > most:
            raise ServingError(
                "RESOURCE_EXHAUSTED",
                f"the body has {size} bytes, the limit is {most} "
                "(--max_body_bytes)", http=413,
            )
        return body


def _asked(match):
    """(name, version, label) that a path asks for."""
    found = match.groupdict()
    version, label = found["version"], found.get("label")
    if version is not None:
        # Python's int refuses many digits, and gRPC has 64 bits.
        if len(version) > 18:
            raise invalid(f"Failed to convert version: {version} to numeric.")
        version = int(version)
    name, label = unquote(found["name"]), label and unquote(label)
    return name, version, label


def _signature(servable, name):
    """The `Signature`, or a refusal in TensorFlow Serving's words."""
    try:
        return servable.signature(name)
    except Unknown as error:
        raise invalid(
            f'Serving signature name: "{error.name}" not found in '
            "signature def"
        ) from error


def _nothing(path, instead):
    return _response(
        {"error": f"there is nothing at {path}: see {instead}"}, 404
    )


def _metadata(response):
    """Not as one message: JSON writes what is packed in `Any` otherwise."""
    signatures = get_model_metadata_pb2.SignatureDefMap()
    response.metadata["signature_def"].Unpack(signatures)
    return _response({
        "model_spec": _json(response.model_spec),
        "metadata": {"signature_def": _json(signatures)},
    })


def _json(message):
    return json_format.MessageToDict(
        message, preserving_proto_field_name=True,
        always_print_fields_with_no_presence=True,
    )


def _response(content, status=200):
    return Response(
        orjson.dumps(content), status, media_type="application/json"
    )
