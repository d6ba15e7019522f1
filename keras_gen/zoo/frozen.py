"""Networks that a recipe borrows from another, trained and no longer moved.

    [frozen.features]
    model = "classifier_shapes"
    network = "classifier"

gives the objective that network, with its published weights, as the argument
`features`. `sha256` is recorded with a training: what was trained with other
weights than those published now is refused.
"""

import copy

from keras_gen.errors import InputError
from keras_gen.zoo import checking, keys, weights


def check(recipe):
    """Raises an InputError unless what the recipe borrows is there and its
    objective takes it; it names the place."""
    table = recipe["objective"]
    takes = recipe.takes("objective", table["class"])
    for name, borrowed in recipe.values.get("frozen", {}).items():
        where = f"frozen.{name}"
        checking.table_at(recipe, where, borrowed, "model and network")
        checking.keys(recipe, where, borrowed, keys.FROZEN)
        if takes is not None and name not in takes:
            _refuse(
                recipe, name, f"{table['class']} takes no argument {name}: it "
                f"takes {checking.listed(name, takes)}"
            )
        for other in ("objective", "networks"):
            if name in recipe[other]:
                _refuse(recipe, name, f"[{other}] has {name}, too: rename one")
        values = _document(recipe, name, borrowed["model"])
        known = checking.network_tables(values)
        if borrowed["network"] not in known:
            _refuse(
                recipe, name, f"{values['name']} has no network "
                f"{borrowed['network']!r}: it has "
                f"{checking.listed(borrowed['network'], known)}"
            )
        _refuse_circle(recipe, name, values, [recipe.name])


def _refuse_circle(recipe, name, values, path):
    path = [*path, values["name"]]
    if values["name"] in path[:-1]:
        _refuse(
            recipe, name, "borrows in a circle, which nobody could train: "
            f"{' from '.join(path)}"
        )
    for borrowed in values.get("frozen", {}).values():
        other = _document(recipe, name, borrowed["model"])
        _refuse_circle(recipe, name, other, path)


def _document(recipe, name, model):
    try:
        return weights.document(weights.recipe_file(model))
    except InputError as error:
        _refuse(recipe, name, error)


def _refuse(recipe, name, why):
    raise InputError(f"{recipe.origin}: [frozen.{name}] {why}")


def pinned(recipe):
    """The recipe's nested dicts with the sha256 of all that it borrows, as it
    is published now; InputError where some of it is not."""
    values = copy.deepcopy(recipe.values)
    for borrowed in values.get("frozen", {}).values():
        borrowed["sha256"] = digest(borrowed)
    return values


def digest(borrowed):
    """The sha256 of the published weights that a table [frozen.x] names."""
    values = weights.document(weights.recipe_file(borrowed["model"]))
    return weights.digest(values, borrowed["network"])


def refuse_others(recipe, name):
    """Raises an InputError where the recipe's record says that it was trained
    with other weights than those published now."""
    borrowed = recipe["frozen"][name]
    now = digest(borrowed)
    before = borrowed.get("sha256", now)
    if now != before:
        _refuse(
            recipe, name, f"the weights of {borrowed['model']}'s "
            f"{borrowed['network']} are no longer those of its training "
            f"(sha256 {before[:8]}..., now {now[:8]}...): restore that model, "
            "or take sha256 out of the recipe's record and train anew"
        )
