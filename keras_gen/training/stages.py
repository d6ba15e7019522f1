"""Training in stages: growing pictures, or networks that wait for others.

A recipe's [[stages]] each have their own data sizes and networks. From one
stage to the next each network keeps what it has learnt where its layers stay:
all of it where all shapes do, else the layers that have a name of their own
(`up_8`, not `conv2d_3`, which Keras numbers) and the same shapes. Layers that
are new begin with their random weights, and optimizers begin anew (as for
Karras et al. 2017, https://arxiv.org/abs/1710.10196). So does what terms and
augmentations keep of the judge, LeCam's means and ADA's probability: with
layers that have learnt nothing yet it is another judge. The step, the noise
and the stream of data go on.
"""

import re

import numpy as np

from keras_gen.zoo import checkpoint


def under_way(recipe, folder):
    """The number of the stage that goes on, or has just ended, by the newest
    whole checkpoint in a folder; 0 where there is none."""
    step = max(
        (checkpoint.step(p) for p in checkpoint.files(folder)
         if checkpoint.whole(p)), default=0,
    )
    lasts = [last for _, last, _ in recipe.stages]
    return next(
        (i for i, last in enumerate(lasts) if step <= last), len(lasts) - 1
    )


def seen(recipe, objective, number):
    """Items of data that the stages before stage `number` were shown;
    `objective` is the recipe's own."""
    total = 0
    for first, last, stage in recipe.stages[:number]:
        alike = stage["objective"] == recipe["objective"]
        each = objective if alike else stage.build()
        rows = stage["data"]["batch_size"] * each.updates_per_step
        total += (last - first) * rows
    return total


def carry(before, after):
    """Gives the objective of a new stage what the one before has learnt.

    Args:
        before, after: objectives with the same names of networks.

    Returns:
        Lines that say for each network how many of its layers' weights were
        kept.
    """
    after.step.assign(before.step)
    old, new = (m.networks | m.averages for m in (before, after))
    return [
        f"{name:<22} keeps {_kept(old[name], network)}"
        for name, network in new.items() if name in old
    ]


def _kept(old, new):
    """Copies weights between networks; how many, in words."""
    there, here = old.get_weights(), new.get_weights()
    if [w.shape for w in there] == [w.shape for w in here]:
        new.set_weights(there)
        return "all its layers"
    named, kept = _named(old), 0
    for name, layer in _named(new).items():
        if name in named and _shapes(named[name]) == _shapes(layer):
            layer.set_weights(named[name].get_weights())
            kept += 1
    return f"{kept} of {sum(bool(x.weights) for x in new.layers)} layers"


def _named(network):
    """The layers with weights and a name of their own."""
    return {
        layer.name: layer for layer in network.layers
        if layer.weights and not _numbered(layer)
    }


def _numbered(layer):
    """Whether Keras made the layer's name of its class's."""
    snake = re.sub(r"(?<!^)(?=[A-Z][a-z])|(?<=[a-z])(?=[A-Z])", "_",
                   type(layer).__name__).lower()
    # Conv2DTranspose is conv2d_transpose.
    snake = snake.replace("2_d", "2d").replace("3_d", "3d")
    return re.fullmatch(rf"{snake}(_\d+)?", layer.name) is not None


def _shapes(layer):
    return [np.shape(w) for w in layer.get_weights()]
