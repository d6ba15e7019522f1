"""Terms beside the game's losses: their values, their schedule, their place
in objectives, files and recipes."""

import dataclasses

import keras
import numpy as np
import pytest
from keras import ops

from check import array, tensor, values
from keras_gen import penalties, terms, zoo
from keras_gen.backend import gradients, noise
from keras_gen.errors import InputError
from keras_gen.networks import dcgan
from keras_gen.objectives.gan import GAN
from keras_gen.objectives.wgan import WGAN
from objectives import tiny

SHAPE = (4, 4, 2)
rng = np.random.default_rng(0)
KERNEL = rng.normal(size=(32, 1)).astype("float32")
REAL, FAKE = (
    np.tanh(rng.normal(size=(8, *SHAPE))).astype("float32") for _ in "rf"
)


def norm():
    return np.linalg.norm(KERNEL)


def linear():
    """f(x) = 0.7 + w x."""
    network = keras.Sequential([
        keras.Input(SHAPE, name="image"), keras.layers.Flatten(),
        keras.layers.Dense(1),
    ])
    network.set_weights([KERNEL, np.float32([0.7])])
    return network


def generator(reads=True):
    """From 3 numbers to pictures; one that does not read them makes the same
    of all."""
    latent = keras.Input((3,), name="latent")
    x = keras.layers.Dense(32)(latent if reads else 0.0 * latent)
    return keras.Model(latent, keras.layers.Reshape(SHAPE)(x))


def gan(judge=None, **options):
    model = GAN(generator(), judge or linear(), seed=3, **options)
    model.compile({p: tiny.adam() for p in model.players}, run_eagerly=True)
    return model


def of_round(game=None, **fields):
    game = game or gan()
    network = fields.pop("network", game.discriminator)
    return terms.Round(game, network, noise.Stream(5), **fields)


# -- values ------------------------------------------------------------------


@pytest.mark.parametrize("name, value", [
    ("R1", norm() ** 2 / 2), ("R2", norm() ** 2 / 2),
    ("GradientPenalty", (norm() - 1) ** 2),
])
def test_penalties_of_a_linear_judge(name, value):
    term = getattr(penalties, name)(3.0)
    state = of_round(real=tensor(REAL), fake=tensor(FAKE))
    # Without the weight, which the objective multiplies by.
    assert float(array(term.value(state))) == pytest.approx(value, rel=1e-5)


def test_r1_looks_at_what_is_real_and_r2_at_what_is_made():
    square = keras.Sequential([
        keras.Input(SHAPE), keras.layers.Lambda(
            lambda x: ops.sum(ops.square(x), axis=(1, 2, 3))[:, None] / 2
        ), keras.layers.Dense(1),
    ])
    square.set_weights([np.float32([[1]]), np.float32([0])])
    state = of_round(gan(square), real=tensor(REAL), fake=tensor(FAKE))
    for term, seen in [(penalties.R1, REAL), (penalties.R2, FAKE)]:
        expected = np.square(seen).reshape(8, -1).sum(1).mean() / 2
        found = float(array(term(1.0).value(state)))
        assert found == pytest.approx(expected, rel=1e-5)


def mode_seeking(game):
    latent = tensor(np.random.default_rng(1).normal(size=(6, 3)))
    state = of_round(
        game, network=game.generator, latent=latent, fake=game.made_of(latent)
    )
    found = float(array(terms.ModeSeeking(1.0).value(state)))
    other = noise.Stream(5).normal(6, (3,))
    apart = array(game.generator(other)) - array(game.generator(latent))
    ratio = np.abs(apart).mean() / np.abs(array(other) - array(latent)).mean()
    return found, ratio


def test_mode_seeking_is_the_papers_ratio():
    found, ratio = mode_seeking(gan())
    assert 0.01 < ratio < 10
    assert found == pytest.approx(1 / (ratio + 1e-5), rel=1e-4)


def test_mode_seeking_is_large_where_latents_are_not_read():
    game = GAN(generator(reads=False), linear())
    found, ratio = mode_seeking(game)
    assert ratio == 0 and found == pytest.approx(1e5, rel=1e-3)


def test_mode_seeking_compares_latents_of_one_label():
    """Else a generator of labels alone would seem to read its latents."""
    labelled = tiny.build("cgan")

    def of_labels(inputs, training):
        label = ops.cast(inputs["label"], "float32")[:, None, None, None]
        latent = 0.0 * inputs["latent"][:, :1, None, None]
        return (label + latent) * ops.ones((1, 16, 16, 3))

    object.__setattr__(labelled, "generator", of_labels)
    latent, label = tensor(np.ones((6, 5))), tensor([0, 1, 2] * 2, "int32")
    state = terms.Round(
        labelled, None, noise.Stream(5), latent=latent, label=label,
        fake=labelled.made_of(latent, label),
    )
    found = float(array(terms.ModeSeeking(1.0).value(state)))
    assert found == pytest.approx(1e5, rel=1e-3)


def test_orthogonal_counts_products_of_columns_of_all_kernels():
    """Neither biases nor embeddings; its gradient is 4 W (W'W * (1 - I))."""
    label, latent = keras.Input((), dtype="int32"), keras.Input((3,))
    x = keras.layers.Dense(4)(latent)
    x = x + keras.layers.Embedding(2, 4)(label)
    x = keras.layers.Conv1D(2, 3)(x[..., None])
    network = keras.Model([latent, label], x)
    sizes = np.random.default_rng(4)
    network.set_weights([
        sizes.normal(size=w.shape) for w in network.get_weights()
    ])
    variables = network.trainable_variables
    term = terms.Orthogonal(1.0)

    def loss():
        state = of_round(network=network)
        # Nothing depends on the others: their gradient must be seen as 0.
        rest = sum(ops.sum(v) for v in variables)
        return term.value(state) + 0.0 * rest, {}

    optimizer = keras.optimizers.SGD(1.0)
    optimizer.build(variables)
    total, _, found = gradients.differentiate(loss, variables, optimizer)
    expected = 0
    for variable, gradient in zip(variables, found):
        weight = array(variable)
        wanted = np.zeros_like(weight)
        if variable.path.endswith("kernel"):
            w = weight.reshape(-1, weight.shape[-1])
            products = w.T @ w * (1 - np.eye(w.shape[-1]))
            expected += np.square(products).sum()
            wanted = (4 * w @ products).reshape(weight.shape)
        np.testing.assert_allclose(array(gradient), wanted, rtol=1e-3,
                                   atol=1e-3, err_msg=variable.path)
    assert len(variables) == 5
    assert float(array(total)) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("term", [terms.Term, penalties.R1])
def test_impossible_terms_are_refused(term):
    for weight in (-1.0, float("nan")):
        with pytest.raises(InputError, match="weight must be at least 0"):
            term(weight)
    for every in (0, -1, 1.5, "4"):
        with pytest.raises(InputError, match="every must be a whole number"):
            term(1.0, every=every)


# -- in training -------------------------------------------------------------


class Counted(terms.Term):
    """Its value is the number of the training step, from 1 on."""

    log_name = "counted"

    def value(self, state):
        return ops.cast(state.game.step + 1, "float32")


@pytest.mark.parametrize("eagerly", [True, False])
def test_a_lazy_term_of_the_generator_counts_in_each_third_step(eagerly):
    model = GAN(
        generator(), linear(), generator_terms=[Counted(1e-3, every=3)],
        generator_steps=2, seed=3,
    )
    model.compile({p: tiny.adam() for p in model.players},
                  run_eagerly=eagerly)
    logs = Logs()
    model.fit(REAL, batch_size=8, epochs=7, verbose=0, callbacks=[logs])
    assert logs["counted"] == [3 * 1, 0, 0, 3 * 4, 0, 0, 3 * 7]


class Logs(keras.callbacks.Callback):
    """The logs of all steps."""

    def on_train_begin(self, logs=None):
        self.steps = []

    def on_train_batch_end(self, batch, logs=None):
        self.steps.append({k: float(array(v)) for k, v in logs.items()})

    def __getitem__(self, name):
        return [logs[name] for logs in self.steps]


def r1_logs(every, eagerly):
    """R1 of a judge that stays as it is, in eight steps."""
    keras.utils.set_random_seed(0)
    model = GAN(
        generator(), linear(), penalties=[penalties.R1(0.5, every=every)],
        seed=3,
    )
    model.compile(
        {p: keras.optimizers.SGD(0.0) for p in model.players},
        run_eagerly=eagerly,
    )
    logs = Logs()
    model.fit(REAL, batch_size=8, epochs=8, verbose=0, callbacks=[logs])
    return logs


@pytest.mark.parametrize("eagerly", [True, False])
def test_a_lazy_r1_is_four_times_the_plain_one_in_each_fourth_step(eagerly):
    plain, lazy = r1_logs(1, eagerly), r1_logs(4, eagerly)
    value = norm() ** 2 / 2
    np.testing.assert_allclose(plain["r1"], 8 * [value], rtol=1e-5)
    due = [4 * value, 0, 0, 0]
    np.testing.assert_allclose(lazy["r1"], 2 * due, rtol=1e-5)
    assert np.mean(lazy["r1"]) == pytest.approx(np.mean(plain["r1"]))
    # The loss has them with their weight.
    without = np.subtract(plain["discriminator_loss"], 0.5 * value)
    np.testing.assert_allclose(
        np.subtract(lazy["discriminator_loss"], without),
        0.5 * np.float32(2 * due), atol=1e-4,
    )


@pytest.mark.parametrize("eagerly", [True, False])
def test_a_weight_may_change_with_the_training_step(eagerly):
    """1 at first, along half a cosine to 0.2 in the last of four steps."""
    keras.utils.set_random_seed(0)
    schedule = keras.optimizers.schedules.CosineDecay(1.0, 4, alpha=0.2)
    model = GAN(
        generator(), linear(), penalties=[Counted(schedule)], seed=3,
    )
    model.compile(
        {p: keras.optimizers.SGD(0.0) for p in model.players},
        run_eagerly=eagerly,
    )
    logs = Logs()
    model.fit(REAL, batch_size=8, epochs=6, verbose=0, callbacks=[logs])
    plain = GAN(generator(), linear(), seed=3)
    plain.set_weights(model.get_weights())
    plain.compile({p: keras.optimizers.SGD(0.0) for p in model.players})
    plain.step.assign(0)
    other = Logs()
    plain.fit(REAL, batch_size=8, epochs=6, verbose=0, callbacks=[other])
    added = np.subtract(logs["discriminator_loss"], other["discriminator_loss"])
    factor = 0.6 + 0.4 * np.cos(np.pi * np.minimum(np.arange(6), 4) / 4)
    np.testing.assert_allclose(added, factor * np.arange(1, 7), rtol=1e-4)


def test_a_weight_that_changes_is_kept_in_files():
    schedule = keras.optimizers.schedules.CosineDecay(2.0, 8, alpha=0.1)
    term = penalties.R1(schedule, every=4)
    copy = keras.saving.deserialize_keras_object(
        keras.saving.serialize_keras_object(term)
    )
    assert copy.every == 4 and copy.get_config() == term.get_config()
    for step, wanted in [(0, 2.0), (4, 1.1), (8, 0.2)]:
        assert float(array(copy.weight_at(step))) == pytest.approx(wanted)


def test_an_evaluation_counts_all_of_a_lazy_term():
    model = gan(penalties=[penalties.R1(0.5, every=4)])
    model.step.assign(3)
    logs = model.test_step({"image": tensor(REAL)})
    assert float(array(logs["r1"])) == pytest.approx(norm() ** 2 / 2, rel=1e-5)


def test_a_weight_of_0_is_watched_and_moves_nothing():
    def trained(**options):
        keras.utils.set_random_seed(0)
        model = gan(**options)
        logs = model.train_step({"image": tensor(REAL)})
        return values(model), logs

    plain, _ = trained()
    watched, logs = trained(penalties=[penalties.R1(0.0)])
    assert float(array(logs["r1"])) > 0
    for a, b in zip(plain, watched):
        np.testing.assert_array_equal(a, b)


def test_terms_do_not_shift_the_noise_of_the_game():
    """What draws in a term draws from a stream of its own."""
    def losses(**options):
        keras.utils.set_random_seed(0)
        model = GAN(generator(), linear(), seed=3, **options)
        model.compile({p: keras.optimizers.SGD(0.0) for p in model.players},
                      run_eagerly=True)
        logs = model.train_step({"image": tensor(REAL)})
        return float(array(logs["generator_loss"]))

    watched = losses(
        penalties=[penalties.GradientPenalty(0.0), penalties.R1(0.0)],
        generator_terms=[terms.ModeSeeking(0.0)],
    )
    assert watched == losses()


def test_a_gradient_penalty_by_name_and_as_an_object_are_one():
    def trained(**options):
        keras.utils.set_random_seed(0)
        critic = dcgan.discriminator(size=16, channels=3, width=4,
                                     normalization="layer")
        model = WGAN(
            dcgan.generator(size=16, channels=3, width=4, latent_dim=5),
            critic, critic_steps=1, seed=3, **options,
        )
        model.compile({p: tiny.adam() for p in model.players},
                      run_eagerly=True)
        model.train_step(tiny.data("gan", 8))
        return values(model)

    # A limit that clips nothing, for one of the two must be above 0.
    by_name = trained(gradient_penalty=10.0)
    objects = trained(clip=1e9, penalties=[penalties.GradientPenalty(10.0)])
    for a, b in zip(by_name, objects):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("options", [
    {"penalties": [penalties.R1(1.0)]}, {"penalties": [penalties.R2(1.0)]},
    {"penalties": [penalties.GradientPenalty(1.0)]}, {"r1_weight": 1.0},
])
def test_penalties_of_single_rows_refuse_a_judge_that_mixes_them(options):
    mixing = keras.Sequential([
        keras.Input(SHAPE), keras.layers.BatchNormalization(),
        keras.layers.Flatten(), keras.layers.Dense(1),
    ])
    with pytest.raises(InputError, match="batch normalization"):
        GAN(generator(), mixing, **options)
    with pytest.raises(InputError, match="batch normalization"):
        # Also inside another network.
        outer = keras.Sequential([keras.Input(SHAPE), mixing])
        GAN(generator(), outer, **options)
    GAN(generator(), mixing, generator_terms=[terms.Orthogonal(1.0)])


@pytest.mark.parametrize("minibatch", ["distance", "deviation"])
def test_penalties_of_single_rows_refuse_rows_beside_each_other(minibatch):
    sizes = {"size": 16, "channels": 3, "width": 4}
    networks = (
        dcgan.generator(latent_dim=5, **sizes),
        dcgan.discriminator(
            normalization="none", minibatch=minibatch, **sizes
        ),
    )
    with pytest.raises(InputError, match="Minibatch.*minibatch='none'"):
        GAN(*networks, r1_weight=1.0)
    GAN(*networks, generator_terms=[terms.Orthogonal(1.0)])


# -- files and recipes -------------------------------------------------------


def test_terms_come_back_from_a_configuration_and_a_file(tmp_path):
    model = tiny.compiled("gan_terms")
    copy = GAN.from_config(model.get_config())
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    for other in (copy, loaded):
        (r1,), (apart, orthogonal) = other.penalties, other.generator_terms
        assert isinstance(r1, penalties.R1)
        assert (r1.weight, r1.every) == (0.1, 2)
        assert isinstance(apart, terms.ModeSeeking)
        assert isinstance(orthogonal, terms.Orthogonal)
        assert other.augment.policy == model.augment.policy
        assert other.generator_steps == 2


def recipe(**tables):
    """A recipe of our zoo with more in its objective."""
    plain = zoo.recipe("gan_shapes").smoke()
    objective = plain["objective"] | tables
    found = dataclasses.replace(
        plain, values=plain.values | {"objective": objective}
    )
    return found.override({})


def test_a_recipe_names_terms():
    found = recipe(
        penalties=[
            {"class": "keras_gen.penalties:R2", "weight": 2.0, "every": 4}
        ],
        generator_terms=[
            {"class": "keras_gen.terms:Orthogonal", "weight": 1e-4}
        ],
        augment={
            "class": "keras_gen.augmentation:DiffAugment",
            "policy": ["cutout"],
        },
    )
    assert "[[objective.penalties]]" in found.to_toml()
    assert "networks" in found.values
    model = found.override({"objective.penalties.0.weight": 3.0}).build()
    (r2,), (orthogonal,) = model.penalties, model.generator_terms
    assert isinstance(r2, penalties.R2)
    assert (r2.weight, r2.every, orthogonal.weight) == (3.0, 4, 1e-4)
    assert model.augment.policy == ("cutout",)


def test_a_recipe_that_names_no_such_term_is_refused():
    with pytest.raises(InputError, match="objective.penalties"):
        recipe(penalties=[{"class": "keras_gen.penalties:R1", "size": 1}])
    with pytest.raises(InputError, match="weight must be at least 0"):
        recipe(
            penalties=[{"class": "keras_gen.penalties:R1", "weight": -1.0}]
        ).build()
