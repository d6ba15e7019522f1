"""Recipes: frozen data that fully determines a trained model.

A recipe is a TOML file with these tables and nothing hidden:

    name, summary, paper    strings
    [objective]             class = "module:name", and its arguments
    [networks.<name>]       function = "module:name", and its arguments
    [optimizers.<player>]   class = "module:name", and its arguments
    [data]                  source, kind, batch_size, flip, and what the kind
                            takes: size, channels, ...; see `data.load`
    [train]                 steps, seed, precision; best = a log or monitor
                            and best_mode = "min" or "max" keep the best step
    [ema]                   decay, networks: averages to generate with
    [smoke]                 overrides "a.b" = c for a run of two quick steps
    [card]                  the model card: data, deviations, limits, ...
    [measure]               features, n, ...: how the model is measured, the
                            arguments of `keras_gen.evaluation.evaluate`
    [[results]]             what was measured: see keras_gen.zoo.results
    [weights]               sha256 of the published weights, by network
    [parameters]            how many numbers each network has
    [golden]                `keras_gen.export.golden.numbers` of the model
    [run]                   written by the trainer: versions, device, command
"""

import copy
import dataclasses
import difflib
import inspect
from pathlib import Path

import keras

from keras_gen import data
from keras_gen.backend.without_tensorflow import without_tensorflow
from keras_gen.errors import InputError
from keras_gen.zoo import references, toml, weights

_TABLES = {
    "objective": dict, "networks": dict, "optimizers": dict, "data": dict,
    "train": dict, "ema": dict, "smoke": dict, "card": dict, "weights": dict,
    "run": dict, "measure": dict, "results": list, "parameters": dict,
    "golden": dict,
    "name": str, "summary": str, "paper": str,
}
_REQUIRED = [
    "name", "summary", "paper", "objective", "networks", "optimizers", "data",
    "train", "smoke", "card",
]
_TRAIN = {
    "steps": int, "seed": int, "precision": str, "best": str,
    "best_mode": str,
}
_TRAIN_REQUIRED = ["steps", "seed", "precision"]
_EMA = {"decay": float, "networks": list}
_MEASURE = {"features": str, "n": int, "metrics": list, "k": int}
_POLICIES = {
    "float32": "float32",
    "bfloat16": "mixed_bfloat16",
    "float16": "mixed_float16",
}


@dataclasses.dataclass(frozen=True)
class Recipe:
    """A checked recipe. `override` makes another; nothing changes one.

    Attributes:
        values: the TOML document as nested dicts; read only, please.
        origin: where it was read, for messages.
        allow_code_of: packages whose code it may name.
    """

    values: dict
    origin: str
    allow_code_of: tuple = ()

    @classmethod
    def read(cls, path, allow_code_of=()):
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
        recipe = cls(values, str(Path(path)), tuple(allow_code_of))
        recipe._check()
        return recipe

    def __getitem__(self, key):
        return self.values[key]

    @property
    def name(self):
        """The recipe's name, for a published one that of its file."""
        return self.values["name"]

    def override(self, changes):
        """The recipe with other values.

        Args:
            changes: dict from dotted keys, "networks.generator.width", to
                values. Tables must exist; a new key must be one that the
                code which the table names takes.

        Raises:
            InputError: no such table or key, or an impossible value.
        """
        values = copy.deepcopy(self.values)
        for dotted, value in changes.items():
            *tables, key = dotted.split(".")
            table = values
            for i, name in enumerate(tables):
                if not isinstance(table.get(name), dict):
                    raise InputError(
                        f"{self.name} has no {'.'.join(tables[:i + 1])!r} "
                        f"to set {dotted!r} in: it has "
                        f"{_listed(name, table)}"
                    )
                table = table[name]
            table[key] = value
        recipe = dataclasses.replace(self, values=values)
        recipe._check()
        return recipe

    def smoke(self):
        """The recipe shrunk by its own [smoke] overrides."""
        return self.override(self["smoke"])

    # -- checking ------------------------------------------------------------

    def _check(self):
        values = self.values
        self._check_keys("", values, _TABLES, _REQUIRED)
        try:
            data.check_arguments(values["data"])
        except InputError as error:
            raise InputError(f"{self.origin}: data.{error}") from error
        train = values["train"]
        self._check_keys("train", train, _TRAIN, _TRAIN_REQUIRED)
        if "best" in train and train.get("best_mode") not in ("min", "max"):
            raise InputError(
                f"{self.origin}: train.best needs train.best_mode, 'min' or "
                f"'max', got {train.get('best_mode')!r}"
            )
        if "ema" in values:
            self._check_keys("ema", values["ema"], _EMA, list(_EMA))
        self._check_keys("measure", values.get("measure", {}), _MEASURE, [])
        if train["steps"] < 1:
            raise InputError(
                f"{self.origin}: train.steps must be at least 1, got "
                f"{train['steps']}"
            )
        if values["train"]["precision"] not in _POLICIES:
            raise InputError(
                f"{self.origin}: train.precision must be one of "
                f"{', '.join(_POLICIES)}, got "
                f"{values['train']['precision']!r}"
            )
        self._check_code("objective", values["objective"], "class")
        for name, table in values["networks"].items():
            self._check_code(f"networks.{name}", table, "function")
        for name, table in values["optimizers"].items():
            self._check_code(f"optimizers.{name}", table, "class")

    def _check_keys(self, where, table, types, required):
        prefix = f"{where}." if where else ""
        for key, value in table.items():
            if key not in types:
                raise InputError(
                    f"{self.origin}: there is no key {prefix}{key}: choose "
                    f"one of {_listed(key, types)}"
                )
            if type(value) is not types[key]:
                raise InputError(
                    f"{self.origin}: {prefix}{key} must be of type "
                    f"{types[key].__name__}, got {value!r}"
                )
        for key in required:
            if key not in table:
                raise InputError(f"{self.origin}: {prefix}{key} is missing")

    def _check_code(self, where, table, key):
        if not isinstance(table, dict) or not isinstance(table.get(key), str):
            raise InputError(
                f'{self.origin}: [{where}] needs {key} = "module:name"'
            )
        takes = _arguments(self.code(where, table[key]))
        for name, value in table.items():
            if name != key and takes is not None and name not in takes:
                raise InputError(
                    f"{self.origin}: there is no key {where}.{name}: "
                    f"{table[key]} takes {_listed(name, takes)}"
                )
            if isinstance(value, dict):
                self._check_code(f"{where}.{name}", value, "class")

    def code(self, where, reference):
        """The class or function that "module:name" names in a table."""
        try:
            return references.resolve(reference, self.allow_code_of)
        except InputError as error:
            raise InputError(f"{self.origin}: [{where}] {error}") from error

    # -- building ------------------------------------------------------------

    def _make(self, where, table, key, **more):
        arguments = {
            k: self._make(f"{where}.{k}", v, "class")
            if isinstance(v, dict) else v
            for k, v in table.items() if k != key
        }
        try:
            return self.code(where, table[key])(**arguments, **more)
        except (TypeError, ValueError) as error:
            message = str(error).splitlines()[0]
            raise InputError(f"{self.origin}: [{where}] {message}")

    @without_tensorflow()
    def build(self):
        """The compiled `Objective` with fresh weights, drawn from the seed,
        in the current strategy's scope."""
        precision = self["train"]["precision"]
        before = keras.config.dtype_policy()
        keras.utils.set_random_seed(self["train"]["seed"])
        keras.config.set_dtype_policy(_POLICIES[precision])
        try:
            networks = {
                name: self._make(f"networks.{name}", table, "function")
                for name, table in self["networks"].items()
            }
        finally:
            keras.config.set_dtype_policy(before)
        objective = self._make(
            "objective", self["objective"], "class", **networks,
            seed=self["train"]["seed"], name=self.name,
        )
        objective.picture_size = self["data"].get("size")
        if "ema" in self.values:
            objective.average(**self["ema"])
        optimizers = {
            player: self._make(f"optimizers.{player}", table, "class")
            for player, table in self["optimizers"].items()
        }
        if precision == "float16":
            # Small gradients would vanish in float16 without it.
            optimizers = {
                player: keras.optimizers.LossScaleOptimizer(optimizer)
                for player, optimizer in optimizers.items()
            }
        objective.compile(optimizers)
        return objective

    def dataset(self, split="train"):
        """The `data.Dataset` that the recipe trains ("train") or is tested
        on ("test")."""
        table = {
            k: v for k, v in self["data"].items()
            # Pictures for a test are shown whole.
            if k not in ("batch_size", "flip")
            and (k != "crop" or split == "train")
        }
        return data.load(split=split, **table)

    def batches(self, dataset, objective, start=0):
        """The batches of the training run, from step `start` on: each holds
        `batch_size` rows for every update of a step."""
        table = self["data"]
        return dataset.batches(
            table["batch_size"] * objective.updates_per_step,
            self["train"]["steps"],
            start=start,
            seed=self["train"]["seed"],
            flip=table.get("flip", False),
        )

    def to_toml(self):
        """The recipe as a TOML document that `read` takes."""
        return toml.text(self.values)


def _arguments(code):
    """Names of the keyword arguments of a class or function, bases'
    included; None when it takes any."""
    if not inspect.isclass(code):
        return _named(code)[0]
    names = set()
    for base in code.__mro__:
        if "__init__" not in vars(base):
            continue
        own, passes_on = _named(base.__init__)
        names |= set(own)
        if not passes_on or base is keras.Model:
            break
    return sorted(names - {"self", "args", "kwargs"})


def _named(function):
    parameters = inspect.signature(function).parameters.values()
    passes_on = any(p.kind is p.VAR_KEYWORD for p in parameters)
    names = [
        p.name for p in parameters
        if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)
    ]
    return names, passes_on


def _listed(name, names):
    """The names, those like `name` first."""
    near = difflib.get_close_matches(name, names, n=3)
    return ", ".join([*near, *(n for n in names if n not in near)])
