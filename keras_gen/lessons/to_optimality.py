"""A judge that is trained on and on: which game bears it.

The same generator and the same judge, perceptrons on grey shapes, play the
minimax game, log(1 - D), and that of a critic with a gradient penalty, with
one, five and 15 steps of the judge for each of the generator's. All else is
the same, as many steps of the generator among it. How good what it makes is
says a Fréchet distance from real pictures in the features of
classifier_shapes; the norm of the generator's gradient is a mean over the last
quarter of the steps.

The critic bears it. So does the minimax game here, and is the better for it:
with more steps the gradient is smaller only at first, while what is made is
still noise, and afterwards it is not. A generator that moves is caught up with,
but not left behind; in the lesson vanishing it stands still.
"""

from keras_gen import seeds
from keras_gen.lessons import _perceptrons, _pictures
from keras_gen.lessons._drawing import figure
from keras_gen.lessons._training import seeded
from keras_gen.objectives.gan import GAN
from keras_gen.objectives.wgan import WGAN

CLAIM = (
    "A critic can, and should, be trained to optimality in each step; under "
    "the minimax loss that takes the generator its gradient."
)
PAPER = "https://arxiv.org/abs/1701.07875"
NEXT = (
    "-log D in place of log(1 - D), adversarial='non_saturating': how many "
    "steps does it bear? Or look for how long the best discriminator leaves a "
    "gradient: the lesson vanishing holds the generator still."
)
# Of as many steps: in the first hundred all is different.
SHORT = {"judged": (1, 5), "pictures": 200}


@seeded
def run(seed=0, steps=400, judged=(1, 5, 15), pictures=500):
    found, numbers, made = _perceptrons.shapes(), {}, {}
    away = _perceptrons.distance_from(found, pictures)
    for name in ("minimax", "critic"):
        for k in judged:
            model, rng = game(name, k, seed), seeds.generator(seed)
            key, what = f"{name}_{k}", f"of {name}, {k} of its judge each"
            for part in (steps - steps // 4, steps // 4):
                _perceptrons.play(model, found, part, rng, what)
            made[key] = model.generate(pictures, seed=seed)
            norm = model.get_metrics_result()["generator_gradient_norm"]
            numbers[f"{key}_distance"] = away(made[key])
            numbers[f"{key}_gradient_norm"] = float(norm)
    return numbers, drawn(made, numbers)


def game(name, k, seed):
    with seeds.undisturbed(seed):
        if name == "critic":
            return _perceptrons.game(
                WGAN, seed, gradient_penalty=10.0, critic_steps=k
            )
        return _perceptrons.game(
            GAN, seed, adversarial="saturating", discriminator_steps=k
        )


def shown(numbers):
    counts = sorted({int(key.split("_")[1]) for key in numbers})
    one, many = counts[0], counts[-1]

    def both(what):
        return [numbers[what.format(k)] for k in (one, many)]

    critic, minimax = both("critic_{}_distance"), both("minimax_{}_distance")
    norm = both("minimax_{}_gradient_norm")
    steady = both("critic_{}_gradient_norm")
    return {
        f"with one step of the critic each the pictures' distance is "
        f"{critic[0]:.3g}, with many {critic[1]:.3g}: less":
            critic[1] < critic[0],
        f"with one step of the minimax game's {minimax[0]:.3g}, with many "
        f"{minimax[1]:.3g}: more": minimax[1] > minimax[0],
        "with many steps the generator's gradient in the minimax game is "
        f"{norm[1] / norm[0]:.2g} of that with one: less than half":
            norm[1] < norm[0] / 2,
        f"the critic's is {steady[1] / steady[0]:.2g} of it: more than half":
            steady[1] > steady[0] / 2,
    }


def drawn(made, numbers):
    result = figure(680)
    for axis, (key, pictures) in zip(
        result.subplots(len(made), 1), made.items()
    ):
        name, k = key.split("_")
        _pictures.show(
            axis, _pictures.floats(pictures[:12]),
            f"{name}, {k} of the judge's steps: distance "
            f"{numbers[f'{key}_distance']:.3g}, gradient "
            f"{numbers[f'{key}_gradient_norm']:.2g}",
        )
    return result
