"""The same seeds under several truncations."""

import numpy as np


def truncations(model, bounds, n=8, seed=0, **condition):
    """What truncated latents (https://arxiv.org/abs/1809.11096) trade: the
    lower the bound, the more typical and the less varied the pictures. Not
    every model bears it: some break where latents are shorter than those they
    were trained on.

    Args:
        model: an objective with latents.
        bounds: truncations of `model.generate`, above 0; None for none.
        n, seed, **condition: as of `model.generate`.

    Returns:
        uint8 (len(bounds), n, height, width, channels): a row for each
        bound, a column for each seed.
    """
    return np.stack([
        model.generate(n, seed=seed, truncation=bound, **condition)
        for bound in bounds
    ])
