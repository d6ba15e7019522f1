"""A VAE without its divergence forgets that it draws.

A VAE encodes a picture as a Gaussian of latents and decodes a draw of it. Its
loss has two parts: how well the picture comes back, which is best without any
spread, and the divergence of that Gaussian from N(0, I), of weight beta. With
beta 0 nothing holds the spread up: the Gaussians shrink to points, far from
each other, and what is left is an autoencoder with nothing between its codes.
Two VAEs of two latents are trained alike, on the built-in shapes, but for beta.
"""

import keras
import numpy as np

from keras_gen import seeds
from keras_gen.lessons import _pictures
from keras_gen.lessons._drawing import MADE, REAL, figure
from keras_gen.lessons._training import seeded, train_on
from keras_gen.networks import mlp
from keras_gen.objectives.vae import VAE

CLAIM = (
    "Without the divergence from the prior a VAE's posteriors shrink to "
    "points, and it becomes an autoencoder."
)
PAPER = "https://openreview.net/forum?id=Sy2fzU9gl"
NEXT = (
    "betas = (4.0, 20.0): at some weight the posterior of all pictures is the "
    "prior, and the decoder makes their mean. Or decode points of the plane "
    "between the ellipses."
)
SHORT = {"steps": 1200}
SIZE, BATCH, SHOWN = 16, 128, 80


@seeded
def run(seed=0, betas=(0.0, 1.0), steps=2500, sigma=1.0):
    levels = np.uint8(np.round((_pictures.shapes(SIZE)[0] + 1) * 127.5))
    test, _ = _pictures.shapes(SIZE, split="test", count=500)
    told = {}
    for beta in betas:
        model = VAE(
            mlp.gaussian_encoder(SIZE, 1, 2), mlp.decoder(SIZE, 1, 2),
            likelihood="gaussian", sigma=sigma, beta=beta, seed=seed,
        )
        model.compile({"vae": keras.optimizers.Adam(1e-3)})
        train_on(
            model, batches(levels, seed), steps, f"of the VAE of beta {beta:g}"
        )
        found = model.encoder(test)
        told[beta] = [
            np.float64(keras.ops.convert_to_numpy(found[key]))
            for key in ("mean", "log_variance")
        ]
    return numbers_of(told), drawn(told)


def batches(levels, seed):
    rng = seeds.generator(seed)
    while True:
        yield _pictures.floats(levels[rng.integers(len(levels), size=BATCH)])


def numbers_of(told):
    numbers = {}
    for beta, (mean, log_variance) in told.items():
        deviation = np.exp(log_variance / 2)
        kl = (mean ** 2 + deviation ** 2 - 1 - log_variance).sum(1) / 2
        key = f"{beta:g}".replace(".", "_")
        numbers |= {
            f"beta_{key}_sigma": float(np.median(deviation)),
            f"beta_{key}_sigma_over_spread":
                float(np.median(deviation / mean.std(0))),
            f"beta_{key}_divergence": float(kl.mean()),
        }
    return numbers


def shown(numbers):
    without, with_it = (
        numbers[f"beta_{beta}_sigma_over_spread"] for beta in (0, 1)
    )
    far, near = (numbers[f"beta_{beta}_divergence"] for beta in (0, 1))
    return {
        f"with beta 0 the posteriors are {without:.2g} as wide as their means "
        "are spread: less than 0.01": without < 0.01,
        f"with beta 1 they are ten times as wide as that or more "
        f"({with_it:.2g})": with_it > 10 * without,
        f"with beta 1 they are {with_it:.2g} as wide: more than 0.1":
            with_it > 0.1,
        f"the divergence from the prior is {far:.0f} nats with beta 0, twice "
        f"the {near:.1f} with beta 1, or more": far > 2 * near,
    }


def drawn(told):
    result = figure(420)
    angle = np.linspace(0, 2 * np.pi, 40)
    circle = np.stack([np.cos(angle), np.sin(angle)])
    for axis, (beta, (mean, log_variance)), colour in zip(
        result.subplots(1, len(told)), told.items(), (MADE, REAL)
    ):
        for centre, logs in zip(mean[:SHOWN], log_variance[:SHOWN]):
            # Two deviations.
            x, y = centre[:, None] + 2 * np.exp(logs / 2)[:, None] * circle
            axis.plot(x, y, color=colour, linewidth=1)
        axis.plot(*mean[:SHOWN].T, ".", color=colour, markersize=2)
        axis.set(title=f"beta = {beta:g}", xlabel="first latent")
        axis.grid(alpha=0.3)
    result.axes[0].set_ylabel("second latent")
    return result
