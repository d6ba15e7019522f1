"""The lessons: each shows what it says, in short and as recorded."""

import ast
import functools
import json
import re

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from check import TESTS
from keras_gen import InputError, cli, lessons, plot
from keras_gen.cli import lesson as command
from keras_gen.lessons import _drawing, _training, records
from pages import lessons as written

FOLDER = TESTS.parent / "keras_gen/lessons"
# Whose short run takes more than some seconds, and why.
LONG = {
    "two_gaussians": "a critic needs some hundred steps to be straight",
    "transport": "likewise",
    "vanishing": "three games on pictures are compiled",
    "collapse": "nine games are compiled",
    "arrangement": "three trainings of a recipe",
    "ttur": "games need some hundred steps to come to rest",
    "to_optimality": "four games are compiled",
    "ratio": "six games are compiled",
    "robust": "six games are compiled",
    "correlation": "two games, and features of pictures at each look",
    "noise_to_instance": "what noise does to a network fades slowly",
    "label_to_picture": "likewise",
    "beta_zero": "posteriors shrink slowly",
    "ae_is_not_generative": "four published models are loaded",
    "blur": "likewise",
    "probe": "likewise",
}
each = pytest.mark.parametrize("name", lessons.names())
each_run = pytest.mark.parametrize("name", [
    pytest.param(name, marks=pytest.mark.slow) if name in LONG else name
    for name in lessons.names()
])


def sentences(shown):
    """What was shown and not, without the numbers, which differ."""
    return list(shown.values())


def kinds(numbers):
    """The numbers' names, without the sizes in them, of which there are fewer
    in short."""
    return {re.sub(r"\d+", "N", name) for name in numbers}


@functools.cache
def short(name):
    """(numbers, figure, its picture, how far it told to be) of a short run:
    two tests look at one. Drawn again, a figure is laid out otherwise."""
    module, told = lessons.load(name), []
    with _training.telling(lambda *count: told.append(count)):
        numbers, figure = module.run(seed=0, **module.SHORT)
    return numbers, figure, _drawing.picture(figure), told


@each_run
def test_a_short_run_shows_what_the_record_does(name):
    module = lessons.load(name)
    numbers, figure, picture, told = short(name)
    assert all(0 < done <= total for done, total, _ in told)
    assert kinds(numbers) == kinds(records.read(name)["numbers"])
    assert all(type(value) is float for value in numbers.values())
    assert np.isfinite(list(numbers.values())).all()
    recorded = module.shown(records.read(name)["numbers"])
    assert sentences(module.shown(numbers)) == sentences(recorded)
    assert isinstance(figure, Figure)
    assert picture.width == _drawing.WIDTH


@each
def test_it_is_one_short_file_that_says_what_it_is(name):
    text = lessons.file(name).read_text("utf-8")
    assert len(text.splitlines()) <= 150
    facts = lessons.facts(name)
    assert facts.title.endswith(".") and facts.about
    assert facts.paper.startswith("https://")
    for sentence in facts.claim, facts.next:
        assert sentence.endswith(".") and 40 < len(sentence) < 400
    assert facts.next == lessons.load(name).NEXT
    imported = {
        node.module for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ImportFrom)
    }
    # That is state of the process.
    assert "matplotlib.pyplot" not in imported and "pyplot" not in text


@each
def test_its_record_is_of_the_whole_lesson_and_its_figure_small(name):
    record = records.read(name)
    assert record["command"] == f"keras-gen lesson {name} --seed=0"
    assert record["seconds"] > 0 and record["device"] and record["date"]
    picture = records.folder() / f"{name}.png"
    assert picture.stat().st_size < 150_000
    with Image.open(picture) as image:
        assert image.width == _drawing.WIDTH
        assert image.info["Software"].encode() == plot.MARK


@each
def test_its_page_tells_the_record(name):
    page = written.pages()[f"lessons/{name}.md"]
    for key, value in records.read(name)["numbers"].items():
        assert f"| `{key}` | {value:.4g} |" in page
    assert f"]({name}.png)" in page and "## What to try" in page
    shown = lessons.load(name).shown(records.read(name)["numbers"])
    assert page.count("\n- shown: ") == sum(shown.values())
    assert page.count("\n- **not shown**: ") == (~np.array(
        list(shown.values())
    )).sum()
    assert f":link: {name}\n" in written.overview()


def test_the_order_has_all_lessons():
    files = {path.stem for path in FOLDER.glob("[!_]*.py")} - {"records"}
    assert sorted(files) == sorted(lessons.ORDER)
    assert {path.stem for path in records.folder().glob("*.png")} == files


@pytest.mark.slow
@each
def test_a_seed_decides_numbers_and_figure(name):
    module = lessons.load(name)
    a, _, picture, _ = short(name)
    before = np.random.get_state()[1].copy()
    b, again = module.run(seed=0, **module.SHORT)
    assert a == b
    assert picture.tobytes() == _drawing.picture(again).tobytes()
    np.testing.assert_array_equal(np.random.get_state()[1], before)


@pytest.fixture
def quick(monkeypatch):
    """A lesson's module whose run takes no time and shows some of what is
    claimed."""
    module = lessons.load("divergences")
    numbers = {"seed": 0.0, "one": 1 / 3}
    monkeypatch.setattr(module, "run", lambda seed, **settings: (
        {**numbers, "seed": float(seed + len(settings))}, _drawing.figure(300)
    ))
    monkeypatch.setattr(module, "shown", lambda numbers: {
        f"{numbers['one']:.2f} is a third": True, "it is a half": False,
    })
    return module


def test_what_is_not_shown_is_said(quick, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    cli.main(["lesson", "divergences"])
    output = capsys.readouterr().out
    assert "\nshown: 0.33 is a third\nNOT shown: it is a half\n" in output
    assert output.endswith("\ndivergences-lesson.png\n")
    assert (tmp_path / "divergences-lesson.png").exists()
    cli.main(["lesson", "divergences", "--short", "--seed=3", "--json",
              "--out=a.jpg"])
    told = json.loads(capsys.readouterr().out)
    assert told["written"] == ["a.jpg"] and (tmp_path / "a.jpg").exists()
    assert [each["shown"] for each in told["shown"]] == [True, False]
    assert told["numbers"] == {"seed": 3 + len(quick.SHORT), "one": 1 / 3}
    assert told["claim"] == quick.CLAIM and told["short"]


def test_a_record_is_written_whole_or_not(quick, monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_GEN_HOME", str(tmp_path))
    with pytest.raises(InputError, match="of a checkout"):
        command.check(cli_options("divergences", "--record"))
    (tmp_path / "docs").mkdir()
    with pytest.raises(InputError, match="no record"):
        records.read("divergences")
    cli.main(["lesson", "divergences", "--record", "--seed=3"])
    record = records.read("divergences")
    assert record["seed"] == 3
    assert record["numbers"] == {"seed": 3.0, "one": 0.333333}

    def kept():
        folder = tmp_path / "docs/lessons"
        return {p: p.read_bytes() for p in folder.iterdir()}

    before = kept()
    assert {p.suffix for p in before} == {".png", ".toml"}
    monkeypatch.setattr(plot, "save", interrupted)
    with pytest.raises(KeyboardInterrupt):
        cli.main(["lesson", "divergences", "--record"])
    assert kept() == before


def interrupted(*arguments):
    raise KeyboardInterrupt


def cli_options(*words):
    parser = cli.Parser()
    cli.fill(parser, "lesson")
    return parser.parse_args(words)


@pytest.mark.parametrize("words, told", [
    (["divergence"], "did you mean divergences?"),
    (["--short"], "of one lesson"),
    (["divergences", "--record", "--short"], "of the whole lesson"),
    (["divergences", "--record", "--out=a.png"], "of the whole lesson"),
])
def test_mistakes(words, told):
    with pytest.raises(InputError, match=told.replace("?", r"\?")):
        command.check(cli_options(*words))


def test_all_are_listed_with_what_is_claimed(capsys):
    cli.main(["lesson"])
    lines = capsys.readouterr().out.splitlines()
    assert tuple(x for x in lines if x[0] != " ") == lessons.names()
    cli.main(["lesson", "--json"])
    told = json.loads(capsys.readouterr().out)["lessons"]
    assert [each["lesson"] for each in told] == list(lessons.names())
    assert all(each["claim"] for each in told)
