"""One pass where there were several."""

import numpy as np
import pytest
from keras import ops

from check import array, tensor
from keras_gen.objectives.base import tensors
from keras_gen.objectives.base.tensors import split, together
from objectives import tiny

GAMES = ["gan", "wgan_penalty"] + [
    pytest.param(name, marks=pytest.mark.slow)
    for name in (
        "gan_terms", "gan_relativistic", "wgan_clip", "cgan", "acgan_terms"
    )
]


def twins(name):
    """Two models of the same weights that draw the same latents each time."""
    models = [tiny.compiled(name, tiny.sgd) for _ in range(2)]
    rng = np.random.default_rng(0)
    latents = tensor(rng.normal(size=(2 * tiny.ROWS, 5)).astype("float32"))
    for model in models:
        object.__setattr__(model, "drawn", lambda rows: latents[:rows])
        # Its noise is drawn in order, the terms' is not.
        model.augment = None
    for network, other in zip(*(m.networks.values() for m in models)):
        other.set_weights(network.get_weights())
    return models


def twice(model, batch):
    """The step in which each player's update makes its own fakes."""
    loss = getattr(model, f"{model.judge}_loss")
    for part in split(batch, model.updates_per_step):
        real, label = model.shown(part)
        logs = model.update(model.judge, lambda: loss(real, label))
    for _ in range(model.generator_steps):
        logs |= model.update(
            "generator", lambda: model.generator_loss(real, label)
        )
    return logs


@pytest.mark.parametrize("name", GAMES)
def test_one_pass_does_what_two_on_the_same_latents_do(name):
    one, two = twins(name)
    batch = tiny.data(name)
    logs = one.train_step(batch)
    other = two._run(twice, batch, key=two.step, moving=True)
    for key, value in logs.items():
        np.testing.assert_allclose(
            array(value), array(other[key]), rtol=1e-3, err_msg=key
        )
    for a, b in zip(*(
        [v for n in m.networks.values() for v in n.variables]
        for m in (one, two)
    )):
        np.testing.assert_allclose(
            array(a), array(b), atol=1e-5, err_msg=a.path
        )


@pytest.mark.parametrize("name", GAMES)
def test_the_generator_makes_what_both_are_shown_once(name):
    model = tiny.compiled(name)
    made, make = [], model.fakes

    def counted(*args):
        made.append(make(*args))
        return made[-1]

    object.__setattr__(model, "fakes", counted)
    model.train_step(tiny.data(name))
    assert len(made) == model.updates_per_step + model.generator_steps - 1
    shown = [array(ops.stop_gradient(fake)) for _, fake in made]
    assert len({x.tobytes() for x in shown}) == len(shown)


@pytest.mark.parametrize("name, calls", [
    ("cyclegan", [2, 2, 2, 2]), ("cut", [2, 2, 2]),
])
def test_one_batch_does_what_several_do_apart(name, calls, monkeypatch):
    one, two = (tiny.compiled(name, tiny.sgd) for _ in range(2))
    for network, other in zip(*(m.networks.values() for m in (one, two))):
        other.set_weights(network.get_weights())
    batch, passes = tiny.data(name, rows=3), []

    def apart(function, *batches):
        passes.append(len(batches))
        return [function(batch) for batch in batches]

    logs = one.train_step(batch)
    monkeypatch.setattr(tensors, "together", apart)
    other = two.train_step(batch)
    assert passes == calls
    for key, value in logs.items():
        # The slope of |x| jumps where rounding changes the sign of x.
        rtol = 3e-2 if key.endswith("gradient_norm") else 1e-4
        np.testing.assert_allclose(
            array(value), array(other[key]), rtol=rtol, err_msg=key
        )


def test_together_tells_the_rows_of_each():
    first, second = np.float32([[1], [2], [3]]), np.float32([[4]])
    batches = [{"x": tensor(x), "y": tensor(-x)} for x in (first, second)]
    made = together(lambda batch: 2 * batch["x"] + batch["y"], *batches)
    for found, right in zip(made, (first, second)):
        np.testing.assert_array_equal(array(found), right)
