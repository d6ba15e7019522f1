"""An objective that takes what recipes can give: lists of networks and of
objects, and a network of another recipe."""

from keras_gen.errors import InputError
from keras_gen.objectives.gan import GAN


class Term:
    """An object in a list."""

    def __init__(self, weight, inner=None):
        if weight < 0:
            raise InputError(f"weight must be at least 0, got {weight}")
        self.weight, self.inner = weight, inner


class Several(GAN):
    """A GAN with a list of critics, of which the first plays."""

    players = {"discriminator": ("critics",), "generator": ("generator",)}

    def __init__(self, generator, critics, *, terms=(), features=None,
                 **kwargs):
        super().__init__(generator, critics[0], **kwargs)
        self.critics, self.terms = critics, terms
        self.features = features
