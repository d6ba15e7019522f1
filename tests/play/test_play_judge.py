"""Which is real? The page, in a browser, and what is counted of it."""

import json
import re

import numpy as np
import pytest

from browser import axe, chromium, opened, pixels, served
from keras_gen import cli, zoo
from keras_gen.errors import InputError
from keras_gen.play import judging

NAME = "cgan_shapes"


@pytest.fixture(scope="module")
def judged():
    model, recipe = zoo.load(NAME), zoo.recipe(NAME)
    return judging.pairs(model, recipe.dataset("test"), 20, seed=3)


def answers(path, judged, choose, model=NAME):
    """A file of one who chooses by pair; its path."""
    kept = [
        {"pair": i, "chosen": choose(i),
         "real": "right" if right else "left", "seconds": 1.5}
        for i, right in enumerate(judged.right)
    ]
    path.write_text(json.dumps({
        "model": model, "seed": judged.seed, "pairs": len(kept),
        "answers": kept,
    }))
    return path


def test_pairs_are_of_one_class_and_the_sides_are_even(judged):
    assert judged.real.shape == judged.made.shape == (20, 32, 32, 3)
    assert judged.real.dtype == judged.made.dtype == "uint8"
    assert judged.right.sum() == 10
    judge = zoo.load("classifier_shapes")
    real, made = map(judge.classify, (judged.real, judged.made))
    same = real.argmax(1) == made.argmax(1)
    assert same.mean() > 0.8  # by chance 1 in 6
    assert not (judged.real == judged.made).all((1, 2, 3)).any()


def test_a_seed_gives_the_same_pairs_and_another_others(judged):
    model, test = zoo.load(NAME), zoo.recipe(NAME).dataset("test")
    again, other = (judging.pairs(model, test, 20, seed=s) for s in (3, 4))
    for name in ("real", "made", "right"):
        np.testing.assert_array_equal(
            getattr(again, name), getattr(judged, name)
        )
        assert not np.array_equal(getattr(other, name), getattr(judged, name))


def test_of_a_translator_both_are_of_the_same_item():
    name = "pix2pix_shapes"
    model, test = zoo.load(name), zoo.recipe(name).dataset("test")
    found = judging.pairs(model, test, 16)
    difference = np.abs(found.real - found.made.astype(float)).mean((1, 2, 3))
    others = np.abs(
        np.roll(found.real, 1, 0) - found.made.astype(float)
    ).mean((1, 2, 3))
    assert (difference < others).mean() > 0.9


def test_a_perfect_judge_is_never_fooled_and_a_coin_may_be_right(
    judged, tmp_path
):
    perfect = answers(
        tmp_path / "p.json", judged,
        lambda i: "right" if judged.right[i] else "left",
    )
    found = judging.score([perfect], NAME)
    assert found["fooled"] == 0 and found["low"] == 0
    assert found["high"] == pytest.approx(0.1611, abs=1e-4)  # 1 / (1 + n/z^2)
    coin = np.random.default_rng(0)
    files = [
        answers(tmp_path / f"{k}.json", judged,
                lambda i: ("left", "right")[coin.integers(2)])
        for k in range(20)
    ]
    found = judging.score(files, NAME)
    assert found["pairs"] == 400 and found["people"] == 20
    assert found["low"] < 0.5 < found["high"]
    left = answers(tmp_path / "l.json", judged, lambda i: "left")
    found = judging.score([left], NAME)
    assert found["share"] == 0.5 and found["left"] == 1


@pytest.mark.parametrize(("text", "says"), [
    ("nothing", "has no answers"), ("[]", "has no answers"),
    ('{"model": "cgan_shapes", "pairs": 0, "answers": []}', "is not what"),
    ('{"model": "cgan_shapes", "pairs": 2, "answers": [{"chosen": "left", '
     '"real": "left", "seconds": 1}]}', "is not what"),
    ('{"model": "x", "pairs": 1, "answers": [{"chosen": "left", '
     '"real": "left", "seconds": 1}]}', "on x"),
])
def test_other_files_are_refused(text, says, tmp_path):
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(InputError, match=says):
        judging.score([tmp_path / "a.json"], NAME)


def test_nothing_in_the_page_tells_which_is_which_but_its_key(
    judged, tmp_path
):
    judging.page(tmp_path / "one.html", NAME, judged)
    swapped = judging.Pairs(judged.made, judged.real, judged.right, 3)
    judging.page(tmp_path / "other.html", NAME, swapped)
    one, other = (
        (tmp_path / f"{name}.html").read_text() for name in ("one", "other")
    )
    assert len(one) == len(other)
    pictures = re.compile('"pictures": "[^"]*"')
    assert pictures.sub("", one) == pictures.sub("", other)
    assert "://" not in pictures.sub("", one)


def test_the_command_writes_counts_and_tells(judged, tmp_path, monkeypatch,
                                             capsys):
    monkeypatch.chdir(tmp_path)
    cli.main(f"judge {NAME} --n=4 --out=judge.html".split())
    assert capsys.readouterr().out == "judge.html\n"
    answers(tmp_path / "a.json", judged, lambda i: "left")
    cli.main(f"judge {NAME} --answers a.json".split())
    told = capsys.readouterr().out
    assert "10 of 20 pairs fooled 1: 50%, between 30% and 70%" in told
    cli.main(f"judge {NAME} --answers a.json --json".split())
    assert json.loads(capsys.readouterr().out)["fooled"] == 10


@pytest.mark.parametrize(("words", "says"), [
    ("", "give --out=judge.html"), ("--out=x.html --n=0", "at least 1"),
    ("--out=x.html --n=999999", "there are 2,048 real"),
    ("--out=x.html --seconds=-1", "at least 0"), ("--out=x.png", "in .html"),
    ("--answers none.json", "has no answers"),
])
def test_mistakes(words, says, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        cli.main(["judge", NAME, *words.split()])
    assert ended.value.code == 2 and says in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_what_makes_no_pictures_is_refused():
    with pytest.raises(InputError, match="makes no pictures of 8 bits"):
        judging.pairs(
            zoo.load("gan_ring"), zoo.recipe("gan_ring").dataset("test"), 4
        )


@pytest.mark.slow
def test_a_person_judges_by_mouse_and_keys(judged, tmp_path):
    judging.page(tmp_path / "judge.html", NAME, judged, seconds=0.2)
    with (
        chromium() as browser, served(tmp_path) as address,
        opened(browser, f"{address}judge.html") as page,
    ):
        assert not axe(page)
        page.get_by_role("button", name="Begin").click()
        side = {False: "left", True: "right"}
        for i, right in enumerate(judged.right):
            seen = pixels(page.locator(f"#{side[right]} canvas"))
            np.testing.assert_array_equal(seen, judged.real[i])
            seen = pixels(page.locator(f"#{side[not right]} canvas"))
            np.testing.assert_array_equal(seen, judged.made[i])
            if i == 0:  # the time is up, and one may still answer
                page.wait_for_selector("#left.over")
                page.locator(f"#{side[not right]}").click()
            else:
                page.keyboard.press(f"Arrow{side[right].capitalize()}")
        assert not axe(page)
        result = page.locator("#result")
        assert "1 of 20 made pictures" in result.locator("h2").inner_text()
        with page.expect_download() as download:
            page.locator("#save").click()
        download.value.save_as(tmp_path / "a.json")
        told = page.locator("#share").inner_text()
    found = judging.score([tmp_path / "a.json"], NAME)
    assert found["fooled"] == 1 and found["pairs"] == 20
    assert f"{found['low']:.0%}".replace("%", " %") in told
    assert f"{found['high']:.0%}".replace("%", " %") in told
