"""Recipes: frozen data that fully determines a trained model.

A recipe is a TOML file with these tables and nothing hidden:

    name, summary, paper    strings
    [objective]             class = "module:name", and its arguments
    [networks.<name>]       function = "module:name", and its arguments; a
                            list of networks is [[networks.<name>]]
    [optimizers.<player>]   class = "module:name", and its arguments
    [data]                  source, kind, batch_size, flip, and what the kind
                            takes: size, channels, ...; see `data.load`
    [train]                 steps, seed (any whole number), precision ("auto":
                            bfloat16 where it is faster, see
                            `training.precision`); best = a log or monitor and
                            best_mode = "min" or "max" keep the best step;
                            waiting: players that do not move, in a stage
    [[stages]]              steps, and overrides "a.b" = c for that long; see
                            `Recipe.stages`
    [frozen.<name>]         model, network: of another recipe, with its
                            published weights; see keras_gen.zoo.frozen
    [ema]                   decay, networks: averages to generate with
    [smoke]                 overrides "a.b" = c for a run of two quick steps
    [card]                  the model card: use, data, deviations, limits;
                            size: why it takes more room than others
    unpublished             why there are no weights, in one sentence
    [measure]               features, n, ...: how the model is measured, the
                            arguments of `keras_gen.evaluation.evaluate`
    [run]                   written by the trainer: versions, device, command

An argument may be an object: a table with `class` or `function` and its own
arguments, also in a list, [[objective.penalties]]. What the machine recorded
(results, weights, ...) is read from the file beside it: see
`keras_gen.zoo.records`.
"""

import copy
import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_gen import atomic, data
from keras_gen.errors import InputError, MissingData
from keras_gen.zoo import (
    building,
    checking,
    frozen,
    references,
    toml,
    weights,
)

if TYPE_CHECKING:
    from keras_gen.objectives.base.objective import Objective


@dataclasses.dataclass(frozen=True)
class Recipe:
    """A checked recipe. `override` makes another; nothing changes one.

    Attributes:
        values: the TOML document as nested dicts, with what is recorded; read
            only, please.
        origin: where it was read, for messages.
        allow_code_of: packages whose code it may name.
    """

    values: dict
    origin: str
    allow_code_of: tuple = ()

    @classmethod
    def read(
        cls, path: str | Path, allow_code_of: Sequence[str] = ()
    ) -> "Recipe":
        """Reads and checks a TOML file.

        Args:
            path: of the file.
            allow_code_of: packages whose code the recipe may name, beside
                what `references.resolve` always allows: only those that you
                trust with these arguments.

        Raises:
            InputError: no such file, not TOML, unknown, missing or impossible
                keys, or code that is not allowed.
        """
        if isinstance(allow_code_of, str):
            raise InputError(
                "allow_code_of is a list of packages, for instance "
                f"[{allow_code_of!r}]; got {allow_code_of!r}"
            )
        values = weights.document(path)
        origin = str(atomic.local(path))
        return cls(values, origin, tuple(allow_code_of))._checked()

    def _checked(self):
        checking.check(self)
        frozen.check(self)
        return self

    def __getitem__(self, key: str) -> Any:
        return self.values[key]

    @property
    def name(self) -> str:
        """The recipe's name, for a published one that of its file."""
        return self.values["name"]

    @property
    def network_names(self) -> list[str]:
        """The networks' names; those of a list are "critics_0", ..."""
        return list(checking.network_tables(self.values))

    def override(self, changes: dict[str, Any]) -> "Recipe":
        """The recipe with other values.

        Args:
            changes: dict from dotted keys, "networks.generator.width", to
                values; the tables of a list have numbers,
                "objective.penalties.0.weight". Tables must exist; a new key
                must be one that the code which the table names takes.

        Raises:
            InputError: no such table or key, or an impossible value.
        """
        values = copy.deepcopy(self.values)
        for dotted, value in changes.items():
            if isinstance(value, np.generic):
                value = value.item()
            self._set(values, dotted, value)
        return dataclasses.replace(self, values=values)._checked()

    def _set(self, values, dotted, value):
        *tables, key = dotted.split(".")
        table = values
        for i, name in enumerate(tables):
            found = _entries(table).get(name)
            if not isinstance(found, (dict, list)):
                raise InputError(
                    f"{self.name} has no {'.'.join(tables[:i + 1])!r} "
                    f"to set {dotted!r} in: it has "
                    f"{checking.listed(name, _entries(table))}"
                )
            table = found
        if isinstance(table, dict):
            table[key] = value
        elif key in _entries(table):
            table[int(key)] = value
        else:
            raise InputError(
                f"{self.name} has no {dotted!r}: it has "
                f"{', '.join(_entries(table))}"
            )

    def smoke(self) -> "Recipe":
        """The recipe shrunk by its own [smoke] overrides."""
        return self.override(self["smoke"])

    @property
    def stages(self) -> list[tuple[int, int, "Recipe"]]:
        """The stages of a training, in their order.

        Returns:
            List of (first, last, recipe): the recipe without stages, with
            those overrides of one stage alone, trains from step `first` on
            until `last` steps are done, which is its train.steps. Without
            [[stages]] there is one, from 0 to train.steps. The last one has
            the recipe's own networks, objective and data.
        """
        values = {k: v for k, v in self.values.items() if k != "stages"}
        plain = dataclasses.replace(self, values=values)
        found, done = [], 0
        for i, stage in enumerate(
            self.values.get("stages", [{"steps": self["train"]["steps"]}])
        ):
            first, done = done, done + stage["steps"]
            changes = {k: v for k, v in stage.items() if k != "steps"}
            where = self.origin
            if "stages" in self.values:
                where = f"{self.origin}: stages[{i}]"
            try:
                recipe = dataclasses.replace(plain, origin=where).override(
                    changes | {"train.steps": done}
                )
            except InputError as error:
                message = str(error).removeprefix(f"{where}: ")
                raise InputError(f"{where}: {message}") from error
            found.append((first, done, recipe))
        return found

    def stage_of(self, done: int) -> "Recipe":
        """The recipe of the stage that ended with, or was under way after,
        `done` steps; after more than all steps that of the last one."""
        stages = self.stages
        return next((s for _, last, s in stages if done <= last), stages[-1][2])

    def code(self, where: str, reference: str):
        """The class or function that "module:name" names in a table."""
        try:
            return references.resolve(reference, self.allow_code_of)
        except InputError as error:
            raise InputError(f"{self.origin}: [{where}] {error}") from error

    def build(self) -> "Objective":
        """The compiled `Objective` with fresh weights, drawn from the seed,
        in the current strategy's scope. Frozen networks have their published
        weights.

        Raises:
            InputError: code refuses its arguments, or frozen weights are
                missing or not those that it was trained with.
        """
        return building.build(self)

    def pinned(self) -> "Recipe":
        """The recipe with the sha256 of the weights that are published now
        for each frozen network."""
        return dataclasses.replace(self, values=frozen.pinned(self))

    def dataset(self, split: str = "train") -> data.Dataset:
        """The `data.Dataset` that the recipe trains ("train") or is tested
        on ("test")."""
        table = {
            k: v for k, v in self["data"].items()
            # Pictures for a test are shown whole.
            if k not in ("batch_size", "flip")
            and (k != "crop" or split == "train")
        }
        try:
            return data.load(split=split, **table)
        except MissingData as error:
            if "run" not in self.values:
                raise
            raise MissingData(
                f"{error}; its data were there when {self.origin} was "
                'written: say where they are now, override({"data.source": '
                "NEW}), or --data=NEW of train and evaluate"
            ) from error

    def batches(
        self, dataset: data.Dataset, objective: "Objective", start: int = 0,
        seen: int = 0, since: int = 0,
    ) -> data.Batches:
        """The batches of the training run, from step `start` on: each holds
        `batch_size` rows for every update of a step. For `seen` and `since`
        see `data.Batches`."""
        table = self["data"]
        return dataset.batches(
            table["batch_size"] * objective.updates_per_step,
            self["train"]["steps"],
            start=start,
            seed=self["train"]["seed"],
            flip=table.get("flip", False),
            seen=seen,
            since=since,
        )

    def to_toml(self) -> str:
        """The recipe as a TOML document that `read` takes."""
        return toml.text(self.values)


def _entries(table):
    """The entries of a table by name, or of a list by number."""
    if isinstance(table, list):
        return {str(i): entry for i, entry in enumerate(table)}
    return table
