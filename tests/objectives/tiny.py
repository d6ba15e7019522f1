"""One tiny instance of every objective, for the tests that hold for all.

A new objective is one entry of `CASES`, which says all that the shared tests
must know of it; `test_checklist.py` fails until each class of
`keras_gen/objectives` has one.
"""

import dataclasses
import functools
from collections.abc import Callable

import keras
import numpy as np
import pytest

from keras_gen.augmentation import AdaptiveAugment, DiffAugment
from keras_gen.data import Dataset
from keras_gen.networks import (
    classifier,
    conv_vae,
    dcgan,
    mlp,
    patch_features,
    patchgan,
    points,
    priors,
    r3gan,
    resnet_gan,
    resnet_translator,
    srgan,
    unet,
    video_gan,
    voxel_gan,
)
from keras_gen.objectives.acgan import ACGAN
from keras_gen.objectives.autoencoder import Autoencoder
from keras_gen.objectives.cgan import CGAN
from keras_gen.objectives.classifier import Classifier
from keras_gen.objectives.cut import CUT
from keras_gen.objectives.cyclegan import CycleGAN
from keras_gen.objectives.gan import GAN
from keras_gen.objectives.pix2pix import Pix2Pix
from keras_gen.objectives.srgan import SRGAN
from keras_gen.objectives.vae import VAE
from keras_gen.objectives.wgan import WGAN
from keras_gen.optimizers import Adam
from keras_gen.penalties import R1, R2
from keras_gen.terms import LeCam, ModeSeeking, Orthogonal

SIZE, CLASSES, ROWS = 16, 3, 8
_PICTURE = {"size": SIZE, "channels": 3, "width": 4}
_LATENT = {**_PICTURE, "latent_dim": 5}


def _gan():
    return GAN(
        dcgan.generator(**_LATENT), dcgan.discriminator(**_PICTURE),
        discriminator_steps=2, seed=3,
    )


def _gan_r1():
    return GAN(
        mlp.generator(**_LATENT), mlp.discriminator(**_PICTURE),
        adversarial="saturating", r1_weight=1.0, seed=3,
    )


def _gan_terms():
    """All that may stand beside the game, with labels; R1 in each second
    step."""
    return GAN(
        dcgan.generator(classes=CLASSES, **_LATENT),
        dcgan.discriminator(
            classes=CLASSES, normalization="none", **_PICTURE
        ),
        classes=CLASSES, generator_steps=2, penalties=[R1(0.1, every=2)],
        generator_terms=[ModeSeeking(0.1), Orthogonal(0.1)],
        augment=DiffAugment(), seed=3,
    )


def _gan_relativistic():
    """The generator's loss sees what is real; weights that change."""
    weight = keras.optimizers.schedules.CosineDecay(1.0, 8, alpha=0.1)
    networks = r3gan.generator(**_LATENT), r3gan.discriminator(**_PICTURE)
    rng = np.random.default_rng(3)
    for variable in [v for n in networks for v in n.trainable_variables]:
        if variable.path.endswith("second/kernel"):
            # 0 at first, where what comes before them does not move.
            variable.assign(0.1 * rng.normal(size=variable.shape))
    return GAN(
        *networks, adversarial="relativistic",
        penalties=[R1(weight, every=2), R2(weight)],
        augment=DiffAugment(["colour"], 0.5), seed=3,
    )


def _gan_spectral():
    """A judge whose singular vectors move in its own passes alone."""
    return GAN(
        dcgan.generator(**_LATENT),
        dcgan.discriminator(normalization="spectral", **_PICTURE),
        discriminator_steps=2, seed=3,
    )


def _gan_minibatch():
    """A judge that sees each row beside those of all replicas."""
    return GAN(
        dcgan.generator(**_LATENT),
        dcgan.discriminator(minibatch="distance", **_PICTURE), seed=3,
    )


def _gan_little_data():
    """All that keeps a judge from being too sure, and what that keeps from
    step to step. The target is below what any judge says, so that the
    probability rises on all backends alike."""
    return CGAN(
        dcgan.generator(classes=CLASSES, **_LATENT),
        dcgan.discriminator(classes=CLASSES, **_PICTURE), classes=CLASSES,
        smoothing=0.1, label_noise=0.2, dequantise=True,
        instance_noise=keras.optimizers.schedules.PolynomialDecay(0.2, 8),
        penalties=[LeCam(0.3, decay=0.9)],
        augment=AdaptiveAugment(target=-1.0, images=200, every=2), seed=3,
    )


def _gan_points():
    return GAN(
        points.generator(latent_dim=5, width=8),
        points.discriminator(width=8), makes="points", seed=3,
    )


def _wgan_voxels():
    critic = voxel_gan.discriminator(
        size=SIZE, width=4, normalization="layer"
    )
    return WGAN(
        voxel_gan.generator(size=SIZE, latent_dim=5, width=4), critic,
        gradient_penalty=10.0, critic_steps=1, makes="voxels", seed=3,
    )


def _gan_videos():
    sizes = {"frames": 4, "size": 16, "channels": 3, "width": 4}
    return GAN(
        video_gan.generator(latent_dim=5, **sizes),
        video_gan.discriminator(**sizes), makes="video", seed=3,
    )


def _srgan():
    features = classifier.residual(classes=CLASSES, **_PICTURE)
    return SRGAN(
        srgan.generator(width=4, blocks=1),
        srgan.discriminator(size=SIZE, width=4), features, taps=["maps_8"],
        perceptual_weight=0.1, adversarial_weight=0.1, seed=3,
    )


def _wgan_clip():
    return WGAN(
        dcgan.generator(**_LATENT), dcgan.discriminator(**_PICTURE),
        clip=0.02, critic_steps=2, seed=3,
    )


def _wgan_penalty():
    critic = dcgan.discriminator(normalization="layer", **_PICTURE)
    return WGAN(
        dcgan.generator(**_LATENT), critic, gradient_penalty=10.0,
        critic_steps=2, seed=3,
    )


def _cgan():
    return CGAN(
        dcgan.generator(classes=CLASSES, **_LATENT),
        dcgan.discriminator(classes=CLASSES, **_PICTURE),
        classes=CLASSES, adversarial="hinge", seed=3,
    )


def _cgan_resnet():
    """All of BigGAN's ingredients but the hinge loss: the sums in a new
    judge's logits are beyond it, where it is flat."""
    common = {**_PICTURE, "classes": CLASSES, "attention": SIZE // 2}
    networks = (
        resnet_gan.generator(latent_dim=6, shared=4, skip=True, **common),
        resnet_gan.discriminator(**common),
    )
    rng = np.random.default_rng(3)
    for variable in [v for n in networks for v in n.trainable_variables]:
        if not keras.ops.any(variable):
            # 0 at first, where what comes before them does not move.
            variable.assign(0.1 * rng.normal(size=variable.shape))
    return CGAN(
        *networks, classes=CLASSES, generator_terms=[Orthogonal(0.01)],
        seed=3,
    )


def _acgan():
    return ACGAN(
        dcgan.generator(classes=CLASSES, **_LATENT),
        dcgan.discriminator(
            classes=CLASSES, class_head=True, dropout=0.5,
            minibatch="deviation", **_PICTURE
        ),
        classes=CLASSES, seed=3,
    )


def _acgan_terms():
    """All that may stand beside this game, of real and fake logits, too."""
    return ACGAN(
        dcgan.generator(classes=CLASSES, **_LATENT),
        dcgan.discriminator(
            classes=CLASSES, class_head=True, normalization="layer", **_PICTURE
        ),
        classes=CLASSES, fake_class_weight=0.5, adversarial="relativistic",
        discriminator_steps=2, generator_steps=2, r1_weight=0.1,
        penalties=[R2(0.1, every=2)], generator_terms=[ModeSeeking(0.1)],
        augment=DiffAugment(), seed=3,
    )


def _pix2pix():
    discriminator = patchgan.discriminator(
        condition_channels=3, width=4, layers=1
    )
    return Pix2Pix(unet.generator(size=SIZE, width=4), discriminator, seed=3)


def _cyclegan():
    def generator():
        return resnet_translator.generator(width=4, blocks=1)

    def discriminator():
        return patchgan.discriminator(
            width=4, layers=1, normalization="instance"
        )

    # One batch fills the pool: from the second step on it exchanges.
    return CycleGAN(
        generator(), generator(), discriminator(), discriminator(),
        image_shape=(SIZE, SIZE, 3), pool_size=ROWS + 2, seed=3,
    )


def _cut(**options):
    """Of the input some places are compared, of the other maps all."""
    return CUT(
        resnet_translator.generator(width=4, blocks=1),
        patchgan.discriminator(width=4, layers=1, normalization="instance"),
        [patch_features.head(channels, 8) for channels in (3, 8, 16)],
        taps=["input", "maps_half", "maps_block_1"], places=100, seed=3,
        **options,
    )


def _cut_fast():
    return _cut(nce_weight=10.0, identity_nce=False)


def _vae():
    return VAE(
        conv_vae.gaussian_encoder(**_LATENT), conv_vae.decoder(**_LATENT),
        beta=2.0, seed=3,
    )


def _vae_gaussian():
    return VAE(
        mlp.gaussian_encoder(**_LATENT), mlp.decoder(**_LATENT),
        likelihood="gaussian", sigma=0.5, seed=3,
    )


def _vae_features():
    """With a loss on a frozen network's maps, and a prior that is fitted."""
    features = classifier.residual(classes=CLASSES, **_PICTURE)
    model = VAE(
        mlp.gaussian_encoder(**_LATENT), mlp.decoder(**_LATENT),
        priors.mixture(5, 3), likelihood="gaussian", perceptual=features,
        taps=["maps_8", "maps_4"], perceptual_weight=100.0, seed=3,
    )
    rng = np.random.default_rng(3)
    spread = np.tril(rng.normal(size=(3, 5, 5))) + 2 * np.eye(5)
    model.prior.get_layer("mixture").assign(
        [0.5, 0.2, 0.3], rng.normal(size=(3, 5)),
        spread @ spread.transpose(0, 2, 1),
    )
    return model


def _autoencoder():
    return Autoencoder(
        mlp.encoder(**_LATENT), mlp.decoder(activation="tanh", **_LATENT),
        reconstruction_loss="l1", seed=3,
    )


def _classifier(**options):
    network = classifier.residual(classes=CLASSES, dropout=0.5, **_PICTURE)
    return Classifier(network, classes=["a", "b", "c"], seed=3, **options)


def _classifier_smooth():
    return _classifier(label_smoothing=0.1)


def _classifier_attributes():
    return _classifier(multi_label=True)


def _gan_ema():
    model = _gan()
    model.average(0.9, ["generator"])
    return model


# -- columns: (random generator, rows) -> array ------------------------------


def pictures(rng, rows):
    """uint8 (rows, 16, 16, 3)."""
    return rng.integers(0, 256, (rows, SIZE, SIZE, 3)).astype("uint8")


def small_pictures(rng, rows):
    """uint8 (rows, 4, 4, 3)."""
    return rng.integers(0, 256, (rows, 4, 4, 3)).astype("uint8")


def plane(rng, rows):
    """float32 (rows, 2)."""
    return rng.normal(size=(rows, 2)).astype("float32")


def solids(rng, rows):
    """uint8 (rows, 16, 16, 16, 1)."""
    return rng.integers(0, 256, (rows, SIZE, SIZE, SIZE, 1)).astype("uint8")


def videos(rng, rows):
    """uint8 (rows, 4, 16, 16, 3)."""
    return rng.integers(0, 256, (rows, 4, SIZE, SIZE, 3)).astype("uint8")


def labels(rng, rows):
    """int32 (rows,), below `CLASSES`."""
    return rng.integers(0, CLASSES, rows).astype("int32")


def attributes(rng, rows):
    """int32 (rows, CLASSES), 0 or 1."""
    return rng.integers(0, 2, (rows, CLASSES)).astype("int32")


IMAGE = {"image": pictures}
LABELLED = {**IMAGE, "label": labels}


@dataclasses.dataclass(frozen=True)
class Case:
    """A tiny instance of an objective, and what is true of it.

    Attributes:
        build: makes a new, uncompiled model.
        columns: {name: what draws the column} of its data, of any type.
        unpaired: whether each column is shuffled by itself.
        condition: what `generate` takes beside number and seed; None where
            nothing can be drawn from a seed alone.
        translates: the column that it translates, if it does.
        noise: whether a player's loss in a step depends on the noise.
        learns_labels: whether its samples are not watched, but its accuracy.
        rate: the learning rate of `test_agreement.py`'s SGD. The errors of
            the VAEs are sums over pixels, the others' means. Large steps on
            kinked losses would make rounding errors grow beyond the
            tolerance.
        variant: whether another case has the same objective and says more:
            most tests of this one are marked slow.
        workers: whether two workers train it too: those that differ most in
            what replicas must share.
        files: {file of ONNX or LiteRT: signature that says what it must
            compute}, one objective for each way to be written.
    """

    build: Callable
    columns: dict = dataclasses.field(default_factory=lambda: IMAGE)
    unpaired: bool = False
    condition: dict | None = None
    translates: str = ""
    noise: bool = True
    learns_labels: bool = False
    rate: float = 1e-2
    variant: bool = False
    workers: bool = False
    files: dict = dataclasses.field(default_factory=dict)


_GENERATOR = {"generator": "serving_default"}
CASES = {
    "gan_ema": Case(
        _gan_ema, condition={}, rate=3e-3, workers=True, files=_GENERATOR
    ),
    "gan": Case(_gan, condition={}, rate=3e-3, variant=True),
    "gan_r1": Case(_gan_r1, condition={}, variant=True),
    "gan_terms": Case(
        _gan_terms, LABELLED, condition={"label": 1}, rate=2e-3, variant=True
    ),
    "gan_relativistic": Case(
        _gan_relativistic, condition={}, rate=1e-3, variant=True
    ),
    "gan_spectral": Case(
        _gan_spectral, condition={}, rate=1e-4, variant=True
    ),
    "gan_minibatch": Case(
        _gan_minibatch, condition={}, rate=5e-5, variant=True
    ),
    "gan_little_data": Case(
        _gan_little_data, LABELLED, condition={"label": 1}, rate=1e-3,
        variant=True,
    ),
    "gan_points": Case(
        _gan_points, {"points": plane}, condition={}, variant=True
    ),
    "wgan_voxels": Case(
        _wgan_voxels, {"voxels": solids}, condition={}, rate=3e-4,
        variant=True,
    ),
    "gan_videos": Case(
        _gan_videos, {"video": videos}, condition={}, rate=1e-3, variant=True
    ),
    "srgan": Case(
        _srgan, {"input": small_pictures, "target": pictures},
        translates="input", noise=False, rate=1e-3,
    ),
    "wgan_clip": Case(_wgan_clip, condition={}, rate=3e-3, variant=True),
    "wgan_penalty": Case(
        _wgan_penalty, condition={}, rate=1e-3, workers=True
    ),
    "cgan": Case(_cgan, LABELLED, condition={"label": 1}, files=_GENERATOR),
    "cgan_resnet": Case(
        _cgan_resnet, LABELLED, condition={"label": 1}, rate=1e-3,
        variant=True,
    ),
    "acgan": Case(_acgan, LABELLED, condition={"label": 1}),
    "acgan_terms": Case(
        _acgan_terms, LABELLED, condition={"label": 1}, rate=1e-3,
        variant=True,
    ),
    "pix2pix": Case(
        _pix2pix, {"input": pictures, "target": pictures},
        translates="input", files={"generator": "to_target"},
    ),
    "cyclegan": Case(
        # It draws nothing before the pool is full.
        _cyclegan, {"a": pictures, "b": pictures}, unpaired=True,
        translates="a", noise=False, rate=1e-5, workers=True,
        files={"generator_ab": "to_b", "generator_ba": "to_a"},
    ),
    "cut": Case(
        _cut, {"a": pictures, "b": pictures}, unpaired=True, translates="a",
        rate=3e-4, files={"generator": "to_b"},
    ),
    "cut_fast": Case(
        _cut_fast, {"a": pictures, "b": pictures}, unpaired=True,
        translates="a", rate=1e-4, variant=True,
    ),
    "vae": Case(
        _vae, condition={}, rate=1e-4,
        files={"encoder": "encode", "decoder": "serving_default"},
    ),
    "vae_gaussian": Case(_vae_gaussian, condition={}, rate=1e-4, variant=True),
    "vae_features": Case(_vae_features, condition={}, rate=1e-4, variant=True),
    "autoencoder": Case(_autoencoder, noise=False, rate=1.0),
    "classifier": Case(
        _classifier_smooth, LABELLED, learns_labels=True, rate=3e-3,
        files={"classifier": "serving_default"},
    ),
    "classifier_attributes": Case(
        _classifier_attributes, {**IMAGE, "label": attributes},
        learns_labels=True, rate=3e-3, variant=True,
    ),
}
NAMES = tuple(CASES)


def names(true):
    """The names of the cases of which `true(case)` holds."""
    return [name for name, case in CASES.items() if true(case)]


def each(true=lambda case: True):
    """The same for `pytest.mark.parametrize`, the variants marked slow."""
    return [
        pytest.param(name, marks=[pytest.mark.slow] * case.variant)
        for name, case in CASES.items() if true(case)
    ]


def build(name):
    """A new, uncompiled model; the same weights after the same seed."""
    return CASES[name].build()


def sgd(learning_rate=1e-2):
    """Moves in proportion to the gradient, so that a wrong factor shows,
    which Adam would divide out again."""
    return keras.optimizers.SGD(learning_rate, momentum=0.9)


def adam():
    return Adam(1e-3, beta_1=0.5)


def compiled(name, optimizer=adam, **options):
    """A new compiled model. Eager by default: a step or two of a tiny model
    takes less than to trace its graph."""
    model = build(name)
    model.compile(
        {player: optimizer() for player in model.players},
        **{"run_eagerly": True, **options},
    )
    return model


@functools.cache
def shared(name):
    """`compiled(name)`, made once: for tests that leave it as it is."""
    keras.utils.set_random_seed(0)
    return compiled(name)


def data(name, rows=2 * ROWS):
    """A training set as a dict of arrays."""
    rng = np.random.default_rng(7)
    columns = CASES[name].columns
    return {column: draw(rng, rows) for column, draw in columns.items()}


def dataset(name):
    """The training set as the trainer takes it."""
    return Dataset(data(name), unpaired=CASES[name].unpaired)


def fit(model, columns, epochs=1, **options):
    """`fit` in the order of the rows."""
    return model.fit(
        columns, batch_size=ROWS, epochs=epochs, shuffle=False, verbose=0,
        **options,
    )


def made(model, name):
    """Three rows of what it makes, or None where it makes nothing."""
    case = CASES[name]
    if case.translates:
        return model.translate(data(name)[case.translates][:3])
    if case.condition is None:
        return None
    return model.generate(3, seed=5)
