"""A recipe as it can be read and checked without the code that it names, and
so without Keras, whose import takes seconds."""

import copy
import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np

from keras_gen import atomic
from keras_gen.errors import InputError
from keras_gen.zoo import checking, frozen, source_code, weights


@dataclasses.dataclass(frozen=True)
class Draft:
    """A checked recipe that cannot be built. `override` makes another;
    nothing changes one.

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
    ) -> Self:
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

    def override(self, changes: dict[str, Any]) -> Self:
        """The recipe with other values.

        Args:
            changes: dict from dotted keys, "networks.generator.width", to
                values; the tables of a list have numbers,
                "objective.penalties.0.weight". Tables must exist; a new key
                must be one that the code which the table names takes. None
                takes a key away.

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
        if isinstance(table, dict) and value is None:
            table.pop(key, None)
        elif isinstance(table, dict):
            table[key] = value
        elif key in _entries(table):
            table[int(key)] = value
        else:
            raise InputError(
                f"{self.name} has no {dotted!r}: it has "
                f"{', '.join(_entries(table))}"
            )

    def smoke(self) -> Self:
        """The recipe shrunk by its own [smoke] overrides."""
        return self.override(self["smoke"])

    @property
    def stages(self) -> list[tuple[int, int, Self]]:
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

    def stage_of(self, done: int) -> Self:
        """The recipe of the stage that ended with, or was under way after,
        `done` steps; after more than all steps that of the last one."""
        stages = self.stages
        return next((s for _, last, s in stages if done <= last), stages[-1][2])

    def takes(self, where: str, reference: str) -> list[str] | None:
        """Names of the keyword arguments of the class or function that
        "module:name" names in a table; None where it takes any, or that is
        not known."""
        return source_code.arguments(reference)


def _entries(table):
    """The entries of a table by name, or of a list by number."""
    if isinstance(table, list):
        return {str(i): entry for i, entry in enumerate(table)}
    return table
