"""What docs/guide/collections.md says of two folders without pairs."""

import csv

import numpy as np
import page_text
import pytest
from PIL import Image

from check import TESTS, finish, needs, start
from keras_gen import zoo

PAGE = "guide/collections.md"
SMALL = {
    f"networks.{name}.width": 4 for name in (
        "generator_ab", "generator_ba", "discriminator_a", "discriminator_b",
    )
} | {
    "networks.generator_ab.blocks": 1, "networks.generator_ba.blocks": 1,
    "data.size": 32,
}
rng = np.random.default_rng(0)


def animal(striped):
    """A disc on a meadow, brown or striped: uint8 (40, 40, 3)."""
    y, x = np.mgrid[:40, :40]
    picture = np.full((40, 40, 3), (70, 130, 60), "uint8")
    inside = np.hypot(*(rng.uniform(14, 26, 2)[:, None, None] - [y, x])) < 11
    stripes = np.where(x[..., None] // 3 % 2, 250, 10)
    coat = stripes if striped else (120, 70, 30)
    return np.where(inside[..., None], coat, picture).astype("uint8")


def trainings():
    """The page's trainings, without what they fetch and where they write."""
    return [
        [w for w in words[2:] if not w.startswith(("--data", "--workdir"))]
        for words in page_text.commands(PAGE) if words[1] == "train"
    ]


@needs("tensorflow")
@pytest.mark.slow
@pytest.mark.parametrize("flags", trainings(), ids=["horses", "paintings"])
def test_two_hundred_steps_on_four_pictures_a_side(flags, tmp_path):
    for side in "AB":
        folder = tmp_path / f"data/train{side}"
        folder.mkdir(parents=True)
        for number in range(4):
            Image.fromarray(animal(side == "B")).save(
                folder / f"{number}.png"
            )
    run = tmp_path / "run"
    finish(start(
        TESTS.parent / "train/main.py", *flags,
        f"--data={tmp_path / 'data'}", f"--workdir={run}", "--steps=200",
        *(f"--set={key}={value}" for key, value in SMALL.items()),
    ))
    with open(run / "log.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    cycle = [float(row["cycle"]) for row in rows]
    assert np.isfinite(cycle).all() and cycle[-1] < cycle[0] / 2
    assert ("identity" in rows[0]) == any("identity" in f for f in flags)
    model = zoo.load(run)
    made = model.translate(animal(False)[None, 4:36, 4:36], to="b")
    assert made.shape == (1, 32, 32, 3) and rows[-1]["step"] == "200"
