"""What a recipe must be: its keys, their types, the code that it names."""

import inspect

from keras_gen import data
from keras_gen.errors import InputError, alike
from keras_gen.zoo.keys import EMA, MEASURE, TABLES, TRAIN

# What may change from stage to stage, beside [train] waiting.
_STAGED = ("objective", "networks", "optimizers", "data", "ema")
_WAITING = "train.waiting"
AUTO = "auto"
POLICIES = {
    # The trainer chooses; all else computes as on any machine.
    AUTO: "float32",
    "float32": "float32",
    "bfloat16": "mixed_bfloat16",
    "float16": "mixed_float16",
}
_RATES = ("learning_rate", "warmup_target")


def check(recipe):
    """Raises an InputError unless a `Draft` or `Recipe` is right; it names the
    place."""
    values, train = recipe.values, recipe.values.get("train")
    keys(recipe, "", values, TABLES)
    try:
        data.check_arguments(values["data"])
    except InputError as error:
        raise InputError(f"{recipe.origin}: data.{error}") from error
    keys(recipe, "train", train, TRAIN)
    if "best" in train and train.get("best_mode") not in ("min", "max"):
        raise InputError(
            f"{recipe.origin}: train.best needs train.best_mode, 'min' or "
            f"'max', got {train.get('best_mode')!r}"
        )
    if "patience" in train:
        _check_patience(recipe)
    if "ema" in values:
        keys(recipe, "ema", values["ema"], EMA)
    keys(recipe, "measure", values.get("measure", {}), MEASURE)
    _at_least_1(recipe, "train.steps", train["steps"])
    if train["precision"] not in POLICIES:
        raise InputError(
            f"{recipe.origin}: train.precision must be one of "
            f"{', '.join(POLICIES)}, got {train['precision']!r}"
        )
    _check_code(recipe)
    _check_waiting(recipe)
    if "stages" in values:
        _check_stages(recipe)


def _check_patience(recipe):
    _at_least_1(recipe, "train.patience", recipe["train"]["patience"])
    if "best" not in recipe["train"]:
        raise InputError(
            f"{recipe.origin}: train.patience stops by train.best: name a "
            "monitor or a metric there, for instance frechet_distance, and "
            "train.best_mode"
        )
    if "stages" in recipe.values:
        raise InputError(
            f"{recipe.origin}: train.patience does not go with stages, each "
            "of which has its own steps: leave it out"
        )


def network_tables(values):
    """The networks in a recipe's nested dicts, with those of lists, which an
    `Objective` calls "critics_0", "critics_1", ...: a dict from name to
    (where, table)."""
    found = {}
    for name, table in values.get("networks", {}).items():
        if isinstance(table, list):
            for i, item in enumerate(table):
                found[f"{name}_{i}"] = f"networks.{name}[{i}]", item
        else:
            found[name] = f"networks.{name}", table
    return found


def keys(recipe, where, table, known):
    """Checks a table's keys and the types of their values; `known`: a dict of
    `keys.Key`."""
    prefix = f"{where}." if where else ""
    for key, value in table.items():
        if key not in known:
            raise InputError(
                f"{recipe.origin}: there is no key {prefix}{key}: choose "
                f"one of {listed(key, known)}"
            )
        wanted = known[key].type
        whole = type(value) is int and wanted is float
        if type(value) is not wanted and not whole:
            raise InputError(
                f"{recipe.origin}: {prefix}{key} must be of type "
                f"{wanted.__name__}, got {value!r}"
            )
    for key, what in known.items():
        if what.required and key not in table:
            raise InputError(f"{recipe.origin}: {prefix}{key} is missing")


def _at_least_1(recipe, where, value):
    if value < 1:
        raise InputError(
            f"{recipe.origin}: {where} must be at least 1, got {value}"
        )


def table_at(recipe, where, table, needs):
    """Raises an InputError unless `table` is one."""
    if not isinstance(table, dict):
        raise InputError(
            f"{recipe.origin}: [{where}] is a table with {needs}, got "
            f"{table!r}"
        )


# -- code ----------------------------------------------------------------


def _check_code(recipe):
    _object(recipe, "objective", recipe["objective"], ["class"])
    for where, table in network_tables(recipe.values).values():
        _object(recipe, where, table, ["function"])
    for player, table in recipe["optimizers"].items():
        _object(recipe, f"optimizers.{player}", table, ["class"])


def _object(recipe, where, table, needs):
    """Checks a table that names code, and those among its arguments."""
    key = next((
        key for key in needs
        if isinstance(table, dict) and isinstance(table.get(key), str)
    ), None)
    if key is None:
        raise InputError(
            f'{recipe.origin}: [{where}] needs {needs[0]} = "module:name"'
        )
    takes = recipe.takes(where, table[key])
    for name, value in table.items():
        if name != key and takes is not None and name not in takes:
            raise InputError(
                f"{recipe.origin}: there is no key {where}.{name}: "
                f"{table[key]} takes {listed(name, takes)}"
            )
        _nested(recipe, f"{where}.{name}", value)


def _nested(recipe, where, value):
    """Checks the objects in an argument: tables, also in lists."""
    if isinstance(value, dict):
        _object(recipe, where, value, ["class", "function"])
    elif isinstance(value, list):
        for i, item in enumerate(value):
            _nested(recipe, f"{where}[{i}]", item)


def arguments(code):
    """Names of the keyword arguments of a class or function, bases'
    included; None when it takes any."""
    from keras import Model

    if not inspect.isclass(code):
        return _named(code)[0]
    names = set()
    for base in code.__mro__:
        if "__init__" not in vars(base):
            continue
        own, passes_on = _named(base.__init__)
        names |= set(own)
        if not passes_on or base is Model:
            break
    return sorted(names - {"self", "args", "kwargs"})


def floats(code, given):
    """The keyword arguments for a class or function, with whole numbers as
    floats where it takes those: where its default is one, or Keras' learning
    rates, which have none. Keras would round a schedule of such to them.

    Args:
        code: the class or function.
        given: dict from name to value.
    """
    chain = code.__mro__ if inspect.isclass(code) else (code,)
    functions = [vars(c).get("__init__", c) for c in chain]
    real = {
        name for function in functions if inspect.isfunction(function)
        for name, p in inspect.signature(function).parameters.items()
        if isinstance(p.default, float) or name.endswith(_RATES)
    }
    return {
        name: float(value) if name in real and type(value) is int else value
        for name, value in given.items()
    }


def _named(function):
    parameters = inspect.signature(function).parameters.values()
    passes_on = any(p.kind is p.VAR_KEYWORD for p in parameters)
    names = [
        p.name for p in parameters
        if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)
    ]
    return names, passes_on


# -- stages --------------------------------------------------------------


def _check_waiting(recipe):
    waiting = recipe["train"].get("waiting", [])
    players = recipe["optimizers"]
    unknown = [name for name in waiting if name not in players]
    if unknown or len(set(waiting)) == len(players):
        raise InputError(
            f"{recipe.origin}: {_WAITING} lists players that do not move, "
            f"some of {', '.join(players)} and not all; got {waiting}"
        )


def _check_stages(recipe):
    stages = recipe["stages"]
    if not stages:
        raise InputError(
            f"{recipe.origin}: stages is empty: leave it out, or give each "
            "stage a table [[stages]] with steps"
        )
    for i, stage in enumerate(stages):
        where = f"stages[{i}]"
        table_at(recipe, where, stage, 'steps and changes, "a.b" = c')
        if type(stage.get("steps")) is not int:
            raise InputError(
                f"{recipe.origin}: {where} needs steps, a whole number, got "
                f"{stage.get('steps')!r}"
            )
        _at_least_1(recipe, f"{where}.steps", stage["steps"])
        for key in stage:
            table = key.partition(".")[0]
            if key not in ("steps", _WAITING) and table not in _STAGED:
                raise InputError(
                    f"{recipe.origin}: there is no key {where}.{key}: a "
                    f'stage has steps, "{_WAITING}" and changes what is in '
                    f'{", ".join(_STAGED)}, for instance "data.size" = 32'
                )
    steps = [stage["steps"] for stage in stages]
    if sum(steps) != recipe["train"]["steps"]:
        raise InputError(
            f"{recipe.origin}: train.steps must be the sum of all stages' "
            f"steps, {' + '.join(map(str, steps))} = {sum(steps)}, got "
            f"{recipe['train']['steps']}"
        )
    # Each stage is a recipe, which is checked as it is made.
    _, _, last = recipe.stages[-1]
    for name in _STAGED:
        if name != "optimizers" and last.values.get(name) != (
            recipe.values.get(name)
        ):
            raise InputError(
                f"{recipe.origin}: the last of the stages changes [{name}]: "
                "that of the recipe must be the finished model's, and the "
                "stages before the last one change it"
            )


def listed(name, names):
    """The names, those like `name` first."""
    near = alike(name, names)
    return ", ".join([*near, *(n for n in names if n not in near)])
