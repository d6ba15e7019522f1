"""Helpers that all tests share."""

import contextlib
import importlib.util
import json
import os
import pathlib
import socket
import subprocess
import sys
import threading

import keras
import numpy as np
import pytest

from waiting import outputs

BACKEND = keras.backend.backend()
OTHER = {"tensorflow": "torch", "torch": "tensorflow"}[BACKEND]
TESTS = pathlib.Path(__file__).resolve().parent


def installed(module):
    """Whether `module` could be imported; it is not."""
    return importlib.util.find_spec(module) is not None


def asked(request, *names):
    """What the tests of a fixture's module are about in this session, so that
    it makes that and no more: the values of one parameter, or tuples of those
    of several, where a test lacks one None."""
    found = {
        tuple(item.callspec.params.get(name) for name in names)
        for item in request.session.items
        if item.module is request.module and hasattr(item, "callspec")
        and not any(mark.args[0] for mark in item.iter_markers("skipif"))
    }
    if len(names) == 1:
        return sorted(value for value, in found if value is not None)
    return found


def needs(backend):
    """Decorator: skip a test unless it runs on this Keras backend."""
    return pytest.mark.skipif(
        BACKEND != backend, reason=f"needs the Keras backend {backend}"
    )


needs_other = pytest.mark.skipif(
    not installed(OTHER), reason=f"{OTHER} is not installed"
)


def start(script, *arguments, backend=BACKEND, **variables):
    """Starts `tests/<script>` in a new process on a Keras backend, with more
    environment variables."""
    paths = [str(TESTS.parent), str(TESTS), os.environ.get("PYTHONPATH", "")]
    environment = {
        **os.environ,
        "KERAS_BACKEND": backend,
        "PYTHONPATH": os.pathsep.join(p for p in paths if p),
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "-1",
        **variables,
    }
    return subprocess.Popen(
        [sys.executable, str(TESTS / script), *map(str, arguments)],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True,
    )


def finish(*processes):
    """Waits for processes of `start`; fails with what one printed that
    failed.

    Returns:
        What each has printed; a str for a single one.
    """
    printed = [output for output, _ in outputs(*processes)]
    for process, output in zip(processes, printed):
        if process.returncode:
            pytest.fail(f"the subprocess failed:\n{output[-4000:]}")
    return printed if len(printed) > 1 else printed[0]


def tf_configs():
    """TF_CONFIG for a chief and for a worker, on free ports of this host."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(2)]
        for s in sockets:
            s.bind(("localhost", 0))
        chief, worker = (f"localhost:{s.getsockname()[1]}" for s in sockets)
    return [
        json.dumps({
            "cluster": {"chief": [chief], "worker": [worker]},
            "task": {"type": job, "index": 0},
        })
        for job in ("chief", "worker")
    ]


@contextlib.contextmanager
def running(server):
    """A socketserver at work inside the block."""
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()


def array(x):
    """A tensor or variable as a NumPy array of its own."""
    x = x.value if isinstance(x, keras.Variable) else x
    return np.array(keras.ops.convert_to_numpy(x))


def tensor(x, dtype="float32"):
    """A tensor of the backend."""
    return keras.ops.convert_to_tensor(np.asarray(x, dtype))


def values(model):
    """Every number that a model keeps, its optimizers' too, in an order
    that is the same on all backends and replicas."""
    variables = list(model.variables)
    for optimizer in getattr(model, "optimizers", {}).values():
        variables += optimizer.variables
    known = set()
    own = [v for v in variables if not (id(v) in known or known.add(id(v)))]
    return [array(v) for v in own]


def assert_same(left, right):
    """Two lists of arrays are equal bit for bit."""
    assert len(left) == len(right)
    for a, b in zip(left, right):
        np.testing.assert_array_equal(a, b)


def largest_difference(left, right):
    """The largest absolute difference between two lists of arrays."""
    assert len(left) == len(right)
    return max(
        np.abs(np.float64(a) - np.float64(b)).max(initial=0)
        for a, b in zip(left, right)
    )
