"""A picture from a label by squared error is the mean of its class.

A generator gets noise and a label, one of six shapes, and is to make a picture
of that class, drawn by chance. The label says something, and the generator
learns that, but what it leaves open, such as place, size and colour, is
averaged: for each class one picture, its mean. A conditional GAN of the same
shapes, in colours, stands below.
"""

import numpy as np

from keras_gen import zoo
from keras_gen.lessons import _pictures
from keras_gen.lessons._drawing import figure
from keras_gen.lessons._regression import made, regressed, size_of
from keras_gen.lessons._training import seeded

CLAIM = (
    "A generator that is trained by squared error to make a picture of a label "
    "makes the mean of the class."
)
PAPER = "https://arxiv.org/abs/1611.07004"
NEXT = (
    "steps = 300: the distance is several times larger, which could be taken "
    "for variety. Tell it more, the shape's place, say: what is told gets "
    "sharp, and the rest stays a mean."
)
SHORT = {"steps": 2400, "pictures": 1024}


@seeded
def run(seed=0, steps=4000, pictures=8192):
    real, label = _pictures.shapes(count=pictures)
    told = told_of(label)
    network = regressed(real, told, steps, seed)
    asked = np.arange(600) % 6
    samples = made(network, told_of(asked), seed + 1)
    means = np.stack([real[label == c].mean(0) for c in range(6)])
    numbers = numbers_of(real, label, samples, asked, means)
    gan = zoo.load("cgan_shapes").generate(6, seed=seed, label=np.arange(6))
    return numbers, drawn(real, label, samples, means, _pictures.floats(gan))


def told_of(label):
    return np.eye(6)[label]


def numbers_of(real, label, samples, asked, means):
    within = size_of(real - means[label])
    centred = [samples[asked == c] - samples[asked == c].mean(0)
               for c in range(6)]
    return {
        "within_classes": within,
        "between_class_means": size_of(means - means.mean(0)),
        "from_the_class_mean": size_of(samples - means[asked]) / within,
        "between_samples_of_a_class": size_of(np.stack(centred)) / within,
    }


def shown(numbers):
    away, between = (
        numbers[key] for key in
        ("from_the_class_mean", "between_samples_of_a_class")
    )
    return {
        f"its pictures are {away:.3f} of the deviation within a class away "
        "from the class' mean: less than 0.05": away < 0.05,
        f"those of a label differ by {between:.3f} of it: less than 0.05":
            between < 0.05,
    }


def drawn(real, label, samples, means, gan):
    result = figure(560)
    first = [np.flatnonzero(label == c)[0] for c in range(6)]
    for axis, (pictures, title) in zip(result.subplots(5, 1), (
        (real[first], "data, one of each class"),
        (means, "the mean of each class"),
        (samples[:6], "by squared error"),
        (samples[6:12], "the same, of other noise"),
        (gan, "by a conditional GAN (cgan_shapes)"),
    )):
        _pictures.show(axis, pictures, title)
    return result
