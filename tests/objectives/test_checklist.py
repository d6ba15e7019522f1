"""What holds for every objective, on one tiny instance of each."""

import importlib
import inspect
import pkgutil

import keras
import numpy as np
import pytest

from check import array, assert_same, values
from keras_gen import objectives
from keras_gen.errors import InputError
from keras_gen.objectives.base.objective import Objective
from objectives import tiny

ALL = pytest.mark.parametrize("name", tiny.each())


def test_every_objective_is_in_the_list():
    """Every class that trains; those without a step are only to build on."""
    found = set()
    for module in pkgutil.walk_packages(
        objectives.__path__, f"{objectives.__name__}."
    ):
        code = importlib.import_module(module.name)
        found |= {
            c for _, c in inspect.getmembers(code, inspect.isclass)
            if issubclass(c, Objective) and c.__module__ == code.__name__
            and c.train_step is not Objective.train_step
        }
    cases = tiny.names(lambda case: not case.variant)
    assert found == {type(tiny.build(name)) for name in cases}


def first_batch(name):
    return {k: v[:tiny.ROWS] for k, v in tiny.data(name).items()}


def floats(columns):
    return {
        k: np.float32(v) / np.float32(127.5) - 1 if v.dtype == np.uint8 else v
        for k, v in columns.items()
    }


def recorded_updates(model, batch):
    """Logs, and (player, variables that moved) for each `update`."""
    moves, ahead_of = [], {}
    update, ahead = model.update, model.ahead

    def moved(call):
        before = [(v, array(v)) for v in model.variables]
        result = call()
        return result, {
            id(v) for v, value in before if (array(v) != value).any()
        }

    def spy(player, loss_fn, begun=None):
        logs, found = moved(lambda: update(player, loss_fn, begun))
        # With what its pass before the other player's update moved.
        moves.append((player, found | ahead_of.pop(player, set())))
        return logs

    def spy_ahead(player, forward):
        begun, ahead_of[player] = moved(lambda: ahead(player, forward))
        return begun

    object.__setattr__(model, "update", spy)
    object.__setattr__(model, "ahead", spy_ahead)
    return model.train_step(batch), moves


@ALL
def test_a_player_moves_its_own_variables_and_no_other(name):
    """Its running statistics are its own too."""
    model = tiny.compiled(name)
    paths = {id(v): v.path for v in model.variables}
    logs, moves = recorded_updates(model, first_batch(name))
    assert {f"{player}_loss" for player in model.players} <= set(logs)
    assert {player for player, _ in moves} == set(model.players)
    for player, moved in moves:
        own = {
            id(v) for name, network in model.networks_of(player).items()
            for v in network.variables if name not in model.fitted
        }
        own |= {
            id(v) for name, average in model.averages.items()
            if name.removesuffix("_ema") in model.networks_of(player)
            for v in average.variables
        }
        # The singular vector of a single column is 1, and stays.
        still = {
            id(v) for v in model.variables
            if (v.name, tuple(v.shape)) == ("u", (1,))
        }
        assert {paths[v] for v in own - moved - still} == set(), player
        own |= {id(v) for v in model.kept_by(player)}
        assert {paths[v] for v in moved - own} == set(), player


@ALL
def test_a_partial_batch_trains_and_evaluation_moves_nothing(name):
    model, seen = tiny.compiled(name), []
    # A single row is also less than a step splits.
    columns = tiny.data(name, tiny.ROWS + 1)
    history = tiny.fit(
        model, columns, validation_data=(columns, None),
        callbacks=[keras.callbacks.LambdaCallback(
            on_train_batch_end=lambda number, logs: seen.append(dict(logs))
        )],
    ).history
    assert int(array(model.step)) == 2
    for key in seen[0]:
        mean = (tiny.ROWS * seen[0][key] + seen[1][key]) / (tiny.ROWS + 1)
        assert history[key] == [pytest.approx(mean, rel=1e-5)], key
    before = values(model)
    logs, whole, alone = [
        model.evaluate(x, batch_size=tiny.ROWS, verbose=0, return_dict=True)
        for x in (columns, *(
            {k: v[rows] for k, v in columns.items()}
            for rows in (slice(tiny.ROWS), slice(tiny.ROWS, None))
        ))
    ]
    for key, value in logs.items():
        mean = (tiny.ROWS * whole[key] + alone[key]) / (tiny.ROWS + 1)
        assert value == pytest.approx(mean, rel=1e-5), key
    assert_same(values(model), before)
    # Nor does the noise: the same numbers each time.
    assert logs == {k: history[f"val_{k}"][0] for k in logs}
    norms = {f"{player}_gradient_norm" for player in model.players}
    assert set(history) == {*logs, *norms, *(f"val_{k}" for k in logs)}
    assert np.isfinite(list(logs.values())).all()
    assert all(np.isfinite(v).all() for v in before)


@ALL
def test_every_way_to_pass_a_batch_is_the_same_batch(name):
    model = tiny.shared(name)
    columns = first_batch(name)

    def losses(data):
        return {k: float(array(v)) for k, v in model.test_step(data).items()}

    expected = losses(columns)
    assert losses(floats(columns)) == pytest.approx(expected, rel=1e-5)
    assert losses((columns,)) == pytest.approx(expected, rel=1e-5)
    plain = tuple(columns[c] for c in model.columns)
    assert losses(plain if len(plain) > 1 else plain[0]) == pytest.approx(
        expected, rel=1e-5
    )
    extra = {"unused": columns[model.columns[0]], **columns}
    assert losses(extra) == pytest.approx(expected, rel=1e-5)
    # The losses do depend on the batch.
    other = {k: (v[::-1] / 2).astype(v.dtype) for k, v in columns.items()}
    assert losses(other) != pytest.approx(expected, rel=1e-5)


@ALL
def test_a_missing_column_is_named(name):
    model = tiny.shared(name)
    columns = first_batch(name)
    last = model.columns[-1]
    columns["other"] = columns.pop(last)
    with pytest.raises(InputError, match=last):
        model.train_step(columns)


def scaled():
    return keras.optimizers.LossScaleOptimizer(
        tiny.adam(), initial_scale=2.0
    )


@pytest.mark.parametrize("name, policy, optimizer", [
    # The scale of float16's loss is that of `update`, whatever the objective.
    pytest.param(name, policy, optimizer, marks=[pytest.mark.slow] * (
        tiny.CASES[name].variant or optimizer == scaled and name != "gan_ema"
    ))
    for name in tiny.NAMES for policy, optimizer in [
        ("mixed_bfloat16", tiny.adam), ("mixed_float16", scaled),
    ]
])
def test_mixed_precision(name, policy, optimizer):
    keras.config.set_dtype_policy(policy)
    model = tiny.compiled(name, optimizer)
    before = values(model)
    for _ in range(2):
        logs = model.train_step(first_batch(name))
        for key, log in logs.items():
            assert array(log).dtype == np.float32, key
            assert np.isfinite(array(log)), key
    # No step was left out.
    assert_optimizers(model, 2)
    after = values(model)
    assert all(np.isfinite(v).all() for v in after)
    for name, network in model.networks.items():
        moving = {v.dtype for v in network.trainable_variables}
        assert moving == ({"float32"} if name not in model.fitted else set())
        assert network.compute_dtype == policy.removeprefix("mixed_")
        # Losses are computed from float32 outputs.
        for output in keras.tree.flatten(network.output):
            assert output.dtype == "float32"
    moved = [(a != b).any() for a, b in zip(after, before)]
    assert np.mean(moved) > 0.5


@pytest.mark.slow
@ALL
def test_a_save_and_load_in_the_middle_changes_nothing(name, tmp_path):
    """2 N steps are N, saved by ModelCheckpoint, loaded, and N more: weights,
    optimizers, pool, step and noise, bit for bit."""
    first, second = halves(tiny.data(name, 4 * tiny.ROWS))
    whole, weights = tmp_path / "model.keras", tmp_path / "model.weights.h5"
    model = tiny.compiled(name)
    tiny.fit(model, first, callbacks=[
        keras.callbacks.ModelCheckpoint(whole),
        keras.callbacks.ModelCheckpoint(weights, save_weights_only=True),
    ])
    middle = values(model)
    tiny.fit(model, second)
    expected = values(model)

    loaded = keras.saving.load_model(whole)
    keras.utils.set_random_seed(5)
    refilled = tiny.compiled(name)
    assert largest(values(refilled), middle) > 1e-3
    refilled.load_weights(weights)
    for resumed in (loaded, refilled):
        assert_same(values(resumed), middle)
        assert_optimizers(resumed, 2)
        resumed.run_eagerly = True
        tiny.fit(resumed, second)
        assert_same(values(resumed), expected)


def halves(columns):
    rows = len(next(iter(columns.values()))) // 2
    return (
        {k: v[:rows] for k, v in columns.items()},
        {k: v[rows:] for k, v in columns.items()},
    )


def largest(left, right):
    return max(np.abs(a - b).max() for a, b in zip(left, right))


def assert_optimizers(model, steps):
    assert int(array(model.step)) == steps
    assert set(model.optimizers) == set(model.players)
    for player, optimizer in model.optimizers.items():
        updates = steps * model.updates_of(player)
        assert int(array(optimizer.iterations)) == updates
    # Not a stray one of Keras' own.
    assert not isinstance(model.optimizer, keras.optimizers.Optimizer)


@ALL
def test_the_configuration_comes_back(name):
    model = tiny.build(name)
    copy = type(model).from_config(model.get_config())
    assert copy.get_config() == model.get_config()
    assert copy.seed == 3


@pytest.mark.parametrize("name", tiny.each(lambda case: case.noise))
def test_each_step_and_seed_has_noise_of_its_own(name):
    def losses(seed, steps):
        keras.utils.set_random_seed(0)
        model = tiny.build(name)
        model.seed = seed
        model.compile(
            {p: keras.optimizers.SGD(0.0) for p in model.players},
            run_eagerly=True,
        )
        batch = {k: v[:4] for k, v in first_batch(name).items()}
        logs = [model.train_step(batch) for _ in range(steps)]
        return [
            [float(array(each[f"{p}_loss"])) for p in model.players]
            for each in logs
        ]

    first, second = losses(3, 2)
    assert first != second
    assert losses(4, 1)[0] not in (first, second)


@pytest.mark.parametrize(
    "name", tiny.each(lambda case: case.condition is not None)
)
def test_what_is_generated_depends_on_its_seed_alone(name):
    model, real = tiny.compiled(name), tiny.data(name)
    tiny.fit(model, real)

    def made(n, **options):
        return model.generate(n, **tiny.CASES[name].condition, **options)

    five, column = made(5, seed=10), real[model.columns[0]]
    assert five.shape == (5, *column.shape[1:])
    assert five.dtype == column.dtype
    for i in (0, 3):
        assert_near(made(1, seed=10 + i)[0], five[i])
    assert (five[0] != five[1]).any()
    np.testing.assert_array_equal(five, made(5, seed=10))
    assert_near(made(66, seed=0)[65], made(1, seed=65)[0])
    assert (made(2) != made(2)).any()
    with pytest.raises(InputError):
        made(0)
    with pytest.raises(InputError, match="colour"):
        made(1, colour=3)


def assert_near(a, b):
    """Equal to one grey level, other numbers to rounding."""
    near = 1 if a.dtype == np.uint8 else 1e-5
    np.testing.assert_allclose(a.astype("float64"), b, rtol=0, atol=near)


@ALL
def test_a_preview_is_a_grid_of_pictures(name):
    pictures, columns = tiny.shared(name).preview(tiny.data(name))
    assert pictures.dtype == np.uint8 and pictures.ndim == 4
    assert len(pictures) % columns == 0
