"""Keras' callbacks and logs see every player."""

import keras
import numpy as np
import pytest
from keras import callbacks

from check import array, needs
from keras_gen.errors import InputError
from objectives import tiny
from objectives.fitting import NAME, compiled, fit, one_line


def scheduled():
    return callbacks.LearningRateScheduler(lambda epoch, rate: rate)


def rates(model):
    return {
        player: float(array(optimizer.learning_rate))
        for player, optimizer in model.optimizers.items()
    }


def test_a_scheduler_sets_every_players_rate():
    model = compiled({
        "discriminator": keras.optimizers.SGD(0.5),
        "generator": keras.optimizers.SGD(0.125),
    })
    history = fit(model, epochs=2, callbacks=[
        callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
    ]).history
    assert rates(model) == {"discriminator": 0.125, "generator": 0.03125}
    assert history["learning_rate_discriminator"] == [0.25, 0.125]
    assert history["learning_rate_generator"] == [0.0625, 0.03125]


@pytest.mark.parametrize("mode", ["min", "max", "auto"])
def test_a_plateau_lowers_every_players_rate(mode):
    model = compiled()
    fit(model, epochs=3, callbacks=[callbacks.ReduceLROnPlateau(
        "generator_loss", mode=mode, factor=0.5, patience=1, min_delta=1e9,
    )])
    assert list(rates(model).values()) == pytest.approx([0.025, 0.025])


def test_a_rate_has_one_schedule():
    model = compiled({
        "discriminator": keras.optimizers.SGD(0.5),
        "generator": keras.optimizers.SGD(
            keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)
        ),
    })
    with pytest.raises(InputError) as error:
        fit(model, callbacks=[scheduled()])
    one_line(error, "that of generator follows a schedule")


def test_stopping_early_and_the_best_and_a_table(tmp_path):
    model = compiled()
    stop = callbacks.EarlyStopping(
        "generator_loss", min_delta=1e9, patience=1, restore_best_weights=True
    )
    best = callbacks.ModelCheckpoint(
        tmp_path / "best.keras", monitor="val_generator_loss",
        save_best_only=True,
    )
    table = callbacks.CSVLogger(tmp_path / "log.csv")
    history = fit(
        model, epochs=9, callbacks=[stop, best, table],
        validation_data=(tiny.data(NAME, 2), None),
    ).history
    assert stop.mode == best.mode == "min"
    assert len(history["generator_loss"]) == 2 and model.steps_done == 1
    assert keras.saving.load_model(tmp_path / "best.keras").steps_done >= 1
    assert len((tmp_path / "log.csv").read_text().splitlines()) == 3


def test_terminate_on_nan_sees_every_players_loss():
    for raises in (False, True):
        model = compiled()
        kernel = model.discriminator.trainable_variables[0]
        kernel.assign(kernel * np.nan)
        end = [callbacks.TerminateOnNaN(raise_error=raises)]
        if raises:
            with pytest.raises(RuntimeError, match="NaN"):
                fit(model, epochs=3, callbacks=end)
        else:
            history = fit(model, epochs=3, callbacks=end).history
            assert len(history["discriminator_loss"]) == 1


def test_a_backup_goes_on_where_it_was(tmp_path):
    class Interrupt(callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                raise KeyboardInterrupt

    def backup():
        return callbacks.BackupAndRestore(tmp_path / "backup")

    with pytest.raises(KeyboardInterrupt):
        fit(compiled("adam"), epochs=4, callbacks=[backup(), Interrupt()])
    model = compiled("adam")
    history = fit(model, epochs=4, callbacks=[backup()]).history
    assert len(history["generator_loss"]) == 2 and model.steps_done == 4
    for optimizer in model.optimizers.values():
        assert int(array(optimizer.iterations)) == 4


@needs("tensorflow")
def test_tensorboard_and_summary(tmp_path, capsys):
    model = compiled("adam")
    fit(model, callbacks=[callbacks.TensorBoard(
        tmp_path, write_steps_per_second=True, write_graph=False
    )], validation_data=(tiny.data(NAME, 2), None))
    assert list(tmp_path.rglob("events*"))
    model.summary()
    assert "Optimizer params" in capsys.readouterr().out


def test_averages_of_an_optimizer_are_the_weights_after_fit():
    model = compiled({
        "discriminator": keras.optimizers.SGD(0.1),
        "generator": keras.optimizers.SGD(0.5, use_ema=True, ema_momentum=0.5),
    })
    variables = model.variables_of("generator")
    before, seen = [array(v) for v in variables], []

    class Seen(callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            seen.extend(array(v) for v in variables)

    fit(model, callbacks=[Seen()])
    for first, moved, variable in zip(before, seen, variables):
        # Keras' averages begin at 0 and with the first step's weights.
        average = array(variable)
        assert np.abs(average - moved).max() <= np.abs(first - moved).max()
    averages = model.optimizers["generator"]._model_variables_moving_average
    for average, variable in zip(averages, variables):
        np.testing.assert_array_equal(array(average), array(variable))


# -- logs --------------------------------------------------------------------


def test_the_bar_ends_with_the_means(capsys):
    model = compiled("sgd")
    history = model.fit(
        tiny.data(NAME, 5), batch_size=4, verbose=1, shuffle=False
    ).history
    last = capsys.readouterr().out.rstrip().split("\n")[-1]
    last = last.split("\r")[-1].split("\b")[-1]
    assert f"generator_loss: {history['generator_loss'][0]:.4f}" in last


@needs("tensorflow")
def test_steps_that_keras_does_not_show_count_in_the_mean():
    found = []
    for steps in (1, 3):
        keras.utils.set_random_seed(0)
        model = compiled(
            name="autoencoder", run_eagerly=False, steps_per_execution=steps
        )
        found.append(model.fit(
            tiny.data("autoencoder", 17), batch_size=4, verbose=0,
            shuffle=False,
        ).history)
    assert found[0].keys() == found[1].keys()
    for key, value in found[0].items():
        assert value == pytest.approx(found[1][key], rel=1e-5), key
