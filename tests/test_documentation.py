"""The pages that are written when the documentation is built, and the checks
of what was built; python -m sphinx itself runs in .ci/run."""

import argparse
import inspect

import links
import pytest
import strip
from PIL import Image

import pages
import recipes
from keras_gen import cli, evaluation, objectives, zoo
from keras_gen.data import kinds
from keras_gen.evaluation import tables
from keras_gen.zoo import keys, results
from pages import api, commands, docstrings, markdown, models, recipe_keys


@pytest.fixture(scope="module")
def everything():
    return pages.everything()


def test_every_model_has_a_page_and_a_card_among_all(everything):
    overview = everything["models/index.md"]
    for name in zoo.names():
        assert f"models/{name}.md" in everything
        assert f":link: {name}\n" in overview
        family = models.objective(name)
        assert name in models.families()[family]
        assert f"## {family}\n" in overview


@pytest.mark.parametrize("name", recipes.PUBLISHED)
def test_a_published_models_page_has_its_measured_numbers(name, everything):
    text = everything[f"models/{name}.md"]
    values = models.document(name)
    records = results.flat(values["results"])
    assert records
    for record in records:
        shown = f"{record['value']:.4g}"
        assert shown in text, record
        assert markdown.plain(record["metric"]) in text
    for key in ("use", "data", "deviations", "limits"):
        assert markdown.plain(values["card"][key]) in text
    for file in models.pictures(name):
        assert f"](../../saved_models/{name}/{file})" in text
    assert values["card"]["trained"]["command"] in text


def test_models_without_weights_say_why(everything):
    unpublished = set(zoo.names()) - set(recipes.PUBLISHED)
    assert unpublished
    for name in unpublished:
        why = markdown.plain(models.document(name)["unpublished"])
        assert why in everything[f"models/{name}.md"]


def options(parser):
    """All actions of a parser and of those within it."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for nested in action.choices.values():
                yield from options(nested)
        elif action.dest != "help":
            yield action


@pytest.mark.parametrize("name", sorted(set(cli.COMMANDS) - {"train"}))
def test_every_option_of_a_command_says_what_it_does(name, everything):
    text = everything["reference/commands.md"]
    section = text.split(f"\n## keras-gen {name}\n")[1].split("\n## ")[0]
    for action in options(commands.parser(name)):
        assert action.help, action
        row = f"| {markdown.code(commands.spelt(action))} | "
        assert row + markdown.plain(action.help) in section


def test_every_flag_of_the_trainer_is_there(everything):
    text = everything["reference/commands.md"]
    section = text.split("\n## keras-gen train\n")[1].split("\n## ")[0]
    for flag in (
        "model", "data", "[no]flip", "set", "precision", "checkpoint_minutes",
        "init_from", "augment",
    ):
        assert f"| `--{flag}" in section
    assert "repeat this option" not in section


@pytest.mark.parametrize("table", [
    keys.TABLES, keys.TRAIN, keys.DATA, keys.EMA, keys.MEASURE, keys.FROZEN,
])
def test_every_key_of_a_recipe_has_a_line(table, everything):
    for name, key in table.items():
        row = f"| `{name}` | {key.type.__name__} | "
        assert row in everything["reference/recipe.md"]


def test_every_argument_of_data_and_code_says_what_it_means():
    text = recipe_keys.page()
    for kind in kinds.names():
        for name in kinds.named(kind).arguments:
            assert f"| `{name}` | " in text
    # Cells: key, type, default, meaning.
    bare = [
        line for line in text.splitlines()
        if line.startswith("| `") and line.endswith("|  |")
    ]
    assert not bare


def test_the_recipes_of_the_zoo_use_keys_that_are_told():
    text = recipe_keys.page()
    for name in zoo.names():
        for key, value in models.document(name).items():
            assert f"| `{key}` | " in text
        for table in models.document(name)["networks"].values():
            for each in table if isinstance(table, list) else [table]:
                assert f"### {each['function']}\n" in text


def documented(one: int, two: str = "x", three: list[int] | None = None):
    """Does nothing.

    Args:
        one, two: are told together,
            on two lines.
        three: see `Another`.

    Returns:
        None.
    """


class Base:
    """Has.

    Args:
        deep: said here.
    """

    def __init__(self, *, deep: float = 0.5):
        pass


class Derived(Base):
    """Passes on.

    Args:
        own: its own.
        deep: see `Base`.
    """

    def __init__(self, own: bool, **kwargs):
        super().__init__(**kwargs)


Base.__module__ = Derived.__module__ = "keras_gen.of_a_test"


def test_arguments_are_read_from_docstrings_and_signatures():
    told = "are told together, on two lines."
    assert docstrings.arguments(documented) == {
        "one": ("int", "", told), "two": ("str", "'x'", told),
        "three": ("list[int] | None", "None", ""),
    }
    assert docstrings.arguments(Derived) == {
        "own": ("bool", "", "its own."), "deep": ("float", "0.5", "said here."),
    }


def test_docstrings_become_rst():
    lines = inspect.cleandoc("""
        Says |x| * `a|b`:

            code = |here|

        Args:
            one: *

        Example:
            model = GAN(1)
            model.fit(*x)
        """).splitlines()
    api.as_rst(None, None, None, None, None, lines)
    assert lines == inspect.cleandoc(r"""
        Says \|x\| \* `a|b`:

        ::

            code = |here|

        Args:
            one: \*

        Example::

            model = GAN(1)
            model.fit(*x)
        """).splitlines()


def test_every_public_name_is_in_the_reference(everything):
    text = "".join(
        page for name, page in everything.items() if "/api/" in name
    )
    for module in objectives.__all__:
        assert f".. autoclass:: keras_gen.objectives.{module}\n" in text
    for name in (
        "keras_gen.zoo.load", "keras_gen.plot.grid", "keras_gen.data.load",
        "keras_gen.metrics.frechet_distance", "keras_gen.explore.manifold",
        "keras_gen.training.trainer.run", "keras_gen.export.onnx_litert.write",
        "keras_gen.networks.dcgan.generator",
    ):
        assert f".. autofunction:: {name}\n" in text


def test_text_is_no_markup():
    assert markdown.plain("a_b *c* [d] <e> $f `g_h` | i") == (
        r"a\_b \*c\* \[d\] \<e\> \$f `g_h` \| i"
    )
    assert markdown.plain("see https://x.org/a_b, now") == (
        "see <https://x.org/a_b>, now"
    )


def test_pages_are_written_once_and_old_ones_go(tmp_path, monkeypatch):
    made = {"models/a.md": "a", "reference/api/b.md": "b"}
    monkeypatch.setattr(pages, "everything", lambda: made)
    pages.write(tmp_path)
    (tmp_path / "models/old.md").write_text("old")
    before = (tmp_path / "models/a.md").stat().st_mtime_ns
    made["reference/api/b.md"] = "c"
    pages.write(tmp_path)
    assert sorted(
        str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*.md")
    ) == ["models/a.md", "reference/api/b.md"]
    assert (tmp_path / "models/a.md").stat().st_mtime_ns == before
    assert (tmp_path / "reference/api/b.md").read_text() == "c"


def test_links_and_what_is_loaded_are_looked_at(tmp_path):
    (tmp_path / "a.html").write_text(
        '<a href="b.html#here">x</a><a href="https://far.org">x</a>'
        '<img src="b.png"><link rel="canonical" href="https://far.org/a">'
    )
    (tmp_path / "b.html").write_text('<p id="here"><a href="a.html">x</a>')
    (tmp_path / "b.png").write_bytes(b"")
    assert links.wrong(tmp_path) == []
    links.read.cache_clear()
    (tmp_path / "c.css").write_text('a {b: url("//far.org/font.woff")}')
    (tmp_path / "b.html").write_text(
        '<p id="there"><a href="no.html">x</a><script src="https://x/y.js">'
        '</script><img src="no.png">'
    )
    assert links.wrong(tmp_path) == [
        "a.html links to b.html#here, which is not there",
        "b.html loads https://x/y.js", "b.html lacks no.png",
        "b.html links to no.html, which is not there",
        "c.css loads //far.org/font.woff",
    ]


def test_the_readmes_strip_is_cut_out_of_the_models_grids():
    drawn = strip.strip()
    with Image.open(strip.FILE) as kept:
        assert kept.size == drawn.size
        assert kept.convert("RGB").tobytes() == drawn.tobytes()
    assert strip.FILE.stat().st_size < 300_000


def test_rows_of_a_table_of_results_leave_others_out():
    record = dict(real="x test", n_real=9, n_fake=8, ema=True, seed=1)
    records = [
        evaluation.Record(metric="rmse", subject=who, value=value, **record)
        for who, value in (("model", 1.5), ("PCA", 2.5))
    ] + [evaluation.Record(metric="l1", subject="model", value=3, **record)]
    assert tables.rows(records, {"rmse"}) == [
        ("rmse", "1.5", "", "PCA 2.5")
    ]
