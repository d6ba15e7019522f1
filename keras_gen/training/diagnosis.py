"""Where a NaN or an infinity comes from."""

import contextlib

import keras
from keras import ops

from keras_gen.backend import gradients, moving_statistics
from keras_gen.errors import InputError
from keras_gen.layers.walk import every_layer, own_variables

ADVICE = (
    "the run stopped and its last checkpoint is whole; try a lower learning "
    "rate, or precision float32"
)


def finite(x):
    """Whether all numbers of a tensor or variable are finite."""
    x = ops.convert_to_tensor(x)
    if not keras.backend.is_float_dtype(x.dtype):
        return True
    return bool(ops.convert_to_numpy(ops.all(ops.isfinite(x))))


def bad_weight(objective, trainable=False):
    """The first weight that is not finite, in words, or None.

    Args:
        objective: whose networks and averages are looked through.
        trainable: leave out what does not train, as moving statistics.
    """
    for name, network in (objective.networks | objective.averages).items():
        for layer in every_layer(network):
            for variable in own_variables(layer):
                if trainable and not variable.trainable:
                    continue
                if not finite(variable):
                    return f"weight {variable.name} of {layer.name} in {name}"
    return None


def refuse_bad_weights(objective):
    """Raises an InputError where a weight or an optimizer's variable is not
    finite: such a state must not become a checkpoint."""
    found = bad_weight(objective)
    for player, optimizer in objective.optimizers.items():
        bad = [v.name for v in optimizer.variables if not finite(v)]
        if bad and not found:
            found = f"{bad[0]} of the optimizer of {player}"
    if found:
        raise InputError(
            f"{found} is not finite after step {objective.steps_done}: "
            f"{ADVICE}"
        )


def origin(objective, batch, key):
    """Repeats a step that went wrong, layer by layer, and finds the first
    thing in it that is not finite.

    Nothing is moved. A step whose gradient is not finite leaves the weights
    as good as they were (see `gradients.minimize`), so that it can be
    repeated. An earlier update of the same step is not undone.

    Args:
        objective: the model after the step.
        batch: the data of the step.
        key: number of the step, counted from 0, which gives the same noise.

    Returns:
        Words for the message: a weight, an output or a gradient and its
        layer and network.
    """
    # Moving statistics only show what was in the layers' outputs.
    weight = bad_weight(objective, trainable=True)
    if weight:
        return weight
    finder = _Finder(objective)
    with finder.watching():
        body = type(objective).train_step.__wrapped__
        objective._run(body, batch, key=key, moving=True)
    return finder.found or "nothing that shows when the step is repeated"


class _Finder:
    """Watches layers' outputs and players' gradients during a step."""

    def __init__(self, objective):
        self.objective, self.found = objective, None

    @contextlib.contextmanager
    def watching(self):
        """Replaces each layer's `call` and the objective's `update`."""
        changed = [(self.objective, "update", self.update)]
        for name, network in self.objective.networks.items():
            for layer in every_layer(network):
                if not isinstance(layer, keras.Model):
                    call = self.watched(layer.call, f"{layer.name} in {name}")
                    changed.append((layer, "call", call))
        for owner, attribute, function in changed:
            vars(owner)[attribute] = function
        try:
            with moving_statistics.freeze(self.objective.variables):
                yield
        finally:
            for owner, attribute, _ in changed:
                del vars(owner)[attribute]

    def watched(self, call, where):
        def watching_call(*args, **kwargs):
            result = call(*args, **kwargs)
            outputs = keras.tree.flatten(result)
            if not self.found and not all(map(finite, outputs)):
                self.found = f"output of {where}"
            return result

        return watching_call

    def update(self, player, loss_fn, begun=None):
        """Stands for `Objective.update`; moves nothing."""
        objective = self.objective
        variables = objective.variables_of(player)

        def loss_and_logs():
            result = loss_fn()
            return result if isinstance(result, tuple) else (result, {})

        loss, logs, found = gradients.differentiate(
            loss_and_logs, variables, objective.optimizers[player], begun
        )
        bad = [v for g, v in zip(found, variables) if not finite(g)]
        if bad and not self.found:
            # Backwards, the last layer's gradient is the first.
            self.found = f"gradient of {bad[-1].path} of {player}"
        return {f"{player}_loss": loss, **logs}
