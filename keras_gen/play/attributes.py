"""Directions of a latent space along which a published classifier sees more of
an attribute: no data are needed, as the pictures are the model's own."""

from collections.abc import Callable
from typing import Any

import numpy as np

from keras_gen import explore, zoo
from keras_gen.abilities import Predicts
from keras_gen.errors import InputError
from keras_gen.objectives.base.objective import Objective
from keras_gen.play import judges
from keras_gen.zoo.recipes import Recipe

# Samples that the directions are of, and others that say what these do.
_SAMPLES, _TRIALS = 1024, 24
# How far a trial goes each way; how much the probability must rise on the
# way, and how many attributes are taken at most.
STEP = 2.0
_LEAST, _MOST = 0.3, 6
# An attribute that fewer samples have, or lack, has no mean to speak of.
_SHARE = 0.05
# No property of a face, but an opinion of it.
_OPINIONS = ("Attractive",)


def of(model: Objective, recipe: Recipe) -> dict[str, Any] | None:
    """The sliders of a model that draws latents, for JSON.

    Returns:
        {"judge": its name, "sliders": list of dicts with "name", "direction"
        and "means": the mean probability, of new samples, two units back and
        two ahead}; None where nobody judges such pictures, or no attribute
        follows the latents.
    """
    name = judges.of(recipe["data"])
    if name is None:
        return None
    classifier = zoo.load(name)
    Predicts.require(classifier)
    try:
        found = sliders(
            lambda latents: classifier.predictions(
                explore.decode(model, latents)
            )["probabilities"],
            explore.latents(model, range(_SAMPLES)),
            explore.latents(model, range(_SAMPLES, _SAMPLES + _TRIALS)),
            classifier.classes,
        )
    except InputError:  # of pictures of another size or type
        return None
    return {"judge": name, "sliders": found} if found else None


def sliders(
    probabilities: Callable[[np.ndarray], np.ndarray], latents: np.ndarray,
    trials: np.ndarray, names: list[str],
) -> list[dict[str, Any]]:
    """The directions that do most.

    That of an attribute is `explore.attribute_direction`: the mean latent of
    the samples that the classifier gives it less that of the others, here of
    length 1.

    Args:
        probabilities: latents (n, d) -> what the classifier says of what is
            made of them, (n, attributes).
        latents: float (m, d), of samples.
        trials: float (k, d), of other samples.
        names: of the attributes.

    Returns:
        As "sliders" of `of`, the greatest rise first.
    """
    has = probabilities(latents) > 0.5
    share = has.mean(0)
    found = []
    for i, name in enumerate(names):
        if name in _OPINIONS or not _SHARE <= share[i] <= 1 - _SHARE:
            continue
        direction = explore.attribute_direction(latents, has[:, i])
        direction = direction / np.linalg.norm(direction)
        back, ahead = (
            float(probabilities(trials + way * direction)[:, i].mean())
            for way in (-STEP, STEP)
        )
        if ahead - back >= _LEAST:
            found.append({
                "name": name,
                "direction": [round(float(x), 5) for x in direction],
                "means": [round(back, 3), round(ahead, 3)],
            })
    found.sort(key=lambda each: each["means"][0] - each["means"][1])
    return found[:_MOST]
