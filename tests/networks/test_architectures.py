"""What each family promises beyond `test_networks.py`."""

import keras
import numpy as np
import pytest

from keras_gen.errors import InputError
from keras_gen.networks import (
    classifier,
    conv_vae,
    dcgan,
    mlp,
    patchgan,
    points,
    resnet_translator,
    srgan,
    unet,
    video_gan,
    voxel_gan,
)
from networks.case import randomise


def array(x):
    return keras.ops.convert_to_numpy(x)


@pytest.mark.parametrize(
    "build, arguments, parameters",
    [
        (dcgan.generator, {}, 3_578_624),
        (dcgan.discriminator, {}, 2_767_360),
        (unet.generator, {}, 54_423_811),
        (patchgan.discriminator, {"condition_channels": 3}, 2_770_497),
        (patchgan.multiscale, {"condition_channels": 3}, 2 * 2_768_705),
        (resnet_translator.generator, {}, 11_388_675),
        (voxel_gan.generator, {}, 17_571_584),
        (voxel_gan.discriminator, {}, 11_050_496),
        (srgan.generator, {}, 1_554_883),
        (srgan.discriminator, {}, 23_569_217),
    ],
)
def test_parameters_are_those_of_the_paper(build, arguments, parameters):
    assert build(**arguments).count_params() == parameters


@pytest.mark.parametrize(
    "build, arguments, says",
    [
        (dcgan.generator, {"size": 48}, "32"),
        (dcgan.generator, {"size": 8}, "16"),
        (dcgan.generator, {"size": 14}, "28"),
        (dcgan.generator, {"size": 64.0}, "size"),
        (dcgan.generator, {"latent_dim": 0}, "latent_dim"),
        (dcgan.generator, {"classes": -1}, "classes"),
        (dcgan.generator, {"width": 0}, "width"),
        (dcgan.discriminator, {"size": 100}, "112"),
        (dcgan.discriminator, {"normalization": "weight"}, "instance"),
        (dcgan.discriminator, {"classes": True}, "classes"),
        (unet.generator, {"size": 96}, "64"),
        (unet.generator, {"size": 8}, "16"),
        (unet.generator, {"size": 0}, "size"),
        (unet.generator, {"size": 16, "dropout": 1.0}, "dropout"),
        (unet.generator, {"size": 16, "growth": 0}, "growth"),
        (unet.generator, {"size": 16, "normalization": None}, "batch"),
        (patchgan.discriminator, {"layers": 0}, "layers"),
        (patchgan.discriminator, {"condition_channels": -1}, "condition"),
        (patchgan.receptive_field, {"layers": 0}, "layers"),
        (patchgan.multiscale, {"scales": 0}, "scales"),
        (patchgan.multiscale, {"labels": [[0, 0, 0]]}, "condition_channels"),
        (resnet_translator.generator, {"blocks": 0}, "blocks"),
        (points.generator, {"latent_dim": 0}, "latent_dim"),
        (points.generator, {"gain": -1}, "gain must be at least 0"),
        (points.discriminator, {"depth": 0}, "depth"),
        (points.discriminator, {"negative_slope": "0"}, "negative_slope"),
        (voxel_gan.generator, {"size": 8}, "16"),
        (voxel_gan.generator, {"latent_dim": 0}, "latent_dim"),
        (voxel_gan.discriminator, {"size": 16, "width": 0}, "width"),
        (voxel_gan.discriminator, {"normalization": "spectral"}, "batch"),
        (video_gan.generator, {"frames": 6}, "4, 8, 16 or 32"),
        (video_gan.generator, {"frames": 2}, "4, 8, 16 or 32"),
        (video_gan.discriminator, {"size": 48}, "32"),
        (video_gan.discriminator, {"channels": 0}, "channels"),
        (srgan.generator, {"scale": 3}, "2 or 4"),
        (srgan.generator, {"blocks": 0}, "blocks"),
        (srgan.discriminator, {"size": 100}, "96"),
        (srgan.discriminator, {"size": 7}, "16"),
        (classifier.residual, {"size": 48}, "32"),
        (classifier.residual, {"classes": 0}, "classes"),
        (classifier.residual, {"dropout": 1.0}, "dropout"),
        (mlp.generator, {"size": 8, "channels": 1, "latent_dim": 0}, "lat"),
        (mlp.discriminator, {"size": 8, "channels": 0}, "channels"),
        (
            mlp.decoder,
            {
                "size": 8,
                "channels": 1,
                "latent_dim": 2,
                "activation": "sigmoid",
            },
            "linear, tanh",
        ),
        (
            conv_vae.encoder,
            {"size": 30, "channels": 1, "latent_dim": 2},
            "28, 32",
        ),
        (
            conv_vae.decoder,
            {
                "size": 28,
                "channels": 1,
                "latent_dim": 2,
                "activation": "relu",
            },
            "linear, tanh",
        ),
        (
            conv_vae.gaussian_encoder,
            {
                "size": 28,
                "channels": 1,
                "latent_dim": 2,
                "normalization": "group",
            },
            "batch, instance",
        ),
    ],
)
def test_bad_arguments_say_what_works(build, arguments, says):
    with pytest.raises(InputError) as error:
        build(**arguments)
    assert says in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("size", (16, 28, 32, 56, 64, 112, 128))
def test_doubling_sizes(size):
    arguments = {"size": size, "channels": 1, "width": 1}
    assert dcgan.generator(**arguments).output_shape[1:] == (size, size, 1)
    assert dcgan.discriminator(**arguments).output_shape == (None, 1)
    decoder = conv_vae.decoder(latent_dim=2, **arguments)
    assert decoder.output_shape[1:] == (size, size, 1)


@pytest.mark.parametrize("name, side", [
    ("label_map", 32), ("label_map_inner", 8)
])
def test_label_maps_are_constant_over_space(name, side):
    critic = dcgan.discriminator(size=32, channels=1, width=2, classes=5)
    randomise(critic)
    maps = keras.Model(critic.input, critic.get_layer(name).output)
    labels = np.array([3, 0, 4, 3], "int32")
    image = np.zeros((4, 32, 32, 1), "float32")
    table = critic.get_layer("label_embedding").get_weights()[0]
    expected = np.broadcast_to(
        table[labels][:, None, None, :], (4, side, side, 5)
    )
    values = array(maps({"image": image, "label": labels}))
    np.testing.assert_array_equal(values, expected)
    # Both maps reach the features that the next convolution reads.
    (follower,) = [
        node.operation
        for node in critic.get_layer(name)._outbound_nodes
    ]
    assert isinstance(follower, keras.layers.Concatenate)


def test_label_dimension_is_bounded():
    critic = dcgan.discriminator(size=16, width=1, classes=1000)
    assert critic.get_layer("label_embedding").output_dim == 64


def test_patchgan_gives_30_by_30_logits_at_256():
    critic = patchgan.discriminator(width=1)
    image = np.zeros((1, 256, 256, 3), "float32")
    assert critic(image).shape == (1, 30, 30, 1)


@pytest.mark.parametrize(
    "layers, field, size", [(1, 16, 32), (2, 34, 64), (3, 70, 128)]
)
def test_receptive_field(layers, field, size):
    assert patchgan.receptive_field(layers) == field
    critic = patchgan.discriminator(
        channels=1, width=1, layers=layers, normalization="none"
    )
    for layer in critic.layers:
        if isinstance(layer, keras.layers.Conv2D):
            kernel, bias = layer.get_weights()
            layer.set_weights([np.ones_like(kernel) / 16, bias])
    for axis in (1, 2):
        # Picture i is lit in row (or column) i alone. All kernels are
        # positive, so that nothing can cancel.
        lit = np.zeros((size, size, size, 1), "float32")
        lines = np.arange(size)
        lit[(lines, lines) if axis == 1 else (lines, slice(None), lines)] = 1
        logits = array(critic(lit))
        middle = logits.shape[1] // 2
        seen = np.flatnonzero(abs(logits[:, middle, middle, 0]) > 1e-6)
        assert len(seen) == field
        assert seen[-1] - seen[0] + 1 == field
        assert 0 < seen[0] and seen[-1] < size - 1


@pytest.mark.parametrize("size", ((16, 48), (48, 32)))
def test_unet_takes_oblong_pictures(size):
    network = unet.generator(16, 3, 2, width=1)
    image = np.zeros((1, *size, 3), "float32")
    assert network(image).shape == (1, *size, 2)


@pytest.mark.parametrize("size", ((8, 20), (36, 12)))
def test_resnet_takes_oblong_pictures(size):
    network = resnet_translator.generator(3, 2, width=1, blocks=1)
    image = np.zeros((1, *size, 3), "float32")
    assert network(image).shape == (1, *size, 2)


@pytest.mark.parametrize("size, blocks", [(16, 2), (32, 3), (64, 3)])
def test_unet_dropout_is_in_the_innermost_decoder_blocks(size, blocks):
    layers = unet.generator(size, width=1).layers
    kinds = [type(layer).__name__ for layer in layers]
    first = kinds.index("Conv2DTranspose")
    assert kinds.count("Dropout") == blocks
    assert kinds[first:first + 5 * blocks] == blocks * [
        "Conv2DTranspose",
        "BatchNormalization",
        "Dropout",
        "ReLU",
        "Concatenate",
    ]


def test_unet_growth_is_the_most_features():
    kernels = [
        tuple(v.shape[2:]) for v in
        unet.generator(64, width=2, growth=4).trainable_variables
        if v.name == "kernel"
    ]
    # A transposed convolution's features come before its inputs'.
    assert kernels == [
        (3, 2), (2, 4), (4, 8), (8, 8), (8, 8), (8, 8),
        (8, 8), (8, 16), (8, 16), (4, 16), (2, 8), (3, 4),
    ]


def test_unet_skips_join_equal_levels():
    # The outermost skip carries the first layer: 16 features next to the
    # last decoder block's 16, at half the size.
    network = unet.generator(32, width=16)
    last = [
        layer
        for layer in network.layers
        if isinstance(layer, keras.layers.Concatenate)
    ][-1]
    names = [tensor._keras_history.operation for tensor in last.input]
    assert isinstance(names[0], keras.layers.ReLU)
    assert names[1] is network.layers[2]


def test_resnet_block_keeps_a_shortcut():
    network = resnet_translator.generator(width=1, blocks=2)
    adds = [
        layer
        for layer in network.layers
        if isinstance(layer, keras.layers.Add)
    ]
    assert len(adds) == 2
    assert adds[1].input[0] is adds[0].output
    assert isinstance(
        adds[1].input[1]._keras_history.operation,
        keras.layers.GroupNormalization,
    )


def test_dcgan_initialisation():
    for network in (dcgan.generator(), dcgan.discriminator()):
        for weight in network.weights:
            value = array(weight)
            if weight.name == "kernel" and value.size > 5000:
                assert abs(value.std() - 0.02) < 0.001
            if weight.name == "gamma" and value.size > 100:
                assert abs(value.std() - 0.02) < 0.005
                assert abs(value.mean() - 1) < 0.01
        norms = [
            layer
            for layer in network.layers
            if isinstance(layer, keras.layers.BatchNormalization)
        ]
        # Neither the discriminator's first layer nor the last ones.
        expected = 4 if network.name == "generator" else 3
        assert len(norms) == expected


@pytest.mark.parametrize("frames, size, strides", [
    (8, 16, [2, 2]), (16, 16, [2, 2]), (4, 16, [2, 1]), (8, 64, [2, 2, 1, 1]),
    (32, 64, [2, 2, 2, 2]),
])
def test_video_is_halved_in_time_until_two_frames_are_left(
    frames, size, strides
):
    arguments = {"frames": frames, "size": size, "channels": 1, "width": 1}
    generator = video_gan.generator(latent_dim=2, **arguments)
    assert generator.output_shape == (None, frames, size, size, 1)
    found = [
        [
            layer.strides[0] for layer in network.layers
            if isinstance(layer, kind)
        ]
        for network, kind in (
            (generator, keras.layers.Conv3DTranspose),
            (video_gan.discriminator(**arguments), keras.layers.Conv3D),
        )
    ]
    assert found == [strides[::-1], strides]


@pytest.mark.parametrize("size", (16, 28, 32))
def test_voxel_sizes(size):
    generator = voxel_gan.generator(size, latent_dim=2, width=1)
    assert generator.output_shape == (None, size, size, size, 1)
    critic = voxel_gan.discriminator(size, width=1)
    assert critic.output_shape == (None, 1)


def test_srgan_skips_all_residual_blocks():
    network = srgan.generator(width=2, blocks=3)
    adds = [
        layer
        for layer in network.layers
        if isinstance(layer, keras.layers.Add)
    ]
    assert len(adds) == 4
    assert adds[-1].input[0] is adds[0].input[0]
    assert isinstance(
        adds[-1].input[0]._keras_history.operation, keras.layers.PReLU
    )


@pytest.mark.parametrize("scale", (2, 4))
def test_a_new_srgan_draws_no_grid(scale):
    """Before the last convolution the pixels of a block are all alike."""
    network = srgan.generator(scale, 1, width=4, blocks=1)
    network = keras.Model(network.input, network.layers[-3].output)
    values = array(network(np.random.default_rng(0).normal(
        size=(1, 6, 6, 1)
    ).astype("float32")))
    small = values[:, ::2, ::2]
    np.testing.assert_allclose(
        values, small.repeat(2, 1).repeat(2, 2), atol=1e-6
    )


def test_points_of_unrolled_games_begin_as_their_paper_has_it():
    """ReLUs behind points near to [-1, 1], all kernels orthogonal."""
    judge = points.discriminator(
        8, 1, negative_slope=0.0, scale=0.25, gain=0.8
    )
    first, last = (
        array(layer.kernel) for layer in judge.layers
        if isinstance(layer, keras.layers.Dense)
    )
    np.testing.assert_allclose(first @ first.T, 0.64 * np.eye(2), atol=1e-5)
    np.testing.assert_allclose(last.T @ last, [[0.64]], atol=1e-5)
    x = np.random.default_rng(0).normal(0, 2, (5, 2)).astype("float32")
    np.testing.assert_allclose(
        array(judge(x)), np.maximum(x / 4 @ first, 0) @ last, atol=1e-5
    )
    made = points.generator(latent_dim=6, width=6, depth=1, gain=0.8)
    kernel = array(made.layers[1].kernel)
    np.testing.assert_allclose(kernel @ kernel.T, 0.64 * np.eye(6), atol=1e-5)
