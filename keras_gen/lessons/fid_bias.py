"""A Fréchet distance is too large by about 1 / n.

Real pictures are compared with other real ones: the true distance is 0. Both
sets have n pictures, shapes that keras_gen draws, seen by the features of
classifier_shapes; what is measured is the bias, and it falls with n as 1 / n. A
distance of 1,000 pictures is hence no match for one of 10,000: keras_gen writes
n beside each, compares equal ones only, and warns of few.
"""

import numpy as np

from keras_gen import data, seeds, zoo
from keras_gen.lessons._drawing import EXACT, MADE, figure
from keras_gen.lessons._training import count, seeded
from keras_gen.metrics.frechet import frechet_distance

CLAIM = (
    "The Fréchet distance of two samples of the same distribution is not 0 but "
    "falls as 1 / n: only distances of equal n can be compared."
)
PAPER = "https://arxiv.org/abs/1911.07023"
NEXT = (
    "Plot the distance over 1 / n and draw the line on to 0: this is the "
    "unbiased estimate of the paper. The kernel distance, keras_gen.metrics."
    "kernel_distance, has no bias from the start."
)
SHORT = {"sizes": (150, 600, 2400), "pictures": 4800, "pairs": 12}
_CHUNK = 512


@seeded
def run(
    seed=0, sizes=(250, 500, 1000, 2000, 4000, 8000), pictures=16_000, pairs=6,
):
    features = features_of(pictures, seed)
    rng = seeds.generator(seed)
    found = {n: [] for n in sizes}
    for i in range(pairs):
        order = rng.permutation(pictures)
        count(i + 1, pairs, "pairs of sets of each size")
        for n in sizes:
            first, second = features[order[:n]], features[order[n:2 * n]]
            found[n].append(frechet_distance(first, second))
    means = np.array([np.mean(found[n]) for n in sizes])
    power = np.polyfit(np.log(sizes), np.log(means), 1)[0]
    numbers = {f"distance_of_{n}": float(x) for n, x in zip(sizes, means)}
    numbers |= {
        "features": float(features.shape[1]), "power_of_n": float(power),
    }
    return numbers, drawn(sizes, found, means)


def features_of(pictures, seed):
    """Of drawn shapes, (pictures, width)."""
    classifier, found = zoo.load("classifier_shapes"), []
    for number in range(-(-pictures // 8192)):
        shapes = data.load(
            "shapes", "images", "train", 32, 3, seed=seed + 1000 * (1 + number)
        )
        wanted = min(8192, pictures - 8192 * number)
        for start in range(0, wanted, _CHUNK):
            count(8192 * number + start + 1, pictures, "pictures")
            rows = np.arange(start, min(start + _CHUNK, wanted))
            found.append(classifier.features(shapes.take(rows)["image"]))
    return np.concatenate(found).astype("float64")


def shown(numbers):
    power = numbers["power_of_n"]
    distances = [
        value for key, value in numbers.items() if key.startswith("distance")
    ]
    return {
        f"the distance falls with n all the way, from {distances[0]:.3g} to "
        f"{distances[-1]:.2g}": distances == sorted(distances, reverse=True),
        f"as n to the power {power:.2f}: -1 to 0.15": abs(power + 1) < 0.15,
    }


def drawn(sizes, found, means):
    result = figure(380)
    axis = result.subplots()
    for n in sizes:
        axis.loglog([n] * len(found[n]), found[n], ".", color=MADE,
                    label="two sets of real pictures" * (n == sizes[0]))
    line = means[-1] * sizes[-1] / np.array(sizes)
    axis.loglog(sizes, line, color=EXACT, linewidth=0.8,
                label="1 / n, through the last mean")
    axis.set(xlabel="n, pictures in each of both sets",
             ylabel="Fréchet distance")
    axis.set_xticks(sizes, [f"{n:,}" for n in sizes])
    axis.minorticks_off()
    axis.grid(alpha=0.3)
    axis.legend()
    return result
