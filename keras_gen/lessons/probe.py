"""Codes that nobody labelled, under few labels and under many.

An autoencoder and a VAE have learnt from the pictures alone, and the published
ones encode the built-in shapes. How much is a linear classifier worth that
reads 100 of these codes and their labels, against one that reads the pixels?
And of 1,000, of 8,000? Each is a ridge regression on six columns, one a class,
whose ridge is the best one on validation pictures; the test pictures count.

Codes have few numbers, 16 and 8, and so need few labels; for the same reason
they leave out what pixels have, and under many labels lose. What a code is for
is to reconstruct: it knows colour and place better than which shape it is.
"""

import numpy as np

from keras_gen import seeds, zoo
from keras_gen.lessons import _pictures
from keras_gen.lessons._drawing import EXACT, MADE, OTHERS, REAL, figure
from keras_gen.lessons._training import count, seeded

CLAIM = (
    "A classifier on the codes of an autoencoder needs fewer labels than one "
    "on pixels."
)
PAPER = "https://arxiv.org/abs/1406.5298"
NEXT = (
    "Read the features of classifier_shapes in place of the codes: what was "
    "trained by labels separates the classes with a few. Or a classifier of "
    "two layers: it makes more of codes than a linear one."
)
SHORT = {"labels": (100, 1500), "held": 500, "draws": 6}
RIDGES = (1.0, 10.0, 100.0, 1e3, 1e4)


@seeded
def run(seed=0, labels=(100, 1000, 8000), held=2048, draws=10):
    splits = {
        split: _pictures.shapes(32, 3, split, amount) for split, amount in (
            ("train", max(labels)), ("validation", held), ("test", held),
        )
    }
    classes = {split: label for split, (_, label) in splits.items()}
    spaces = {
        "pixels": {s: x.reshape(len(x), -1) for s, (x, _) in splits.items()}
    }
    for i, name in enumerate(("autoencoder", "vae")):
        count(i + 1, 2, "models")
        model = zoo.load(f"{name}_shapes")
        spaces[name] = {
            split: model.encode(np.uint8(np.round((x + 1) * 127.5)))
            for split, (x, _) in splits.items()
        }
    rng = seeds.generator(seed)
    numbers, found = {}, {name: [] for name in spaces}
    for i, n in enumerate(labels):
        # Many labels are the same ones in each draw, nearly.
        some = [
            rng.choice(max(labels), n, replace=False)
            for _ in range(max(1, min(draws, max(labels) // n)))
        ]
        for j, (name, space) in enumerate(spaces.items()):
            count(3 * i + j + 1, 3 * len(labels), "classifiers")
            found[name].append(
                float(np.mean([right(space, classes, rows) for rows in some]))
            )
            numbers[f"{name}_{n}_labels"] = found[name][-1]
    return numbers, drawn(labels, found)


def right(space, classes, rows):
    """Share of the test pictures whose class is told, from some labels."""
    mean, deviation = space["train"].mean(0), space["train"].std(0) + 1e-6
    scaled = {
        split: np.append((x - mean) / deviation, np.ones((len(x), 1)), 1)
        for split, x in space.items()
    }
    x, wanted = scaled["train"][rows], np.eye(6)[classes["train"][rows]]
    kernel, told = x @ x.T if len(x) < x.shape[1] else x.T @ x, {}
    for ridge in RIDGES:
        regular = kernel + ridge * np.eye(len(kernel))
        if len(x) < x.shape[1]:
            weights = x.T @ np.linalg.solve(regular, wanted)
        else:
            weights = np.linalg.solve(regular, x.T @ wanted)
        told[ridge] = {
            split: np.mean((scaled[split] @ weights).argmax(1)
                           == classes[split])
            for split in ("validation", "test")
        }
    return max(told.values(), key=lambda each: each["validation"])["test"]


def shown(numbers):
    counts = sorted(
        {int(key.split("_")[1]) for key in numbers}
    )
    few, many = (
        {name: numbers[f"{name}_{n}_labels"] for name in
         ("pixels", "autoencoder", "vae")} for n in (counts[0], counts[-1])
    )
    most = max(many["autoencoder"], many["vae"])
    return {
        f"of {counts[0]} labels pixels give {few['pixels']:.1%} right, the "
        f"autoencoder's codes {few['autoencoder']:.1%}: more":
            few["autoencoder"] > few["pixels"],
        f"and the VAE's {few['vae']:.1%}: more": few["vae"] > few["pixels"],
        f"of many labels pixels give {many['pixels']:.1%}, codes {most:.1%}: "
        "less": most < many["pixels"],
    }


def drawn(labels, found):
    result = figure(340)
    axis = result.subplots()
    for (name, values), colour in zip(
        found.items(), (REAL, MADE, OTHERS[0])
    ):
        told = {"pixels": "pixels (3,072 numbers)",
                "autoencoder": "codes of autoencoder_shapes (16)",
                "vae": "codes of vae_shapes (8)"}[name]
        axis.semilogx(labels, values, "o-", color=colour, label=told)
    axis.axhline(1 / 6, color=EXACT, linestyle=":", label="by chance")
    axis.set(xlabel="labels", ylabel="test pictures right", ylim=(0.1, 0.75))
    axis.set_xticks(labels, [f"{n:,}" for n in labels])
    axis.minorticks_off()
    axis.legend(loc="upper left")
    axis.grid(alpha=0.3)
    return result
