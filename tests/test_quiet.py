"""TensorFlow's import is quiet in commands, and loses nothing."""

import os
import signal
import subprocess
import sys

import pytest

from check import TESTS, needs

# Stands for TensorFlow: what it writes to the descriptor, and how it ends.
_FAKE = """
import os, sys
os.write(2, {lines!r})
print("from Python", file=sys.stderr)
{end}
"""
_NOISE = b"""\
WARNING: All log messages before absl::InitializeLog() is called are written to
I0000 00:00:1795720187.340215   26298 port.cc:153] oneDNN custom operations are
2026-01-01 00:00:00.123456: I tensorflow/core/platform/cpu_feature_guard.cc:1]
E0000 00:00:1.1 2 cuda_dnn.cc:8310] Unable to register cuDNN factory: Attempt
W0000 00:00:1.1 2 x.cc:177] computation placer already registered
"""
_NEWS = b"E0000 00:00:1.1 2 gpu.cc:1] the driver is too old\nnews\n"
_USE = """
import importlib.util, sys
from keras_gen.cli import _quiet
_quiet.tensorflow()
importlib.util.find_spec("tensorflow")  # as some look whether it is there
import tensorflow
print("after", file=sys.stderr)
assert tensorflow.__spec__.name == "tensorflow"
"""


def imported(folder, lines, end=""):
    """(exit code, standard error) of importing the fake."""
    (folder / "tensorflow").mkdir()
    (folder / "tensorflow/__init__.py").write_text(
        _FAKE.format(lines=lines, end=end)
    )
    paths = os.pathsep.join([str(folder), str(TESTS.parent)])
    process = subprocess.run(
        [sys.executable, "-c", _USE], capture_output=True,
        env=os.environ | {"PYTHONPATH": paths},
    )
    return process.returncode, process.stderr.decode()


def test_what_is_known_goes_and_all_else_comes(tmp_path):
    code, error = imported(tmp_path, _NOISE + _NEWS)
    assert code == 0
    assert error == _NEWS.decode() + "from Python\nafter\n"


def test_a_traceback_comes(tmp_path):
    code, error = imported(tmp_path, _NOISE, 'raise ImportError("broken")')
    assert code == 1 and error.startswith("from Python\nTraceback")
    assert error.endswith("ImportError: broken\n")


@pytest.mark.parametrize("number", [signal.SIGABRT, signal.SIGKILL])
def test_what_a_crash_says_comes(number, tmp_path):
    end = f"os.write(2, b'F0000 failed\\n'); os.kill(os.getpid(), {number:d})"
    code, error = imported(tmp_path, _NOISE, end)
    assert code == -number and error == "from Python\nF0000 failed\n"


@needs("tensorflow")
def test_a_command_says_nothing_of_its_libraries(tmp_path):
    code = "from keras_gen.cli import main; main()"
    result = subprocess.run(
        [sys.executable, "-c", code, "sample", "gan_ring", "--n=3"],
        cwd=tmp_path, capture_output=True, text=True,
        env=os.environ | {"PYTHONPATH": str(TESTS.parent)},
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == "gan_ring-samples.png\n"
