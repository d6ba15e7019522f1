"""A picture from noise by squared error is the mean picture.

A generator gets noise and is to make a picture of the data, drawn by chance:
nothing in the noise says which. By the squared error the best that it can do is
the mean of all that may be asked for, whatever the noise: its loss is the
variance of the data, and it makes one grey picture. A network that judges
whether a picture looks real asks for something else: the published GAN of the
same pictures stands below.
"""

import numpy as np

from keras_gen import zoo
from keras_gen.lessons import _pictures
from keras_gen.lessons._drawing import figure
from keras_gen.lessons._regression import made, regressed, size_of
from keras_gen.lessons._training import seeded

CLAIM = (
    "A generator that is trained by squared error to make a random picture of "
    "random noise makes the mean of all pictures."
)
PAPER = "https://arxiv.org/abs/1406.2661"
NEXT = (
    "steps = 100: the generator still listens to its noise, and the pictures "
    "differ. The absolute error in place of the squared one: the median of "
    "each pixel, which here is the dark ground."
)
SHORT = {"steps": 2600, "pictures": 1024}


@seeded
def run(seed=0, steps=3000, pictures=8192):
    real, _ = _pictures.shapes(count=pictures)
    nothing = np.zeros((len(real), 0))
    network = regressed(real, nothing, steps, seed)
    samples = made(network, nothing[:1000], seed + 1)
    mean = real.mean(0)
    numbers = numbers_of(real, samples, mean)
    gan = zoo.load("gan_shapes").generate(8, seed=seed)
    return numbers, drawn(real, samples, mean, _pictures.floats(gan))


def numbers_of(real, samples, mean):
    deviation = size_of(real - mean)
    # Each of the pictures is asked for as often, whatever the noise.
    loss = size_of(samples - mean) ** 2 + deviation ** 2
    return {
        "loss": loss, "variance_of_data": deviation ** 2,
        "from_the_mean_picture": size_of(samples - mean) / deviation,
        "between_samples": size_of(samples - samples.mean(0)) / deviation,
    }


def shown(numbers):
    ratio = numbers["loss"] / numbers["variance_of_data"]
    away, between = (
        numbers[key] for key in ("from_the_mean_picture", "between_samples")
    )
    return {
        f"its loss is {ratio:.3f} of the variance of the data: 1 to 3 %":
            abs(ratio - 1) < 0.03,
        f"its pictures are {away:.3f} of the data's deviation away from the "
        "mean picture: less than 0.05": away < 0.05,
        f"among each other they differ by {between:.3f} of it: less than "
        "0.05": between < 0.05,
    }


def drawn(real, samples, mean, gan):
    result = figure(460)
    for axis, (pictures, title) in zip(result.subplots(4, 1), (
        (real[:8], "data"),
        (np.repeat(mean[None], 8, 0), "their mean"),
        (samples[:8], "by squared error, of eight noises"),
        (gan, "by a GAN (gan_shapes), of eight noises"),
    )):
        _pictures.show(axis, pictures, title)
    return result
