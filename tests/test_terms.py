"""Terms beside the game's losses: their values, and their place in files and
recipes."""

import dataclasses

import keras
import numpy as np
import pytest
from keras import ops

from check import array, tensor
from keras_gen import penalties, terms, zoo
from keras_gen.backend import gradients, noise
from keras_gen.errors import InputError
from keras_gen.objectives.gan import GAN
from linear_judge import FAKE, REAL, SHAPE, gan, generator, linear, norm
from objectives import tiny


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
