"""Terms beside the game's losses: what they add, when, and to what."""

import keras
import numpy as np
import pytest
from keras import ops

from check import array, tensor, values
from keras_gen import penalties, terms
from keras_gen.errors import InputError
from keras_gen.networks import dcgan
from keras_gen.objectives.gan import GAN
from keras_gen.objectives.wgan import WGAN
from linear_judge import REAL, SHAPE, gan, generator, linear, norm
from objectives import tiny


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
