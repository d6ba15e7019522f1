"""The server: both ports, the polling and the stop."""

import concurrent.futures
import contextlib
import ipaddress
import logging
import socket
import threading

import grpc
import uvicorn

from keras_gen.errors import InputError
from keras_gen.serving import grpc_services, rest
from keras_gen.serving.health import MOST_WATCHES, Health
from keras_gen.serving.limits import Limits
from keras_gen.serving.service import Service

logger = logging.getLogger(__name__)


class Server:
    """Serves the models of a folder until `stop`; a context manager, too.

    Args:
        root: Path of the folder.
        host: name or address to bind to.
        rest_port, grpc_port: 0 for a free one.
        config_file: TensorFlow Serving's --model_config_file, or None.
        poll_seconds: between two looks at the folder; 0 for one look only.
        limits: `Limits`.

    Attributes:
        rest_port, grpc_port: as bound.
        rest_url, grpc_address: for clients.
        service: `Service`.

    Raises:
        InputError: folder, file or address cannot be used.
    """

    def __init__(
        self, root, host="127.0.0.1", rest_port=8501, grpc_port=8500,
        config_file=None, poll_seconds=1, limits=Limits(),
    ):
        self.host, self.poll_seconds, self.limits = host, poll_seconds, limits
        self.service = Service(root, config_file, limits)
        # Some more, that status and refusals are answered under full load.
        threads = limits.max_concurrent_requests + 8
        self._executor = concurrent.futures.ThreadPoolExecutor(threads)
        self._socket = _bound(host, rest_port)
        self.rest_port = self._socket.getsockname()[1]
        self._grpc = grpc.server(
            self._executor, maximum_concurrent_rpcs=threads + MOST_WATCHES,
            options=[
                ("grpc.max_receive_message_length", limits.max_body_bytes),
                ("grpc.max_send_message_length", -1),
                ("grpc.so_reuseport", 0),
            ],
        )
        self._health = Health(self.service)
        grpc_services.add(self.service, self._health, self._grpc)
        try:
            self.grpc_port = self._grpc.add_insecure_port(
                f"{_bracketed(host)}:{grpc_port}"
            )
        except RuntimeError as error:
            self._socket.close()
            raise _refused(host, grpc_port, "gRPC", error) from error
        self.rest_url = f"http://{_bracketed(host)}:{self.rest_port}"
        self.grpc_address = f"{_bracketed(host)}:{self.grpc_port}"
        self._rest = uvicorn.Server(uvicorn.Config(
            rest.application(self.service, self._executor),
            loop="asyncio", http="h11", ws="none", lifespan="off",
            log_config=None, log_level="error", access_log=False,
            server_header=False,
            timeout_graceful_shutdown=limits.grace_seconds,
        ))
        self._stopping = threading.Event()
        self._threads = []

    def load(self):
        """Loads all models.

        Raises:
            InputError: there is none, or not one could be loaded.
        """
        self.service.manager.poll()
        models = self.service.manager.models()
        if not models:
            raise InputError(
                f"there is no model in {self.service.manager.root}: expected "
                "<name>/<version>/saved_model.pb, such as keras-gen export "
                "writes"
            )
        if not any(models.values()):
            raise InputError(
                f"not one model of {self.service.manager.root} could be "
                "loaded: see above"
            )

    def start(self):
        """Answers from now on."""
        self._grpc.start()
        self._run(self._rest.run, [self._socket])
        if self.poll_seconds:
            self._run(self._poll)

    def stop(self):
        """Accepts nothing more, lets what is under way finish within
        `limits.grace_seconds`, and ends.

        What has not finished then goes on in its thread, unheard.
        """
        self._stopping.set()
        self.service.stopping = True
        self._health.refresh()
        stopped = self._grpc.stop(self.limits.grace_seconds)
        self._health.end()
        self._rest.should_exit = True
        for thread in self._threads:
            thread.join(self.limits.grace_seconds + 2)
        stopped.wait(self.limits.grace_seconds + 2)
        self._socket.close()
        self._executor.shutdown(wait=False)

    def __enter__(self):
        try:
            self.load()
        except InputError:
            self.stop()
            raise
        self.start()
        return self

    def __exit__(self, *error):
        self.stop()

    def _run(self, function, *arguments):
        thread = threading.Thread(
            target=function, args=arguments, daemon=True
        )
        thread.start()
        self._threads.append(thread)

    def _poll(self):
        while not self._stopping.wait(self.poll_seconds):
            try:
                self.service.manager.poll()
                self._health.refresh()
            except Exception:
                # What is loaded goes on, and the next look may succeed.
                logger.exception("cannot look at the folder")


def is_local(host):
    """Whether only this machine can reach what is bound to `host`."""
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def _bound(host, port):
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        bound = socket.create_server((host, port), family=family)
        # What it accepts inherits this. Without it the body of an answer
        # waits 40 ms for the client to confirm the headers; asyncio does not
        # set it for sockets that others made.
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return bound
    except (OSError, OverflowError) as error:
        raise _refused(host, port, "REST", error) from error


def _refused(host, port, protocol, error):
    return InputError(
        f"cannot listen on {host} port {port} for {protocol} ({error}): is "
        f"another server running? Choose --{protocol.lower()}_port, 0 for a "
        "free one"
    )


def _bracketed(host):
    return f"[{host}]" if ":" in host else host
