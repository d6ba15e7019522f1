"""Autoencoders (Hinton and Salakhutdinov 2006, Science 313, 504-507)."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_gen import losses, seeds, values
from keras_gen.abilities import Encodes
from keras_gen.errors import InputError
from keras_gen.export import signature
from keras_gen.layers.folded import applied
from keras_gen.losses import Tensor
from keras_gen.objectives.base.objective import Objective, training_step
from keras_gen.objectives.base.wanted import Wanted


class Reconstructs(Encodes):
    """Encoding and reconstruction for objectives with `code` and `decode`."""

    def reconstruction(self, image: Tensor) -> Tensor:
        """Float pictures in [-1, 1] -> their reconstructions."""
        return self.decode(self.code(image))

    def item_shapes(self) -> dict[str, tuple]:
        image = tuple(self.encoder.input_shape[1:])
        return {"image": image} | super().item_shapes()

    @property
    def code_size(self) -> int:
        """Numbers in the code of a picture."""
        return self.decoder.input_shape[-1]

    def encode(self, pictures: np.ndarray) -> np.ndarray:
        """Codes of pictures (n, h, w, c), uint8 or what else
        `keras_gen.arrays` reads: float32 (n, latent_dim); for a VAE the
        posterior's mean."""
        return self._in_batches("code", pictures)

    def reconstruct(self, pictures: np.ndarray) -> np.ndarray:
        """Pictures, as of `encode`, -> uint8 pictures, through the code."""
        return self.made.restore(self._in_batches("reconstruction", pictures))

    def _in_batches(self, method, pictures):
        pictures = self.accepted(pictures, "image", self.encoder)
        floats = self.types["image"].floats(pictures)
        return np.concatenate([
            self.run(method, ops.convert_to_tensor(floats[i:i + 64]))
            for i in range(0, len(floats), 64)
        ])

    def preview(
        self, batch: dict[str, np.ndarray], seed: int = 0
    ) -> tuple[np.ndarray, int]:
        """Rows of pictures, each with their reconstructions below."""
        image = np.resize(batch["image"], (32, *batch["image"].shape[1:]))
        rows = zip(
            np.split(image, 4), np.split(self.reconstruct(image), 4)
        )
        return self.made.sheet(
            np.concatenate([r for pair in rows for r in pair]), 8
        )

    def functions(self) -> dict[str, Callable]:
        return {
            "encoder": lambda image: {"latent": self.code(image)},
            "decoder": lambda latent: {
                self.made.column: self.decode(latent)
            },
        }

    def code_signatures(self) -> dict[str, tuple]:
        """The signatures `encode` and `reconstruct`."""
        def encode(image):
            return {"latent": self.code(image)}

        def reconstruct(image):
            return {self.made.column: self.reconstruction(image)}

        image = {"image": signature.picture(tuple(self.encoder.input_shape))}
        return {
            "encode": (encode, image),
            "reconstruct": (reconstruct, image),
        }


@keras.saving.register_keras_serializable(package="keras_gen")
class Autoencoder(Reconstructs, Objective):
    """Encoder and decoder trained to reproduce their input. Not a
    generative model: nothing ties the codes to a known distribution.

    Args:
        encoder: pictures -> codes (n, latent_dim).
        decoder: codes -> pictures in [-1, 1].
        reconstruction_loss: "l2" or "l1", of `keras_gen.losses`.
        makes: "picture", or "picture16", which keeps 16 bits.
        seed, name: see `Objective`.
    """

    players = {"autoencoder": ("encoder", "decoder")}
    protocols = ("reconstruction",)
    takes = {"encoder": ("image",), "decoder": ("latent",)}
    flows = (
        ("encoder", None, "decoder", "latent"),
        ("decoder", None, "encoder", "image"),
    )
    against_collapse = "a lower learning rate, or more steps"

    def __init__(
        self, encoder: keras.Model, decoder: keras.Model, *,
        reconstruction_loss: str = "l2", makes: str = "picture", **kwargs,
    ):
        super().__init__(**kwargs)
        self.makes = values.picture_type(makes).name
        if reconstruction_loss not in ("l1", "l2"):
            raise InputError(
                "reconstruction_loss must be 'l1' or 'l2', got "
                f"{reconstruction_loss!r}"
            )
        self.encoder = encoder
        self.decoder = decoder
        self.check_networks()
        self.reconstruction_loss = reconstruction_loss

    @property
    def made(self) -> values.Value:
        """The type of the pictures that are made."""
        return values.named(self.makes)

    @property
    def types(self) -> dict[str, values.Value]:
        return {"image": self.made}

    @training_step
    def train_step(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        return self.update(
            "autoencoder", lambda: self.autoencoder_loss(batch["image"])
        )

    def autoencoder_loss(self, image: Tensor) -> Tensor:
        """Mean reconstruction error, in units of [-1, 1] pixels."""
        error = getattr(losses, self.reconstruction_loss)
        code = self.encoder(image, training=True)
        return ops.mean(error(image, self.decoder(code, training=True)))

    def call(self, inputs: Any, training: bool = False) -> Tensor:
        code = self.encoder(inputs, training=training)
        return self.decoder(code, training=training)

    def call_inputs(self) -> dict[str, Wanted]:
        """Pictures; the result is `reconstruct`'s, in [-1, 1] and not
        rounded to uint8."""
        shape = tuple(self.encoder.input_shape[1:])
        return {"image": Wanted(self.types["image"], shape)}

    def code(self, image: Tensor) -> Tensor:
        """Pictures in [-1, 1] -> codes."""
        return applied(self.encoder, image)

    def decode(self, latent: Tensor, training: bool = False) -> Tensor:
        """Codes -> pictures in [-1, 1]."""
        return applied(self.decoder, latent, training)

    def exhibit(
        self, batch: dict[str, np.ndarray], seed: int = 0
    ) -> tuple[np.ndarray, int]:
        """Why this is no generative model: pictures of standard normal
        codes, and below of a Gaussian fitted to the codes of the batch."""
        codes = self.encode(batch["image"])
        normal = seeds.generator(seed).normal(size=(64, self.code_size))
        normal[32:] = codes.mean(0) + codes.std(0) * normal[32:]
        latents = ops.convert_to_tensor(normal.astype("float32"))
        made = self.made.restore(self.run("decode", latents))
        return self.made.sheet(made, 8)

    def monitored(self, batch: dict[str, np.ndarray], seed: int = 0) -> tuple:
        return self.reconstruct(batch["image"]), batch["image"], None

    def signatures(self) -> dict[str, tuple]:
        signatures = self.code_signatures()
        return {"serving_default": signatures["reconstruct"], **signatures}
