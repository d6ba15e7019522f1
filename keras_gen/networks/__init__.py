"""Networks: functions that return functional Keras models.

Pictures are (n, height, width, channels) in [-1, 1], videos have a time
before the height, voxels a depth; discriminators return logits; outputs are
float32 under every dtype policy. Invalid arguments raise
`keras_gen.errors.InputError`.
"""

from keras_gen.backend import settings
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
    sizes,
    spade,
    srgan,
    taps,
    unet,
    video_gan,
    voxel_gan,
)

__all__ = [
    "classifier",
    "conv_vae",
    "dcgan",
    "mlp",
    "patch_features",
    "patchgan",
    "points",
    "priors",
    "r3gan",
    "resnet_gan",
    "resnet_translator",
    "sizes",
    "spade",
    "srgan",
    "taps",
    "unet",
    "video_gan",
    "voxel_gan",
]

# Before the first is built.
settings.check()
