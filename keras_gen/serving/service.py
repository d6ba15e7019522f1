"""What both protocols ask for: predictions, status and metadata, counted and
within the limits."""

import contextlib
import threading
import time

from tensorflow_serving.apis import get_model_metadata_pb2, get_model_status_pb2

from keras_gen.serving.cache import Cache
from keras_gen.serving.errors import ServingError, invalid
from keras_gen.serving.manager import Manager
from keras_gen.serving.metrics import Metrics

_STATE = get_model_status_pb2.ModelVersionStatus.State


class Service:
    """Answers requests for the models of one folder.

    Args:
        root, config_file, limits: see `Manager`.

    Attributes:
        stopping: whether the server takes no new requests: nothing is ready.
    """

    def __init__(self, root, config_file, limits):
        self.limits, self.cache = limits, Cache(limits.max_cache_bytes)
        self.metrics = Metrics(self.cache)
        self.manager = Manager(
            root, config_file, limits, self.metrics.loaded, self.cache.drop
        )
        self._free = threading.BoundedSemaphore(limits.max_concurrent_requests)
        self.stopping = False

    @contextlib.contextmanager
    def request(self, name, entrypoint):
        """Counts a predict request for the model `name` and holds one of the
        places for requests under way.

        Raises:
            ServingError: RESOURCE_EXHAUSTED.
        """
        start, code = time.monotonic(), "INTERNAL"
        try:
            with self._place():
                yield
            code = "OK"
        except ServingError as error:
            code = error.code
            raise
        finally:
            # Names that are not served could be any number of metrics.
            known = name if self.manager.serves(name) else ""
            self.metrics.answered(
                known, entrypoint, code, time.monotonic() - start
            )

    def run(self, servable, signature_name, tensors):
        """`servable.run`, timed, or the same answer as before."""

        def computed():
            start = time.monotonic()
            outputs = servable.run(signature_name, tensors)
            self.metrics.ran(servable.name, time.monotonic() - start)
            return outputs

        if not (self.limits.max_cache_bytes and servable.repeatable):
            return computed()
        outputs, known = self.cache.answer(
            servable, signature_name, tensors, computed
        )
        self.metrics.looked_up(servable.name, known)
        return outputs

    def ready(self, name="", version=None):
        """Whether predictions would be answered.

        Args:
            name: of a model; "" for all that are in the folder, as the Open
                Inference Protocol has it.
            version: its number, or None for any.

        Returns:
            A bool, or None where there never was such a model or version.
        """
        known = self.manager.ready(name, version)
        return known and not self.stopping

    def status(self, name, version=None, label=None):
        """The GetModelStatusResponse.

        Raises:
            ServingError: NOT_FOUND; INVALID_ARGUMENT: an unknown label.
        """
        response = get_model_status_pb2.GetModelStatusResponse()
        found = self.manager.status(name, version, label)
        for number, version in found.items():
            entry = response.model_version_status.add(
                version=number, state=_STATE.Value(version.state)
            )
            # Also without an error: a status is always there.
            entry.status.SetInParent()
            if version.error:
                entry.status.error_code = version.error.number
                entry.status.error_message = version.error.message
        return response

    def metadata(self, name, version=None, label=None):
        """The GetModelMetadataResponse with the signatures.

        Raises:
            ServingError: NOT_FOUND; INVALID_ARGUMENT: an unknown label.
        """
        servable = self.manager.servable(name, version, label)
        signatures = get_model_metadata_pb2.SignatureDefMap()
        for key, definition in servable.signature_defs.items():
            signatures.signature_def[key].CopyFrom(definition)
        response = get_model_metadata_pb2.GetModelMetadataResponse()
        response.model_spec.name = servable.name
        response.model_spec.version.value = servable.version
        response.metadata["signature_def"].Pack(signatures)
        return response

    def refuse(self, kind, signature_name, name, version=None, label=None):
        """Answers `classify` and `regress`, which no generator has.

        Raises:
            ServingError: always.
        """
        definitions = self.manager.servable(name, version, label)
        definitions = definitions.signature_defs
        signature_name = signature_name or "serving_default"
        if signature_name not in definitions:
            raise invalid(
                f"No signature was found with the name: {signature_name}"
            )
        wanted = f"tensorflow/serving/{kind}"
        method = definitions[signature_name].method_name
        if method != wanted:
            what = {"classify": "classification", "regress": "regression"}
            raise invalid(
                f"Expected {what[kind]} signature method_name to be {wanted}. "
                f"Was: {method}"
            )
        raise ServingError(
            "UNIMPLEMENTED",
            f"{kind} is not served here: use TensorFlow Serving, or predict",
        )

    @contextlib.contextmanager
    def _place(self):
        if not self._free.acquire(blocking=False):
            raise ServingError(
                "RESOURCE_EXHAUSTED",
                f"{self.limits.max_concurrent_requests} requests are under "
                "way: try again later",
            )
        try:
            yield
        finally:
            self._free.release()
