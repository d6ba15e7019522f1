"""`keras-gen serve` as a process of its own."""

import contextlib
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from check import TESTS
from waiting import ended, until

SCRIPT = "from keras_gen.cli import main; main()"


class Process:
    """A server that is ready.

    Attributes:
        url: "http://127.0.0.1:8501".
        grpc_address: "127.0.0.1:8500".
        pid: the process' id.
    """

    def __init__(self, process, host, rest_port, grpc_port):
        self.url = f"http://{host}:{rest_port}"
        self.grpc_address = f"{host}:{grpc_port}"
        self.pid = process.pid


@contextlib.contextmanager
def serve(folder, *flags):
    """Runs `keras-gen serve folder` on free ports until the block ends, then
    stops it by SIGTERM; it must end by itself, and well.

    Args:
        folder: DIR.
        *flags: more flags of the command.
    """
    command = [
        sys.executable, "-c", SCRIPT, "serve", str(folder), "--rest_port=0",
        "--grpc_port=0", *flags,
    ]
    root = os.pathsep.join(map(str, (TESTS.parent, TESTS)))
    environment = os.environ | {"PYTHONPATH": root}
    # A file: a pipe that nobody reads would stop the server when it is full.
    with tempfile.NamedTemporaryFile() as file:
        output = pathlib.Path(file.name)
        process = subprocess.Popen(
            command, stdout=file, stderr=subprocess.STDOUT, env=environment
        )
        try:
            until(lambda: _ready(output), process)
            yield Process(process, *_ready(output).groups())
            process.terminate()
            assert ended(process) == 0, output.read_text()
        finally:
            # pytest shows it where something failed.
            print(output.read_text())
            process.kill()
            process.wait()


def _ready(output):
    """The match of host, REST port and gRPC port once they are printed."""
    return re.search(
        r"^ready: host=(\S+) rest_port=(\d+) grpc_port=(\d+)$",
        output.read_text(), re.M,
    )
