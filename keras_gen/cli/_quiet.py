"""TensorFlow's import without what it says of itself.

Its C++ libraries write some lines to the file descriptor of standard error
before anything can tell them not to: TF_CPP_MIN_LOG_LEVEL does not count yet.
While it is imported that descriptor leads to a small process that passes on
all other lines at once, so that nothing is lost even if this process dies.
"""

import contextlib
import logging
import os
import subprocess
import sys

from keras_gen import importing

# Information (I), and what two libraries that bring the same code say.
_KNOWN = rb"|".join((
    rb"WARNING: All log messages before absl::InitializeLog\(\)",
    rb"I0000 ", rb"To enable the following instructions: ",
    rb"\d{4}-\d\d-\d\d [\d:.]+: I ",
    rb"[EW]0000 .*(Unable to register cu\w+ factory|"
    rb"computation placer already registered)",
    rb".*TF-TRT Warning: Could not find TensorRT",
))
_PASS_ON = """
import re, sys
known = re.compile(sys.argv[1].encode())
for line in sys.stdin.buffer:
    if not known.match(line):
        sys.stderr.buffer.write(line)
        sys.stderr.buffer.flush()
"""
# Seconds to wait for the last lines, should somebody keep the pipe open: a
# busy machine may take some to start the process at all.
_PATIENCE = 10


def tensorflow():
    """From now on the import of TensorFlow, wherever it is, is quiet."""
    importing.around("tensorflow", _import)


def _import(execute, module):
    with _held():
        execute(module)
    # Each model has graphs of its own: five in one process are no mistake.
    logging.getLogger("tensorflow").addFilter(
        lambda record: "tf.function retracing" not in record.getMessage()
    )


@contextlib.contextmanager
def _held():
    """Standard error passes through the other process inside the block."""
    try:
        own = os.dup(2)
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _PASS_ON, _KNOWN.decode()],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
            # Ctrl-C is for this process.
            start_new_session=True,
        )
    except OSError:  # no room for a process, no standard error: as it is
        yield
        return
    sys.stderr.flush()
    os.dup2(process.stdin.fileno(), 2)
    process.stdin.close()
    try:
        yield
    finally:
        sys.stderr.flush()
        os.dup2(own, 2)
        os.close(own)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_PATIENCE)
