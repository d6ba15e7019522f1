"""How much numbers vary over sample seeds and trainings, and where it is
told."""

import json
import shutil

import numpy as np
import pytest

import recipes
from evaluation.test_evaluation import Projection
from evaluation.typed import Model, Recipe
from keras_gen import cli, evaluation, zoo
from keras_gen.cli import evaluate as command
from keras_gen.errors import InputError
from keras_gen.evaluation import Record, protocols, tables
from keras_gen.zoo import results

SHAPES = Recipe(source="shapes", kind="images", size=16, channels=1)


def samples(count=3000):
    return zoo.recipe("gan_shapes").dataset("train").take(
        np.arange(count)
    )["image"]


class Watched(Model):
    """Remembers which seeds were asked for."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.asked = []

    def generate(self, n, seed=0, label=None):
        self.asked.append(range(seed, seed + n))
        return super().generate(n, seed)


def test_sets_of_samples_share_none_and_their_spread_is_told():
    model = Watched(samples(), "picture")
    found = evaluation.spread(
        model, SHAPES, times=3, n=300, seed=5, features=Projection()
    )
    seen = [seed for some in model.asked for seed in some]
    assert seen == list(range(5, 905))
    assert [r.metric for r in found] == ["frechet_distance", "coverage"]
    for record in found:
        assert (record.over, record.times) == ("sample seeds", 3)
        assert (record.seed, record.subject, record.n_fake) == (5, "model", 300)
        # One by one, by their seeds; all else is chosen by seed 5.
        values = []
        for first in (5, 305, 605):
            model = Model(np.roll(samples(), 5 - first, 0), "picture")
            one, = (r for r in evaluation.evaluate(
                model, SHAPES, n=300, seed=5, features=Projection(),
                metrics=[record.metric],
            ) if r.subject == "model")
            values.append(one.value)
        assert record.value == pytest.approx(np.mean(values))
        assert 0 < record.spread == pytest.approx(np.std(values, ddof=1))


def test_trainings_are_compared_at_the_same_samples():
    models = [
        Watched(np.roll(samples(), 1000 * i, 0), "picture") for i in range(3)
    ]
    found = evaluation.spread(
        models[0], SHAPES, trained=models[1:], n=300, features=Projection()
    )
    assert [m.asked for m in models] == [[range(300)]] * 3
    assert {(r.over, r.times) for r in found} == {("training seeds", 3)}
    assert all(r.spread > 0 for r in found)


def test_of_a_model_that_draws_nothing_two_sets_are_enough():
    found = evaluation.spread(
        zoo.load("classifier_shapes"), zoo.recipe("classifier_shapes"), n=64
    )
    assert [(r.metric, r.spread, r.times) for r in found] == [
        ("accuracy", 0, 2)
    ]


def test_what_has_the_draws_in_its_own_spread_is_left_out():
    found = evaluation.spread("vae_shapes", n=64, times=2)
    # Of pictures that encode and decode without a draw: rmse.
    assert "rmse" in {r.metric for r in found}
    assert not {"nll", "elbo"} & {r.metric for r in found}
    with pytest.raises(InputError, match="at least 2 sets of samples, got 1"):
        evaluation.spread("vae_shapes", n=64, times=1)


def record(value, metric="coverage", **more):
    common = dict(
        subject="model", n_real=9, n_fake=8, ema=False, seed=0,
        real="x.zip test",
    )
    return Record(metric=metric, value=value, **common | more)


RECORDS = [
    record(0.5), record(0.875, subject="training data"),
    record(0.25, real="x.zip validation"),
    record(0.512, spread=0.0211, over="sample seeds", times=5),
    record(0.48, spread=0.1, over="training seeds", times=3),
]


def test_tables_tell_means_beside_the_numbers():
    recipe = zoo.recipe("gan_ring")
    first, second = tables.markdown(
        [(recipe, {"coverage"}, RECORDS)]
    ).splitlines()[2:]
    assert first.endswith(
        "| coverage | 0.5 | 0.512 ± 0.021 (5 sample seeds), 0.48 ± 0.1 "
        "(3 training seeds) | training data 0.875 |"
    )
    assert second == "|  |  | coverage, validation | 0.25 |  |  |"
    text = tables.text(RECORDS[:2] + RECORDS[3:])
    assert "over 5 sample seeds:\n" in text and "0.512 ± 0.02" in text
    assert "coverage    0.5          0.875" in text


def test_a_card_tells_means_beside_the_numbers(capsys):
    from keras_gen.cli import show

    show.results([r.as_dict() for r in RECORDS])
    lines = capsys.readouterr().out.splitlines()
    assert lines[-2:] == [
        "  coverage: 0.5 (training data 0.875, over 5 sample seeds 0.512 ± "
        "0.02, over 3 training seeds 0.48 ± 0.1)",
        "  coverage, validation: 0.25",
    ]


@pytest.mark.parametrize("new, some, left", [
    # All of the test again: other splits and trainings stay.
    ([record(0.6), record(0.6, spread=0.1, over="sample seeds", times=5)],
     False, [2, 4]),
    ([record(0.6)], True, [2, 3, 4]),
    ([record(0.6, spread=0.1, over="sample seeds", times=9)], True,
     [0, 1, 2, 4]),
    ([record(0.6, real="elsewhere.npz validation")], True, [0, 1, 3, 4]),
    ([record(0.6, metric="recall")], True, [0, 1, 2, 3, 4]),
])
def test_what_is_measured_again_is_replaced(new, some, left):
    old, new = ([r.as_dict() for r in each] for each in (RECORDS, new))
    found = command.replaced(old, new, some)
    assert found == [old[i] for i in left] + new
    again = results.flat(results.grouped(found))
    assert all(row in again for row in new) and len(again) == len(found)


def test_the_command_records_a_spread(tmp_path, monkeypatch, capsys):
    name = "gan_ring"
    before = zoo.recipe(name)
    (tmp_path / "zoo").mkdir()
    for file in (zoo.home() / "zoo").glob(f"{name}.*toml"):
        shutil.copy(file, tmp_path / "zoo")
    shutil.copytree(
        zoo.home() / "saved_models" / name, tmp_path / "saved_models" / name
    )
    monkeypatch.setenv("KERAS_GEN_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for times in (3, 2):
        cli.main(["evaluate", name, f"--spread={times}", "--n=200",
                  "--record", "--out=x.json"])
    assert "over 2 sample seeds:" in capsys.readouterr().out
    old, new = (
        results.flat(r["results"]) for r in (before, zoo.recipe(name))
    )
    rows = [
        r for r in new if r.get("over") == "sample seeds" and r["times"] == 2
    ]
    assert {r["metric"] for r in rows} == set(
        protocols.named("samples").HEADLINE
    )
    assert len([r for r in new if "over" in r]) == len(rows)
    assert [r for r in new if "over" not in r] == [
        r for r in old if "over" not in r
    ]
    written = json.loads((tmp_path / "x.json").read_text())["results"]
    assert written == rows
    later = zoo.recipe(name)["card"]["measured"]["later"]
    assert "--n=200 --spread=3 on 2" in later
    assert later.count("--spread=2 on 2") == 1


@pytest.mark.parametrize("options, words", [
    (["--spread=1"], "--spread must be at least 2, got 1"),
    (["--spread", "--metrics=modes"], "leave --metrics and --beside out"),
    (["--trained=gan_ring"], "--trained is for --spread"),
    (["--spread", "--trained=gan_ring"], "each with another --seed; got "
     "gan_ring with seed 0, gan_ring with seed 0"),
    (["--spread", "--trained=gan_shapes"], "trainings of one recipe"),
])
def test_mistakes_take_one_line(options, words, capsys):
    with pytest.raises(SystemExit):
        cli.main(["evaluate", "gan_ring", *options])
    error = capsys.readouterr().err
    assert words in error and error.count("\n") == 1


def test_every_spread_that_is_recorded_is_of_the_headline():
    for name in recipes.PUBLISHED:
        recipe = zoo.recipe(name)
        kind = recipe.code("objective", recipe["objective"]["class"])
        headline = {
            metric for protocol in protocols.of(kind)
            for metric in protocol.HEADLINE
        }
        rows = [Record(**r) for r in results.flat(recipe["results"])]
        for row in rows:
            assert bool(row.over) == bool(row.times), name
            if not row.over:
                continue
            assert row.metric in headline and row.subject == "model"
            # Of as many samples as the number that it stands beside, which
            # lies among them.
            one, = (
                r for r in rows if not r.over and r.subject == "model"
                and tables.title(r) == tables.title(row)
            )
            assert one.n_fake == row.n_fake, (name, row.metric)
            assert abs(one.value - row.value) <= max(
                5 * row.spread, 1e-4 * abs(one.value)
            ), (name, row.metric)
