"""keras-gen push: a model put where others load it from."""

from keras_gen.cli import _common
from keras_gen.errors import InputError

EXAMPLES = (
    "keras-gen push runs/mine hf://me/faces --license=cc0-1.0",
    "keras-gen push dcgan_shapes site/dcgan_shapes",
)


def add_arguments(parser):
    """The flags of `keras-gen push`."""
    parser.description = (
        "Put a model where others load it from: its recipe, weights, "
        "SavedModel and card. keras_gen.zoo.load(\"hf://user/name\"), "
        "keras-gen pull and every other command take it from there."
    )
    _common.add_model(parser)
    parser.add_argument(
        "place", metavar="PLACE",
        help="hf://USER/NAME, of the Hugging Face Hub, which must have let "
        "you in (hf auth login); or a new folder, to be put on any static host",
    )
    parser.add_argument(
        "--private", action="store_true",
        help="make a repository that is not there yet for yourself alone",
    )
    parser.add_argument(
        "--license", metavar="ID",
        help="of the weights, as the hub calls it, for instance cc0-1.0 or "
        "other; without it the card names none",
    )
    parser.checks.append(check)


def check(options):
    """Raises an InputError where the model cannot go there."""
    from keras_gen import atomic
    from keras_gen.zoo import pulled

    if options.place.startswith("hf://"):
        pulled.newest(options.place)
        return
    if options.private:
        raise InputError("--private is of hf:// places: leave it out")
    atomic.refuse_existing(atomic.local(options.place))


def run(options):
    """Puts it there; prints where."""
    from keras_gen import sharing

    say = _common.Progress()
    say(f"exporting {options.model} for {options.place}")
    try:
        if options.place.startswith("hf://"):
            put = sharing.push(
                options.model, options.place, options.private,
                options.license, options.allow_code_of,
            )
        else:
            sharing.write(
                options.model, options.place, license=options.license,
                allow_code_of=options.allow_code_of,
            )
            put = options.place
    finally:
        say.end()
    print(put)
