"""Recipes: frozen data that fully determines a trained model.

A recipe is a TOML file with these tables and nothing hidden:

    name, summary, paper    strings
    [objective]             class = "module:name", and its arguments
    [networks.<name>]       function = "module:name", and its arguments; a
                            list of networks is [[networks.<name>]]
    [optimizers.<player>]   class = "module:name", and its arguments
    [data]                  source, kind, batch_size, flip, and what the kind
                            takes: size, channels, ...; see `data.load`.
                            `labels` are the networks' argument of that name,
                            too, where they have one and do not say another
    [train]                 steps, seed (any whole number), precision ("auto":
                            bfloat16 where it is faster, see
                            `training.precision`); best = a log or monitor and
                            best_mode = "min" or "max" keep the best step,
                            patience = looks without a better one, the last;
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

import dataclasses
from typing import TYPE_CHECKING

from keras_gen import data
from keras_gen.errors import InputError, MissingData
from keras_gen.zoo import building, checking, frozen, references, toml
from keras_gen.zoo.draft import Draft

if TYPE_CHECKING:
    from keras_gen.objectives.base.objective import Objective


@dataclasses.dataclass(frozen=True)
class Recipe(Draft):
    """A checked recipe; for its attributes see `Draft`."""

    def code(self, where: str, reference: str):
        """The class or function that "module:name" names in a table."""
        try:
            return references.resolve(reference, self.allow_code_of)
        except InputError as error:
            raise InputError(f"{self.origin}: [{where}] {error}") from error

    def takes(self, where: str, reference: str) -> list[str] | None:
        """As of `Draft`, of the code itself."""
        return checking.arguments(self.code(where, reference))

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
