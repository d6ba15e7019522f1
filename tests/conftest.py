"""Every test starts with the same seeds, dtype policy and noise."""

import importlib.util
import os
import tempfile

if "KERAS_BACKEND" not in os.environ:
    found = importlib.util.find_spec("tensorflow")
    os.environ["KERAS_BACKEND"] = "tensorflow" if found else "torch"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Tiny tensors: threads would wait for each other longer than they work.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Not the user's cache of pictures, also in the processes that tests start.
_cache = tempfile.TemporaryDirectory()
os.environ["KERAS_GEN_CACHE"] = _cache.name

import keras  # noqa: E402
import pytest  # noqa: E402


@pytest.fixture(autouse=True)
def fresh():
    """Leave nothing of one test to the next."""
    from keras_gen.backend import noise

    keras.utils.set_random_seed(0)
    keras.config.set_dtype_policy("float32")
    vars(noise._ambient).pop("stream", None)
    yield
    keras.config.set_dtype_policy("float32")
