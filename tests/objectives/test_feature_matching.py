"""Pix2Pix with feature matching: pixels and numbers of its losses."""

import keras
import numpy as np
import pytest
from keras import ops

from check import array, tensor
from keras_gen.backend import gradients
from keras_gen.errors import InputError
from keras_gen.networks import patchgan, unet
from keras_gen.networks.taps import names_of_maps, taps
from keras_gen.objectives.pix2pix import Pix2Pix
from objectives import tiny

WEIGHT = 10.0
MAPS = ["maps_0", "maps_1", "maps_2"]


def networks():
    return unet.generator(size=tiny.SIZE, width=4), patchgan.discriminator(
        condition_channels=3, width=4, layers=2, normalization="instance"
    )


def model(**options):
    keras.utils.set_random_seed(0)
    made = Pix2Pix(
        *networks(), seed=3, feature_matching=WEIGHT, **options
    )
    for variable in made.discriminator.trainable_variables:
        variable.assign(3 * variable)
    return made


def floats(seed, rows=2):
    rng = np.random.default_rng(seed)
    shape = rows, tiny.SIZE, tiny.SIZE, 3
    return rng.uniform(-1, 1, shape).astype("float32")


def softplus(x):
    return np.log1p(np.exp(x))


def inner(discriminator, name, **pair):
    """What one layer makes, by a network of Keras' own."""
    view = keras.Model(
        discriminator.input, discriminator.get_layer(name).output
    )
    pair = {key: tensor(x) for key, x in pair.items()}
    return array(view(pair, training=True))


@pytest.mark.parametrize("chosen", [[], ["maps_1"]])
def test_the_generator_s_loss_is_the_paper_s(chosen):
    one = model(feature_taps=chosen)
    assert one.feature_taps == chosen
    assert names_of_maps(one.discriminator) == MAPS
    given, target, fake = (floats(seed) for seed in range(3))
    loss, logs = one.generator_loss(*map(tensor, (given, target, fake)))
    matching = 4 * np.mean([
        np.abs(
            inner(one.discriminator, name, input=given, image=target)
            - inner(one.discriminator, name, input=given, image=fake)
        ).mean() for name in chosen or MAPS
    ])
    logits = inner(one.discriminator, "logit", input=given, image=fake)
    expected = {
        "adversarial": softplus(-logits).mean(),
        "l1": np.abs(target - fake).mean(),
        "feature_matching": matching,
    }
    assert list(logs) == list(expected) and matching > 0.1
    for name, value in expected.items():
        assert float(array(logs[name])) == pytest.approx(value, rel=1e-4)
    assert float(array(loss)) == pytest.approx(
        expected["adversarial"] + 100 * expected["l1"] + WEIGHT * matching,
        rel=1e-4,
    )


def test_at_the_target_it_is_0_and_so_is_its_slope():
    one = model()
    given, target = tensor(floats(0)), tensor(floats(1))

    def matching(fake):
        _, logs = one.generator_loss(given, target, fake)
        return ops.reshape(logs["feature_matching"], (1,))

    assert float(array(matching(target))[0]) == 0
    assert (array(gradients.gradient_wrt_input(matching, target)) == 0).all()
    slope = array(gradients.gradient_wrt_input(matching, 0.9 * target))
    assert np.abs(slope).max() > 0
    # A step against it comes nearer.
    step = 0.9 * target - 1e-2 * tensor(slope)
    assert float(array(matching(step))[0]) < float(
        array(matching(0.9 * target))[0]
    )


def of_scales(scales=2, layers=1):
    return patchgan.multiscale(
        scales, condition_channels=3, width=4, layers=layers
    )


def test_of_several_scales_it_is_the_mean_over_them():
    """1/N of 4 / (maps of a scale), as the authors' code has it; so are the
    losses of the game."""
    keras.utils.set_random_seed(0)
    judge = of_scales()
    one = Pix2Pix(
        networks()[0], judge, adversarial="hinge", l1_weight=0.0,
        feature_matching=WEIGHT, discriminator_weight=0.5, seed=3,
    )
    for variable in judge.trainable_variables:
        variable.assign(3 * variable)
    given, target, fake = pictures = [floats(seed) for seed in range(3)]
    loss, logs = one.generator_loss(*map(tensor, pictures))
    matching, adversarial, judged, right = 0, [], [], []
    for scale in range(2):
        for layer in range(2):
            name = f"maps_{scale}_{layer}"
            apart = inner(judge, name, input=given, image=target) - inner(
                judge, name, input=given, image=fake
            )
            matching += np.abs(apart).mean() * 4 / 2 / 2
        name = f"logits_{scale}"
        told = inner(judge, name, input=given, image=fake)
        real = inner(judge, name, input=given, image=target)
        adversarial.append(-told.mean())
        judged.append(
            np.maximum(0, 1 - real).mean() + np.maximum(0, 1 + told).mean()
        )
        right.append(((real > 0).mean() + (told <= 0).mean()) / 2)
    assert matching > 0.1
    assert float(array(logs["feature_matching"])) == pytest.approx(
        matching, rel=1e-4
    )
    assert float(array(loss)) == pytest.approx(
        np.mean(adversarial) + WEIGHT * matching, rel=1e-4
    )
    loss, logs = one.discriminator_loss(*map(tensor, pictures))
    assert float(array(loss)) == pytest.approx(np.mean(judged) / 2, rel=1e-4)
    assert float(array(logs["discriminator_accuracy"])) == pytest.approx(
        np.mean(right), abs=1e-4
    )


def test_the_discriminator_s_loss_is_as_without():
    """It is no player of this term."""
    keras.utils.set_random_seed(0)
    plain = Pix2Pix(*networks(), seed=3)
    one = model()
    plain.discriminator.set_weights(one.discriminator.get_weights())
    pictures = [tensor(floats(seed)) for seed in range(3)]
    ours, theirs = (m.discriminator_loss(*pictures)[0] for m in (one, plain))
    assert float(array(ours)) == float(array(theirs))
    assert "feature_matching" not in plain.generator_loss(*pictures)[1]


def judge_of_two_numbers():
    """maps_0 is 2 image, maps_1 -3 image, and the logit the latter."""
    given, image = (
        keras.Input((None, None, 1), name=name) for name in ("input", "image")
    )
    x = keras.layers.Concatenate()([given, image])
    for number, kernel in enumerate(([0.0, 2.0], [-1.5])):
        layer = keras.layers.Conv2D(
            1, 1, use_bias=False, name=f"maps_{number}",
            kernel_initializer=lambda shape, dtype, k=kernel: ops.reshape(
                ops.convert_to_tensor(k, dtype), shape
            ),
        )
        x = layer(x)
    return keras.Model({"input": given, "image": image}, x)


def test_of_a_judge_of_two_numbers_loss_and_slope_are_known():
    generator = unet.generator(size=16, width=2, channels_in=1, channels_out=1)
    one = Pix2Pix(
        generator, judge_of_two_numbers(), feature_matching=WEIGHT,
        l1_weight=0.0, seed=3,
    )
    target = np.array([0.5, -0.25], "float32").reshape((2, 1, 1, 1))
    fake = np.array([0.0, 0.25], "float32").reshape((2, 1, 1, 1))

    given = tensor(0 * target)

    def loss(fake, target=tensor(target)):
        found, _ = one.generator_loss(given, target, fake)
        return ops.reshape(found, (1,))

    # The logit is -3 times the fake, and both are 1/2 off: |2| + |-3|, of
    # two maps, each of which counts twice.
    found = float(array(loss(tensor(fake)))[0])
    adversarial = softplus(3 * fake).mean()
    assert found == pytest.approx(adversarial + WEIGHT * 2 * 5 * 0.5, rel=1e-6)
    sigmoid = 1 / (1 + np.exp(-3 * fake))
    slope = 3 * sigmoid / 2 + WEIGHT * 2 * 5 * np.sign(fake - target) / 2
    np.testing.assert_allclose(
        array(gradients.gradient_wrt_input(loss, tensor(fake))), slope,
        rtol=1e-5,
    )

    def of_target(target):
        return loss(tensor(fake), target) + 0.0 * ops.sum(target)

    real = gradients.gradient_wrt_input(of_target, tensor(target))
    assert (array(real) == 0).all()


@pytest.mark.parametrize("scaled", [False, True])
def test_the_generator_alone_is_moved_by_it(scaled):
    """A step with it leaves the discriminator where one without does."""
    batch = {"input": tensor(floats(0)), "target": tensor(floats(1))}
    moved = {}
    for weight in (0.0, WEIGHT):
        keras.utils.set_random_seed(0)
        generator, judge = networks()
        judge = of_scales() if scaled else judge
        one = Pix2Pix(generator, judge, seed=3, feature_matching=weight)
        one.compile({
            player: keras.optimizers.SGD(0.1) for player in one.players
        })
        before = one.discriminator.get_weights()
        one.train_step(batch)
        moved[weight] = [
            network.get_weights()
            for network in (one.generator, one.discriminator)
        ]
        assert any((a != b).any() for a, b in zip(before, moved[weight][1]))
    (made, judging), (made_so, judging_so) = moved.values()
    for a, b in zip(judging, judging_so):
        np.testing.assert_array_equal(a, b)
    assert any((a != b).any() for a, b in zip(made, made_so))


def test_the_view_follows_the_discriminator():
    """It has the weights that training moves, not a copy of them."""
    one = model()
    pictures = [tensor(floats(seed)) for seed in range(3)]
    for variable in one.discriminator.trainable_variables:
        variable.assign(0.0 * variable)
    _, logs = one.generator_loss(*pictures)
    assert float(array(logs["feature_matching"])) == 0


def test_a_view_beside_what_the_network_returns():
    discriminator = networks()[1]
    pair = {"input": tensor(floats(0)), "image": tensor(floats(1))}
    whole, maps = taps(discriminator, ["maps_1"], beside=True)(pair)
    assert list(maps) == ["maps_1"]
    np.testing.assert_array_equal(array(whole), array(discriminator(pair)))
    # Inputs go by their names.
    turned = {"image": pair["image"], "input": pair["input"]}
    again = taps(discriminator, ["maps_1"])(turned)
    np.testing.assert_array_equal(
        array(again["maps_1"]), array(maps["maps_1"])
    )


def test_impossible_taps_are_refused():
    with pytest.raises(InputError, match="feature_matching compares: set it"):
        Pix2Pix(*networks(), feature_taps=["maps_0"])
    with pytest.raises(InputError, match="no layer maps_7 .* maps_0, maps_1"):
        Pix2Pix(*networks(), feature_taps=["maps_7"], feature_matching=1.0)
    given, image = (
        keras.Input((16, 16, 3), name=name) for name in ("input", "image")
    )
    x = keras.layers.Concatenate()([given, image])
    x = keras.layers.Conv2D(1, 3)(x)
    plain = keras.Model({"input": given, "image": image}, x)
    with pytest.raises(InputError, match=r"no layer \(none\) to tap"):
        Pix2Pix(networks()[0], plain, feature_matching=1.0)


def test_what_a_frozen_network_sees_counts_and_it_does_not_move():
    """Beside the rest, at its weight; without L1 nothing of it is left."""
    keras.utils.set_random_seed(0)
    eye = keras.Input((tiny.SIZE, tiny.SIZE, 3), name="image")
    seen = keras.layers.Conv2D(4, 3, name="maps_16")(eye)
    frozen = keras.Model(eye, keras.layers.Flatten()(seen))
    one = Pix2Pix(
        *networks(), frozen, taps=["maps_16"], perceptual_weight=3.0,
        l1_weight=0.0, seed=3,
    )
    given, target, fake = (floats(seed) for seed in range(3))
    loss, logs = one.generator_loss(*map(tensor, (given, target, fake)))
    view = keras.Model(eye, seen)
    apart = array(view(tensor(target))) - array(view(tensor(fake)))
    assert float(array(logs["perceptual"])) == pytest.approx(
        np.square(apart).mean(), rel=1e-4
    )
    assert float(array(loss)) == pytest.approx(
        float(array(logs["adversarial"])) + 3 * np.square(apart).mean(),
        rel=1e-4,
    )
    assert not frozen.trainable_variables
    assert one.players["generator"] == ("generator",)
