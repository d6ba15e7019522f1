"""How many steps of the discriminator for how many of the generator.

One game on grey shapes, with one, two or five steps of the discriminator and
one or five of the generator in turn. Each generator is moved as often as any
other, on as many made pictures; what differs is how often its discriminator
is, and how old what it learns of is. The Fréchet distance of what is made from
real pictures, in the features of classifier_shapes, says how good each is.
Beside it stand the same game under other losses, a critic's among them, at one
step each; and the same again from another seed: differences of that size mean
nothing.

That the ratio need not be tuned would be shown if the best and the worst of
the ratios differed by less than the best and the worst of the losses. Here it
is not: more steps of the discriminator are better up to five, and a generator
that takes more than its discriminator does runs ahead of it, and collapses.
"""

from keras_gen import seeds
from keras_gen.lessons import _perceptrons, _pictures
from keras_gen.lessons._drawing import MADE, OTHERS, REAL, figure
from keras_gen.lessons._training import seeded
from keras_gen.objectives.gan import GAN
from keras_gen.objectives.wgan import WGAN

CLAIM = (
    "The ratio of the discriminator's steps to the generator's is not worth "
    "tuning: one to one does."
)
PAPER = "https://arxiv.org/abs/1701.00160"
NEXT = (
    "Count what a computer does instead of what the generator sees: steps of "
    "the discriminator take their time, too. Or let the discriminator's rate "
    "be the ratio, as the lesson ttur does."
)
RATIOS = ((1, 1), (2, 1), (5, 1), (1, 5), (2, 5), (5, 5))
SHORT = {"updates": 200, "pictures": 200, "ratios": ((1, 1), (5, 1), (1, 5))}


@seeded
def run(seed=0, updates=1000, pictures=600, ratios=RATIOS):
    found, numbers, made = _perceptrons.shapes(), {}, {}
    away = _perceptrons.distance_from(found, pictures)
    for name, (kind, options, salt) in games(ratios).items():
        with seeds.undisturbed(seed + salt):
            model = _perceptrons.game(kind, seed + salt, **options)
        _perceptrons.play(
            model, found, updates // model.generator_steps,
            seeds.generator(seed + salt), name.replace("_", " "),
        )
        made[name] = model.generate(pictures, seed=seed)
        numbers[name] = away(made[name])
    return numbers, drawn(numbers, made)


def games(ratios):
    """The class, its arguments, and what is added to the seed."""
    found = {
        f"discriminator_{d}_generator_{g}": (
            GAN, {"discriminator_steps": d, "generator_steps": g}, 0
        ) for d, g in ratios
    }
    return found | {
        "loss_least_squares": (GAN, {"adversarial": "least_squares"}, 0),
        "loss_critic": (
            WGAN, {"gradient_penalty": 10.0, "critic_steps": 1}, 0
        ),
        "another_seed": (GAN, {}, 1),
    }


def shown(numbers):
    plain = numbers["discriminator_1_generator_1"]
    ratios = {k: v for k, v in numbers.items() if k.startswith("disc")}
    losses = [plain] + [v for k, v in numbers.items() if k.startswith("loss")]
    spans = [max(x) / min(x) for x in (ratios.values(), losses)]
    best, again = min(ratios, key=ratios.get), numbers["another_seed"]
    chance = max(plain, again) / min(plain, again)
    return {
        f"the worst ratio's distance is {spans[0]:.2f} times the best's, the "
        f"worst loss' {spans[1]:.2f} times: the ratio matters less":
            spans[0] < spans[1],
        f"one to one, {plain:.3g}, is within what another seed changes, "
        f"{chance:.2f} times, of the best, {ratios[best]:.3g} "
        f"({best.replace('_', ' ')})": plain <= chance * ratios[best],
    }


def drawn(numbers, made):
    result = figure(760)
    top, *rows = result.subplots(
        4, 1, gridspec_kw={"height_ratios": (5, 1, 1, 1)}
    )
    kinds = {"disc": REAL, "loss": MADE, "anot": OTHERS[0]}
    names = list(numbers)
    top.barh(
        [name.replace("_", " ") for name in names],
        [numbers[name] for name in names],
        color=[kinds[name[:4]] for name in names],
    )
    top.invert_yaxis()
    top.set_xlabel("Fréchet distance")
    ordered = sorted(names, key=numbers.get)
    for axis, name in zip(rows, (
        ordered[0], "discriminator_1_generator_1", ordered[-1]
    )):
        _pictures.show(axis, _pictures.floats(made[name][:12]),
                       name.replace("_", " "))
    return result
