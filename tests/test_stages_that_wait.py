"""Stages of a training in which some players do not move."""

import pytest
from keras import ops

from check import array, assert_same
from keras_gen.errors import InputError
from objectives import tiny
from test_stages import FIRST, LAST, growing, staged


def waiting(*players):
    """A model in a stage in which these players wait, and a batch."""
    model = tiny.compiled("gan_ema")
    model.waiting = players
    return model, tiny.data("gan_ema", tiny.ROWS)


def test_a_player_that_waits_moves_nothing_and_is_watched():
    """Neither weights nor statistics nor average nor optimizer."""
    model, batch = waiting("discriminator")
    watched = model.discriminator.variables
    watched = watched + model.optimizers["discriminator"].variables
    before = [array(v) for v in watched]
    others = [array(v) for v in model.generator.variables]
    names = set(model.test_step(batch)) | {
        f"{player}_gradient_norm" for player in model.players
    }
    logs = model.train_step(batch)
    assert_same([array(v) for v in watched], before)
    assert all((array(v) != other).any() for v, other in zip(
        model.generator.variables, others
    ))
    # A table of logs has the same columns in each stage.
    assert set(logs) == names
    assert float(array(logs["discriminator_gradient_norm"])) == 0
    assert float(array(logs["generator_gradient_norm"])) > 0
    model, batch = waiting("generator")
    before = [array(v) for v in model.generator_ema.variables]
    model.train_step(batch)
    assert_same([array(v) for v in model.generator_ema.variables], before)


def test_a_network_that_waits_may_be_out_of_use():
    """What would never train is an error only of a player that moves."""
    model, batch = waiting()
    loss = model.generator_loss
    object.__setattr__(
        model, "generator_loss", lambda *rows: 0.0 * loss(*rows)[0]
    )
    model.train_step(batch)
    object.__setattr__(model, "generator_loss", lambda *rows: ops.ones(()))
    with pytest.raises(ValueError):
        model.train_step(batch)
    model.waiting = ("generator",)
    model.train_step(batch)


def test_a_stage_says_who_waits():
    recipe = growing()
    first = FIRST | {"train.waiting": ["discriminator"]}
    (_, _, one), (_, _, two) = staged(first, LAST).override({}).stages
    assert one.build().waiting == ("discriminator",)
    assert two.build().waiting == recipe.build().waiting == ()
    for names in (["critic"], ["generator", "discriminator"]):
        with pytest.raises(InputError, match="train.waiting lists players"):
            staged(FIRST | {"train.waiting": names}, LAST).override({})
