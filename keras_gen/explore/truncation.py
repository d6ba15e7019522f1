"""The same seeds under several truncations."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from keras_gen.abilities import DrawsLatents
from keras_gen.accepted import accepted, at_least
from keras_gen.objectives.base.objective import Objective


@accepted
def truncations(
    model: Objective, bounds: Sequence[ArrayLike | None], n: int = 8,
    seed: int = 0, **condition,
) -> np.ndarray:
    """What truncated latents (https://arxiv.org/abs/1809.11096) trade: the
    lower the bound, the more typical and the less varied the pictures. Not
    every model bears it: some break where latents are shorter than those they
    were trained on. A published one refuses what it was measured not to bear
    (`keras-gen show` says it); a model of one's own is unmeasured and takes
    all.

    Args:
        model: an objective with latents.
        bounds: truncations of `model.generate`, above 0; None for none.
        n, seed, **condition: as of `model.generate`.

    Returns:
        Items (len(bounds), n, ...), such as uint8 pictures (len(bounds), n,
        height, width, channels): a row for each bound, a column for each
        seed.

    Raises:
        InputError: a truncation that the model does not bear, before anything
            is made.
    """
    DrawsLatents.require(model)
    at_least(1, n=n, bounds=len(bounds))
    for bound in bounds:
        if bound is not None:
            model.truncations(bound, n)
    return np.stack([
        model.generate(n, seed=seed, truncation=bound, **condition)
        for bound in bounds
    ])
