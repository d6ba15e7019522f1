"""keras-gen serve: models over TensorFlow Serving's protocol.

For laptops, tests and demos. In production TensorFlow Serving takes the same
folder, with none of keras_gen's code.
"""

import argparse
import json
import logging
import os
import signal
import socket
from urllib.parse import quote

from keras_gen.cli import _common
from keras_gen.errors import InputError

# What keras_gen[serving] installs.
EXTRA = {"grpc", "grpc_health", "orjson", "prometheus_client",
         "starlette", "tensorflow_serving", "uvicorn"}
_SIGNALS = (signal.SIGTERM, signal.SIGINT)
EXAMPLES = (
    "keras-gen serve models/",
    "keras-gen serve runs/mine --rest_port=8501 --grpc_port=8500",
)


def add_arguments(parser):
    """The flags of `keras-gen serve`; those that TensorFlow Serving has, too,
    have its names."""
    parser.description = (
        "Serve SavedModels over REST (TensorFlow Serving's paths below /v1, "
        "the Open Inference Protocol's below /v2) and gRPC, with health over "
        "both: /v2/health/live and ready, and grpc.health.v1. For laptops, "
        "tests and demos: in production TensorFlow Serving takes the same "
        "folder."
    )
    parser.add_argument(
        "folder", metavar="DIR", type=_common.path,
        help="<name>/<version>/saved_model.pb of many models, or "
        "<version>/saved_model.pb of one; or the work directory of a run",
    )
    parser.checks.append(check)
    parser.add_argument("--rest_port", type=int, default=8501, help="0: free")
    parser.add_argument("--grpc_port", type=int, default=8500, help="0: free")
    parser.add_argument(
        "--host", default="127.0.0.1",
        help="what to bind to; this machine only by default",
    )
    parser.add_argument(
        "--model_config_file", type=_common.path, metavar="FILE",
        help="TensorFlow Serving's: models, version policies, labels",
    )
    parser.add_argument(
        "--file_system_poll_wait_seconds", type=positive(float, 0), default=1,
        metavar="SECONDS", help="how often to look for new versions; 0: never",
    )
    _add_limits(parser)


def _add_limits(parser):
    parser.add_argument(
        "--enable_batching", type=boolean, default=True, metavar="BOOL",
        help="run rows of different clients as one batch (true)",
    )
    for name, default, text in (
        ("max_batch_size", 32, "rows of a batch, and of one request"),
        ("batch_timeout_micros", 0, "how long a row waits for others"),
        ("num_batch_threads", 1, "batches that run at the same time"),
        ("max_enqueued_batches", 100, "that wait; then 429"),
    ):
        parser.add_argument(
            f"--{name}", type=int, metavar="N", help=f"{text} ({default})"
        )
    parser.add_argument(
        "--batching_parameters_file", type=_common.path, metavar="FILE",
        help="TensorFlow Serving's, in place of these four",
    )
    parser.add_argument(
        "--max_body_bytes", type=positive(int, 1), metavar="N",
        help="of one request (16 MiB)",
    )
    parser.add_argument(
        "--max_cache_bytes", type=positive(int, 0), metavar="N",
        help="of answers that are kept for equal requests; 0: none (64 MiB)",
    )
    parser.add_argument(
        "--max_concurrent_requests", type=positive(int, 1), metavar="N",
        help="predictions under way; more get 429 (64)",
    )
    parser.add_argument(
        "--grace_seconds", type=positive(float, 0), metavar="SECONDS",
        help="that requests under way have after SIGTERM or Ctrl-C (30)",
    )


def positive(kind, least):
    """A number of this kind, at least `least`."""

    def number(text):
        value = kind(text)
        if not value >= least:
            raise argparse.ArgumentTypeError(f"must be at least {least}")
        return value

    return number


def boolean(text):
    """TensorFlow Serving's true and false."""
    if text.lower() not in ("true", "false"):
        raise argparse.ArgumentTypeError("must be true or false")
    return text.lower() == "true"


def check(options):
    """Raises an InputError where there is nothing to serve; of a run it is
    what it has exported."""
    if (options.folder / "recipe.toml").is_file():
        options.folder /= "export"
    if not options.folder.is_dir():
        raise InputError(
            f"there is no folder {options.folder}: give one laid out as "
            "<name>/<version>/saved_model.pb, such as keras-gen export "
            "writes, or a finished run"
        )


def run(options):
    """Serves until SIGTERM or SIGINT."""
    # It would tell in its own words of a port that is taken.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    try:
        from keras_gen.serving import server
    except ModuleNotFoundError as error:
        if error.name.split(".")[0] not in EXTRA:
            raise
        raise InputError(
            f"{error.name} is not installed, which serving needs: "
            "pip install 'keras_gen[serving]'"
        ) from error
    logging.basicConfig(format="%(message)s", level=logging.WARNING)
    logging.getLogger("keras_gen").setLevel(logging.INFO)
    wait_for_signal = caught_signals()
    serving = server.Server(
        options.folder, options.host, options.rest_port, options.grpc_port,
        options.model_config_file, options.file_system_poll_wait_seconds,
        limits(options),
    )
    serving.load()
    serving.start()
    greet(serving)
    wait_for_signal()
    print("stopping: requests under way finish", flush=True)
    for number in _SIGNALS:  # once more ends it at once
        signal.signal(number, signal.SIG_DFL)
    serving.stop()
    # Threads of requests that had no time to finish would hold the process.
    os._exit(0)


def caught_signals():
    """Catches SIGTERM and SIGINT from now on.

    Returns:
        A function that returns once one of them has come.
    """
    # The system may hand a signal to any thread, and Python runs handlers in
    # the main one alone: waiting for a lock, it would not wake up. What is
    # written to a socket wakes it up whichever thread was interrupted.
    woken, waker = socket.socketpair()
    waker.setblocking(False)
    signal.set_wakeup_fd(waker.fileno())
    for number in _SIGNALS:
        signal.signal(number, lambda *_: None)

    def wait():
        woken.recv(1)
        signal.set_wakeup_fd(-1)
        waker.close()
        woken.close()

    return wait


def limits(options):
    """The `Limits` that the flags ask for."""
    from keras_gen.serving.batching import Parameters
    from keras_gen.serving.limits import Limits

    given = {k: v for k, v in vars(options).items() if v is not None}
    batching = {
        k: given[k] for k in Parameters.__dataclass_fields__ if k in given
    }
    file = options.batching_parameters_file
    if file and batching:
        raise InputError(
            f"--batching_parameters_file is in place of --{min(batching)}: "
            "give one of them"
        )
    return Limits(
        batching=Parameters.read(file) if file else Parameters(**batching),
        **{k: given[k] for k in Limits.__dataclass_fields__
           if k in given and k != "batching"},
    )


def greet(serving):
    """Prints what is served, a request to copy and, as the last line, the
    ports."""
    from keras_gen.serving import front_page
    from keras_gen.serving.server import is_local

    models = serving.service.manager.models()
    for name, versions in models.items():
        for number, servable in versions.items():
            print(f"{name}, version {number}, {servable.precision}")
            for key, signature in servable.signatures.items():
                print(f"  {key}({', '.join(signature.inputs)}) -> "
                      f"{', '.join(signature.outputs)}")
    print(f"try it:\n  {curl(models, serving.rest_url)}")
    if front_page.drawing(serving.service.manager):
        print(f"  {serving.rest_url}/ draws pictures that do not exist")
    if not is_local(serving.host):
        print(f"bound to {serving.host}: whoever reaches this machine can use "
              "it, there are no passwords")
    print(
        f"ready: host={serving.host} rest_port={serving.rest_port} "
        f"grpc_port={serving.grpc_port}", flush=True,
    )


def curl(models, address):
    """A command line to copy: a prediction where its inputs are few numbers,
    else a look at the signatures."""
    for key in ("sample_png", "sample"):
        for name, versions in models.items():
            for servable in versions.values():
                row = example(servable.signatures.get(key))
                if row:
                    body = json.dumps({"signature_name": key,
                                       "instances": [row]})
                    return (f"curl {address}/v1/models/{quote(name)}:predict "
                            f"-d '{body}'")
    name = next(name for name, versions in models.items() if versions)
    return f"curl {address}/v1/models/{quote(name)}/metadata"


def example(signature):
    """A row for a signature whose inputs are numbers; None for others."""
    specs = signature.inputs if signature else {}
    if any(spec.shape != (None,) for spec in specs.values()):
        return None
    return {  # a truncation of 10 leaves the latents whole
        name: 10 if spec.dtype.kind == "f" else 0
        for name, spec in specs.items()
    }
