"""What models can do, asked in one way: `model.can(DrawsLatents)`.

An objective's class inherits the abilities that its models may have; whether
a model has one may depend on its arguments, so that `isinstance` does not
tell. Where there is no way on without it, `DrawsLatents.require(model)`.
"""

from keras_gen.errors import InputError


class Ability:
    """Something that a model can do.

    Attributes:
        lacking: what is said of a model that cannot, after its name.
    """

    lacking = ""

    @classmethod
    def held_by(cls, model):
        """Whether this model can; see `Objective.can`."""
        return isinstance(model, cls)

    @classmethod
    def require(cls, model):
        """Raises an InputError, with what to do instead, unless it can."""
        if not model.can(cls):
            raise InputError(f"{model.name} {cls.reason(model)}")

    @classmethod
    def reason(cls, model):
        """What is said of this model, which cannot, after its name."""
        return cls.lacking


class DrawsLatents(Ability):
    """Makes what it makes of latents of a known distribution.

    Attributes:
        latent_dim: numbers in a latent.
        latents: `(seeds, truncation=None)` -> tensor (n, latent_dim).
        truncations: `(truncation, n)` -> float32 array (n,), checked.
        decode: `(latent)`, or `(latent, label)` of a model that
            `TakesLabels`, -> tensor of what it makes, in [-1, 1].
    """

    @classmethod
    def reason(cls, model):
        if model.can(Encodes):
            reason = (
                "its codes follow no known distribution; begin with pictures "
                "instead"
            )
        elif model.can(Translates):
            reason = "it translates pictures; use keras-gen translate"
        else:
            reason = "it does not make pictures"
        return f"has no latents to draw: {reason}"


class TakesLabels(Ability):
    """Makes what is asked for by its class.

    Attributes:
        classes: how many there are; a model whose class may take labels but
            that takes none has 0.
        class_names: what they are called; empty without names.
    """

    lacking = (
        "has no classes: only conditional models, such as cgan_shapes, make "
        "pictures of a class"
    )

    @classmethod
    def held_by(cls, model):
        return super().held_by(model) and model.classes > 0


class Encodes(Ability):
    """Finds codes of pictures, from which they can be made again.

    Attributes:
        code_size: numbers in a code.
        encode: `(pictures)`, uint8, -> float32 array (n, code_size).
        reconstruct: `(pictures)` -> uint8 array, through the code.
        decode: `(code)` -> tensor of pictures in [-1, 1].
    """

    lacking = "does not encode pictures: choose a VAE or an autoencoder"


class Translates(Ability):
    """Turns pictures into other pictures.

    Attributes:
        translators: {column that is made: name of the network}; the first
            is the default.
        translate: `(pictures, to=None, seed=0)` -> uint8 array.
    """

    lacking = (
        "does not translate pictures: choose a pix2pix or a CycleGAN"
    )


class HasLikelihood(Ability):
    """Knows how likely a picture is, given its latent.

    Attributes:
        likelihood: "bernoulli" or "gaussian".
        negative_log_likelihood: `(image, pixels)` -> nats (n,).
    """

    lacking = "knows no likelihood of pictures: choose a VAE"


class Predicts(Ability):
    """Says what is on pictures.

    Attributes:
        classes: their names.
        predictions: `(pictures)`, uint8, -> {"features", "probabilities"}.
    """

    lacking = "is no classifier: choose one, such as classifier_shapes"
