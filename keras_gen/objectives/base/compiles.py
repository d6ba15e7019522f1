"""One optimizer for each player, and Keras' other arguments of `compile`."""

from collections.abc import Iterable
from typing import Any

import keras

from keras_gen.accepted import at_least
from keras_gen.backend import gradients, replication
from keras_gen.errors import InputError
from keras_gen.objectives.base.means import Means

_UNUSED = ("loss", "loss_weights", "metrics", "weighted_metrics")


class Compiles:
    """What an `Objective` does to be trained by several optimizers."""

    # Of logs over an epoch, once compiled.
    means: Means | None = None

    def compile(
        self, optimizers: Any = None, jit_compile: bool | str = False, *,
        optimizer: Any = None, auto_scale_loss: bool = True, **kwargs,
    ) -> None:
        """Takes one optimizer a player and builds them all, at once and in
        the current strategy's scope.

        Args:
            optimizers: dict from player to a `keras.optimizers.Optimizer`,
                its name such as "adam", or its configuration. One for all
                instead of a dict: each player gets its own like it. Also
                called `optimizer`, as in Keras.
            jit_compile: compile the step with XLA; not under a strategy.
            auto_scale_loss: give an optimizer a loss scale where the networks
                that it moves compute in float16.
            **kwargs: `run_eagerly`, `steps_per_execution`.

        Raises:
            InputError: optimizers for other players than `self.players`, what
                is no optimizer, one for two players; `loss`, `metrics` and
                what else belongs to the objective; or an option that Keras
                cannot do on this backend or with several replicas.
        """
        self._refuse_options(jit_compile, kwargs)
        if optimizers is None:
            optimizers = optimizer
        optimizers = self._one_a_player(optimizers)
        if auto_scale_loss:
            optimizers = {
                k: _scaled(o) if self._in_float16(k) else o
                for k, o in optimizers.items()
            }
        if replication.replicas() > 1:
            self._refuse_with_replicas(optimizers, jit_compile, kwargs)
        for player, one in optimizers.items():
            refuse_foreign(player, one, self.variables_of(player))
        # No optimizer of Keras' own: it would make a stray RMSprop.
        super().compile(optimizer=None, jit_compile=jit_compile, **kwargs)
        self.optimizers = optimizers
        for player, one in optimizers.items():
            one.build(self.variables_of(player))
            gradients.arrange(one.variables)
            gradients.arrange(self.variables_of(player))
        for average in self.averages.values():
            gradients.arrange(average.weights)
        self.optimizer = Together(self)
        self.means = Means()

    def _refuse_options(self, jit_compile, kwargs):
        name = type(self).__name__
        for option in _UNUSED:
            if kwargs.pop(option, None) is not None:
                raise InputError(
                    f"{name} has losses and logs of its own, so compile takes "
                    f"no {option}: leave it out; what {name} minimises are "
                    "arguments of its constructor"
                )
        if not isinstance(jit_compile, bool) and jit_compile != "auto":
            raise InputError(
                f"compile's second argument is jit_compile, True or False, "
                f"not {jit_compile!r}: {name} has losses of its own"
            )
        unknown = set(kwargs) - {"run_eagerly", "steps_per_execution"}
        if unknown:
            raise InputError(
                f"compile takes no {', '.join(sorted(unknown))}: choose from "
                "optimizers, jit_compile, auto_scale_loss, run_eagerly and "
                "steps_per_execution"
            )
        steps = kwargs.get("steps_per_execution", 1)
        at_least(1, steps_per_execution=steps)
        if steps > 1 and keras.backend.backend() != "tensorflow":
            raise InputError(
                "Keras cannot do steps_per_execution on "
                f"{keras.backend.backend()}: leave it out"
            )

    def _in_float16(self, player):
        networks = self.networks_of(player).values()
        return any(n.compute_dtype == "float16" for n in networks)

    def _one_a_player(self, given):
        """{player: its optimizer} of what `compile` takes."""
        if not isinstance(given, dict) or "class_name" in given:
            self._refuse_missing_optimizers(given)
            given = {
                player: _like(given) if len(self.players) > 1 else given
                for player in self.players
            }
        if set(given) != set(self.players):
            raise InputError(
                f"{self._wants()}; got "
                f"{', '.join(map(str, given)) or 'an empty dict'}"
            )
        made = {k: _optimizer(k, given[k]) for k in self.players}
        for player, one in made.items():
            others = [k for k, o in made.items() if o is one and k != player]
            if others:
                raise InputError(
                    f"{player} and {others[0]} share one optimizer, which "
                    "would mix their updates: give each its own"
                )
        return made

    def _refuse_missing_optimizers(self, given):
        known = (str, dict, keras.optimizers.Optimizer)
        if not isinstance(given, known):
            raise InputError(
                f"{self._wants()}, or one for all, such as 'adam'; got "
                f"{'none' if given is None else repr(given)}"
            )

    def _wants(self):
        players = ", ".join(self.players)
        example = ", ".join(f"{p!r}: Adam(2e-4)" for p in self.players)
        return (
            f"{type(self).__name__} takes optimizers for {players}: "
            f"compile({{{example}}})"
        )

    @staticmethod
    def _refuse_with_replicas(optimizers, jit_compile, kwargs):
        advice = "with several replicas; leave it out or train on one device"
        if jit_compile is True:
            raise InputError(f"Keras cannot do jit_compile {advice}")
        if kwargs.get("steps_per_execution", 1) != 1:
            raise InputError(f"Keras cannot do steps_per_execution {advice}")
        # A LossScaleOptimizer accumulates in the one it wraps.
        inner = [getattr(o, "inner_optimizer", o) for o in optimizers.values()]
        if any(o.gradient_accumulation_steps for o in inner):
            raise InputError(
                f"Keras cannot do gradient_accumulation_steps {advice}"
            )

    def reset_metrics(self) -> None:
        """Begins the means of logs anew, as Keras does at each epoch."""
        super().reset_metrics()
        if self.means is None:
            # PyTorch evaluates models that were never compiled.
            self.means = Means()
        self.means.restart()

    def get_metrics_result(self) -> dict[str, float]:
        """The mean of each log over the rows of the epoch so far."""
        return {} if self.means is None else self.means.result()


class Together:
    """All players' optimizers, where Keras' callbacks look for a model's.

    Attributes:
        optimizers: a `Named` for each player, as Keras' schedulers take them.
        iterations: the model's step.
    """

    built = True

    def __init__(self, model: keras.Model):
        self.optimizers = [
            Named(player, optimizer, model.variables_of(player))
            for player, optimizer in model.optimizers.items()
        ]
        self.iterations = model.step

    @property
    def variables(self) -> list[keras.Variable]:
        """Of all optimizers."""
        return [v for one in self.optimizers for v in one.variables]

    def finalize(self) -> None:
        """What Keras does after `fit`: an optimizer with `use_ema` gives its
        variables their averages."""
        for one in self.optimizers:
            if one.use_ema:
                one.finalize_variable_values(one.moved)


class Named:
    """A player's optimizer under the player's name, which callbacks print
    and log."""

    def __init__(
        self, name: str, optimizer: keras.optimizers.Optimizer,
        moved: Iterable[keras.Variable],
    ):
        self.name, self.optimizer, self.moved = name, optimizer, list(moved)

    def __getattr__(self, attribute):
        return getattr(self.optimizer, attribute)

    @property
    def learning_rate(self) -> Any:
        """As of the optimizer; may be set."""
        return self.optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        self.optimizer.learning_rate = value

    @property
    def scheduled(self) -> bool:
        """Whether its rate follows a schedule, so that it cannot be set."""
        inner = getattr(self.optimizer, "inner_optimizer", self.optimizer)
        return isinstance(inner.get_config()["learning_rate"], dict)


def _optimizer(player, given):
    """An optimizer, or what names or describes one."""
    if isinstance(given, keras.optimizers.Optimizer):
        return given
    try:
        if isinstance(given, (str, dict)):
            return keras.optimizers.get(given)
        reason = f"got {given!r}"
    except (ValueError, TypeError) as error:
        reason = str(error).splitlines()[0]
    raise InputError(
        f"the optimizer of {player} must be of keras.optimizers, such as "
        f"Adam(2e-4, beta_1=0.5), or the name of one, such as 'adam': {reason}"
    )


def _like(given):
    """A new optimizer like this one; a name or configuration as it is."""
    if not isinstance(given, keras.optimizers.Optimizer):
        return given
    return type(given).from_config(given.get_config())


def _scaled(optimizer):
    if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        return optimizer
    return keras.optimizers.LossScaleOptimizer(optimizer)


def refuse_foreign(
    player: str, optimizer: keras.optimizers.Optimizer,
    variables: list[keras.Variable],
) -> None:
    """Raises an InputError where the optimizer was built before for other
    variables of its player: it moves only those that it knows."""
    if not optimizer.built:
        return
    inner = getattr(optimizer, "inner_optimizer", optimizer)
    known = {id(v) for v in inner._trainable_variables}
    if not {id(v) for v in variables} <= known:
        raise InputError(
            f"the optimizer of {player} was built for other variables than "
            "are trainable now: compile with a new one"
        )
