"""Judges of several scales: each sees the picture at a size of its own."""

import keras
import numpy as np
import pytest

from check import array
from keras_gen.networks import patchgan
from layers.halved import by_pixels
from networks.case import randomise

COLOURS = [[0, 0, 0], [255, 0, 0], [0, 90, 255]]


def judge(scales=3, **options):
    made = patchgan.multiscale(
        scales, condition_channels=3, width=3, layers=2, **options
    )
    randomise(made)
    return made


def pair(height=48, width=64, seed=0):
    rng = np.random.default_rng(seed)
    ids = rng.integers(0, 3, (2, height, width))
    return {
        "input": np.array(COLOURS)[ids].astype("float32") / 127.5 - 1,
        "image": rng.uniform(-1, 1, (2, height, width, 3)).astype("float32"),
    }


def test_sides_of_the_logits_halve():
    made = judge()(pair(128, 192))
    assert list(made) == ["logits_0", "logits_1", "logits_2"]
    # Of a map's side s: s / 4 of two halvings, less 2 of unpadded 4 x 4.
    for scale, logits in enumerate(made.values()):
        sides = tuple((side >> scale) // 4 - 2 for side in (128, 192))
        assert logits.shape == (2, *sides, 1)


@pytest.mark.parametrize("size", [(48, 64), (45, 51)])
@pytest.mark.parametrize("labels", [(), COLOURS])
def test_a_coarser_judge_is_a_plain_one_of_the_smaller_picture(size, labels):
    """Of the same weights; labels are shares there, not mixed colours."""
    many, given = judge(labels=labels), pair(*size)
    seen = given
    if labels:
        shares = (given["input"][..., None, :] == (
            np.array(COLOURS, "float32") / 127.5 - 1
        )).all(-1).astype("float32")
        seen = {**given, "input": shares}
    for scale, logits in enumerate(many(given).values()):
        if scale:
            seen = {name: by_pixels(x) for name, x in seen.items()}
        one = patchgan.discriminator(
            condition_channels=3, width=3, layers=2, normalization="instance"
        )
        names = [
            f"maps_{scale}_0", f"maps_{scale}_1", f"maps_{scale}_2",
            f"logits_{scale}",
        ]
        layers = _between(many, names)
        assert len(layers) == sum(bool(x.weights) for x in one.layers)
        for ours, theirs in zip(
            layers, [x for x in one.layers if x.weights], strict=True
        ):
            theirs.set_weights(ours.get_weights())
        np.testing.assert_allclose(
            array(one(seen)), array(logits), rtol=1e-4, atol=1e-4
        )


def _between(network, names):
    """The layers with weights that lead to these, in their order."""
    found, open_ = [], [network.get_layer(names[-1])]
    while open_:
        layer = open_.pop()
        before = [
            tensor._keras_history.operation
            for node in layer._inbound_nodes for tensor in node.input_tensors
        ]
        stops = layer.name.startswith("halved") or not before
        open_ += [] if stops else before
        found += [layer] if layer.weights else []
    return found[::-1]


def test_a_scale_s_judge_has_weights_of_its_own():
    many, given = judge(), pair()
    before = {name: array(x) for name, x in many(given).items()}
    layer = many.get_layer("judge_1")
    layer.set_weights([2 * w + 1 for w in layer.get_weights()])
    after = {name: array(x) for name, x in many(given).items()}
    changed = [(after[k] != before[k]).any() for k in before]
    assert changed == [False, True, False]


def test_spectral_norm_is_of_the_inner_convolutions():
    kinds = [
        type(x).__name__ for x in judge(2, spectral=True).layers
        if isinstance(x, keras.layers.Conv2D)
    ]
    assert sorted(kinds) == 4 * ["Conv2D"] + 4 * ["SpectralConv2D"]
