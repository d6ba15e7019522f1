"""Networks that never move, taps of their inner layers, and SRGAN's loss on
them."""

import keras
import numpy as np
import pytest
from keras import ops

from check import array, assert_same, tensor, values
from keras_gen.backend import gradients
from keras_gen.errors import InputError
from keras_gen.networks import classifier, srgan
from keras_gen.networks.taps import taps
from keras_gen.objectives.srgan import SRGAN
from objectives import tiny


def batch():
    return tiny.data("srgan", tiny.ROWS)


def test_a_frozen_network_moves_in_no_step():
    """Neither its weights nor its batch normalization's statistics."""
    model = tiny.compiled("srgan")
    before = values(model.perceptual)
    assert before and model.perceptual.non_trainable_variables
    logs = model.train_step(batch())
    tiny.fit(model, tiny.data("srgan"))
    assert float(array(logs["perceptual"])) > 0
    assert_same(values(model.perceptual), before)


def test_a_frozen_network_is_in_no_player_and_not_averaged():
    model = tiny.build("srgan")
    assert list(model.frozen_networks) == ["perceptual"]
    assert "perceptual" not in model.networks
    own = {
        id(v) for player in model.players for v in model.variables_of(player)
    }
    assert own and not own & {id(v) for v in model.perceptual.variables}
    with pytest.raises(InputError, match="perceptual"):
        model.average(0.9, ["perceptual"])
    # Averages of the others leave it where it is.
    model.average(0.9, ["generator"])
    assert model.generating().perceptual is model.perceptual


def test_a_frozen_network_comes_back_frozen(tmp_path):
    model = tiny.compiled("srgan")
    tiny.fit(model, tiny.data("srgan"))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert_same(values(loaded.perceptual), values(model.perceptual))
    assert loaded.taps == ["maps_8"]
    before = values(loaded.perceptual)
    loaded.run_eagerly = True
    tiny.fit(loaded, tiny.data("srgan"))
    assert_same(values(loaded.perceptual), before)


# -- taps --------------------------------------------------------------------


def features():
    return classifier.residual(size=16, channels=3, classes=3, width=4)


def test_taps_are_what_the_layers_make():
    network = features()
    found = taps(network, ["maps_8", "features"])(
        tensor(np.ones((2, 16, 16, 3)))
    )
    assert set(found) == {"maps_8", "features"}
    assert found["maps_8"].shape == (2, 8, 8, 8)
    whole = network(tensor(np.ones((2, 16, 16, 3))))
    np.testing.assert_allclose(
        array(found["features"]), array(whole["features"]), atol=1e-6
    )
    # They share the network's weights.
    for variable in network.trainable_variables:
        variable.assign(0.0 * variable)
    found = taps(network, ["maps_8"])(tensor(np.ones((2, 16, 16, 3))))
    assert (array(found["maps_8"]) == 0).all()


@pytest.mark.parametrize("names", [["maps_9"], ["maps_8", "conv"], []])
def test_unknown_taps_are_refused(names):
    with pytest.raises(InputError, match="choose from maps_8, maps_4"):
        taps(features(), names)


# -- SRGAN -------------------------------------------------------------------


def test_the_perceptual_loss_and_its_slope_are_0_at_the_target():
    model = tiny.build("srgan")
    target = tensor(np.random.default_rng(0).uniform(-1, 1, (2, 16, 16, 3)))

    def loss(fake):
        return ops.reshape(model.perceptual_loss(target, fake), (1,))

    assert float(array(loss(target))[0]) == 0
    assert (array(gradients.gradient_wrt_input(loss, target)) == 0).all()
    # Away from it the generator learns from it.
    slope = array(gradients.gradient_wrt_input(loss, 0.9 * target))
    assert np.abs(slope).max() > 0


def softplus(x):
    return np.log1p(np.exp(x))


def test_srgans_losses_are_the_papers():
    """Equations 3 to 5 at fixed inputs, with the non-saturating game."""
    model = tiny.compiled("srgan")
    for variable in model.discriminator.trainable_variables:
        variable.assign(3 * variable)
    data = batch()
    low, target = (
        data[name].astype("float32") / 127.5 - 1
        for name in ("input", "target")
    )
    # As an evaluation computes it: in training mode, and nothing moves.
    fake = array(model.generator(tensor(low), training=True))
    maps = keras.Model(
        model.perceptual.inputs, model.perceptual.get_layer("maps_8").output
    )
    right, made = (array(maps(tensor(x), training=False))
                   for x in (target, fake))
    real_logits, fake_logits = (
        array(model.discriminator(tensor(x), training=True)).astype("float64")
        for x in (target, fake)
    )
    pixels = np.square(target - fake).mean()
    perceptual = np.square(right - made).mean()
    adversarial = softplus(-fake_logits).mean()
    logs = {
        k: float(array(v)) for k, v in model.test_step(data).items()
    }
    expected = {
        "pixels": pixels, "perceptual": perceptual,
        "adversarial": adversarial,
        "generator_loss": pixels + 0.1 * perceptual + 0.1 * adversarial,
        "discriminator_loss": (
            softplus(-real_logits) + softplus(fake_logits)
        ).mean(),
        "discriminator_accuracy": (
            (real_logits > 0).mean() + (fake_logits <= 0).mean()
        ) / 2,
    }
    assert set(logs) == set(expected)
    for name, value in expected.items():
        assert logs[name] == pytest.approx(value, rel=1e-4), name


def networks():
    return srgan.generator(width=4, blocks=1), srgan.discriminator(
        size=16, width=4
    )


def test_impossible_content_losses_are_refused():
    with pytest.raises(InputError, match="both 0"):
        SRGAN(*networks(), pixel_weight=0.0)
    with pytest.raises(InputError, match="and no network"):
        SRGAN(*networks(), perceptual_weight=0.1)
    with pytest.raises(InputError, match="and a network"):
        SRGAN(*networks(), features())
    with pytest.raises(InputError, match="has no layer maps_7"):
        SRGAN(*networks(), features(), taps=["maps_7"], perceptual_weight=1.0)


def test_without_maps_and_game_it_is_the_papers_srresnet():
    model = SRGAN(*networks(), adversarial_weight=0.0, seed=3)
    assert model.frozen_networks == {}
    model.compile({p: tiny.adam() for p in model.players}, run_eagerly=True)
    logs = model.train_step(batch())
    assert float(array(logs["generator_loss"])) == float(
        array(logs["pixels"])
    )
