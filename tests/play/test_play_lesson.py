"""The lesson's JavaScript computes what keras_gen does: losses, every
gradient, training steps, data and measures."""

import numpy as np
import pytest
from play import lesson

from browser import chromium
from check import array, needs, tensor
from keras_gen import metrics, zoo
from keras_gen.data.sources import points

pytestmark = needs("tensorflow")
ROWS, LATENTS, WIDTH = 12, 6, 5
# A game of given weights, as `step` below.
GAME = """
    const settings = {...M.game.GAN_RING, ...given.settings};
    const game = new M.game.Game(settings, 0);
    for (const name of ["generator", "discriminator"]) {
        game[name].weights.forEach((x, i) => x.set(given[name][i]));
    }
    const rows = (x) => Float64Array.from(x);
    const real = rows(given.real);
    const latents = rows(given.latents);
    const lists = (arrays) => arrays.map((x) => [...x]);
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    with chromium() as browser, lesson.home(
        tmp_path_factory.mktemp("lesson")
    ) as home, lesson.shown(browser, home) as found:
        yield found


@pytest.fixture(params=[0.1, 0.0], ids="r1={}".format)
def game(request):
    """(model, batch, what JavaScript is given): gan_ring, smaller."""
    recipe = zoo.recipe("gan_ring").override({
        "networks.generator.latent_dim": LATENTS,
        "networks.generator.width": WIDTH,
        "networks.discriminator.width": WIDTH,
        "objective.r1_weight": request.param,
    })
    model = recipe.build()
    rng = np.random.default_rng(0)
    for network in model.networks.values():
        # Biases, too.
        network.set_weights([
            rng.normal(size=x.shape).astype("float32") * 0.7
            for x in network.get_weights()
        ])
    model.generator_ema.set_weights(model.generator.get_weights())
    real = rng.normal(size=(ROWS, 2)).astype("float32")
    latents = rng.normal(size=(ROWS, LATENTS)).astype("float32")
    object.__setattr__(model, "drawn", lambda rows: tensor(latents))
    return model, {"points": tensor(real)}, {
        "real": real.ravel().tolist(), "latents": latents.ravel().tolist(),
        "settings": {"latents": LATENTS, "width": WIDTH, "batch": ROWS,
                     "r1": request.param},
        **{name: flat(getattr(model, name).get_weights())
           for name in ("generator", "discriminator")},
    }


def flat(arrays):
    return [array(x).ravel().tolist() for x in arrays]


def close(made, wanted, **tolerance):
    assert len(made) == len(wanted)
    for i, (a, b) in enumerate(zip(made, wanted)):
        np.testing.assert_allclose(
            a, np.ravel(array(b)), err_msg=str(i), **tolerance
        )


def test_losses_and_gradients_are_those_of_the_objective(page, game):
    import tensorflow as tf

    model, batch, given = game
    made = lesson.computed(page, GAME + """
        const layers = game.generator.forward(latents, given.settings.batch);
        const [n, fake] = [given.settings.batch, layers.at(-1)];
        const found = {
            discriminator: game.discriminatorLoss(real, fake, n),
            generator: game.generatorLoss(layers, n),
        };
        Object.values(found).forEach((x) => {
            x.gradients = lists(x.gradients);
        });
        found.slopes = [...game.pull(fake, n).slopes];
        return found;
    """, **given)
    with model.unmoved(model.step), tf.GradientTape(persistent=True) as tape:
        (critic, logs) = model.discriminator_loss(batch["points"])
        fooled, _ = model.generator_loss(batch["points"])
        fake = model.made_of(model.drawn(ROWS))
        tape.watch(fake)
        pulled = model.pair.generator(model.judged(fake))
    tight = {"rtol": 1e-4, "atol": 1e-6}
    for name, loss in (("discriminator", critic), ("generator", fooled)):
        assert made[name]["loss"] == pytest.approx(float(loss), rel=1e-5)
        variables = getattr(model, name).trainable_variables
        wanted = tape.gradient(loss, [v.value for v in variables])
        # Else a gradient that is lost would look right.
        assert all(np.abs(array(x)).max() > 1e-4 for x in wanted)
        close(made[name]["gradients"], wanted, **tight)
    close([made["slopes"]], [tape.gradient(pulled, fake)], **tight)
    told = made["discriminator"]
    assert told["accuracy"] == pytest.approx(
        float(logs["discriminator_accuracy"])
    )
    if given["settings"]["r1"]:
        assert told["r1"] == pytest.approx(float(logs["r1"]), rel=1e-5)


def test_training_steps_are_those_of_the_objective(page, game):
    model, batch, given = game
    steps = 5
    made = lesson.computed(page, GAME + """
        const found = [];
        game.average.forEach((x, i) => x.set(given.generator[i]));
        for (let i = 0; i < given.steps; i++) {
            const { loss } = game.learnDiscriminator(real, latents);
            found.push([loss, game.learnGenerator()]);
        }
        return {
            losses: found, discriminator: lists(game.discriminator.weights),
            generator: lists(game.generator.weights),
            generator_ema: lists(game.average),
        };
    """, steps=steps, **given)
    for losses in made["losses"]:
        logs = model.train_step(batch)
        wanted = [
            float(array(logs[f"{player}_loss"]))
            for player in ("discriminator", "generator")
        ]
        np.testing.assert_allclose(losses, wanted, rtol=1e-4)
    for name in ("discriminator", "generator", "generator_ema"):
        network = getattr(model, name)
        # A hundredth of a step.
        close(made[name], network.get_weights(), rtol=0, atol=1e-5)
        if name == "generator_ema":
            assert model.ema["decay"] == 0.999
            continue
        before = given[name]
        moved = [
            np.abs(np.subtract(a, b)).max()
            for a, b in zip(before, made[name])
        ]
        assert min(moved) > 1e-3, name


def test_the_game_is_that_of_the_recipe(page):
    recipe = zoo.recipe("gan_ring")
    ours = lesson.computed(page, "return M.game.GAN_RING;")
    generator = recipe["networks"]["generator"]
    for player in ("generator", "discriminator"):
        assert recipe["networks"][player]["width"] == ours["width"]
        assert recipe["networks"][player]["depth"] == ours["depth"]
        adam = recipe["optimizers"][player]
        assert adam["class"].endswith(":Adam")
        assert ours["adam"] == {
            "rate": adam["learning_rate"], "beta1": adam["beta_1"],
            "beta2": adam["beta_2"],
        }
    assert ours["latents"] == generator["latent_dim"]
    assert ours["batch"] == recipe["data"]["batch_size"]
    assert ours["r1"] == recipe["objective"]["r1_weight"]
    assert ours["decay"] == recipe["ema"]["decay"]
    assert recipe["objective"]["adversarial"] == "non_saturating"
    shapes = lesson.computed(page, """
        const game = new M.game.Game(M.game.GAN_RING, 0);
        return [game.generator, game.discriminator].map(
            (network) => network.weights.map((x) => x.length));
    """)
    model = recipe.build()
    assert shapes == [
        [x.size for x in network.get_weights()]
        for network in (model.generator, model.discriminator)
    ]


def test_weights_are_drawn_as_the_networks_have_them(page):
    made = lesson.computed(page, """
        const game = new M.game.Game(M.game.GAN_RING, 3);
        return game.generator.weights.map((x) => [...x]);
    """)
    model = zoo.recipe("gan_ring").build()
    for ours, theirs in zip(made, model.generator.get_weights()):
        ours = np.array(ours)
        assert ours.std() == pytest.approx(theirs.std(), rel=0.1)
        # Cut off at two deviations, or the uniform law's end.
        assert np.abs(ours).max() == pytest.approx(
            np.abs(theirs).max(), rel=0.05
        )
        assert abs(ours.mean()) <= 4 * ours.std() / ours.size ** 0.5


@pytest.mark.parametrize("name", points.MIXTURES)
def test_the_data_are_those_of_the_zoo(name, page):
    wanted = points.MIXTURES[name]
    made = lesson.computed(page, """
        const mixture = M.mixtures[given.name]();
        const stream = new M.stream.Stream(5);
        return [mixture, [...M.mixtures.drawn(mixture, 20000, stream)]];
    """, name=name)
    mixture, drawn = made
    np.testing.assert_allclose(mixture["centres"], wanted.centres)
    assert mixture["sigma"] == wanted.sigma
    drawn = np.reshape(drawn, (-1, 2))
    away = drawn[:, None] - wanted.centres
    mode = (away ** 2).sum(-1).argmin(1)
    rest = away[np.arange(len(mode)), mode] / wanted.sigma
    # Five standard errors.
    assert np.abs(rest.mean(0)).max() < 5 / 20000 ** 0.5
    np.testing.assert_allclose(rest.std(0), 1, atol=5 / 40000 ** 0.5)
    assert abs((rest[:, 0] * rest[:, 1]).mean()) < 5 / 20000 ** 0.5
    share = np.bincount(mode) / len(mode)
    modes = len(wanted.centres)
    np.testing.assert_allclose(
        share, 1 / modes, atol=5 * (1 / modes / 20000) ** 0.5
    )


def test_modes_are_measured_as_everywhere(page):
    mixture = points.MIXTURES["ring"]
    rng = np.random.default_rng(1)
    near = mixture.centres[rng.integers(0, 5, 300)]
    made = near + rng.normal(size=(300, 2)) * 0.04
    found = lesson.computed(
        page, "return M.mixtures.coverage("
        "Float64Array.from(given.made), M.mixtures.ring());",
        made=made.ravel().tolist(),
    )
    wanted = metrics.mode_coverage(made, mixture)
    assert 0.2 < wanted.high_quality < 0.9 and wanted.found == 5
    assert found == {
        "found": wanted.found,
        "highQuality": pytest.approx(wanted.high_quality),
    }


def test_curves_keep_the_means_of_long_trainings(page):
    made = lesson.computed(page, """
        const curves = new M.training.Curves();
        for (let i = 0; i < 1000; i++) {
            curves.add([i, -i]);
        }
        return [curves.rows, curves.stride];
    """)
    rows, stride = np.array(made[0]), made[1]
    assert stride == 4 and len(rows) == 250
    wanted = np.arange(1000).reshape(-1, 4).mean(1)
    np.testing.assert_allclose(rows, np.stack([wanted, -wanted], 1))


@pytest.mark.slow
@pytest.mark.parametrize("r1, steps", [(0.1, 2000), (0.0, 4000)])
def test_r1_is_what_finds_the_modes(r1, steps, page):
    """What the page says under "What to see"."""
    found = lesson.computed(page, """
        const settings = {...M.game.GAN_RING, width: 32, batch: 64};
        const training = new M.training.Training(
            settings, M.mixtures.ring(), 0);
        training.tune(0.003, given.r1);
        for (let i = 0; i < given.steps; i++) {
            training.step();
        }
        return [training.measured(), training.told];
    """, r1=r1, steps=steps)
    measured, told = found
    if r1:
        assert measured["found"] == 8
    else:
        assert measured["found"] <= 2 and measured["highQuality"] > 0.8
        # Which the losses do not tell.
        assert told["discriminator"] > 0.2
