"""Ridge regression of each pixel: the best that a translator of colours
does which sees no shapes."""

import numpy as np
from scipy import ndimage

from keras_gen.metrics import checks
from keras_gen.metrics.baselines import resized

# Standard deviations, in pixels, of the blurs that tell a pixel's
# surroundings.
BLURS = (1, 2, 4, 8)
# Of the values' variance: enough to settle directions that do not vary.
PENALTY = 1e-6


def ridge_regression(
    inputs: np.ndarray, train_inputs: np.ndarray, train_targets: np.ndarray
) -> np.ndarray:
    """Pictures whose every pixel is a linear function of the input's values
    there, of Gaussian blurs of it, and of the squares of them all. Inputs of
    another size than the targets are brought to theirs first, bicubically.

    Args:
        inputs: uint8 (n, height, width, channels).
        train_inputs, train_targets: pairs to fit it to, alike; targets may
            have another size and number of channels.

    Returns:
        uint8 pictures, one for each of `inputs`.

    Raises:
        InputError: other types or sizes.
    """
    inputs, train_inputs, train_targets = checks.translation(
        inputs, train_inputs, train_targets
    )
    inputs, train_inputs = (
        resized(x, *train_targets.shape[1:3]) for x in (inputs, train_inputs)
    )
    weights = _fit(train_inputs, train_targets)
    made = np.empty(
        (*inputs.shape[:3], train_targets.shape[-1]), "uint8"
    )
    for picture, out in zip(inputs, made):
        values = _values(picture) @ weights
        out[:] = np.clip(np.rint(values), 0, 255).reshape(out.shape)
    return made


def _fit(inputs, targets):
    """Weights (values, channels), the intercept's last."""
    products, sides = 0.0, 0.0
    for picture, target in zip(inputs, targets):
        x = _values(picture)
        products = products + x.T @ x
        sides = sides + x.T @ target.reshape(len(x), -1).astype("float64")
    penalty = PENALTY * np.diag(products)
    # The intercept is free.
    penalty[-1] = 0.0
    return np.linalg.solve(products + np.diag(penalty), sides)


def _values(picture):
    """What the regression knows of each pixel, (pixels, values), about 1."""
    picture = picture / 127.5 - 1.0
    seen = [picture] + [
        ndimage.gaussian_filter(picture, (sigma, sigma, 0))
        for sigma in BLURS
    ]
    seen = np.concatenate(seen, -1).reshape(-1, len(seen) * picture.shape[-1])
    return np.concatenate([seen, seen**2, np.ones((len(seen), 1))], 1)
