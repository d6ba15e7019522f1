"""An objective whose players have networks in lists, and whose players depend
on its arguments."""

import keras
import numpy as np
import pytest
from keras import ops

from check import array, assert_same, values
from keras_gen.errors import InputError
from keras_gen.networks import dcgan
from keras_gen.objectives.base.latent import LatentObjective
from keras_gen.objectives.base.objective import training_step
from objectives import tiny

SIZES = {"size": 16, "channels": 3, "width": 4}


@keras.saving.register_keras_serializable(package="tests")
class Judged(LatentObjective):
    """A generator against several critics, who train or only judge."""

    def __init__(self, generator, critics, *, learn=True, **kwargs):
        super().__init__(**kwargs)
        self.generator, self.critics = generator, list(critics)
        self.learn = learn
        self.players = {"critics": ("critics",)} if learn else {}
        self.players = {**self.players, "generator": ("generator",)}

    def scores(self, pictures):
        return sum(
            ops.mean(critic(pictures, training=True))
            for critic in self.critics
        )

    @training_step
    def train_step(self, batch):
        rows, logs = ops.shape(batch["image"])[0], {}

        def made():
            latent = self.noise.normal(rows, (self.latent_dim,))
            return self.decode(latent, training=True)

        if self.learn:
            logs = self.update("critics", lambda: self.scores(
                ops.stop_gradient(made())
            ) - self.scores(batch["image"]))
        return logs | self.update(
            "generator", lambda: -self.scores(made())
        )


def judged(**options):
    model = Judged(
        dcgan.generator(latent_dim=5, **SIZES),
        [dcgan.discriminator(**SIZES) for _ in range(2)], seed=3, **options,
    )
    return model


def compiled(model):
    model.compile({p: tiny.adam() for p in model.players}, run_eagerly=True)
    return model


def batch():
    return tiny.data("gan", tiny.ROWS)


def changed(networks, before):
    """Names of the networks all whose variables have moved; none in part."""
    found = set()
    for name, network in networks.items():
        pairs = zip(values(network), before[name])
        moved = {bool((a != b).any()) for a, b in pairs}
        assert len(moved) == 1, name
        found |= {name} if moved == {True} else set()
    return found


def test_networks_of_a_list_have_numbers():
    model = judged()
    assert list(model.networks) == ["critics_0", "critics_1", "generator"]
    assert model.networks["critics_1"] is model.critics[1]
    assert len(model.variables_of("critics")) == 2 * len(
        model.critics[0].trainable_variables
    )


def test_a_list_trains_and_each_player_moves_its_own(monkeypatch):
    model = compiled(judged())
    moves, update = {}, model.update

    def spy(player, loss):
        before = {n: values(x) for n, x in model.networks.items()}
        logs = update(player, loss)
        moves[player] = changed(model.networks, before)
        return logs

    object.__setattr__(model, "update", spy)
    model.train_step(batch())
    assert moves == {
        "critics": {"critics_0", "critics_1"}, "generator": {"generator"},
    }


def test_a_list_comes_back_from_a_file(tmp_path):
    model = compiled(judged())
    tiny.fit(model, tiny.data("gan"))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert_same(values(loaded), values(model))
    loaded.run_eagerly = True
    for one in (model, loaded):
        tiny.fit(one, tiny.data("gan"))
    assert_same(values(loaded), values(model))


def test_networks_of_a_list_are_averaged(tmp_path):
    model = judged()
    model.average(0.5, ["critics_1", "generator"])
    compiled(model)
    start = values(model.critics[1])
    model.train_step(batch())
    # After the first update the decay is min(0.5, 1 / 10).
    for average, before, after in zip(
        values(model.critics_1_ema), start, values(model.critics[1])
    ):
        np.testing.assert_allclose(
            average, before + 0.9 * (after - before), atol=1e-6
        )
    assert list(model.averages) == ["critics_1_ema", "generator_ema"]
    averaged = model.generating()
    assert averaged.critics[0] is model.critics[0]
    assert averaged.critics[1] is model.critics_1_ema
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert_same(values(loaded), values(model))
    model.settle([batch()])
    with pytest.raises(InputError, match="critics_0, critics_1, generator"):
        judged().average(0.5, ["critics"])


def test_networks_of_a_list_are_written_one_by_one(tmp_path):
    model = judged()
    model.save_networks(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {
        "critics_0.weights.h5", "critics_1.weights.h5", "generator.weights.h5"
    }


def test_players_of_an_instance_are_its_own(tmp_path):
    model = judged(learn=False)
    assert list(model.networks) == ["generator"]
    assert list(judged().players) == ["critics", "generator"]
    compiled(model)
    weights = [v for c in model.critics for v in c.trainable_variables]
    before = [array(v) for v in weights]
    logs = model.train_step(batch())
    assert "critics_loss" not in logs
    assert_same([array(v) for v in weights], before)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert dict(loaded.players) == dict(model.players)
    with pytest.raises(InputError, match="takes optimizers for generator"):
        model.compile({"critics": tiny.adam(), "generator": tiny.adam()})
