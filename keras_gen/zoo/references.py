"""Code that recipes name, "module:name", and what they may name.

A recipe comes from anywhere and says what is called with which arguments.
Most functions in the world do harm with the right arguments, some of keras_gen
and Keras (they load, move and download files) not excepted. So recipes may
name only what they are made of; all else needs the caller's leave.
"""

import importlib
import inspect

import keras

from keras_gen.errors import InputError

# Nothing in these touches files, the network or other code.
_OWN = (
    "keras_gen.networks", "keras_gen.objectives", "keras_gen.optimizers",
    "keras_gen.losses", "keras_gen.penalties", "keras_gen.terms",
    "keras_gen.augmentation",
)
_KERAS = ("keras.optimizers",)


def resolve(reference, allow_code_of=()):
    """The class or function that "module:name" names.

    Recipes may name what is defined in keras_gen's `networks`, `objectives`,
    `optimizers`, `losses`, `penalties`, `terms` and `augmentation`, and the
    classes of `keras.optimizers`, learning-rate schedules among them.

    Args:
        reference: a module's full name, a colon, and the name of a class or
            function in it.
        allow_code_of: packages whose classes and functions are allowed, too,
            with all their sub-packages.

    Raises:
        InputError: the reference is not of that form, not allowed, or there
            is nothing of that name. The module of one that is not allowed is
            not even imported.
    """
    module, _, name = reference.partition(":")
    if not name.isidentifier():
        raise InputError(f'names {reference!r}, which is no "module:name"')
    allowed = (*_OWN, *_KERAS, *allow_code_of)
    if not _within(module, allowed):
        _refuse(reference, module)
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise InputError(
            f"names {reference!r}, which cannot be imported: {error}"
        ) from error
    if not inspect.isclass(found) and not inspect.isfunction(found):
        raise InputError(
            f"names {reference!r}, which is neither a class nor a function"
        )
    # What a module has only imported is code of somewhere else.
    home = str(found.__module__)
    if not _optimizes(found) and not _within(home, (*_OWN, *allow_code_of)):
        _refuse(reference, home)
    return found


def _optimizes(found):
    """Whether it is a class of Keras' optimizers or schedules."""
    return (
        inspect.isclass(found) and _within(found.__module__, ("keras",))
        and issubclass(found, (
            keras.optimizers.Optimizer,
            keras.optimizers.schedules.LearningRateSchedule,
        ))
    )


def _within(module, packages):
    return any(f"{module}.".startswith(f"{p}.") for p in packages)


def _refuse(reference, module):
    package = module.partition(".")[0]
    raise InputError(
        f"names {reference!r}, code of {module}, which a recipe may not use "
        f"by itself: if you trust the recipe and {package}, allow it by "
        f"allow_code_of=[{package!r}], or --allow_code_of={package} on the "
        "command line"
    )
