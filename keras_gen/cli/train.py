"""keras-gen train: trains a model from its recipe.

    keras-gen train --model=pix2pix
    keras-gen train --model=dcgan --data=my_pictures/ --steps=20000

In a checkout `python train/main.py` is the same.
"""

import os
import re
import sys
import textwrap
import tomllib

from absl import flags, logging

from keras_gen import cli
from keras_gen.cli import _common, _quiet

_MODEL = flags.DEFINE_string(
    "model", None,
    "A family (pix2pix), a recipe's name (pix2pix_shapes) or a recipe file "
    "(my.toml).",
)
_DATA = flags.DEFINE_string(
    "data", None,
    "Instead of the recipe's data: a folder, a .zip, an .npz or .npy, "
    "'shapes', or a TensorFlow Datasets name.",
)
_CROP = flags.DEFINE_integer(
    "crop", None,
    "Enlarge the pictures by this many pixels and cut at random places, in "
    "pairs at the same (pix2pix: 30 at 256 pixels).",
)
_FLIP = flags.DEFINE_boolean(
    "flip", None,
    "Mirror the pictures left to right at random, in pairs both alike.",
)
_AUGMENT = flags.DEFINE_string(
    "augment", None,
    "What the judge of a GAN sees of real and made pictures, so that it does "
    "not learn few of them by heart: auto, by their number; none; or some of "
    "colour,translation,cutout.",
)
_WORKDIR = flags.DEFINE_string(
    "workdir", None, "Where everything is written; runs/<model> by default."
)
_STEPS = flags.DEFINE_integer("steps", None, "Training steps.")
_BATCH_SIZE = flags.DEFINE_integer(
    "batch_size", None, "Pictures in a batch, over all devices."
)
_SEED = flags.DEFINE_integer("seed", None, "Seed of weights, noise and order.")
_PRECISION = flags.DEFINE_enum(
    "precision", None, ["auto", "float32", "bfloat16", "float16"],
    "Number format of the networks' arithmetic; auto: bfloat16 where it is "
    "faster here.",
)
_STRATEGY = flags.DEFINE_enum(
    "strategy", "auto", ["auto", "none", "mirrored", "multiworker"],
    "auto: several workers where TF_CONFIG names them, else a replica on each "
    "device.",
)
_DEVICES = flags.DEFINE_string(
    "devices", None,
    "The first N GPUs (2), certain GPUs (0,2), cpu, or the CPU split in parts "
    "(cpu:2); all GPUs by default.",
)
_CHECKPOINT_MINUTES = flags.DEFINE_float(
    "checkpoint_minutes", 5.0,
    "Minutes between checkpoints, the most work that a kill can lose; 0 for "
    "a checkpoint after each step.", lower_bound=0.0,
)
_INIT_FROM = flags.DEFINE_string(
    "init_from", None,
    "Fine-tune: a published model or a work directory whose weights a new "
    "run starts from.",
)
_TRACKER = flags.DEFINE_enum(
    "tracker", None, ["mlflow", "trackio", "wandb"],
    "Tell this tracker, too, what TensorBoard's files have: losses, monitors "
    "and grids. Its package must be installed; where to is set as it "
    "documents (MLFLOW_TRACKING_URI, WANDB_MODE, ...).",
)
_ALLOW_CODE_OF = flags.DEFINE_list(
    "allow_code_of", [],
    "Packages of others, separated by commas, whose code the recipe may name; "
    "only what you trust.",
)
_SET = flags.DEFINE_multi_string(
    "set", [],
    "Any value of the recipe, for instance --set networks.generator.width=32;"
    " may be repeated.",
)

EXAMPLES = (
    "keras-gen train --model=dcgan --data=my_pictures/ --steps=20000",
    "keras-gen train --model=pix2pix --set train.seed=1 --workdir=runs/other",
)
_HELP = {"-h", "-help", "--help", "--helpshort", "--helpfull"}


def overrides():
    """The flags as changes of the recipe."""
    from keras_gen.errors import InputError

    values = {
        "data.source": _DATA.value,
        "data.crop": _CROP.value,
        "data.flip": _FLIP.value,
        "train.steps": _STEPS.value,
        "data.batch_size": _BATCH_SIZE.value,
        "train.seed": _SEED.value,
        "train.precision": _PRECISION.value,
    }
    changes = {k: v for k, v in values.items() if v is not None}
    for text in _SET.value:
        key, equals, value = text.partition("=")
        if not equals:
            raise InputError(
                f"--set takes a.b=c, for instance train.steps=500; got {text}"
            )
        try:
            changes[key] = tomllib.loads(f"x = {value}")["x"]
        except tomllib.TOMLDecodeError:
            changes[key] = value
    return changes


def folder(recipe):
    """The run's folder, a Path."""
    from keras_gen import atomic
    from keras_gen.errors import InputError

    if _WORKDIR.value is None:
        return atomic.local(f"runs/{recipe.name}")
    try:
        return atomic.local(_WORKDIR.value)
    except InputError as error:
        raise InputError(f"--workdir: {error}") from error


def moved(error, workdir):
    """The error that there are no such data, and what to do where a run that
    is there already had them."""
    begun = (workdir / "recipe.toml").is_file()
    if not begun or "--data" in str(error):
        return error
    return (
        f"{error}; the run in {workdir} goes on with its data wherever they "
        "are now: --data=NEW"
    )


def drafted():
    """The recipe that is asked for, as it can be had without Keras."""
    from keras_gen.zoo import draft, weights

    file, allowed = weights.recipe_file(_MODEL.value), _ALLOW_CODE_OF.value
    if not allowed:
        return draft.Draft.read(file)
    # What the code of others takes, that code alone knows.
    from keras_gen.zoo.recipes import Recipe

    return Recipe.read(file, allowed)


def resolved(recipe):
    """All changes of the recipe by the flags and the data; what is wrong with
    either is told before Keras is imported."""
    from keras_gen.training import little_data
    from keras_gen.zoo import fit_to_data

    changes = overrides()
    changed = recipe.override(changes)
    if _AUGMENT.value:
        little_data.check(changed)
    if _INIT_FROM.value:
        _common.check_weights(_INIT_FROM.value)
    size = fit_to_data.own_size(recipe, changes)
    if size:
        print(f"size        {size.why}; --set data.size=N sets another")
        changes["data.size"] = size.pixels
    following = fit_to_data.follow(recipe, changes)
    if following:
        told = ", ".join(
            f"{key} = {shortened(value)}" for key, value in following.items()
        )
        print(f"follows the data: {told}")
    sys.stdout.flush()
    return changes | following


def augmented(recipe, workdir):
    """The recipe with what --augment changes of it."""
    from keras_gen.training import little_data, run_folder

    if not _AUGMENT.value:
        return recipe
    begun = run_folder.begun(recipe, workdir)
    return recipe.override(
        little_data.changes(recipe, _AUGMENT.value, begun)
    )


def main(_):
    logging.set_verbosity(logging.ERROR)
    from keras_gen.errors import InputError, MissingData, WorkerLost

    try:
        _quiet.tensorflow()
        recipe = drafted()
        workdir = folder(recipe)
        changes = resolved(recipe)
        from keras_gen import zoo
        from keras_gen.training import devices, trainer
        from keras_gen.zoo import retold

        plan = devices.plan(_STRATEGY.value, _DEVICES.value)
        recipe = zoo.recipe(_MODEL.value, _ALLOW_CODE_OF.value)
        changed = augmented(recipe.override(changes), workdir)
        recipe = retold.told_anew(changed, recipe)
        complete = trainer.run(
            recipe, workdir, _INIT_FROM.value, _CHECKPOINT_MINUTES.value, plan,
            _TRACKER.value,
        )
    except MissingData as error:
        refuse(moved(error, workdir))
    except InputError as error:
        refuse(error)
    except WorkerLost as error:
        refuse(error, code=1)
    except KeyboardInterrupt:
        print("\ninterrupted; the same command goes on")
        complete = False
    sys.exit(0 if complete else 130)


def shortened(value):
    """A value for a line: of a long list the first and the last entry."""
    if isinstance(value, list) and len(value) > 5:
        return f"[{value[0]!r}, ..., {value[-1]!r}] ({len(value):,})"
    return value


def parse(arguments):
    """absl's flags, with a mistake told in one line."""
    if _HELP.intersection(arguments):
        try:
            print(help_text(), flush=True)
        except BrokenPipeError:  # "| head" has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    try:
        rest = flags.FLAGS(arguments)
    except flags.Error as error:
        refuse(f"{error}; --help lists all flags")
    if len(rest) > 1:
        refuse(f"unexpected argument {rest[1]!r}: flags start with --")
    if _MODEL.value is None:
        refuse(
            "--model is missing, a family's or recipe's name, for instance "
            "--model=dcgan, and --data=my_pictures/ for pictures of your own; "
            "--help lists all"
        )
    return rest


def help_text():
    """What there is to know, in a page."""
    from keras_gen.zoo import weights

    names = [name.removesuffix("_shapes") for name in weights.names()]
    lines = [
        __doc__.strip(), "",
        *textwrap.wrap(f"models: {', '.join(names)}", 79,
                       subsequent_indent="  "), "", "flags:",
    ]
    for flag, text in described():
        lines += [f"  {shown(flag)}", *textwrap.wrap(
            text, 79, initial_indent="      ", subsequent_indent="      "
        )]
    return "\n".join(lines) + f"\n{cli.told(EXAMPLES)}".rstrip()


def described():
    """(flag, what it does) of each of the trainer's flags."""
    module = flags.FLAGS.find_module_defining_flag("model")
    for flag in flags.FLAGS.flags_by_module_dict()[module]:
        # What absl adds at the end, and below at the head.
        text = re.sub(r";\s+repeat this option.*", "", flag.help, flags=re.S)
        choices = getattr(flag.parser, "enum_values", None)
        if choices:
            text = text.removeprefix(f"<{'|'.join(choices)}>: ")
            text += f" One of {', '.join(choices)}."
        yield flag, text


def shown(flag):
    """A flag as it is typed, with its default."""
    text = f"--[no]{flag.name}" if flag.boolean else f"--{flag.name}"
    if flag.default in (None, []):
        return text
    return f"{text} (default {flag.default})"


def refuse(message, code=2):
    """Ends with the message in one line and the exit code."""
    print(f"error: {' '.join(str(message).split())}", file=sys.stderr)
    sys.exit(code)
