"""What a page knows of a model: its card, and by its abilities what one can
do with it, with all that the page's code needs for that.

No model has code of its own here or in the page: a new one appears by what it
can do.
"""

import base64
import io
from pathlib import Path
from typing import Any

import numpy as np
from keras import ops

from keras_gen import data, explore, plot, values
from keras_gen.abilities import (
    DrawsLatents,
    Encodes,
    Predicts,
    TakesLabels,
    Translates,
)
from keras_gen.data import palettes
from keras_gen.errors import InputError
from keras_gen.export import onnx_litert
from keras_gen.export.noise_inputs import is_noise
from keras_gen.networks import sizes
from keras_gen.objectives.base.objective import Objective
from keras_gen.objectives.base.translator import side_by_side
from keras_gen.play import attributes, directions, halves, networks
from keras_gen.zoo.recipes import Recipe

# Sliders, places at which their directions are looked for, and example
# pictures; items on a card's picture.
_SLIDERS, _PLACES, _EXAMPLES, _SHOWN = 6, 6, 8, 16
# The card's picture has at least about this many pixels a side.
_CARD = 256


def write(model: Objective, recipe: Recipe, folder: Path) -> dict[str, Any]:
    """Writes a model's networks, `<network>.onnx` with weights in float16,
    and the picture of its card, `card.png`, into a new folder.

    Args:
        model: with its weights.
        recipe: that it was built of, for its data.
        folder: which is made.

    Returns:
        What is said of the model in JSON: "made", the type of what it makes;
        "networks", {name: bytes of its file}; and for each ability that it
        has what a page needs: "draws", "labels", "encodes", "translates",
        "predicts"; None for those that it lacks.

    Raises:
        InputError: it cannot be had as ONNX, or not written.
    """
    model = model.in_precision("float32")
    nets = networks.of(model)
    written = onnx_litert.write_models(
        nets, folder, "onnx", model.example_side, model.counts
    )
    for path in written:
        halves.halve(path)
    examples = _examples(model, recipe)
    card = _card(model, [*examples.values()][0] if examples else [])
    if card is not None:
        pictures, columns = card
        plot.grid(pictures, folder / "card.png", columns)
    return {
        "networks": {path.stem: path.stat().st_size for path in written},
        "picture": card is not None,
        "made": _made(model),
        "draws": _draws(model, recipe) if model.can(DrawsLatents) else None,
        "labels": _labels(model, nets) if model.can(TakesLabels) else None,
        "encodes": _size(model.encoder) if model.can(Encodes) else None,
        "translates": (
            _translates(model, recipe, nets) if model.can(Translates) else None
        ),
        "predicts": (
            {"classes": [*model.classes], **_size(model.classifier)}
            if model.can(Predicts) else None
        ),
        "examples": {
            column: [_png(picture) for picture in pictures]
            for column, pictures in examples.items()
        },
    }


def _made(model):
    """The type of what is made, and how the page shows its numbers."""
    if model.made is None:
        return None
    return {"type": model.made.name, "column": model.made.column}


def _draws(model, recipe):
    limit = model.truncation_limit
    return {
        "latents": model.latent_dim,
        "least": limit["least"] if limit else 0,
        "says": limit["says"] if limit else "",
        "directions": _directions(model),
        "attributes": attributes.of(model, recipe),
    }


def _directions(model):
    """Unit vectors of the sliders, the first changing most."""
    if model.latent_dim <= 2:
        return []

    def decode(latents):
        rows = [ops.convert_to_tensor(latents.astype("float32"))]
        if model.can(TakesLabels):  # those of the first class
            rows.append(ops.zeros(len(latents), "int32"))
        return model.run("decode", *rows)

    found = directions.principal(
        decode, explore.latents(model, range(_PLACES)),
        min(_SLIDERS, model.latent_dim),
    )
    return [[round(float(x), 5) for x in row] for row in found]


def _labels(model, nets):
    names = list(model.class_names)
    return {
        "names": names or [str(i) for i in range(model.classes)],
        "mixes": any(
            x.name == "weights" for x in nets["generator"].inputs
        ),
    }


def _size(network):
    """Of the pictures that a network is given."""
    _, height, width, channels = network.input_shape
    return {"height": height, "width": width, "channels": channels}


def _translates(model, recipe, nets):
    """One entry for each direction, the first being the usual one."""
    found = []
    for to, name in model.translators.items():
        network = getattr(model, name)
        noise = [
            list(x.shape[1:]) for x in nets[name].inputs
            if is_noise(x.name)
        ]
        found.append({
            "from": model.source(to), "to": to, "network": name,
            "channels": network.input_shape[-1],
            "multiple": sizes.multiple(network),
            "scale": sizes.scale(network),
            # Pixels of a side: those of the training.
            "size": _side(model, recipe, to), "noise": noise,
        })
    palette = palettes.of(recipe["data"])
    if palette:
        found[0]["palette"] = [
            {"name": name, "colour": colour}
            for name, colour in palette.colours.items()
        ]
    return found


def _side(model, recipe, to):
    if model.dropout_at_test:
        return model.example_side
    size = recipe["data"].get("size") or model.example_side
    return size // sizes.scale(getattr(model, model.translators[to]))


def _examples(model, recipe):
    """{column: pictures to begin with}, uint8 (h, w, c), of our own drawing:
    label maps where a translator takes these, else built-in pictures such as
    it was trained on, or what it draws itself; none where only data of others
    would do."""
    if model.can(Translates):
        columns = [model.source(to) for to in model.translators]
    elif model.can(Encodes) or model.can(Predicts):
        columns = ["image"]
    else:
        return {}
    table = recipe["data"]
    palette = palettes.of(table) if model.can(Translates) else None
    if palette:
        side = _side(model, recipe, next(iter(model.translators)))
        return {columns[0]: list(palette.examples(_EXAMPLES, side))}
    if data.built_in(table["source"]):
        found = recipe.dataset("test").take(range(_EXAMPLES))
        return {column: list(found[column]) for column in columns}
    if model.can(DrawsLatents):
        return {"image": list(model.generate(_EXAMPLES, seed=0))}
    return {}


def _card(model, examples):
    """(pictures, columns) of the card; None for a model that makes none."""
    made = model.made
    if made is None:
        return None
    if model.can(DrawsLatents):
        shown = made.shown if made.saves_together else _SHOWN
        items = model.generate(shown, seed=0)
    elif examples and model.can(Translates):
        given = np.stack(examples)
        return _paired(given, model.translate(given))
    elif examples and model.can(Encodes):
        given = np.stack(examples)
        return _paired(given, model.reconstruct(given))
    else:
        return None
    try:
        return _enlarged(*made.sheet(items))
    except InputError:
        return None


def _paired(given, made):
    """Pictures beside what becomes of them, in rows of two such pairs."""
    pictures, columns = side_by_side(given, made, rows=len(given))
    return _enlarged(pictures, 2 * columns)


def _enlarged(pictures, columns):
    rows = -(-len(pictures) // columns)
    height, width = pictures.shape[1:3]
    times = max(1, _CARD // max(rows * height, columns * width))
    return pictures.repeat(times, 1).repeat(times, 2), columns


def _png(picture):
    """A uint8 picture as a data: address."""
    file = io.BytesIO()
    values.picture.image(values.picture.shown(picture)).save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(
        file.getvalue()
    ).decode()
