"""What is not finite stops the run at once, is named and never saved."""

import keras
import numpy as np
import pytest
from keras import ops

from check import array, tensor
from keras_gen import values, zoo
from keras_gen.backend import gradients
from keras_gen.errors import InputError
from keras_gen.training import callbacks, diagnosis, trainer
from keras_gen.zoo import checkpoint
from objectives import tiny


class Once:
    """One batch, as the trainer's `Batches` give it."""

    def __init__(self, batch):
        self.batch = batch

    def __getitem__(self, index):
        return self.batch


def trained(model, name, *more):
    batch = tiny.data(name, tiny.ROWS)
    guard = callbacks.StopWhenNotFinite(Once(batch))
    tiny.fit(model, batch, callbacks=[guard, *more])


@pytest.mark.parametrize(("name", "kind", "log"), [
    ("gan", keras.layers.Conv2D, "discriminator_loss became nan"),
    ("wgan_penalty", keras.layers.Dense, "critic_"),
])
def test_the_first_layer_with_a_bad_output_is_named(name, kind, log):
    model = tiny.compiled(name)
    player = list(model.players)[0]
    bad = [x for x in model.networks[player].layers if isinstance(x, kind)][-1]
    bad.kernel.assign(0.0 * bad.kernel + 3e38)
    with pytest.raises(InputError) as caught:
        trained(model, name)
    message = str(caught.value)
    assert f"{log}" in message and "at step 1;" in message
    assert f"first not finite: output of {bad.name} in {player};" in message
    assert "\n" not in message
    # The layers are as they were, and the weights finite.
    assert "call" not in vars(bad) and "update" not in vars(model)
    assert diagnosis.bad_weight(model, trainable=True) is None


@keras.saving.register_keras_serializable(package="tests")
class Steep(keras.layers.Layer):
    """Finite everywhere, with an infinite slope at 0, where it always is."""

    def call(self, x):
        return x + ops.sqrt(0.0 * x)


def test_a_bad_gradient_is_named_where_all_outputs_are_good():
    inputs = keras.Input((tiny.SIZE, tiny.SIZE, 3))
    x = keras.layers.Dense(2, name="early")(keras.layers.Flatten()(inputs))
    x = Steep()(x)
    network = keras.Model(inputs, keras.layers.Dense(1, name="late")(x))
    model = tiny.build("gan_r1")
    model = type(model)(model.generator, network)
    model.compile(
        {p: tiny.adam() for p in model.players}, run_eagerly=True
    )
    with pytest.raises(InputError, match="discriminator_gradient_norm") as e:
        trained(model, "gan_r1")
    assert "gradient of early/bias of discriminator" in str(e.value)


def test_a_bad_gradient_leaves_finite_weights():
    v = keras.Variable([1.0, 2.0])
    optimizer = keras.optimizers.Adam(0.1)
    optimizer.build([v])

    def step(factor):
        return gradients.minimize(
            lambda: (ops.sum(v) * tensor(factor), {}), [v], optimizer
        )[1]["gradient_norm"]

    assert not np.isfinite(array(step(np.nan)))
    np.testing.assert_array_equal(array(v), [1.0, 2.0])
    assert array(step(1.0)) == pytest.approx(np.sqrt(2))
    assert (array(v) < [1.0, 2.0]).all()


def test_a_bad_critic_step_shows_after_good_ones(monkeypatch):
    """The step logs the last of several updates' losses."""
    # Pictures that are not finite would else be refused.
    monkeypatch.setattr(
        values.Picture, "_accepted",
        lambda self, array, what, count, known: np.float32(array),
    )
    model = tiny.compiled("wgan_clip")
    batch = {k: np.float32(v) for k, v in tiny.data("wgan_clip", 8).items()}
    # The rows 0, 2, ... are the first critic step's.
    batch["image"][0] = np.nan
    with pytest.raises(InputError, match="critic_gradient_norm became nan"):
        guard = callbacks.StopWhenNotFinite(Once(batch))
        tiny.fit(model, batch, callbacks=[guard])


class Endless(keras.callbacks.Callback):
    """Makes one weight bad after step 2, behind the guard's back."""

    def on_train_batch_end(self, batch, logs=None):
        if batch == 1:
            kernel = self.model.generator.trainable_variables[0]
            kernel.assign(kernel * np.inf)


def test_a_bad_weight_is_never_saved(tmp_path):
    model = tiny.compiled("gan_r1")
    batch = tiny.data("gan_r1", 4 * tiny.ROWS)
    with pytest.raises(InputError, match="in generator is not finite"):
        tiny.fit(model, batch, callbacks=[
            callbacks.StopWhenNotFinite(Once(batch)), Endless(),
            callbacks.Checkpoints(tmp_path, minutes=0),
        ])
    assert checkpoint.restore(model, tmp_path) == 1
    assert diagnosis.bad_weight(model) is None


def test_a_run_stops_within_a_step_and_keeps_the_last_good_checkpoint(
    tmp_path
):
    """The rate becomes infinite at the third update: from the fourth step on
    nothing is finite."""
    rate = {
        "class": "keras.optimizers.schedules:ExponentialDecay",
        "initial_learning_rate": 0.001, "decay_rate": float("inf"),
        "decay_steps": 2, "staircase": True,
    }
    recipe = zoo.recipe("gan_shapes").smoke().override({
        "optimizers.generator.learning_rate": rate,
    })
    trainer.run(recipe, tmp_path)
    good = {p: p.read_bytes() for p in (tmp_path / "checkpoints").iterdir()}
    with pytest.raises(InputError) as caught:
        trainer.run(recipe.override({"train.steps": 50}), tmp_path)
    words = "_loss became nan at step 4; first not finite: weight kernel of "
    assert words in str(caught.value)
    assert good == {
        p: p.read_bytes() for p in (tmp_path / "checkpoints").iterdir()
    }
    rows = (tmp_path / "log.csv").read_text().splitlines()
    assert [r.split(",")[0] for r in rows] == ["step", "1", "2", "3"]
