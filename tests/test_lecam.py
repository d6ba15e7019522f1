"""LeCam, and what terms and augmentations keep from step to step."""

import keras
import numpy as np
import pytest

from check import array, assert_same, tensor, values
from keras_gen import augmentation, terms
from keras_gen.backend import noise
from keras_gen.errors import InputError
from keras_gen.objectives.gan import GAN
from keras_gen.objectives.wgan import WGAN
from keras_gen.zoo import checkpoint
from objectives import tiny

rng = np.random.default_rng(0)
REAL, FAKE = rng.normal(1.0, 1.0, (5, 6, 1)), rng.normal(-2.0, 1.0, (5, 6, 1))


def gan(*added, **options):
    plain = tiny.build("gan_points")
    model = GAN(
        plain.generator, plain.discriminator, makes="points",
        penalties=added, seed=3, **options,
    )
    model.compile({p: tiny.adam() for p in model.players}, run_eagerly=True)
    return model


def learnt(model, real, fake):
    """(value, means) of its LeCam after updates with these logits."""
    term = model.penalties[0]
    memory = model.memory_of(term)
    for logits in zip(real, fake):
        state = terms.Round(
            model, model.discriminator, noise.Stream(5), memory=memory,
            logits=tuple(map(tensor, logits)),
        )
        term.learn(state)
    value = float(array(term.value(state)))
    return value, {k: float(array(v)) for k, v in memory.variables.items()}


def test_the_means_are_those_of_all_updates_the_newest_most():
    decay = 0.8
    _, found = learnt(gan(terms.LeCam(decay=decay)), REAL, FAKE)
    weights = decay ** np.arange(5)[::-1]
    for name, logits in [("real", REAL), ("fake", FAKE)]:
        mean = np.average(logits.mean((1, 2)), weights=weights)
        assert found[name] == pytest.approx(mean, rel=1e-4)
    assert found["updates"] == 5


def test_the_first_means_are_not_drawn_towards_0():
    _, found = learnt(gan(terms.LeCam()), REAL[:1], FAKE[:1])
    assert found["real"] == pytest.approx(REAL[0].mean(), rel=1e-4)
    assert found["fake"] == pytest.approx(FAKE[0].mean(), rel=1e-4)


def test_the_value_is_the_authors():
    """Logits are pulled to the other side's mean, from the far side of it."""
    value, means = learnt(gan(terms.LeCam(decay=0.8)), REAL, FAKE)
    far = np.maximum(REAL[-1] - means["fake"], 0)
    near = np.maximum(means["real"] - FAKE[-1], 0)
    assert value == pytest.approx(
        np.square(far).mean() + np.square(near).mean(), rel=1e-5
    )
    # What is beyond the other side's mean is left alone.
    value, _ = learnt(gan(terms.LeCam(decay=0.0)), FAKE, REAL)
    far, near = FAKE[-1] - REAL[-1].mean(), FAKE[-1].mean() - REAL[-1]
    assert value == pytest.approx(
        np.square(np.maximum(far, 0)).mean()
        + np.square(np.maximum(near, 0)).mean(), rel=1e-4, abs=1e-6,
    )


@pytest.mark.slow
def test_it_keeps_a_judge_from_being_sure():
    """Its own slope, by the logits: what is real falls, what is made rises,
    each in proportion to how far it is from the other's mean."""
    sure = []
    for weight in (0.0, 10.0):
        keras.utils.set_random_seed(0)
        model = gan(terms.LeCam(weight))
        columns = tiny.data("gan_points", 64)
        # Made ones are near 0; these are not.
        columns = {"points": columns["points"] + 5}
        model.fit(columns, batch_size=8, epochs=8, verbose=0)
        real, fake = model.judgement(columns)
        sure.append(real.mean() - fake.mean())
    assert sure[0] > 2 * sure[1] > 0


# -- what is kept ------------------------------------------------------------

BATCH = tiny.data("gan_points", 8)


def kept(model):
    """The numbers of its memories."""
    return [
        float(array(v)) for memory in model.memories
        for v in memory.variables.values()
    ]


def test_only_the_judges_updates_move_what_its_terms_keep():
    model, moved = gan(terms.LeCam()), {}
    update = model.update

    def spy(player, *arguments):
        before = kept(model)
        logs = update(player, *arguments)
        moved[player] = [a != b for a, b in zip(kept(model), before)]
        return logs

    object.__setattr__(model, "update", spy)
    model.train_step(BATCH)
    assert moved == {"discriminator": [True] * 3, "generator": [False] * 3}
    assert model.kept_by("generator") == []


def test_nothing_is_kept_where_nothing_moves():
    model = gan(terms.LeCam())
    model.train_step(BATCH)
    before = kept(model)
    model.test_step(BATCH)
    model.judgement(BATCH)
    model.evaluate(BATCH, verbose=0)
    model.waiting = ("discriminator",)
    model.train_step(BATCH)
    assert kept(model) == before
    model.waiting = ()
    model.train_step(BATCH)
    assert all(a != b for a, b in zip(kept(model), before))


def test_a_lazy_term_learns_in_each_step():
    model = gan(terms.LeCam(every=3))
    for _ in range(4):
        model.train_step(BATCH)
    assert kept(model)[2] == 4


def test_each_critic_step_is_learnt_from():
    plain = tiny.build("gan_points")
    model = WGAN(
        plain.generator, plain.discriminator, makes="points", clip=1.0,
        critic_steps=2, penalties=[terms.LeCam()],
    )
    model.compile({p: tiny.adam() for p in model.players}, run_eagerly=True)
    model.train_step(BATCH)
    assert kept(model)[2] == 2


def test_two_models_of_one_term_have_a_memory_each():
    term = terms.LeCam()
    one, other = gan(term), gan(term)
    one.train_step(BATCH)
    assert kept(other) == [0, 0, 0] != kept(one)
    twice = gan(term, terms.LeCam())
    twice.train_step(BATCH)
    assert len(kept(twice)) == 6 and kept(twice)[:3] == kept(twice)[3:]


def test_what_is_kept_comes_back_from_files(tmp_path):
    model = gan(terms.LeCam(0.2, every=2, decay=0.9))
    model.train_step(BATCH)
    before = kept(model)
    model.save(tmp_path / "model.keras")
    model.save_weights(tmp_path / "model.weights.h5")
    checkpoint.write(model, tmp_path)
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    term, = loaded.penalties
    assert (term.weight, term.every, term.decay) == (0.2, 2, 0.9)
    weights, points = gan(term), gan(term)
    weights.load_weights(tmp_path / "model.weights.h5")
    assert checkpoint.restore(points, tmp_path) == 1
    for other in (loaded, weights, points):
        assert kept(other) == before
    loaded.run_eagerly = True
    for other in (model, loaded, points):
        other.train_step(BATCH)
    assert_same(values(model), values(loaded))
    assert_same(values(model), values(points))


@pytest.mark.parametrize("decay", [-0.1, 1.0, float("nan"), "x"])
def test_impossible_decays_are_refused(decay):
    with pytest.raises(InputError, match="decay must be at least 0 and below"):
        terms.LeCam(decay=decay)


def test_a_term_that_keeps_nothing_has_no_memory():
    model = gan(terms.Orthogonal(0.1), augment=augmentation.DiffAugment())
    assert model.memories == [] and model.memory_of(model.augment) is None
