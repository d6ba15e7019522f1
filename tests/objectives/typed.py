"""Tiny models of each type of value that is made of latents, with weights
that make something to see."""

from keras_gen.networks import dcgan, points, video_gan, voxel_gan
from keras_gen.objectives.gan import GAN
from networks.case import randomise

SHAPES = {
    "picture": (16, 16, 3),
    "points": (2,),
    "video": (4, 16, 16, 3),
    "voxels": (16, 16, 16, 1),
}
NAMES = tuple(SHAPES)
_LATENT = {"latent_dim": 5, "width": 4}
_NETWORKS = {
    "picture": (dcgan, {"size": 16, "channels": 3}),
    "points": (points, {}),
    "video": (video_gan, {"frames": 4, "size": 16, "channels": 3}),
    "voxels": (voxel_gan, {"size": 16}),
}


def build(name):
    """A new, uncompiled GAN that makes this type; always of the same
    weights."""
    module, arguments = _NETWORKS[name]
    model = GAN(
        module.generator(**_LATENT, **arguments),
        module.discriminator(width=4, **arguments),
        makes=name, name=f"tiny_{name}",
    )
    randomise(model.generator)
    return model
