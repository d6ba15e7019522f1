"""What keras_gen leans on that Keras, TensorFlow and PyTorch do not promise.

`leans.py` names all of it. After an upgrade, a failure here says what broke; a
private that the table lacks fails too.
"""

import ast
import warnings

import keras
import pytest

from check import BACKEND, TESTS
from leans import LEANS, UNPROMISED

PACKAGE = TESTS.parent / "keras_gen"


@pytest.mark.parametrize(
    "lean", [*LEANS, *UNPROMISED], ids=lambda x: f"{x.file}:{x.private}"
)
def test_what_we_lean_on_is_there(lean):
    if lean.backend not in ("", BACKEND):
        pytest.skip(f"needs the Keras backend {lean.backend}")
    try:
        lean.check()
    except Exception as error:
        pytest.fail(
            f"keras_gen/{lean.file} leans on {lean.private}, which Keras "
            f"{keras.__version__} or its backend changed. Without it: "
            f"{lean.breaks}. ({type(error).__name__}: {error})"
        )


# Python's own that begin with an underscore.
PYTHON = {"_asdict", "_fields", "_replace", "_exit"}
FOREIGN = ("keras.src.", "tensorflow.python.", "tensorflow.core.", "torch._")
# Marks of TensorFlow in its graphs.
STRINGS = {"_XlaMustCompile"}


def own_names(trees):
    """Every name that our own code defines or assigns."""
    found = set()
    for node in (n for tree in trees for n in ast.walk(tree)):
        if isinstance(
            node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        ):
            found.add(node.name)
        elif isinstance(getattr(node, "ctx", None), ast.Store):
            # Of an attribute, only our own objects' is a definition.
            if ast.unparse(getattr(node, "value", ast.Name("self"))) == "self":
                found.add(getattr(node, "attr", getattr(node, "id", None)))
    return found


def overridden():
    """The private names of the classes that ours come from."""
    bases = (
        keras.Model, keras.Layer, keras.callbacks.Callback,
        keras.optimizers.Optimizer, type(keras.optimizers.Adam()),
    )
    return {n for base in bases for n in dir(base) if _private(n)}


def privates(tree, own, theirs):
    """What a file uses of others that they do not promise: set of names.

    Args:
        tree: the file's syntax tree.
        own: names that our code defines, which are no one else's.
        theirs: private names of the classes that ours come from.
    """
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {a.name for a in node.names if _foreign(a.name)}
        elif isinstance(node, ast.ImportFrom):
            if _foreign(node.module):
                found.add(node.module)
            elif not node.module.startswith("keras_gen"):
                found |= {a.name for a in node.names if _private(a.name)}
        elif isinstance(node, ast.Attribute):
            if ast.unparse(node).endswith("compat.v1"):
                found.add(ast.unparse(node))
            unknown = node.attr not in own | PYTHON
            if _private(node.attr) and (unknown or node.attr in theirs):
                found.add(node.attr)
        # Overridden, or named in a string: vars(x)["_name"].
        name = getattr(node, "name", getattr(node, "value", None))
        if isinstance(name, str) and (name in theirs or name in STRINGS):
            found.add(name)
    return found


def _private(name):
    return name.startswith("_") and not name.startswith("__")


def _foreign(module):
    return f"{module}.".startswith(FOREIGN)


def test_every_private_is_in_the_table():
    files = sorted(PACKAGE.rglob("*.py"))
    trees = {f: ast.parse(f.read_text("utf-8")) for f in files}
    own, theirs = own_names(trees.values()), overridden()
    table = {(lean.file, lean.private) for lean in LEANS}
    found = set()
    for file, tree in trees.items():
        name = file.relative_to(PACKAGE).as_posix()
        # The other backend's classes have more.
        more = {private for where, private in table if where == name}
        found |= {(name, x) for x in privates(tree, own, theirs | more)}
    assert not found - table, (
        "privates that tests/leans.py does not name: use a public way, "
        f"or add them with a check: {sorted(found - table)}"
    )
    assert not table - found, f"no longer used: {sorted(table - found)}"


@pytest.mark.parametrize(("code", "name"), [
    ("network._flatten_layers()", "_flatten_layers"),
    ("from keras.src.saving import saving_lib", "keras.src.saving"),
    ("import tensorflow.python.ops", "tensorflow.python.ops"),
    ("tf.compat.v1.Session()", "tf.compat.v1"),
    ("class A:\n    def _maybe_symbolic_build(self): pass",
     "_maybe_symbolic_build"),
    ("vars(x)['_all_reduce_sum_gradients'] = list",
     "_all_reduce_sum_gradients"),
])
def test_the_search_finds_it(code, name):
    theirs = {"_maybe_symbolic_build", "_all_reduce_sum_gradients"}
    tree = ast.parse(code)
    assert name in privates(tree, own_names([tree]), theirs)


def test_a_published_model_loads_without_warnings():
    from keras_gen import zoo

    with warnings.catch_warnings():
        # Keras warns of layers that a file lacks, and goes on.
        warnings.simplefilter("error", UserWarning)
        zoo.load("dcgan_shapes")
