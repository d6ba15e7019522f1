"""What a recipe's tables may say: for each key its type and its meaning, which
`checking` holds a recipe to and the documentation shows.

What is in [data] beside `DATA` follows from the kind, see `data.load`; what is
in [objective], in networks and optimizers from the code that they name.
"""

from typing import Any, NamedTuple


class Key(NamedTuple):
    """A key of a table.

    Attributes:
        type: of the value; a float may be written as a whole number.
        says: what it means.
        required: whether it must be there.
        default: what counts without it; None for nothing.
    """

    type: type
    says: str
    required: bool = False
    default: Any = None


# Of the whole file: strings, and tables.
TABLES = {
    "name": Key(str, "the recipe's name, that of its file", True),
    "summary": Key(str, "what the model is, in one line", True),
    "paper": Key(str, "the paper's address", True),
    "unpublished": Key(str, "why there are no weights, in one sentence"),
    "objective": Key(
        dict, "the training scheme: class, and its arguments", True
    ),
    "networks": Key(
        dict, "a table for each network: function, and its arguments; of a "
        "list of networks [[networks.<name>]]", True,
    ),
    "optimizers": Key(
        dict, "a table for each player: class, and its arguments", True
    ),
    "data": Key(dict, "what is trained on", True),
    "train": Key(dict, "how long, from which seed, in which precision", True),
    "stages": Key(
        list, "tables [[stages]], one after the other: steps, and what the "
        'recipe is changed by for that long, "a.b" = c',
    ),
    "frozen": Key(
        dict, "a table for each argument of the objective that is a published "
        "network of another recipe, which does not move",
    ),
    "ema": Key(dict, "averages of weights, to generate with"),
    "smoke": Key(
        dict, 'changes "a.b" = c that make of it a run of two quick steps, '
        "for tests", True,
    ),
    "card": Key(
        dict, "the model's card: use, data, deviations, limits; size where it "
        "takes more room than others", True,
    ),
    "measure": Key(dict, "how the model is measured"),
    "run": Key(dict, "written by the trainer: versions, device, command"),
    "weights": Key(dict, "recorded: the sha256 of each network's weights"),
    "files": Key(
        dict, "written by keras-gen push: the sha256 of each file beside the "
        "recipe",
    ),
    "parameters": Key(dict, "recorded: how many each network has"),
    "golden": Key(dict, "recorded: numbers that the model must give again"),
    "results": Key(list, "recorded: what was measured"),
}
TRAIN = {
    "steps": Key(int, "training steps, 1 or more", True),
    "seed": Key(
        int, "any whole number: of weights, noise and the order of data", True
    ),
    "precision": Key(
        str, "of the networks' arithmetic: float32, bfloat16, float16, or "
        "auto, bfloat16 where a short trial finds it faster", True,
    ),
    "best": Key(
        str, "a column of log.csv or monitors.csv, or a metric of keras-gen "
        "evaluate: the weights of the best step by it are kept",
    ),
    "best_mode": Key(str, "whether best is the column's min or max"),
    "patience": Key(
        int, "stop after so many looks, of 20 in the run's steps, without a "
        "better best, which is then a monitor or metric; not with stages",
    ),
    "waiting": Key(list, "players that do not move, in a stage"),
}
DATA = {
    "source": Key(
        str, "shapes, which keras_gen draws; a folder, .zip, .npz, .csv or "
        "picture; or a name of TensorFlow Datasets", True,
    ),
    "kind": Key(str, "what is read of it, see below", True),
    "batch_size": Key(
        int, "items in a batch, over all devices; of a scheme with several "
        "updates in a step, in each", True,
    ),
    "flip": Key(
        bool, "whether pictures are mirrored left to right at random, in "
        "pairs both alike", default=False,
    ),
}
EMA = {
    "decay": Key(float, "of the average, below 1: what stays in a step", True),
    "networks": Key(list, "names of the networks that are averaged", True),
}
MEASURE = {
    "features": Key(
        str, "the feature network: a classifier of the zoo, or another that "
        "keras-gen evaluate --features takes",
    ),
    "n": Key(int, "samples"),
    "metrics": Key(list, "names of those that are measured"),
    "k": Key(int, "samples for each picture, of a VAE's likelihood"),
    "makers": Key(
        list, "published models whose pictures a detector is tried on, too"
    ),
}
FROZEN = {
    "model": Key(str, "the other recipe's name", True),
    "network": Key(str, "the name of its network", True),
    "sha256": Key(
        str, "recorded with a training: of the weights that it was trained "
        "with",
    ),
}
