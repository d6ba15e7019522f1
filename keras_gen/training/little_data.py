"""The switch for little data: --augment of `keras-gen train`.

A judge learns few pictures by heart, and the game ends; see `by_heart`. It is
then shown changed pictures, the real and the made ones alike.
"""

import inspect

from keras_gen.errors import InputError

# Of the training's pictures. Karras et al. 2020 (ADA),
# https://arxiv.org/abs/2006.06676, figure 7c: of FFHQ it helps 70,000 still,
# and 140,000 no more.
_ENOUGH = 100_000
# Within as many passes over the data the probability can go from 0 to 1: a
# DCGAN knew 15,978 faces by heart after 32. The paper's number is the most.
_PASSES, _MOST = 30, 500_000
# Where it cannot be adapted: what R3GAN's schedule for FFHQ ends with, Huang
# et al. 2024, https://arxiv.org/abs/2501.05441.
_FIXED = 0.3
_POLICY = ["colour", "translation"]
_KEY = "objective.augment"


def check(recipe):
    """Raises an InputError unless the judge of a recipe can be shown changed
    pictures.

    Args:
        recipe: `Recipe` or `Draft`.
    """
    table = recipe["objective"]
    takes = recipe.takes("objective", table["class"])
    if takes is not None and "augment" not in takes:
        raise InputError(
            f"--augment is of what the judge of a GAN sees, and {recipe.name} "
            "has none that can be shown changed pictures: leave it out"
        )
    made = table.get("makes", "picture")
    if not made.startswith("picture"):
        raise InputError(
            f"--augment is of pictures, and {recipe.name} makes {made}: leave "
            "it out"
        )


def changes(recipe, wanted, begun):
    """What --augment changes in a recipe; says what "auto" has chosen.

    Args:
        recipe: the `Recipe`, with all other changes.
        wanted: "auto", "none", or changes of `DiffAugment` with commas
            between them.
        begun: the `Recipe` of the run that goes on, with which "auto" stays,
            None for a new one.

    Returns:
        Dict as `Recipe.override` takes it.
    """
    if wanted == "none":
        return {_KEY: None}
    if wanted != "auto":
        return {_KEY: _table("DiffAugment", wanted.split(","))}
    if begun is not None:
        print("augment     as the run began")
        return {_KEY: begun["objective"].get("augment")}
    chosen, why = _chosen(recipe, len(recipe.dataset()))
    print(f"augment     {why}")
    return {_KEY: chosen}


def _chosen(recipe, count):
    """(the table of an augmentation for so many pictures or None, why)"""
    if count >= _ENOUGH:
        return None, f"none: {count:,} pictures are enough"
    why = (
        f"{' and '.join(_POLICY)} of %s, for {count:,} pictures may be learnt "
        "by heart; --augment=none for none"
    )
    if _boundary(recipe) is None:
        table = _table("DiffAugment", _POLICY, probability=_FIXED)
        return table, why % f"{_FIXED:.0%} of what the judge sees"
    images = min(_MOST, _PASSES * count)
    table = _table("AdaptiveAugment", _POLICY, images=images)
    return table, why % "as many as it takes"


def _table(name, policy, **arguments):
    reference = f"keras_gen.augmentation:{name}"
    return {"class": reference, "policy": policy, **arguments}


def _boundary(recipe):
    """The judge's number above which an item counts as real, or None."""
    from keras_gen import losses

    table = recipe["objective"]
    code = recipe.code("objective", table["class"])
    for base in code.__mro__:
        own = inspect.signature(vars(base).get("__init__", object.__init__))
        if "adversarial" in own.parameters:
            default = own.parameters["adversarial"].default
            name = table.get("adversarial", default)
            return losses.adversarial(name, of_pairs=True).boundary
    return getattr(code, "boundary", None)
