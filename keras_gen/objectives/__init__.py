"""Training schemes, one file each."""

import importlib

_WHERE = {
    "Autoencoder": "autoencoder",
    "CGAN": "cgan",
    "CycleGAN": "cyclegan",
    "GAN": "gan",
    "Pix2Pix": "pix2pix",
    "VAE": "vae",
    "WGAN": "wgan",
}
__all__ = sorted(_WHERE)


def __getattr__(name):
    if name in _WHERE:
        module = importlib.import_module(f"{__name__}.{_WHERE[name]}")
        return getattr(module, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
