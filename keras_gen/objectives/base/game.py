"""What the two-player games on latents share: GAN, WGAN, conditional GAN."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_gen import terms
from keras_gen.accepted import at_least, fits, shown
from keras_gen.backend import gradients, replication
from keras_gen.errors import InputError
from keras_gen.losses import Tensor
from keras_gen.objectives.base import wiring
from keras_gen.objectives.base.labels import Labelled, checked_names
from keras_gen.objectives.base.latent import LatentObjective
from keras_gen.objectives.base.memory import Memory
from keras_gen.objectives.base.tensors import mixing_layer
from keras_gen.terms import Round, Schedule, Term


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
        dequantise: whether what is real gets uniform noise of half a level
            each way (1/255 in [-1, 1] for pictures of 8 bits), so that the
            judge cannot tell it by its levels, which the generator's floats
            do not have.
        instance_noise: deviation of the normal noise that the judge sees on
            both sides, over what `augment` leaves (Sonderby et al. 2017,
            https://arxiv.org/abs/1610.04490): a number, or a
            `keras.optimizers.schedules.LearningRateSchedule` of it by the
            training step; the paper lets it fall to 0.
        makes, seed, name: see `LatentObjective`.

    Attributes:
        boundary: the judge's number above which an item counts as real; None
            where only differences of its numbers mean something.
    """

    # The network, and player, that judges.
    judge = "discriminator"
    boundary: float | None = None

    def __init__(
        self, *, classes: int = 0, class_names: Sequence[str] = (),
        generator_steps: int = 1,
        penalties: Sequence[Term] = (), generator_terms: Sequence[Term] = (),
        augment: Callable | None = None, dequantise: bool = False,
        instance_noise: float | Schedule = 0.0, **kwargs,
    ):
        super().__init__(**kwargs)
        self.classes = classes
        self.class_names = checked_names(class_names, classes)
        at_least(1, generator_steps=generator_steps)
        self.generator_steps = generator_steps
        self.penalties = list(penalties)
        self.generator_terms = list(generator_terms)
        self.augment = augment
        if not fits(dequantise, bool):
            raise InputError(
                f"dequantise must be True or False, got {shown(dequantise)}"
            )
        if dequantise and not hasattr(self.made, "top"):
            raise InputError(
                "dequantise is of levels, as pictures have them, and "
                f"{self.made.plural} have none: leave it out"
            )
        self.dequantise = dequantise
        self.instance_noise = terms.checked("instance_noise", instance_noise)
        self.memories = [
            Memory(self, each)
            for each in (*self.penalties, *self.generator_terms, augment)
            if getattr(each, "remembers", None)
        ]
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

    def check_judge(self) -> None:
        """Raises an InputError where a penalty that is defined for each row
        alone meets a judge that mixes them, or an augmentation that follows
        how sure the judge is one that does not say so."""
        layer = mixing_layer(getattr(self, self.judge))
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
        if self.memory_of(self.augment) and self.boundary is None:
            raise InputError(
                f"{type(self.augment).__name__} follows how often the "
                f"{self.judge} is right about what is real, and this loss "
                "gives its numbers no boundary between real and made: take "
                "DiffAugment with a probability, or another loss"
            )

    def item_shapes(self) -> dict[str, tuple]:
        # What is real is like what is made.
        made = {self.made.column: tuple(self.generator.output_shape[1:])}
        return made | super().item_shapes()

    def shown(self, batch: dict[str, Tensor]) -> tuple[Tensor, Tensor | None]:
        """What is real in a batch, as the game has it, and its labels or
        None."""
        real = batch[self.made.column]
        if self.dequantise:
            shape = tuple(real.shape[1:])
            level = self.noise.uniform(ops.shape(real)[0], shape) - 0.5
            real = real + level * (2.0 / self.made.top)
        return real, batch.get("label")

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
        noise = noise or self.noise
        if self.augment is not None:
            items = self.augment(items, noise, self.memory_of(self.augment))
        if self.instance_noise:
            deviation = terms.at(self.instance_noise, self.step)
            shape = tuple(items.shape[1:])
            items = items + deviation * noise.normal(ops.shape(items)[0], shape)
        if label is not None:
            items = {self.made.column: items, "label": label}
        return getattr(self, self.judge)(items, training=True)

    def logits_of(self, told: Any) -> Tensor:
        """What is `judged` of what is `told`."""
        return told

    # -- what the losses have beside the game's -------------------------------

    def memory_of(self, owner: Any) -> Memory | None:
        """What a term or the augmentation keeps from step to step."""
        return next((m for m in self.memories if m.owner is owner), None)

    def kept_by(self, player: str) -> list[keras.Variable]:
        own = [*self.penalties, self.augment]
        if player != self.judge:
            own = self.generator_terms
        return [
            variable for memory in map(self.memory_of, own) if memory
            for variable in memory.variables.values()
        ]

    def with_terms(
        self, added: Sequence[Term], network: keras.Model, loss: Tensor,
        logs: dict[str, Tensor], **of_round,
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss and the logs with these terms.

        Args:
            added: of `keras_gen.terms`.
            network: whose player is updated.
            **of_round: the fields of `keras_gen.terms.Round` that are known.
        """
        step = self._current_step()
        for number, term in enumerate(added):
            stream, memory = self.noise.at(number), self.memory_of(term)
            state = Round(self, network, stream, memory=memory, **of_round)
            term.learn(state)
            value = term.due(self.step if step.moving else None, state)
            loss = loss + term.weight_at(self.step) * value
            logs = {**logs, term.log_name: value}
        return loss, logs

    def all_penalties(self) -> list[Term]:
        """The judge's terms; those that a subclass has by name come first."""
        return self.penalties

    def with_penalties(
        self, loss: Tensor, logs: dict[str, Tensor], real: Tensor, fake: Tensor,
        label: Any, told: tuple[Any, Any],
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """The judge's loss and logs with its terms; the augmentation learns
        how sure the judge is.

        Args:
            told: what the judge has told of what is real and of the fakes.
        """
        logits = tuple(map(self.logits_of, told))
        memory = self.memory_of(self.augment)
        if memory:
            right = gradients.constant(lambda: replication.mean_of_all_rows(
                ops.sign(logits[0] - self.boundary)
            ))
            rows = ops.shape(real)[0] * self.noise.replicas
            logs = {**logs, "augmented": memory["probability"]}
            self.augment.learn(memory, right, rows, self.step)
        return self.with_terms(
            self.all_penalties(), getattr(self, self.judge), loss, logs,
            real=real, fake=fake, label=label, logits=logits,
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

    # -- the judge under observation ------------------------------------------

    def judgement(
        self, batch: dict[str, np.ndarray], part: int = 0
    ) -> tuple[np.ndarray, np.ndarray]:
        """What the judge says, as in a training step, of what is real in a
        batch and of as many fakes of its labels; nothing moves. Between two
        steps it is the same each time.

        Args:
            batch: dict of arrays as the data set serves them.
            part: the batch's number where it is one of several, whose fakes
                are to be other ones.

        Returns:
            (of what is real, of fakes): float32 arrays (n, ...) of logits or
            scores.
        """
        if "judgement" not in self._compiled_functions:
            self._compiled_functions["judgement"] = gradients.compiled(
                self._judgement
            )
        said = self._compiled_functions["judgement"](
            self._batch(batch), ops.convert_to_tensor(part, "int64")
        )
        return tuple(map(ops.convert_to_numpy, said))

    def _judgement(self, batch, part):
        with self.unmoved(self.step, part):
            real, label = self.shown(batch)
            _, fake = self.fakes(real, label)
            return self.judged(real, label), self.judged(fake, label)
