"""A VAE's pictures are blurred, a GAN's are not.

Sharpness is measured by the variance of the Laplacian, of samples over that of
the real test pictures: 1 is as sharp as they are. A VAE's decoder tells a mean
over all that its latents leave open, and means are smooth; a GAN's judge knows
that real pictures are not. Its reconstructions are measured, too: they are as
blurred as the samples, so it is not the latents that are at fault.

Noise is sharp as well: the number tells nothing of whether a picture is good.
Flat shapes on a flat ground have edges alone to lose; pictures with hair and
grass have more, and lose more.
"""

import numpy as np

from keras_gen import zoo
from keras_gen.lessons import _pictures
from keras_gen.lessons._drawing import EXACT, MADE, OTHERS, REAL, figure
from keras_gen.lessons._training import count, seeded

CLAIM = "The samples of a VAE are blurred, while those of a GAN are sharp."
PAPER = "https://arxiv.org/abs/1512.09300"
NEXT = (
    "Give the VAE more latents, or a smaller sigma: it has less to average "
    "over. With perceptual, a term of features in place of pixels alone, it "
    "gets sharper without a judge."
)
SHORT = {"pictures": 256}
MODELS = ("vae_shapes", "cgan_shapes", "biggan_shapes")


@seeded
def run(seed=0, pictures=2048):
    real = _pictures.levels("test", pictures)
    sets = {}
    for i, name in enumerate(MODELS):
        count(i + 1, len(MODELS), "models")
        model = zoo.load(name)
        classes = getattr(model, "classes", 0)
        label = {"label": np.arange(pictures) % classes} if classes else {}
        sets[name] = model.generate(pictures, seed=seed, **label)
        if name == "vae_shapes":
            sets["vae_reconstructions"] = model.reconstruct(real)
    numbers = {
        name: sharpness(found) / sharpness(real)
        for name, found in sets.items()
    }
    return numbers, drawn({"test pictures": real} | sets, numbers)


def sharpness(pictures):
    """The variance of the Laplacian of the grey levels."""
    x = np.float64(pictures).mean(-1)
    laplacian = (
        4 * x[:, 1:-1, 1:-1] - x[:, :-2, 1:-1] - x[:, 2:, 1:-1]
        - x[:, 1:-1, :-2] - x[:, 1:-1, 2:]
    )
    return float(laplacian.var())


def shown(numbers):
    vae, back = numbers["vae_shapes"], numbers["vae_reconstructions"]
    gans = [numbers[name] for name in MODELS[1:]]
    return {
        f"the GANs' samples are {min(gans):.2f} or more as sharp as the test "
        "pictures: 0.5 or more": min(gans) >= 0.5,
        f"the VAE's are {vae:.2f}: a third of the GANs' or less":
            vae < min(gans) / 3,
        f"its reconstructions are {back:.2f}: not half as sharp as the "
        "pictures that they are of": back < 0.5,
    }


def drawn(sets, numbers):
    result = figure(520)
    left, right = result.subfigures(1, 2, width_ratios=(3, 2))
    for axis, (name, pictures) in zip(left.subplots(len(sets), 1),
                                      sets.items()):
        _pictures.show(axis, _pictures.floats(pictures[:6]),
                       name.replace("vae_rec", "its rec"))
    axis = right.subplots()
    names = ["test pictures", *numbers]
    colours = (REAL, MADE, OTHERS[2], OTHERS[0], OTHERS[1])
    found = [1.0, *numbers.values()]
    axis.barh(names, found, color=colours[:len(names)])
    for place, value in enumerate(found):
        axis.text(value, place, f" {value:.2f}", va="center", color=EXACT)
    axis.invert_yaxis()
    axis.set(xlabel="variance of the\nLaplacian", xlim=(0, 1.25))
    return result
