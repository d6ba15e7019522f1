"""Exponential moving averages of networks (EMA)."""

from collections.abc import Iterable, Sequence

import keras
import numpy as np
from keras import ops

from keras_gen import atomic, seeds
from keras_gen.backend import moving_statistics
from keras_gen.errors import InputError
from keras_gen.layers.spectral import Spectral
from keras_gen.layers.walk import every_layer

# Of power iterations, after which a singular vector that was averaged over
# training is that of the averaged matrix.
_ITERATIONS = 20


class Averages:
    """What an `Objective` does to generate with averaged networks.

    `average` gives a network `<name>` a copy `<name>_ema` that follows it:
    after each update of its player, average += (1 - d) (network - average),
    with d = min(decay, (1 + t) / (10 + t)) after t updates, so that the
    random start is soon forgotten. Training uses the network, pictures and
    exports the average.

    The moving statistics of batch normalization are averaged like weights:
    they describe the layer's input, which is that of older weights. Copied,
    they would run ahead of the averaged weights by some 1 / (1 - decay)
    updates. Still they describe the maps of many networks, which vary more
    than those of their average: `settle` measures them at the end.
    """

    ema = None

    def average(self, decay: float, networks: Sequence[str]) -> None:
        """Keeps moving averages of these networks from now on.

        Args:
            decay: d above, in [0, 1); 0.999 averages some 1,000 updates.
            networks: their names.

        Raises:
            InputError: another decay, a network that there is not, or
                averages that there are already.
        """
        if self.ema:
            raise InputError("there are averages already: call average once")
        if not 0 <= decay < 1:
            raise InputError(
                f"ema.decay must be at least 0 and below 1, got {decay}"
            )
        known = self.networks
        for name in networks:
            if name not in known:
                raise InputError(
                    f"ema.networks names {name!r}: choose from "
                    f"{', '.join(known)}"
                )
        copies = {name: _copy(name, known[name]) for name in networks}
        for name, copy in copies.items():
            setattr(self, f"{name}_ema", copy)
        self.ema = {"decay": float(decay), "networks": list(networks)}
        # The same objective with other networks makes the pictures. In a
        # function, because Keras saves every model it finds among the
        # attributes.
        averaged = type(self)(**self.with_networks(copies))
        self._averaged = lambda: averaged

    @property
    def averages(self) -> dict[str, keras.Model]:
        """The averaged networks, by name."""
        names = self.ema["networks"] if self.ema else ()
        return {f"{n}_ema": getattr(self, f"{n}_ema") for n in names}

    def restart_averages(self) -> None:
        """The averages begin again, each with what its network is now."""
        for name in self.ema["networks"] if self.ema else ():
            weights = self.networks[name].get_weights()
            self.averages[f"{name}_ema"].set_weights(weights)

    def settle(self, batches: Iterable[dict[str, np.ndarray]]) -> None:
        """Measures anew what the averages know of themselves: the moving
        statistics of batch normalization become the means of those of these
        batches, the singular vectors of spectral normalization those of the
        averaged matrices. Nothing else moves.

        Papers: Izmailov et al., 1803.05407, section 3.2; Brock et al.,
        1809.11096, "standing statistics".

        Args:
            batches: iterable of training batches, dicts of arrays. The
                averaged networks see what training would show them.
        """
        for network in self.averages.values():
            for layer in every_layer(network):
                if isinstance(layer, Spectral):
                    layer.iterate(_ITERATIONS)
        found = {n: _normalizations(x) for n, x in self.averages.items()}
        if not any(found.values()):
            return
        trial = self._trial()
        body = type(self).train_step.__wrapped__
        for number, batch in enumerate(batches):
            for network in trial.networks.values():
                for layer in _normalizations(network):
                    # The mean of all batches so far.
                    layer.momentum = number / (number + 1)
            with moving_statistics.thaw():
                trial._run(body, batch, key=number, moving=False)
        for name, layers in found.items():
            network = trial.networks[name.removesuffix("_ema")]
            for layer, measured in zip(layers, _normalizations(network)):
                layer.moving_mean.assign(measured.moving_mean)
                layer.moving_variance.assign(measured.moving_variance)

    def conclude(self, batches: Iterable[dict[str, np.ndarray]]) -> None:
        """Fits the networks that `fitted` names to what the trained ones make
        of the training data: after the last step, of the networks that
        generate.

        Args:
            batches: as of `settle`, of all the training data.
        """

    @seeds.undisturbed()
    def _trial(self):
        """This objective with copies of all networks, the averaged ones in
        the place of theirs, to run in training mode and throw away."""
        copies = {}
        for name, network in self.networks.items():
            source = self.averages.get(f"{name}_ema", network)
            # By the network's configuration: it knows what is trainable.
            copies[name] = type(network).from_config(network.get_config())
            copies[name].set_weights(source.get_weights())
        return type(self)(**self.with_networks(copies))

    def generating(self) -> keras.Model:
        """The objective that makes pictures: this one, or one like it with
        the averaged networks."""
        if not self.ema:
            return self
        averaged = self._averaged()
        for name, value in self.known_facts().items():
            setattr(averaged, name, value)
        return averaged

    def save_networks(self, folder: atomic.Path) -> None:
        """Writes `<name>.weights.h5` of each network and average to a
        folder, one by one under another name first."""
        aside = folder / "aside.weights.h5"
        for name, network in (self.networks | self.averages).items():
            network.save_weights(aside)
            atomic.rename(aside, folder / f"{name}.weights.h5")

    def move_averages(self, player: str) -> None:
        """Moves the averages of this player's networks after its update."""
        names = self.ema["networks"] if self.ema else ()
        for name, network in self.networks_of(player).items():
            if name not in names:
                continue
            done = ops.cast(self.optimizers[player].iterations, "float32")
            # `done` counts this update already.
            decay = ops.minimum(self.ema["decay"], done / (9.0 + done))
            pairs = zip(
                getattr(self, f"{name}_ema").weights,
                network.weights,
            )
            for average, variable in pairs:
                # Replicas hold the same values and move each its own.
                step = (1.0 - decay) * (variable - average)
                average.assign(average + step)


def _normalizations(network):
    return [
        layer for layer in every_layer(network)
        if isinstance(layer, keras.layers.BatchNormalization)
    ]


@seeds.undisturbed()
def _copy(name, network):
    config = {**network.get_config(), "name": f"{name}_ema"}
    copy = type(network).from_config(config)
    copy.set_weights(network.get_weights())
    copy.trainable = False
    return copy
