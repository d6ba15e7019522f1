"""Any arguments to any public function: a result, or one line that says what
is wrong; no traceback and nothing left behind."""

import pathlib
import shutil
import warnings

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from fuzz import cases, junk
from keras_gen import zoo

# Examples of each function, by default and in the slow tests.
FEW, MANY = 6, 40


def fuzz(examples):
    return settings(
        max_examples=examples,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )


NAMES = [name for room in cases.ROOMS for name in cases.public(room)]
NAMES += [f"model.{name}" for name in cases.METHODS]
NAMES += [f"option.{name}" for name in cases.OPTIONS]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "log.csv").write_text("step,loss\n1,2.0\n2,1.5\n")
    (tmp_path / "run/samples").mkdir(parents=True)
    recipe = zoo.home() / "zoo/gan_shapes.toml"
    shutil.copy(recipe, tmp_path / "run/recipe.toml")
    Image.new("L", (18, 18)).save(tmp_path / "run/samples/step-1.png")
    return tmp_path


def good(name):
    return cases.good(name.partition(".")[0])[name]


def left(folder):
    return {p for p in folder.rglob("*") if p.is_file()}


def spoil(name, folder, data):
    """Calls a function with one or two arguments spoiled."""
    function, arguments = good(name)
    wrong = data.draw(st.lists(
        st.sampled_from(sorted(arguments)), min_size=1, max_size=2,
        unique=True,
    ), label="spoiled")
    given_ = arguments | {
        one: data.draw(junk.anything(), label=one) for one in wrong
    }
    before = left(folder)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        refused = junk.refused_well(lambda: function(**given_))
    new = left(folder) - before
    assert not refused or not new, f"left behind: {new}"
    assert not [p for p in new if "aside" in p.name]
    for path in new:
        path.unlink()


@pytest.mark.parametrize("name", NAMES)
def test_good_arguments_are_good(name, folder):
    function, arguments = good(name)
    assert not junk.refused_well(lambda: function(**arguments))


@pytest.mark.parametrize("name", NAMES)
@fuzz(FEW)
@given(data=st.data())
def test_wrong_arguments_are_one_line(name, folder, data):
    spoil(name, folder, data)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
@fuzz(MANY)
@given(data=st.data())
def test_many_wrong_arguments_are_one_line(name, folder, data):
    spoil(name, folder, data)


def test_what_is_refused_well_is_not_any_error(tmp_path):
    from keras_gen.errors import InputError

    def raises(error):
        def call():
            raise error
        return lambda: junk.refused_well(call)

    assert raises(InputError("x is 3; give 4"))()
    assert str(InputError("a\nb")) == "a b"
    for error in (TypeError("x"), InputError(" "), InputError(999 * "x")):
        with pytest.raises((TypeError, AssertionError)):
            raises(error)()
    assert not junk.refused_well(lambda: pathlib.Path(tmp_path))
