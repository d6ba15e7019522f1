"""Tiny instances of every objective, with networks of a few numbers.

`tiny.CASES` says what is true of each. The same weights after the same seed.
"""

import keras
import numpy as np

from keras_gen.augmentation import AdaptiveAugment, Compress, DiffAugment
from keras_gen.networks import classifier as classifiers
from keras_gen.networks import (
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
    spade,
)
from keras_gen.networks import srgan as srgans
from keras_gen.networks import unet, video_gan, voxel_gan
from keras_gen.objectives.acgan import ACGAN
from keras_gen.objectives.autoencoder import Autoencoder
from keras_gen.objectives.cgan import CGAN
from keras_gen.objectives.classifier import Classifier
from keras_gen.objectives.cut import CUT
from keras_gen.objectives.cyclegan import CycleGAN
from keras_gen.objectives.detector import Detector
from keras_gen.objectives.gan import GAN
from keras_gen.objectives.pix2pix import Pix2Pix
from keras_gen.objectives.srgan import SRGAN
from keras_gen.objectives.unrolled import UnrolledGAN
from keras_gen.objectives.vae import VAE
from keras_gen.objectives.wgan import WGAN
from keras_gen.penalties import R1, R2
from keras_gen.terms import LeCam, ModeSeeking, Orthogonal

SIZE, CLASSES, ROWS = 16, 3, 8
_PICTURE = {"size": SIZE, "channels": 3, "width": 4}
_LATENT = {**_PICTURE, "latent_dim": 5}


def gan():
    return GAN(
        dcgan.generator(**_LATENT), dcgan.discriminator(**_PICTURE),
        discriminator_steps=2, seed=3,
    )


def gan_r1():
    return GAN(
        mlp.generator(**_LATENT), mlp.discriminator(**_PICTURE),
        adversarial="saturating", r1_weight=1.0, seed=3,
    )


def gan_terms():
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


def gan_relativistic():
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


def gan_spectral():
    """A judge whose singular vectors move in its own passes alone."""
    return GAN(
        dcgan.generator(**_LATENT),
        dcgan.discriminator(normalization="spectral", **_PICTURE),
        discriminator_steps=2, seed=3,
    )


def gan_minibatch():
    """A judge that sees each row beside those of all replicas."""
    return GAN(
        dcgan.generator(**_LATENT),
        dcgan.discriminator(minibatch="distance", **_PICTURE), seed=3,
    )


def gan_little_data():
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


def gan_points():
    return GAN(
        points.generator(latent_dim=5, width=8),
        points.discriminator(width=8), makes="points", seed=3,
    )


def wgan_voxels():
    critic = voxel_gan.discriminator(
        size=SIZE, width=4, normalization="layer"
    )
    return WGAN(
        voxel_gan.generator(size=SIZE, latent_dim=5, width=4), critic,
        gradient_penalty=10.0, critic_steps=1, makes="voxels", seed=3,
    )


def gan_videos():
    sizes = {"frames": 4, "size": 16, "channels": 3, "width": 4}
    return GAN(
        video_gan.generator(latent_dim=5, **sizes),
        video_gan.discriminator(**sizes), makes="video", seed=3,
    )


def srgan():
    features = classifiers.residual(classes=CLASSES, **_PICTURE)
    return SRGAN(
        srgans.generator(width=4, blocks=1),
        srgans.discriminator(size=SIZE, width=4), features, taps=["maps_8"],
        perceptual_weight=0.1, adversarial_weight=0.1, seed=3,
    )


def wgan_clip():
    return WGAN(
        dcgan.generator(**_LATENT), dcgan.discriminator(**_PICTURE),
        clip=0.02, critic_steps=2, seed=3,
    )


def wgan_penalty():
    critic = dcgan.discriminator(normalization="layer", **_PICTURE)
    return WGAN(
        dcgan.generator(**_LATENT), critic, gradient_penalty=10.0,
        critic_steps=2, seed=3,
    )


def cgan():
    return CGAN(
        dcgan.generator(classes=CLASSES, **_LATENT),
        dcgan.discriminator(classes=CLASSES, **_PICTURE),
        classes=CLASSES, adversarial="hinge", seed=3,
    )


def cgan_resnet():
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


def acgan():
    return ACGAN(
        dcgan.generator(classes=CLASSES, **_LATENT),
        dcgan.discriminator(
            classes=CLASSES, class_head=True, dropout=0.5,
            minibatch="deviation", **_PICTURE
        ),
        classes=CLASSES, seed=3,
    )


def acgan_terms():
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


def unrolled():
    return UnrolledGAN(
        mlp.generator(**_LATENT), mlp.discriminator(**_PICTURE),
        unrolled_steps=2, seed=3,
    )


def unrolled_terms():
    """All that may stand beside it, with labels."""
    return UnrolledGAN(
        dcgan.generator(classes=CLASSES, **_LATENT),
        dcgan.discriminator(
            classes=CLASSES, normalization="layer", **_PICTURE
        ),
        classes=CLASSES, unrolled_steps=2, discriminator_steps=2,
        generator_steps=2, generator_terms=[ModeSeeking(0.1)],
        augment=DiffAugment(["colour"]), instance_noise=0.1, seed=3,
    )


def pix2pix():
    discriminator = patchgan.discriminator(
        condition_channels=3, width=4, layers=1
    )
    return Pix2Pix(unet.generator(size=SIZE, width=4), discriminator, seed=3)


def pix2pix_features():
    """Labels in, and a judge of two sizes whose inner maps count and mix
    rows."""
    labels = [[0, 0, 0], [255, 0, 0], [0, 128, 255]]
    discriminator = patchgan.multiscale(
        condition_channels=3, width=4, layers=1, normalization="batch",
        labels=labels,
    )
    generator = unet.generator(
        size=SIZE, width=4, upsampling="resize", labels=labels
    )
    return Pix2Pix(generator, discriminator, feature_matching=10.0, seed=3)


def pix2pix_spade():
    """Labels and a latent in, and all that pixels are left out for."""
    labels = [[0, 0, 0], [255, 0, 0], [0, 128, 255]]
    discriminator = patchgan.multiscale(
        condition_channels=3, width=4, layers=1, spectral=True, labels=labels
    )
    generator = spade.generator(
        size=SIZE, width=4, hidden=4, latent_dim=3, labels=labels
    )
    features = classifiers.residual(classes=CLASSES, **_PICTURE)
    return Pix2Pix(
        generator, discriminator, features, taps=["maps_8"],
        perceptual_weight=1.0, feature_matching=10.0, l1_weight=0.0,
        adversarial="least_squares", discriminator_weight=1.0, seed=3,
    )


def cyclegan():
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


def cut(**options):
    """Of the input some places are compared, of the other maps all."""
    return CUT(
        resnet_translator.generator(width=4, blocks=1),
        patchgan.discriminator(width=4, layers=1, normalization="instance"),
        [patch_features.head(channels, 8) for channels in (3, 8, 16)],
        taps=["input", "maps_half", "maps_block_1"], places=100, seed=3,
        **options,
    )


def cut_fast():
    return cut(nce_weight=10.0, identity_nce=False)


def vae():
    return VAE(
        conv_vae.gaussian_encoder(**_LATENT), conv_vae.decoder(**_LATENT),
        beta=2.0, seed=3,
    )


def vae_gaussian():
    return VAE(
        mlp.gaussian_encoder(**_LATENT), mlp.decoder(**_LATENT),
        likelihood="gaussian", sigma=0.5, seed=3,
    )


def vae_features():
    """With a loss on a frozen network's maps, and a prior that is fitted."""
    features = classifiers.residual(classes=CLASSES, **_PICTURE)
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


def autoencoder():
    return Autoencoder(
        mlp.encoder(**_LATENT), mlp.decoder(activation="tanh", **_LATENT),
        reconstruction_loss="l1", seed=3,
    )


def classifier(**options):
    network = classifiers.residual(classes=CLASSES, dropout=0.5, **_PICTURE)
    return Classifier(network, classes=["a", "b", "c"], seed=3, **options)


def classifier_smooth():
    return classifier(label_smoothing=0.1)


def classifier_attributes():
    return classifier(multi_label=True)


def detector():
    return Detector(
        classifiers.residual(classes=2, **_PICTURE),
        dcgan.generator(latent_dim=5, **_PICTURE), augment=Compress((30, 100)),
        seed=3,
    )


def gan_ema():
    model = gan()
    model.average(0.9, ["generator"])
    return model
