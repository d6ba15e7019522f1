"""What the lint of exports forbids is found, and nothing of ours has it."""

import numpy as np
import pytest

from check import needs
from keras_gen.export import lint
from keras_gen.zoo import weights

MODELS = sorted(
    path.parent for path
    in (weights.home() / "saved_models").glob("*/*/saved_model.pb")
)


@needs("tensorflow")
@pytest.mark.parametrize(
    "path", MODELS, ids=[f"{p.parent.name}-{p.name}" for p in MODELS]
)
def test_published_models_can_be_served(path):
    lint.check(path)
    variables = path / "variables"
    files = sum(p.stat().st_size for p in variables.iterdir())
    assert files <= 1.1 * _numbers(variables) + 2**14


def _numbers(variables):
    """Bytes of the numbers in a checkpoint."""
    import tensorflow as tf

    reader = tf.train.load_checkpoint(str(variables / "variables"))
    return sum(
        4 * np.prod(shape, dtype=int)
        for name, shape in reader.get_variable_to_shape_map().items()
        if name != "_CHECKPOINTABLE_OBJECT_GRAPH"
    )


def save(path, function, dtype="float32", shape=(None, 3), jit=None, **kept):
    """A SavedModel of one function of `x` and of the module, which keeps a
    variable `w` and what else is given."""
    import tensorflow as tf

    module = tf.Module()
    module.w = tf.Variable(tf.ones((3, 64)))
    for name, value in kept.items():
        setattr(module, name, value)
    call = tf.function(
        lambda x: function(module, x), jit_compile=jit,
        input_signature=[tf.TensorSpec(shape, dtype, name="x")],
    )
    tf.saved_model.save(module, str(path), signatures=call)


@needs("tensorflow")
def test_branches_loops_and_assertions_are_allowed(tmp_path):
    import tensorflow as tf

    def good(module, x):
        tf.debugging.assert_less(x, 5.0)
        y = tf.map_fn(lambda row: tf.linalg.matvec(module.w, row, True), x)
        y = tf.cond(tf.size(y) > 9, lambda: y @ tf.transpose(module.w),
                    lambda: x)
        noise = tf.random.stateless_normal(tf.shape(x), [1, 2])
        png = tf.fill([tf.shape(x)[0]], "png")
        return {"y": y + noise, "image_bytes": png}

    save(tmp_path, good)
    lint.check(tmp_path)


def _assign(module, x):
    module.w.assign_add(module.w)
    return {"y": x @ module.w}


def _python(module, x):
    import tensorflow as tf

    y = tf.py_function(lambda x: x, [x @ module.w], tf.float32)
    return {"y": tf.ensure_shape(y, (None, 64))}


def _numpy(module, x):
    import tensorflow as tf

    y = tf.numpy_function(np.abs, [x @ module.w], tf.float32, stateful=False)
    return {"y": tf.ensure_shape(y, (None, 64))}


def _random(module, x):
    import tensorflow as tf

    return {"y": x @ module.w + tf.random.normal((64,))}


def _random_in_a_loop(module, x):
    import tensorflow as tf

    row = tf.function(lambda row: row + tf.random.uniform([64]))
    return {"y": tf.map_fn(row, x @ module.w)}


def _product(module, x):
    return {"y": x @ module.w}


def _one_row(module, x):
    import tensorflow as tf

    return {"y": tf.reduce_sum(x @ module.w, 0)}


def _narrow(module, x):
    import tensorflow as tf

    return {"y": tf.cast(x @ module.w, tf.bfloat16)}


def _wide(module, x):
    import tensorflow as tf

    return {"y": tf.cast(x @ module.w, tf.float64)}


def _string(module, x):
    import tensorflow as tf

    return {"png": tf.as_string((x @ module.w)[:, 0])}


@needs("tensorflow")
@pytest.mark.parametrize("function, found, options", [
    (_assign, "keeps state or calls Python: AssignAddVariableOp", {}),
    (_python, "Python: EagerPyFunc", {}),
    (_numpy, "Python: PyFuncStateless", {}),
    (_random, "RandomStandardNormal", {}),
    (_random_in_a_loop, "RandomUniform", {}),
    (_product, "compiled by XLA", {"jit": True}),
    (_product, "input 'x' without a free first", {"shape": (2, 3)}),
    (_product, "input 'x' without a free first", {"shape": None}),
    (_one_row, "output 'y' without a free first", {}),
    (_narrow, "the bfloat16 output 'y'", {}),
    (_wide, "the float64 output 'y'", {}),
    (_string, "the string output 'png'", {}),
])
def test_what_is_forbidden_is_found(function, found, options, tmp_path):
    save(tmp_path, function, **options)
    with pytest.raises(RuntimeError, match=f"'serving_default' .*{found}") as e:
        lint.check(tmp_path)
    assert "\n" not in str(e.value)


@needs("tensorflow")
def test_variables_that_no_signature_reads_are_found(tmp_path):
    import tensorflow as tf

    twice = tf.Variable(tf.ones((3, 64)))
    save(tmp_path, _product, twice=twice)
    with pytest.raises(RuntimeError, match="stores 1,536 bytes .* read 768"):
        lint.check(tmp_path)
