"""What the two-player games on latents share: GAN, WGAN, conditional GAN."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import ops

from keras_gen.accepted import at_least
from keras_gen.backend import gradients
from keras_gen.errors import InputError
from keras_gen.losses import Tensor
from keras_gen.objectives.base import wiring
from keras_gen.objectives.base.labels import Labelled, checked_names
from keras_gen.objectives.base.latent import LatentObjective
from keras_gen.objectives.base.tensors import mixing_layer
from keras_gen.terms import Round, Term


class Game(Labelled, LatentObjective):
    """A generator against a network that judges what it makes.

    The training scheme is the subclass's, which stores both networks. In
    each step the generator's first update is on the fakes that the judge was
    shown last: one pass makes them for both, where the papers' algorithms
    draw new ones.

    Args:
        classes: number of labels, 0 ... classes - 1, that both networks see;
            0 for none.
        class_names: what they are called, one for each in their order, by
            which `generate` takes them, too; empty for no names.
        generator_steps: the generator's updates in a training step, those
            after the first with new latents of their own.
        penalties: what the judge's loss has beside the game's, such as
            `keras_gen.penalties.R1`; see `keras_gen.terms`.
        generator_terms: the same of the generator's loss, such as
            `keras_gen.terms.ModeSeeking`.
        augment: `keras_gen.augmentation.DiffAugment` or the like: what the
            judge sees of both sides, in every step.
        makes, seed, name: see `LatentObjective`.
    """

    # The network, and player, that judges.
    judge = "discriminator"

    def __init__(
        self, *, classes: int = 0, class_names: Sequence[str] = (),
        generator_steps: int = 1,
        penalties: Sequence[Term] = (), generator_terms: Sequence[Term] = (),
        augment: Callable | None = None, **kwargs,
    ):
        super().__init__(**kwargs)
        self.classes = classes
        self.class_names = checked_names(class_names, classes)
        at_least(1, generator_steps=generator_steps)
        self.generator_steps = generator_steps
        self.penalties = list(penalties)
        self.generator_terms = list(generator_terms)
        self.augment = augment
        if classes and "labels" not in self.protocols:
            self.protocols = (*self.protocols, "labels")

    @property
    def takes(self) -> dict[str, tuple[str, ...]]:
        label = ("label",) if self.classes else ()
        return {**super().takes, self.judge: (self.made.column, *label)}

    @property
    def flows(self) -> tuple:
        return (("generator", None, self.judge, self.made.column),)

    def check_networks(self) -> None:
        super().check_networks()
        made = wiring.output(self.generator)
        if made is not None:
            self.made.check(made, "what the generator makes")

    def refuse_mixed_rows(self, network: keras.Model) -> None:
        """Raises an InputError where a penalty that is defined for each row
        alone meets a network that mixes them."""
        layer = mixing_layer(network)
        what = type(layer).__name__
        if isinstance(layer, keras.layers.BatchNormalization):
            what = "batch normalization"
        without = getattr(layer, "without", "normalization='layer' or 'none'")
        for term in self.all_penalties():
            if term.of_single_rows and layer is not None:
                raise InputError(
                    f"{type(term).__name__} is defined for each row alone, "
                    f"which {what} in the {self.judge} mixes: build the "
                    f"{self.judge} with {without}"
                )

    def item_shapes(self) -> dict[str, tuple]:
        # What is real is like what is made.
        made = {self.made.column: tuple(self.generator.output_shape[1:])}
        return made | super().item_shapes()

    def shown(self, batch: dict[str, Tensor]) -> tuple[Tensor, Tensor | None]:
        """What is real in a batch, and its labels or None."""
        return batch[self.made.column], batch.get("label")

    # -- the networks in training ---------------------------------------------

    def drawn(self, rows: Tensor) -> Tensor:
        """New latents (rows, latent_dim) from this step's noise."""
        return self.noise.normal(rows, (self.latent_dim,))

    def made_of(self, latent: Tensor, label: Tensor = None) -> Tensor:
        """What the generator makes in training mode."""
        return self.decode(latent, label, training=True)

    def fakes(
        self, real: Tensor, label: Tensor = None
    ) -> tuple[Tensor, Tensor]:
        """(latents, what is made of them) in training mode from this step's
        noise: as many as there are real items, of their labels."""
        latent = self.drawn(ops.shape(real)[0])
        return latent, self.made_of(latent, label)

    def judged(
        self, items: Tensor, label: Tensor = None, noise: Any = None
    ) -> Tensor:
        """The judge's logits or scores, of what it is shown of the items."""
        return self.logits_of(self.told(items, label, noise))

    def told(
        self, items: Tensor, label: Tensor = None, noise: Any = None
    ) -> Any:
        """All that the judge tells of what it is shown of the items: what is
        `judged`, unless it has more outputs than that."""
        if self.augment is not None:
            items = self.augment(items, noise or self.noise)
        if label is not None:
            items = {self.made.column: items, "label": label}
        return getattr(self, self.judge)(items, training=True)

    def logits_of(self, told: Any) -> Tensor:
        """What is `judged` of what is `told`."""
        return told

    # -- what the losses have beside the game's -------------------------------

    def with_terms(
        self, terms: Sequence[Term], network: keras.Model, loss: Tensor,
        logs: dict[str, Tensor], **of_round,
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss and the logs with these terms.

        Args:
            terms: of `keras_gen.terms`.
            network: whose player is updated.
            **of_round: the fields of `keras_gen.terms.Round` that are known.
        """
        step = self._current_step()
        for number, term in enumerate(terms):
            stream = self.noise.at(number)
            state = Round(self, network, stream, **of_round)
            value = term.due(self.step if step.moving else None, state)
            loss = loss + term.weight_at(self.step) * value
            logs = {**logs, term.log_name: value}
        return loss, logs

    def all_penalties(self) -> list[Term]:
        """The judge's terms; those that a subclass has by name come first."""
        return self.penalties

    def with_penalties(
        self, loss: Tensor, logs: dict[str, Tensor], real: Tensor, fake: Tensor,
        label: Tensor = None,
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """The judge's loss and logs with its terms."""
        return self.with_terms(
            self.all_penalties(), getattr(self, self.judge), loss, logs,
            real=real, fake=fake, label=label,
        )

    def against_fakes(
        self, real: Tensor, label: Tensor = None, begun: Any = None
    ) -> tuple[Tensor, Any, Any]:
        """(fakes, what is told of the real, and of them): those of `begun`, or
        as many new ones of the same labels, which no gradient goes
        through."""
        if begun is None:
            _, fake = gradients.constant(lambda: self.fakes(real, label))
        else:
            fake = ops.stop_gradient(begun.made[1])
        return fake, self.told(real, label), self.told(fake, label)
