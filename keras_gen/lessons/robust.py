"""Generators that a game does not suit: which game bears them.

Three generators of grey shapes are trained by two games against the same judge,
a small convolutional one with layer normalization: that of a DCGAN; one of the
same convolutions without batch normalization and of one width throughout; and
a perceptron of four layers. The games are the plain one, -log D, and the one
of a critic with a gradient penalty; the optimizers and steps are the same.
How far the made pictures are from real ones is a Fréchet distance in the
features of classifier_shapes, at a third of the steps and at their end. The
paper's figures show that the plain game fails with the second and the third,
while the critic's suffers little. Here the perceptron is the worst in both
games, and in which it is worse turns round between the two looks.
"""

import keras
from keras import layers

from keras_gen import seeds
from keras_gen.layers import Conv2DTranspose
from keras_gen.lessons import _perceptrons, _pictures
from keras_gen.lessons._drawing import figure
from keras_gen.lessons._perceptrons import LATENT
from keras_gen.lessons._training import seeded
from keras_gen.networks import dcgan, mlp
from keras_gen.objectives.gan import GAN
from keras_gen.objectives.wgan import WGAN

CLAIM = (
    "Under a critic generators without batch normalization, or without "
    "convolutions, are trained nearly as well as a DCGAN; the plain game needs "
    "the DCGAN."
)
PAPER = "https://arxiv.org/abs/1701.07875"
NEXT = (
    "Five steps of the critic, critic_steps=5, as its paper has it, or a judge "
    "without normalization, or a perceptron as the judge: the games are not "
    "equally choosy there either."
)
SHORT = {"steps": 60, "pictures": 150}
BATCH, SIZE = 32, 16


@seeded
def run(seed=0, steps=2500, pictures=800):
    found, numbers, made = _perceptrons.shapes(), {}, {}
    away = _perceptrons.distance_from(found, pictures)
    for loss in ("plain", "critic"):
        for kind, build in GENERATORS.items():
            model, name = game(loss, build, seed), f"{loss}_{kind}"
            chance, told = seeds.generator(seed), name.replace("_", " ")
            for when, part in ("early", steps // 3), ("late", steps * 2 // 3):
                _perceptrons.play(model, found, part, chance, told, BATCH)
                made[name] = model.generate(pictures, seed=seed)
                numbers[f"{name}_{when}"] = away(made[name])
    return numbers, drawn(numbers, made)


def game(loss, build, seed):
    with seeds.undisturbed(seed):
        generator = build()
        judge = dcgan.discriminator(
            SIZE, channels=1, width=8, normalization="layer"
        )
    if loss == "critic":
        return _perceptrons.compiled(WGAN(
            generator, judge, gradient_penalty=10.0, critic_steps=1, seed=seed,
        ))
    return _perceptrons.compiled(GAN(generator, judge, seed=seed))


def without_normalization(width=16):
    """Of one width throughout."""
    latent = keras.Input((LATENT,), name="latent")
    x = layers.Dense(4 * 4 * width, activation="relu")(latent)
    x = layers.Reshape((4, 4, width))(x)
    x = layers.ReLU()(Conv2DTranspose(width, 4, 2, "same")(x))
    x = Conv2DTranspose(1, 4, 2, "same")(x)
    return keras.Model(latent, layers.Activation("tanh", name="pixels")(x))


GENERATORS = {
    "dcgan": lambda: dcgan.generator(
        SIZE, channels=1, latent_dim=LATENT, width=8
    ),
    "constant_width": without_normalization,
    "perceptron": lambda: mlp.generator(
        SIZE, channels=1, latent_dim=LATENT, width=128, depth=4
    ),
}


def shown(numbers):
    plain, critic = (
        max(found) / min(found) for found in (
            [numbers[f"{loss}_{kind}_late"] for kind in GENERATORS]
            for loss in ("plain", "critic")
        )
    )
    return {
        "under the critic the worst generator's distance is at most one and a "
        f"half of the best's: {critic:.2f} of it ({plain:.2f} in the plain "
        "game)": critic <= 1.5,
    }


def drawn(numbers, made):
    result = figure(700)
    for axis, (name, pictures) in zip(
        result.subplots(len(made), 1), made.items()
    ):
        _pictures.show(
            axis, _pictures.floats(pictures[:12]),
            f"{name.replace('_', ' ')}: distance "
            f"{numbers[name + '_late']:.3g}",
        )
    return result
