"""Networks: functions that return functional Keras models.

Pictures are (n, height, width, channels) in [-1, 1]; discriminators return
logits; outputs are float32 under every dtype policy. Invalid arguments raise
`keras_gen.errors.InputError`.
"""

from keras_gen.networks import (
    classifier,
    conv_vae,
    dcgan,
    mlp,
    patchgan,
    resnet_translator,
    sizes,
    unet,
)

__all__ = [
    "classifier",
    "conv_vae",
    "dcgan",
    "mlp",
    "patchgan",
    "resnet_translator",
    "sizes",
    "unet",
]
