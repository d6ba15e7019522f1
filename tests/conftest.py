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

import hypothesis  # noqa: E402
import keras  # noqa: E402
import pytest  # noqa: E402

# The same examples each time, on however slow a machine.
hypothesis.settings.register_profile(
    "same", derandomize=True, deadline=None, database=None
)
hypothesis.settings.load_profile("same")


@pytest.fixture(scope="session")
def exported(tmp_path_factory):
    """`(model, loaded export, folder)` of a recipe's small, untrained model
    with some changes of the recipe; each is made once."""
    import tensorflow as tf

    from keras_gen import zoo

    known = {}

    def get(name, **changes):
        key = name, *sorted(changes.items())
        if key not in known:
            keras.utils.set_random_seed(0)
            model = zoo.recipe(name).smoke().override(changes).build()
            path = model.export(tmp_path_factory.mktemp("exported") / name)
            known[key] = model, tf.saved_model.load(str(path)), path
        return known[key]

    return get


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """The folder of a recipe's run of its two quick steps, made once: to be
    read, or copied by who changes it."""
    from keras_gen import zoo
    from keras_gen.training import trainer

    known = {}

    def get(name):
        if name not in known:
            keras.utils.set_random_seed(0)
            known[name] = tmp_path_factory.mktemp("finished") / name
            assert trainer.run(zoo.recipe(name).smoke(), known[name])
        return known[name]

    return get


@pytest.fixture(autouse=True)
def fresh():
    """Leave nothing of one test to the next."""
    from keras_gen.backend import noise

    keras.utils.set_random_seed(0)
    keras.config.set_dtype_policy("float32")
    vars(noise._ambient).pop("stream", None)
    yield
    keras.config.set_dtype_policy("float32")


@pytest.fixture
def any_numbers(monkeypatch):
    """Pictures of any numbers, which are otherwise refused."""
    from keras_gen import arrays, values

    monkeypatch.setattr(
        values.Picture, "_accepted",
        lambda self, array, what, count, known: arrays.finite(array, what),
    )
