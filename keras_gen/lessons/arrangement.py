"""Each training arranges the latents in its own way.

The recipe gan_shapes is trained three times: from one seed, from another, and
from the first one's weights, but on other batches and noise. The same latents
are then given to the generators of two runs. Were a latent's meaning decided
by the data, both would make like pictures of it; what is measured is how far
apart these are, beside the distance of the first run's picture of a latent
from the second's of any other. A ratio of 1 says that the latents have nothing
in common. The first run itself at three quarters of its steps is there to
compare with: what is arranged alike gives less.

What decides it is where the weights begin: two runs that begin alike, and meet
other batches and other noise, arrange their latents alike to a large part.
"""

import numpy as np

from keras_gen import seeds, zoo
from keras_gen.lessons import _pictures
from keras_gen.lessons._drawing import figure
from keras_gen.lessons._training import seeded, train

CLAIM = (
    "Two trainings of the same generator lay out their latents differently: "
    "what a latent means in one says nothing of what it means in the other."
)
PAPER = "https://arxiv.org/abs/1406.2661"
NEXT = (
    "The same of autoencoders, whose codes two runs turn and mirror, too. "
    "Or look for the latent of a picture by keras-gen invert: a picture can be "
    "carried from one run to the other, a latent cannot."
)
SHORT = {"steps": 250, "latents": 1000}
SHOWN = 10


@seeded
def run(seed=0, steps=2000, latents=2000):
    first, begun, earlier = trained(seed, seed, steps, "of the first")
    other, _, _ = trained(seed + 1, seed + 1, steps, "of another seed")
    again, _, _ = trained(
        seed + 1, seed + 1, steps, "from the first one's weights", begun
    )
    drawn_latents = np.float32(
        seeds.generator(seed).normal(size=(latents, first.latent_dim))
    )
    made = {
        name: np.asarray(model.decode(drawn_latents)) for name, model in (
            ("first", first), ("other_seed", other), ("same_beginning", again)
        )
    }
    first.generator.set_weights(earlier)
    made["itself_earlier"] = np.asarray(first.decode(drawn_latents))
    return numbers_of(made), drawn(made)


def trained(seed, order, steps, what, weights=None):
    """A GAN of the recipe; its networks' weights at first, or these instead;
    and its generator's after three quarters of the steps."""
    recipe = zoo.recipe("gan_shapes").override({"train.seed": seed})
    model, data = recipe.build(), recipe.dataset()
    networks = model.generator, model.discriminator
    for network, given in zip(networks, weights or ()):
        network.set_weights(given)
    begun = [network.get_weights() for network in networks]
    size, rng = recipe["data"]["batch_size"], seeds.generator(order)
    for some in (3 * steps // 4, steps - 3 * steps // 4):
        earlier = model.generator.get_weights()
        rows = rng.integers(len(data), size=some * size)
        train(model, data.take(rows), size, what)
    return model, begun, earlier


def numbers_of(made):
    numbers, (first, *others) = {}, made
    order = np.roll(np.arange(len(made[first])), 1)
    for name in others:
        of_any = distance(made[first], made[name][order])
        numbers[f"{name}_ratio"] = distance(made[first], made[name]) / of_any
    return numbers | {"of_any_two_of_the_first": distance(
        made[first], made[first][order]
    )}


def distance(a, b):
    """The mean over pairs of pictures of the Euclidean distance."""
    away = (a - b).reshape(len(a), -1)
    return float(np.linalg.norm(away, axis=1).mean())


def shown(numbers):
    other, same, itself = (
        numbers[f"{name}_ratio"]
        for name in ("other_seed", "same_beginning", "itself_earlier")
    )
    return {
        "pictures of a latent by runs of two seeds are as far apart as those "
        f"of any two latents, {other:.3f} of it: 1 to 5 %":
            abs(other - 1) < 0.05,
        f"the first run's, and its own some steps before, {itself:.3f}: less "
        "than 0.8": itself < 0.8,
        "those of two runs that begin with the same weights and see other "
        f"batches, {same:.3f}: less than 0.8, too": same < 0.8,
    }


def drawn(made):
    result = figure(430)
    for axis, (name, title) in zip(result.subplots(4, 1), (
        ("first", f"{SHOWN} latents, by the first run"),
        ("itself_earlier", "by itself, at three quarters of its steps"),
        ("same_beginning", "by a run from the same weights, on other batches"),
        ("other_seed", "by a run from another seed"),
    )):
        _pictures.show(axis, made[name][:SHOWN], title)
    return result
