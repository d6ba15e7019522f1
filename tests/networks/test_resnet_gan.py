"""BigGAN's ingredients, each by itself."""

import keras
import numpy as np
import pytest
from keras import layers

from check import array
from keras_gen.errors import InputError
from keras_gen.layers import (
    ConditionalNormalization,
    SelfAttention,
    SpectralConv2D,
    SpectralDense,
    SpectralEmbedding,
)
from keras_gen.networks import resnet_gan
from networks.case import randomise

SMALL = {"size": 32, "channels": 2, "width": 3, "spectral": False}
PLAIN = {**SMALL, "latent_dim": 8}


def pictures(rows=4):
    rng = np.random.default_rng(0)
    return rng.uniform(-1, 1, (rows, 32, 32, 2)).astype("float32")


def latents(rows=4, latent_dim=8):
    rng = np.random.default_rng(1)
    return rng.normal(size=(rows, latent_dim)).astype("float32")


def labels(*numbers):
    return np.array(numbers, "int32")


def up_to(network, *names):
    """A network that gives what these layers of this one do."""
    outputs = [network.get_layer(name).output for name in names]
    return keras.Model(network.input, outputs if names[1:] else outputs[0])


def of_kind(network, kind):
    return [layer for layer in network.layers if isinstance(layer, kind)]


# -- the discriminator --------------------------------------------------------


@pytest.mark.parametrize("spectral", [False, True])
def test_labels_are_projected(spectral):
    """D(x, a) - D(x, b) = <V_a - V_b, phi(x)>."""
    critic = resnet_gan.discriminator(
        **{**SMALL, "spectral": spectral}, classes=3
    )
    randomise(critic)
    image = pictures()
    a, b = labels(0, 1, 2, 0), labels(2, 0, 1, 0)
    phi = array(up_to(critic, "features")({"image": image, "label": a}))
    table = array(critic.get_layer("label_embedding").embeddings)
    of_a, of_b = (
        array(critic({"image": image, "label": x})) for x in (a, b)
    )
    expected = ((table[a] - table[b]) * phi).sum(1, keepdims=True)
    scale = np.abs(of_a).max()
    np.testing.assert_allclose(of_a - of_b, expected, atol=1e-5 * scale)
    assert np.abs(expected[:3]).min() > 1e-3 * scale and expected[3] == 0


def test_features_are_sums_of_rectified_maps():
    critic = resnet_gan.discriminator(**SMALL)
    randomise(critic)
    last = of_kind(critic, layers.Add)[-1]
    maps, phi = map(array, up_to(critic, last.name, "features")(pictures()))
    assert maps.shape[1:3] == (4, 4) and maps.min() < 0 < maps.max()
    np.testing.assert_allclose(
        phi, np.maximum(maps, 0).sum((1, 2)), rtol=1e-5
    )


def test_shortcuts_see_what_is_not_rectified():
    """Of a block that halves, by its layers; the first does not rectify its
    picture, the last keeps its size."""
    critic = resnet_gan.discriminator(**{**SMALL, "width": 4})
    randomise(critic)
    adds = [layer.name for layer in of_kind(critic, layers.Add)]
    maps = [pictures(), *map(array, up_to(critic, *adds)(pictures()))]
    assert len(maps) == 5

    def relu(x):
        return np.maximum(x, 0)

    def halved(x):
        n, height, width, c = x.shape
        x = x.reshape(n, height // 2, 2, width // 2, 2, c)
        return x.mean((2, 4))

    for number, side in enumerate((32, 16, 8, 4)):
        def layer(name, x):
            return array(critic.get_layer(f"{name}_{side}")(x))

        def of_block(name, x):
            return array(critic.get_layer(f"down_{side}_{name}")(x))

        x, y = maps[number], maps[number + 1]
        assert x.min() < 0
        z = of_block("first", x if number == 0 else relu(x))
        z = of_block("second", relu(z))
        if side > 4:
            x, z = halved(x), halved(z)
        expected = layer("shortcut", x) + z
        scale = np.abs(expected).max()
        np.testing.assert_allclose(y, expected, atol=1e-5 * scale)


def test_a_block_of_as_many_features_has_a_plain_shortcut():
    critic = resnet_gan.discriminator(128, 1, width=1, spectral=False)
    names = [layer.name for layer in critic.layers]
    assert "shortcut_8" in names and "shortcut_4" not in names
    x, y = (
        critic.get_layer(name).output for name in ("down_8_second", "features")
    )
    assert x.shape[-1] == y.shape[-1] == 8


# -- the generator ------------------------------------------------------------


def test_a_part_of_the_latent_reaches_its_block_and_those_after_it():
    network = resnet_gan.generator(**PLAIN, skip=True)
    randomise(network)
    blocks = [layer.name for layer in of_kind(network, layers.Add)]
    assert len(blocks) == 3
    stages = up_to(network, "project", *blocks)
    whole = latents()
    before = [array(x) for x in stages(whole)]
    for part in range(4):
        cut = whole.copy()
        cut[:, 2 * part:2 * part + 2] = 0
        same = [
            (array(x) == y).all() for x, y in zip(stages(cut), before)
        ]
        assert same == [stage < part for stage in range(4)]


def test_a_block_is_enlarged_beside_its_shortcut():
    """What the first normalisation lets through is 0 without gain and with
    no offset: then the shortcut alone is left, its pixels copied."""
    network = resnet_gan.generator(**PLAIN)
    randomise(network)
    for layer in of_kind(network, layers.BatchNormalization):
        layer.gamma.assign(0 * layer.gamma)
        layer.beta.assign(0 * layer.beta)
    first, second, *_ = of_kind(network, layers.Add)
    x, y = map(array, up_to(network, first.name, second.name)(latents()))
    assert (x.shape[1], y.shape[1]) == (8, 16)
    expected = array(network.get_layer("shortcut_16")(x))
    expected = expected.repeat(2, 1).repeat(2, 2)
    np.testing.assert_allclose(y, expected, atol=1e-6)


@pytest.mark.parametrize("options", [
    {"shared": 4}, {"shared": 4, "skip": True}, {}
])
def test_new_generators_do_not_know_classes_but_may_learn_them(options):
    """Gains start at 1 exactly."""
    network = resnet_gan.generator(**PLAIN, classes=3, **options)
    z = latents(1).repeat(3, 0)

    def made():
        return array(network({"latent": z, "label": labels(0, 1, 2)}))

    np.testing.assert_allclose(made(), made()[[0, 0, 0]], atol=1e-6)
    randomise(network)
    a, b, c = made()
    assert min(np.abs(x - y).max() for x, y in ((a, b), (b, c))) > 0.01


def parameters(**options):
    return resnet_gan.generator(
        32, 3, latent_dim=120, width=16, **options
    ).count_params()


@pytest.mark.parametrize("classes, shared, fewer", [
    # There are 672 gains and offsets, of each class or of each embedded
    # number and the bias: 672 (1000 - 129) - 128,000.
    (1000, 128, 457_312), (10, 4, 3_320), (6, 128, -83_424),
])
def test_a_shared_embedding_lowers_the_number_of_parameters(
    classes, shared, fewer
):
    own = parameters(classes=classes)
    assert own - parameters(classes=classes, shared=shared) == fewer
    # Each block's normalisations see 30 more numbers.
    assert parameters(
        classes=classes, shared=shared, skip=True
    ) - parameters(classes=classes, shared=shared) == (
        672 * 30 - 90 * 4 * 4 * 128
    )


def test_spectral_networks_are_so_but_for_what_makes_gains():
    generator = resnet_gan.generator(
        32, 1, 8, 4, classes=3, shared=4, skip=True, attention=16
    )
    critic = resnet_gan.discriminator(32, 1, 4, classes=3, attention=16)
    for network, attention in ((generator, 16), (critic, 16)):
        assert all(
            isinstance(layer, SpectralConv2D)
            for layer in of_kind(network, layers.Conv2D)
        )
        assert all(
            isinstance(layer, SpectralDense)
            for layer in of_kind(network, layers.Dense)
        )
        (found,) = of_kind(network, SelfAttention)
        assert found.output.shape[1:3] == (attention, attention)
    modulated = of_kind(generator, ConditionalNormalization)
    assert len(modulated) == 6
    assert {type(x.affine) for x in modulated} == {layers.Dense}
    (table,) = of_kind(generator, layers.Embedding)
    assert not isinstance(table, SpectralEmbedding)
    (table,) = of_kind(critic, layers.Embedding)
    assert isinstance(table, SpectralEmbedding)
    for network in (
        resnet_gan.generator(**PLAIN), resnet_gan.discriminator(**SMALL)
    ):
        assert not any(layer.name == "u" for layer in network.weights)


@pytest.mark.parametrize("spectral", [True, False])
def test_kernels_begin_orthogonal(spectral):
    for network in (
        resnet_gan.generator(**{**PLAIN, "spectral": spectral}),
        resnet_gan.discriminator(**{**SMALL, "spectral": spectral}, classes=3),
    ):
        for weight in network.trainable_weights:
            if len(weight.shape) < 2:
                continue
            matrix = array(weight).reshape(-1, weight.shape[-1])
            if matrix.shape[0] < matrix.shape[1]:
                matrix = matrix.T
            np.testing.assert_allclose(
                matrix.T @ matrix, np.eye(matrix.shape[1]), atol=1e-5
            )


@pytest.mark.parametrize("size", (16, 28, 64, 112))
def test_sizes(size):
    common = {"size": size, "channels": 1, "width": 1, "spectral": False}
    generator = resnet_gan.generator(latent_dim=2, **common)
    assert generator.output_shape == (None, size, size, 1)
    critic = resnet_gan.discriminator(**common)
    assert critic.output_shape == (None, 1)


def test_features_double_up_to_eight_times():
    common = {"size": 256, "channels": 1, "width": 1, "spectral": False}
    generator = resnet_gan.generator(latent_dim=2, **common)
    found = [x.output.shape[1:] for x in of_kind(generator, layers.Add)]
    assert found == [
        (8, 8, 8), (16, 16, 8), (32, 32, 8), (64, 64, 4), (128, 128, 2),
        (256, 256, 1),
    ]
    critic = resnet_gan.discriminator(**common)
    found = [x.output.shape[1:] for x in of_kind(critic, layers.Add)]
    assert found == [
        (128, 128, 1), (64, 64, 2), (32, 32, 4), (16, 16, 8), (8, 8, 8),
        (4, 4, 8), (4, 4, 8),
    ]


@pytest.mark.parametrize("build, arguments, says", [
    (resnet_gan.generator, {"size": 48}, "32"),
    (resnet_gan.generator, {"width": 0}, "width"),
    (resnet_gan.generator, {"latent_dim": 0}, "latent_dim"),
    (resnet_gan.generator, {"classes": -1}, "classes"),
    (resnet_gan.generator, {"shared": 4}, "no classes"),
    (resnet_gan.generator, {"shared": -1, "classes": 3}, "shared"),
    (resnet_gan.generator, {"skip": True, "classes": 3}, "set shared"),
    (resnet_gan.generator, {"skip": True, "latent_dim": 128}, "take 125"),
    (resnet_gan.generator, {"skip": True, "latent_dim": 3}, "take 5"),
    (resnet_gan.generator, {"attention": 64}, "32 or 16 or 8 at size 64"),
    (resnet_gan.discriminator, {"attention": 4}, "32 or 16 or 8"),
    (resnet_gan.discriminator, {"size": 28, "attention": 16}, "14 at size"),
    (resnet_gan.discriminator, {"channels": 0}, "channels"),
    (resnet_gan.discriminator, {"classes": True}, "classes"),
])
def test_bad_arguments_say_what_works(build, arguments, says):
    with pytest.raises(InputError) as error:
        build(**arguments)
    assert says in str(error.value)
    assert "\n" not in str(error.value)
