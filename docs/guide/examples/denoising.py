"""Denoising autoencoders (Vincent et al. 2008, ICML, "Extracting and
composing robust features with denoising autoencoders")."""

import keras
from keras import ops

from keras_gen import losses
from keras_gen.errors import InputError
from keras_gen.objectives import Autoencoder


@keras.saving.register_keras_serializable(package="examples")
class DenoisingAutoencoder(Autoencoder):
    """An autoencoder that is given less than it has to give back.

    Args:
        encoder, decoder: as of `Autoencoder`.
        corruption: share of the pixels, in [0, 1), that are black in what the
            encoder is given.
        **kwargs: as of `Autoencoder`.
    """

    def __init__(self, encoder, decoder, *, corruption=0.3, **kwargs):
        super().__init__(encoder, decoder, **kwargs)
        if not 0 <= corruption < 1:
            raise InputError(
                f"corruption must be at least 0 and below 1, got {corruption}"
            )
        self.corruption = corruption

    def corrupted(self, image):
        """Pictures in [-1, 1] with pixels, of all channels, that are black
        in this step."""
        rows, *shape = ops.shape(image)
        kept = self.noise.uniform(rows, (*shape[:2], 1)) >= self.corruption
        return ops.where(kept, image, -1.0)

    def autoencoder_loss(self, image):
        """Mean error of what is made of the corrupted picture against the
        whole one, in units of [-1, 1] pixels."""
        error = getattr(losses, self.reconstruction_loss)
        code = self.encoder(self.corrupted(image), training=True)
        return ops.mean(error(image, self.decoder(code, training=True)))
