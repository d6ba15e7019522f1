"""Which networks an objective owns, who moves them, and what they are given."""

import inspect
from typing import Any

import keras
import numpy as np

from keras_gen import values
from keras_gen.data.dataset import Dataset
from keras_gen.errors import InputError
from keras_gen.objectives.base import wiring


class Players:
    """The networks of an `Objective` and the columns of its data, as the
    class, or an instance, declares them."""

    players: dict = {}
    # Networks of other recipes that it only asks: arguments that belong to
    # no player, are called with training=False and never move.
    frozen: tuple = ()
    # Networks of a player that no step moves: `conclude` fits them.
    fitted: tuple = ()
    # What it trains on: the columns of a batch, and the type of each.
    types: dict = {"image": values.Picture()}
    # {network: {input: column}}, where inputs are not called like the column
    # that they are given.
    feeds: dict = {}
    # {network, or list of them: names of its inputs}; a single one may be
    # called otherwise.
    takes: dict = {}
    # What goes from one network to the next: (network, one of its outputs or
    # None, network, one of its inputs).
    flows: tuple = ()

    @property
    def networks(self) -> dict[str, keras.Model]:
        """The networks by name, in the players' order; those of a list
        `critics` are "critics_0", "critics_1", ..."""
        return {
            name: network for player in self.players
            for name, network in self.networks_of(player).items()
        }

    def networks_of(self, player: str) -> dict[str, keras.Model]:
        """The networks that this player's optimizer moves, by name."""
        found = {}
        for name in self.players[player]:
            network = getattr(self, name)
            if isinstance(network, (list, tuple)):
                found |= {f"{name}_{i}": n for i, n in enumerate(network)}
            else:
                found[name] = network
        return found

    def named_inputs(self, name: str) -> dict[str, keras.KerasTensor]:
        """The inputs of a network by the names in `takes`; empty where the
        network is no graph of layers."""
        found = wiring.inputs(self.networks[name])
        wanted = self._taken(name)
        if len(found) == len(wanted) == 1:
            return dict(zip(wanted, found.values()))
        return found

    def _taken(self, name):
        """What a network takes; one of a list, what each of them does."""
        own = name if name in self.takes else name.rpartition("_")[0]
        return self.takes.get(own, ())

    def check_networks(self) -> None:
        """Raises an InputError unless the networks are built, each another,
        and each takes what it is given; a constructor ends with it."""
        names = [name for own in self.players.values() for name in own]
        if not all(hasattr(self, name) for name in names):
            # A subclass has more, and is not at its end.
            return
        seen = {}
        for name, network in self.networks.items():
            wiring.check(name, network)
            wiring.check_names(name, network, self._taken(name))
            other = seen.setdefault(id(network), name)
            if other != name:
                raise InputError(
                    f"{other} and {name} are the same network: build two"
                )
        known = {name for names in self.players.values() for name in names}
        parameters = inspect.signature(type(self).__init__).parameters
        order = ", ".join(name for name in parameters if name in known)
        order = f"{type(self).__name__}({order}, ...)"
        for maker, key, taker, column in self.flows:
            made = wiring.output(self.networks[maker], key)
            taken = self.named_inputs(taker).get(column)
            taken = None if taken is None else tuple(taken.shape[1:])
            wiring.check_flow(maker, made, taker, taken, order)

    @property
    def frozen_networks(self) -> dict[str, keras.Model]:
        """The networks that never move, by name, those that there are."""
        found = {name: getattr(self, name) for name in self.frozen}
        return {name: n for name, n in found.items() if n is not None}

    def freeze(self, network: keras.Model | None) -> keras.Model | None:
        """A network of another recipe, as an objective keeps it: no variable
        of it moves, its batch normalization's statistics included."""
        if network is not None:
            network.trainable = False
        return network

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns of a batch."""
        return tuple(self.types)

    @property
    def updates_per_step(self) -> int:
        """How many batches one `train_step` splits its data into."""
        return 1

    def updates_of(self, player: str) -> int:
        """Optimizer steps of this player in one training step: its argument
        `<player>_steps` where the objective takes one."""
        return getattr(self, f"{player}_steps", 1)

    def variables_of(self, player: str) -> list[keras.Variable]:
        """The variables that this player's optimizer moves."""
        return [
            v for network in self.networks_of(player).values()
            for v in network.trainable_variables
        ]

    def moves(self, player: str) -> bool:
        """Whether training moves this player: it does not wait, and some of
        its variables are trainable."""
        return player not in self.waiting and bool(self.variables_of(player))

    def kept_by(self, player: str) -> list[keras.Variable]:
        """Numbers beside its networks that this player's updates move."""
        return []

    def _statistics(self, player):
        """Running statistics of all networks but this player's, and what the
        others keep."""
        own = self.networks_of(player) if player else ()
        others = [n for name, n in self.networks.items() if name not in own]
        others += self.frozen_networks.values()
        kept = [
            v for other in self.players if other != player
            for v in self.kept_by(other)
        ]
        return kept + [v for n in others for v in n.non_trainable_variables]

    def check_data(self, dataset: Dataset) -> None:
        """Raises an InputError unless the columns of a `data.Dataset` are
        of this objective's types and fit the inputs of the networks that
        they are given to, and its classes have the numbers that they have
        here."""
        example = dataset.take(np.zeros(1, int))
        self.refuse_missing(example)
        dataset.check_classes(self.class_names)
        for column, value in self.types.items():
            try:
                value.check(example[column].shape[1:], f"the data's {column}")
            except InputError as error:
                raise InputError(
                    f"{error}: choose data, or a data.kind, with a column "
                    f"{column} of {value.plural}"
                ) from error
            self._refuse_levels(column, value, dataset.types[column])
        for name, column, shape in self._fed():
            given = example[column].shape[1:]
            _refuse_shape(column, given, name, shape)
        self.check_sides({
            column: items.shape[1:] for column, items in example.items()
        })

    def _fed(self):
        """(network, column, shape of an item) of each input that is given a
        column of the data."""
        for name in self.networks:
            feeds = self.feeds.get(name, {})
            for key, x in self.named_inputs(name).items():
                column = feeds.get(key, key)
                if column in self.types:
                    yield name, column, tuple(x.shape[1:])

    def item_shapes(self) -> dict[str, tuple]:
        """Shapes of the items of the columns, as far as the networks' inputs
        tell them; None in one where any length will do."""
        found: dict[str, tuple] = {}
        for _, column, shape in self._fed():
            before = found.get(column, shape)
            if len(before) == len(shape):
                shape = tuple(
                    b if s is None else s for b, s in zip(before, shape)
                )
            found[column] = shape
        return found

    @property
    def counts(self) -> dict[str, int]:
        """Columns of whole numbers: how many there are, 0 ... count - 1."""
        return {}

    def check_sides(self, shapes: dict[str, tuple[int, ...]]) -> None:
        """Raises an InputError where the shapes of the columns' items do not
        go together."""

    @staticmethod
    def _refuse_levels(column, value, found):
        """InputError for levels that `prepare` would take for others."""
        tops = getattr(value, "tops", None)
        if tops and found.dtype not in tops:
            raise InputError(
                f"the data's {column} has {found.plural}, and the model is "
                f"made for {value.plural}: set objective.makes to "
                f"{found.name!r}, or leave data.bits out"
            )

    def refuse_missing(self, batch: dict, wanted: Any = None) -> None:
        """Raises an InputError unless all columns, or all that are wanted,
        are there."""
        wanted = self.types if wanted is None else wanted
        if not set(wanted) <= set(batch):
            raise InputError(
                f"{type(self).__name__} takes {', '.join(wanted)} together; "
                f"here is only {', '.join(map(str, batch))}: give all in a "
                "dict, or the second as y"
            )


def _refuse_shape(column, given, network, wanted):
    if len(given) == len(wanted) and all(
        w in (None, g) for w, g in zip(wanted, given)
    ):
        return
    raise InputError(
        f"the data's {column} is {_by(given)} but {network} takes "
        f"{_by(wanted)}: change data.size and data.channels, or the networks"
    )


def _by(shape):
    return " x ".join(map(str, shape)) or "a single number"
