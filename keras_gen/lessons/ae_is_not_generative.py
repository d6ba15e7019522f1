"""An autoencoder reconstructs; that does not make it draw.

The decoder of an autoencoder has met codes of pictures alone. They are not
N(0, I), and what it makes of such latents is no picture; of a Gaussian that is
fitted to the codes it is nearer to one. A VAE is trained to have its codes
there. Published models of the built-in shapes are asked, autoencoder_shapes and
vae_shapes, and measured by the Fréchet distance to the test pictures in the
features of classifier_shapes; and what lies half way between two codes, by how
often that classifier is surer than 0.9 of a shape.

On these shapes the half of it that speaks for VAEs was not found: the samples
of vae_shapes, of 8 latents, are as far from the data as what the autoencoder
makes of N(0, I), though more of them are some shape. Other data may say
otherwise: autoencoder_mnist and vae_mnist are there to be asked.
"""

import numpy as np

from keras_gen import seeds, zoo
from keras_gen.lessons import _pictures
from keras_gen.lessons._drawing import figure
from keras_gen.lessons._training import count, seeded
from keras_gen.metrics.frechet import frechet_distance

CLAIM = (
    "What an autoencoder decodes of random latents is no picture, while a "
    "VAE's samples are, for its codes are where its latents are drawn."
)
PAPER = "https://arxiv.org/abs/1312.6114"
NEXT = (
    "A mixture fitted to the codes in place of one Gaussian: "
    "keras_gen.networks.priors. Or a VAE of a smaller weight beta: sharper, "
    "and its codes less where latents are drawn."
)
SHORT = {"pictures": 320}


@seeded
def run(seed=0, pictures=2048):
    rng = seeds.generator(seed)
    classifier, auto, vae = map(
        zoo.load, ("classifier_shapes", "autoencoder_shapes", "vae_shapes")
    )
    train, test = (
        _pictures.levels("train", pictures), _pictures.levels("test", pictures)
    )
    codes, means = auto.encode(train), vae.encode(train)
    n, length = codes.shape
    other = rng.permutation(n)
    fitted = rng.multivariate_normal(codes.mean(0), np.cov(codes.T), n)
    made = {
        "autoencoder_of_normal":
            _pictures.decoded(auto, rng.normal(size=(n, length))),
        "autoencoder_of_fitted": _pictures.decoded(auto, fitted),
        "vae_samples": vae.generate(n, seed=seed),
        "autoencoder_reconstructions": auto.reconstruct(test),
        "autoencoder_midpoints":
            _pictures.decoded(auto, (codes + codes[other]) / 2),
        "vae_midpoints": _pictures.decoded(vae, (means + means[other]) / 2),
    }
    real, told = classifier.features(test), {}
    for i, (name, found) in enumerate(made.items()):
        count(i + 1, len(made), "sets of pictures")
        told[name] = classifier.predictions(found)
    return numbers_of(real, told, codes), drawn(test, made)


def numbers_of(real, told, codes):
    numbers = {
        f"distance_{name}": frechet_distance(real, found["features"])
        for name, found in told.items() if "midpoints" not in name
    }
    for name in "autoencoder_midpoints", "vae_midpoints", "vae_samples":
        sure = told[name]["probabilities"].max(1) > 0.9
        numbers[f"sure_{name}"] = float(sure.mean())
    numbers["length_of_codes"] = float(np.linalg.norm(codes, axis=1).mean())
    numbers["length_of_normal"] = float(np.sqrt(codes.shape[1]))
    return numbers


def shown(numbers):
    normal, fitted, vae, back = (
        numbers[f"distance_{name}"] for name in (
            "autoencoder_of_normal", "autoencoder_of_fitted", "vae_samples",
            "autoencoder_reconstructions",
        )
    )
    middle, vaes = (
        numbers[f"sure_{name}_midpoints"] for name in ("autoencoder", "vae")
    )
    return {
        f"what the autoencoder makes of N(0, I) is {normal / back:.0f} times "
        "as far from the data as its reconstructions: 5 or more":
            normal > 5 * back,
        f"of a Gaussian fitted to its codes, {fitted:.1f} instead of "
        f"{normal:.1f}: half or less": fitted < normal / 2,
        f"it is {normal / vae:.1f} times as far as the samples of the VAE: 5 "
        "or more": normal > 5 * vae,
        f"half way between two codes the classifier is sure of {vaes:.0%} of "
        f"the VAE's pictures and {middle:.0%} of the autoencoder's":
            vaes > middle,
    }


def drawn(test, made):
    rows = [(test, "data")] + [
        (pictures, name.replace("_", " ").replace("normal", "N(0, I)")
         .replace("fitted", "a Gaussian fitted to its codes")
         .replace("vae", "VAE"))
        for name, pictures in made.items()
    ]
    result = figure(620)
    for axis, (pictures, title) in zip(result.subplots(len(rows), 1), rows):
        _pictures.show(axis, _pictures.floats(pictures[:12]), title)
    return result
