"""One small instance of every network function: `CASES`."""

import pytest

from networks.case import FREE, PIXELS, Case


def _mlp():
    image, latent = {"image": (8, 8, 1)}, {"latent": (5,)}
    size = {"size": 8, "channels": 1}
    code = {**size, "latent_dim": 5}
    small = {"width": 6, "depth": 2}
    gauss = {"mean": (5,), "log_variance": (5,)}
    pixels = {"": (8, 8, 1)}
    linear = {**code, **small, "activation": "linear"}
    tanh = {**code, **small, "activation": "tanh"}
    return [
        Case("mlp:generator", {**code, **small}, latent, pixels, PIXELS),
        Case("mlp:discriminator", {**size, **small}, image, {"": (1,)}),
        Case("mlp:gaussian_encoder", {**code, **small}, image, gauss),
        Case("mlp:encoder", {**code, **small}, image, {"": (5,)}),
        Case("mlp:decoder", linear, latent, pixels),
        Case("mlp:decoder", tanh, latent, pixels, PIXELS),
    ]


def _dcgan():
    cases = []
    for size, channels, classes in ((16, 3, 0), (28, 1, 0), (32, 2, 3)):
        label = {"label": ()} if classes else {}
        common = {"size": size, "channels": channels, "width": 4}
        image = (size, size, channels)
        cases.append(
            Case(
                "dcgan:generator",
                {**common, "latent_dim": 5, "classes": classes},
                {"latent": (5,), **label},
                {"": image},
                PIXELS,
            )
        )
        for name in ("batch", "instance", "layer", "none", "spectral"):
            cases.append(
                Case(
                    "dcgan:discriminator",
                    {**common, "classes": classes, "normalization": name},
                    {"image": image, **label},
                    {"": (1,)},
                )
            )
    cases += _heads()
    # The four kinds of normalisation at one size are enough.
    drop = ("layer", "none", "instance")
    return [
        case
        for case in cases
        if case.arguments["size"] == 16
        or case.arguments.get("normalization") not in drop
    ]


def _heads():
    """Discriminators that tell classes, and see rows beside each other."""
    image, logits = {"image": (16, 16, 3)}, {"": (1,)}
    common = {"size": 16, "channels": 3, "width": 4}
    head = {"classes": 3, "class_head": True}
    return [
        Case(
            "dcgan:discriminator", {**common, **head, "dropout": 0.5}, image,
            {"logits": (1,), "classes": (3,)},
        ),
        Case(
            "dcgan:discriminator", {**common, "minibatch": "distance"}, image,
            logits, mixed=("",),
        ),
        Case(
            "dcgan:discriminator",
            {**common, **head, "minibatch": "deviation"}, image,
            {"logits": (1,), "classes": (3,)}, mixed=("logits",),
        ),
    ]


def _translators():
    picture = {"input": (16, 32, 2)}
    output = {"": (16, 32, 1)}
    channels = {"channels_in": 2, "channels_out": 1, "width": 2}
    cases = [
        Case(
            "unet:generator",
            {"size": 16, **channels, "normalization": name},
            picture,
            output,
            PIXELS,
        )
        for name in ("batch", "instance", "none")
    ]
    cases.append(
        Case(
            "unet:generator",
            {"size": 16, **channels, "upsampling": "resize"},
            picture,
            output,
            PIXELS,
        )
    )
    cases.append(
        Case(
            "unet:generator",
            {
                "size": 16, **channels, "channels_in": 3,
                "labels": [[0, 0, 0], [255, 0, 0], [0, 90, 255]],
            },
            {"input": (16, 32, 3)},
            output,
            PIXELS,
        )
    )
    cases.append(
        Case(
            "resnet_translator:generator",
            {**channels, "blocks": 1},
            picture,
            output,
            PIXELS,
        )
    )
    return cases


def _spade():
    """Of maps of labels and of numbers; with three blocks' shortcuts."""
    return [
        Case(
            "spade:generator",
            {
                "size": size, "channels_in": 3, "channels_out": 1,
                "width": 2, "hidden": 3, **options,
            },
            {"input": (16, 32, 3)}, {"": (16, 32, 1)}, PIXELS,
        )
        for size, options in (
            (16, {"labels": [[0, 0, 0], [255, 0, 0], [0, 90, 255]]}),
            (16, {"normalization": "instance", "latent_dim": 3}),
            (28, {"normalization": "instance", "spectral": False}),
        )
    ]


def _patchgan():
    return [
        Case(
            "patchgan:discriminator",
            {
                "channels": 1,
                "condition_channels": condition,
                "width": 3,
                "layers": layers,
                "normalization": name,
            },
            {
                **({"input": (32, 32, condition)} if condition else {}),
                "image": (32, 32, 1),
            },
            {"": (logits, logits, 1)},
        )
        for condition, layers, name, logits in (
            (2, 3, "batch", 2),
            (0, 2, "instance", 6),
            (0, 1, "none", 14),
        )
    ] + [
        Case(
            "patchgan:discriminator",
            {
                "channels": 1, "condition_channels": 1, "width": 3,
                "layers": 1, "normalization": "none",
                "labels": [[0], [100], [200]],
            },
            {"input": (32, 32, 1), "image": (32, 32, 1)},
            {"": (14, 14, 1)},
        )
    ] + _scales()


def _scales():
    """Judges of several sizes, one of them odd, with spectral norm."""
    return [
        Case(
            "patchgan:multiscale",
            {
                "scales": scales, "channels": 1, "condition_channels": 3,
                "width": 3, "layers": 1, "normalization": name,
                "spectral": spectral,
                "labels": [[0, 0, 0], [255, 0, 0], [0, 90, 255]],
            },
            {"input": (*size, 3), "image": (*size, 1)},
            outputs,
            last=tuple(f"judge_{scale}" for scale in range(scales)),
        )
        for scales, size, name, spectral, outputs in (
            (2, (28, 30), "instance", True, {
                "logits_0": (12, 13, 1), "logits_1": (5, 6, 1),
            }),
            (3, (32, 32), "none", False, {
                "logits_0": (14, 14, 1), "logits_1": (6, 6, 1),
                "logits_2": (2, 2, 1),
            }),
        )
    ]


def _patch_features():
    return [
        Case(
            "patch_features:head", {"channels": 5, "width": 7},
            {"features": (6, 5)}, {"": (6, 7)},
        )
    ]


def _conv_vae():
    cases = []
    for size, channels, normalization in ((16, 3, "batch"), (28, 1, "none")):
        image = (size, size, channels)
        arguments = {
            "size": size, "channels": channels, "latent_dim": 5, "width": 3,
            "normalization": normalization,
        }
        gauss = {"mean": (5,), "log_variance": (5,)}
        activation = "linear" if size == 28 else "tanh"
        cases += [
            Case(
                "conv_vae:gaussian_encoder",
                arguments,
                {"image": image},
                gauss,
            ),
            Case(
                "conv_vae:encoder", arguments, {"image": image}, {"": (5,)}
            ),
            Case(
                "conv_vae:decoder",
                {**arguments, "activation": activation},
                {"latent": (5,)},
                {"": image},
                PIXELS if activation == "tanh" else FREE,
            ),
        ]
    return cases


def _classifier():
    return [
        Case(
            "classifier:residual",
            {
                "size": size, "channels": channels, "classes": 3,
                "width": 3, "dropout": dropout,
            },
            {"image": (size, size, channels)},
            {"features": (features,), "logits": (3,)},
            hidden=("features",),
        )
        for size, channels, dropout, features in (
            (16, 3, 0.0, 12), (28, 1, 0.5, 12)
        )
    ]


def _points():
    small = {"width": 6, "depth": 2}
    return [
        Case(
            "points:generator", {**small, "latent_dim": 5},
            {"latent": (5,)}, {"": (2,)},
        ),
        Case("points:discriminator", small, {"points": (2,)}, {"": (1,)}),
        Case(
            "points:discriminator",
            {**small, "negative_slope": 0.0, "scale": 0.25, "gain": 0.8},
            {"points": (2,)}, {"": (1,)},
        ),
    ]


def _solids():
    cases = []
    # All of the time, and a part of it, is halved with the height.
    for module, name, shape, arguments in (
        ("voxel_gan", "voxels", (16, 16, 16, 1), {}),
        ("video_gan", "video", (8, 16, 16, 3), {"frames": 8}),
        ("video_gan", "video", (4, 16, 16, 1), {
            "frames": 4, "channels": 1
        }),
    ):
        for normalization in ("batch", "layer", "none"):
            common = {
                "size": 16, "width": 3, **arguments,
                "normalization": normalization,
            }
            cases += [
                Case(
                    f"{module}:generator", {**common, "latent_dim": 5},
                    {"latent": (5,)}, {"": shape}, PIXELS,
                ),
                Case(
                    f"{module}:discriminator", common, {name: shape},
                    {"": (1,)},
                ),
            ]
    # The kinds of normalisation on voxels are enough.
    return [
        case for case in cases
        if case.arguments["normalization"] == "batch"
        or case.function.startswith("voxel")
    ]


def _srgan():
    return [
        Case(
            "srgan:generator",
            {
                "scale": scale, "channels": 2, "width": 4, "blocks": 1,
                "normalization": normalization,
            },
            {"input": (7, 5, 2)},
            {"": (scale * 7, scale * 5, 2)},
            PIXELS,
        )
        for scale, normalization in ((4, "batch"), (2, "none"))
    ] + [
        Case(
            "srgan:discriminator",
            {
                "size": 32, "channels": 1, "width": 2,
                "normalization": normalization,
            },
            {"image": (32, 32, 1)},
            {"": (1,)},
        )
        for normalization in ("batch", "none")
    ]


def _r3gan():
    """Also where features end to double, and with two blocks a size."""
    cases = []
    for size, channels, blocks in ((28, 1, 2), (64, 3, 1)):
        common = {
            "size": size, "channels": channels, "width": 2, "blocks": blocks
        }
        latent, image = {"latent": (5,)}, (size, size, channels)
        cases += [
            Case(
                "r3gan:generator", {**common, "latent_dim": 5}, latent,
                {"": image}, PIXELS,
            ),
            Case("r3gan:discriminator", common, {"image": image}, {"": (1,)}),
        ]
    return cases


def _resnet_gan():
    """All ingredients; none; a table of classes in each normalisation."""
    cases = []
    for size, channels, classes, of_critic, options in (
        (16, 3, 3, {"attention": 8}, {"shared": 4, "skip": True}),
        (28, 1, 0, {"spectral": False}, {}),
        (32, 2, 3, {"spectral": False}, {}),
    ):
        common = {
            "size": size, "channels": channels, "width": 4,
            "classes": classes, **of_critic,
        }
        label = {"label": ()} if classes else {}
        image = (size, size, channels)
        cases += [
            Case(
                "resnet_gan:generator",
                {**common, "latent_dim": 6, **options},
                {"latent": (6,), **label}, {"": image}, PIXELS,
            ),
            Case(
                "resnet_gan:discriminator", common,
                {"image": image, **label}, {"": (1,)},
                last=("judge", "label_embedding") if classes else (),
            ),
        ]
    return cases


def _priors():
    return [Case(
        "priors:mixture", {"latent_dim": 5, "components": 3},
        {"latent": (5,), "choice": ()}, {"": (5,)}, exact=True,
    )]


CASES = (
    _mlp() + _dcgan() + _r3gan() + _resnet_gan() + _translators()
    + _spade() + _patchgan() + _patch_features() + _conv_vae() + _classifier()
    + _points() + _solids() + _srgan() + _priors()
)


def each():
    """The cases for `pytest.mark.parametrize`: by default one for each
    function, one for each kind of normalization, and one for each way to see
    rows beside each other, the others marked slow."""
    known, marked = set(), []
    for case in CASES:
        told = {
            case.function, case.arguments.get("normalization", "batch"),
            case.arguments.get("minibatch"),
        }
        marks = [pytest.mark.slow] * (told <= known)
        marked.append(pytest.param(case, id=case.id, marks=marks))
        known |= told
    return marked
