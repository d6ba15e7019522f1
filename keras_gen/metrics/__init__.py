"""Measures of generated pictures, on arrays of pictures or features.

    from keras_gen import evaluation, metrics
    see = evaluation.network("classifier_mnist")
    metrics.frechet_distance(see(made).features, see(real).features)

Pictures are uint8 (n, height, width, channels), features float (n, d),
labels int (n,), probabilities float (n, classes). Sums are float64; random
choices take a seed. `keras_gen.evaluation` has
the feature networks, and measures whole models.
"""

from keras_gen.metrics import baselines
from keras_gen.metrics.balls import density_coverage, precision_recall
from keras_gen.metrics.colours import colour_recall, palette
from keras_gen.metrics.displacement import displacement
from keras_gen.metrics.diversity import diversity, pairwise_distance
from keras_gen.metrics.frechet import frechet_distance
from keras_gen.metrics.inception_score import inception_score
from keras_gen.metrics.kernel import kernel_distance
from keras_gen.metrics.labels import label_accuracy, within_class
from keras_gen.metrics.likelihood import binarised, importance_weighted
from keras_gen.metrics.memorisation import memorisation, nearest
from keras_gen.metrics.modes import class_coverage, grid, mode_coverage, ring
from keras_gen.metrics.pairs import (
    l1,
    laplacian_variance,
    pair_errors,
    psnr,
    rmse,
    share_within,
    ssim,
)
from keras_gen.metrics.parzen import parzen_log_likelihood
from keras_gen.metrics.path_length import path_length
from keras_gen.metrics.segmentation import segmentation
from keras_gen.metrics.spectrum import grid_power
from keras_gen.metrics.statistics import Statistics

__all__ = [
    "Statistics", "baselines", "binarised", "class_coverage", "colour_recall",
    "density_coverage", "displacement", "diversity", "frechet_distance",
    "grid", "grid_power", "importance_weighted", "inception_score",
    "kernel_distance", "l1", "label_accuracy", "laplacian_variance",
    "memorisation", "mode_coverage", "nearest", "pair_errors",
    "pairwise_distance", "palette", "parzen_log_likelihood", "path_length",
    "precision_recall", "psnr", "ring", "rmse", "segmentation", "share_within",
    "ssim", "within_class",
]
