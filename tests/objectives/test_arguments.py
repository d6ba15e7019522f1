"""Keras' arguments of `compile` and `fit`: they work, or are refused in one
line before anything is trained."""

import keras
import numpy as np
import pytest
from keras import callbacks

from check import BACKEND, array
from keras_gen.errors import InputError
from keras_gen.optimizers import Adam
from objectives import tiny
from objectives.fitting import NAME, ROWS, compiled, fit, one_line

# -- compile -----------------------------------------------------------------


@pytest.mark.parametrize("given", [
    "adam", "SGD", Adam(0.5, beta_1=0.25),
    keras.optimizers.RMSprop(0.125), {"class_name": "sgd", "config": {}},
    {"generator": "adam", "discriminator": keras.optimizers.SGD(0.5)},
], ids=["adam", "SGD", "an Adam", "an RMSprop", "a table", "one each"])
def test_one_optimizer_for_all_is_one_for_each(given):
    model = compiled(given)
    generator, judge = (
        model.optimizers[p] for p in ("generator", "discriminator")
    )
    assert generator is not judge
    for optimizer in (generator, judge):
        assert isinstance(optimizer, keras.optimizers.Optimizer)
        if isinstance(given, keras.optimizers.Optimizer):
            assert type(optimizer) is type(given)
            assert optimizer.get_config() == given.get_config()
    fit(model)
    assert int(array(judge.iterations)) == 1


def test_a_single_player_keeps_the_optimizer_that_it_is_given():
    optimizer = Adam(1)
    assert optimizer.get_config()["learning_rate"] == 1.0
    model = compiled(optimizer, "autoencoder")
    assert model.optimizers == {"autoencoder": optimizer}


_SGD = keras.optimizers.SGD
REFUSED = {
    "nothing": (lambda: ((), {}), "takes optimizers for discriminator"),
    "unknown": (lambda: (("adamm",), {}), "adamm"),
    "number": (lambda: ((3,), {}), "takes optimizers for"),
    "list": (lambda: (([_SGD(), _SGD()],), {}), "takes optimizers for"),
    "other player": (lambda: (({"critic": _SGD()},), {}), "got critic"),
    "value": (
        lambda: (({"generator": 3, "discriminator": 4},), {}),
        "the optimizer of discriminator",
    ),
    "shared": (
        lambda: ((dict.fromkeys(("generator", "discriminator"), _SGD()),), {}),
        "share one optimizer",
    ),
    "loss second": (lambda: (("adam", "mse"), {}), "'mse'"),
    "loss": (lambda: (("adam",), {"loss": "mse"}), "no loss"),
    "metrics": (lambda: (("adam",), {"metrics": ["mae"]}), "no metrics"),
    "weighted": (
        lambda: (("adam",), {"weighted_metrics": ["mae"]}), "weighted_metrics"
    ),
    "loss_weights": (
        lambda: (("adam",), {"loss_weights": [1, 2]}), "loss_weights"
    ),
    "misspelt": (lambda: (("adam",), {"run_eagrly": True}), "run_eagrly"),
    "steps": (
        lambda: (("adam",), {"steps_per_execution": 0}), "steps_per_execution"
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_compile_refuses(case):
    given, words = REFUSED[case]
    args, kwargs = given()
    with pytest.raises(InputError) as error:
        tiny.build(NAME).compile(*args, **kwargs)
    one_line(error, words)


def test_keras_defaults_are_taken():
    compiled(loss=None, metrics=None, weighted_metrics=None)
    tiny.build(NAME).compile(optimizer="adam")


def test_an_optimizer_of_other_variables_is_refused():
    used = compiled().optimizers
    with pytest.raises(InputError) as error:
        compiled(used)
    one_line(error, "built for other variables")
    # Those that it knows are its own, also when there are fewer.
    model = compiled()
    model.generator.layers[1].trainable = False
    model.compile(model.optimizers, run_eagerly=True)
    fit(model)


def test_a_model_in_float16_gets_a_loss_scale():
    keras.config.set_dtype_policy("mixed_float16")
    scaled = keras.optimizers.LossScaleOptimizer
    for optimizer in compiled("sgd").optimizers.values():
        assert isinstance(optimizer, scaled)
    for optimizer in compiled("sgd", auto_scale_loss=False).optimizers.values():
        assert not isinstance(optimizer, scaled)


@pytest.mark.skipif(BACKEND != "torch", reason="TensorFlow can")
def test_torch_refuses_several_steps_at_once():
    with pytest.raises(InputError, match="steps_per_execution"):
        compiled("adam", steps_per_execution=2)


# -- fit ---------------------------------------------------------------------


WEIGHTS = np.ones(ROWS, "float32")
UNFIT = {
    "class_weight": ({"class_weight": {0: 1.0, 1: 2.0}}, "no class_weight"),
    "sample_weight": ({"sample_weight": WEIGHTS}, "no sample_weight"),
    "validation": (
        {"validation_data": (tiny.data(NAME, ROWS), None, WEIGHTS)},
        "no sample_weight",
    ),
    "no batch": ({"batch_size": 0}, "batch_size must be"),
    "words": ({"epochs": "5"}, "epochs must be"),
    "share": ({"validation_split": 1.5}, "validation_split"),
    "no callback": ({"callbacks": [print]}, "callbacks takes instances"),
    "class": (
        {"callbacks": [callbacks.EarlyStopping]}, "callbacks takes instances"
    ),
    "one loss": (
        {"callbacks": [callbacks.EarlyStopping()]},
        "'val_discriminator_loss' or 'val_generator_loss'",
    ),
    "not validated": (
        {"callbacks": [callbacks.EarlyStopping("val_generator_loss")]},
        "nothing is validated",
    ),
    "no mode": (
        {"callbacks": [callbacks.ReduceLROnPlateau("r1")]}, "mode"
    ),
    "best": (
        {"callbacks": [callbacks.ModelCheckpoint(
            "x.keras", monitor="loss", save_best_only=True
        )]}, "'discriminator_loss' or 'generator_loss'",
    ),
}


@pytest.mark.parametrize("case", UNFIT)
def test_what_fit_refuses_before_it_trains(case):
    options, words = UNFIT[case]
    model = compiled()
    with pytest.raises(InputError) as error:
        model.fit(tiny.data(NAME, ROWS), **{"verbose": 0, **options})
    one_line(error, words)
    assert model.steps_done == 0


def test_weights_are_refused_wherever_they_come_from():
    columns, model = tiny.data(NAME, ROWS), compiled()

    class Weighted(keras.utils.PyDataset):
        def __len__(self):
            return 1

        def __getitem__(self, index):
            return columns, WEIGHTS, WEIGHTS

    for call in (
        lambda: model.fit(Weighted(), verbose=0),
        lambda: model.evaluate(columns, sample_weight=WEIGHTS, verbose=0),
        lambda: model.train_on_batch(columns, sample_weight=WEIGHTS),
        lambda: model.train_on_batch(columns, class_weight={0: 1.0}),
        lambda: model.test_on_batch(columns, sample_weight=WEIGHTS),
    ):
        with pytest.raises(InputError) as error:
            call()
        one_line(error, "weighs all rows alike")
    assert model.steps_done == 0


# -- frozen networks ---------------------------------------------------------


def arrays(network):
    return [array(v) for v in network.variables]


@pytest.mark.parametrize("name", [
    pytest.param(name, marks=[pytest.mark.slow] * bool(
        case.variant or case.translates
    )) for name, case in tiny.CASES.items()
])
def test_a_frozen_player_waits_and_the_others_train(name):
    model = tiny.build(name)
    first, *others = model.players
    for network in model.networks_of(first).values():
        network.trainable = False
    model.compile("sgd", run_eagerly=True)
    before = {k: arrays(n) for k, n in model.networks.items()}
    columns = tiny.data(name, 4)
    if not others:
        with pytest.raises(InputError) as error:
            model.fit(columns, verbose=0)
        one_line(error, "nothing would train")
        return
    logs = tiny.fit(model, columns).history
    assert logs[f"{first}_gradient_norm"] == [0.0]
    assert np.isfinite(logs[f"{first}_loss"]).all()
    for key, network in model.networks.items():
        same = all(
            (a == b).all() for a, b in zip(before[key], arrays(network))
        )
        assert same == (key in model.networks_of(first)), key


def test_what_is_frozen_between_two_fits_stays():
    model = compiled("sgd", "autoencoder", run_eagerly=False)
    fit(model, "autoencoder")
    model.encoder.trainable = False
    before = arrays(model.encoder), arrays(model.decoder)
    fit(model, "autoencoder")
    after = arrays(model.encoder), arrays(model.decoder)
    assert all((a == b).all() for a, b in zip(before[0], after[0]))
    assert any((a != b).any() for a, b in zip(before[1], after[1]))
    # What its optimizer has never seen needs a new one.
    model = tiny.build("autoencoder")
    model.encoder.trainable = False
    model.compile("sgd", run_eagerly=True)
    model.encoder.trainable = True
    with pytest.raises(InputError) as error:
        fit(model, "autoencoder")
    one_line(error, "compile with a new one")
