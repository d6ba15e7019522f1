"""keras-gen judge: which is real? A page for people, and their answers."""

from keras_gen.cli import _common, _json
from keras_gen.errors import InputError
from keras_gen.zoo import weights

EXAMPLES = (
    "keras-gen judge dcgan_shapes --n=20 --out=judge.html",
    "keras-gen judge dcgan_shapes --answers ada.json bob.json",
)


def add_arguments(parser):
    """The flags of `keras-gen judge`."""
    parser.description = (
        "Write a page, one file, that shows real pictures beside those of a "
        "model, two at a time, and asks which is real; then count the answers "
        "that it saves. Neither size, metadata, side nor order tells."
    )
    _common.add_model(parser)
    parser.add_argument(
        "--data", metavar="FOLDER",
        help="a folder, .zip or .npz with real pictures, instead of the "
        "recipe's data, of which the test split is shown",
    )
    parser.add_argument("--n", type=int, default=40, help="pairs, 40")
    parser.add_argument(
        "--seed", type=int, default=0,
        help="of the real ones, the made ones, and their sides",
    )
    parser.add_argument(
        "--seconds", type=float, default=0, metavar="S",
        help="for which a pair is shown; by default as long as one likes",
    )
    parser.add_argument(
        "--out", type=_common.path,
        help="file of the page, .html; it shows pictures of the data",
    )
    parser.add_argument(
        "--answers", type=_common.path, nargs="+", metavar="FILE",
        help="count these instead, one file of each person",
    )
    _json.add(parser)
    parser.checks.append(check)


def check(options):
    """Raises an InputError for what does not belong together."""
    if (options.out is None) == (options.answers is None):
        raise InputError(
            "give --out=judge.html to write the page, or --answers FILE ... "
            "to count what it saved"
        )
    if options.n < 1:
        raise InputError(f"--n must be at least 1, got {options.n}")
    if not 0 <= options.seconds < float("inf"):
        raise InputError(
            f"--seconds must be at least 0, got {options.seconds}"
        )
    if options.out and options.out.suffix != ".html":
        raise InputError(f"--out is a page: end {options.out} in .html")
    _common.check_out(options.out)
    _common.check_data(options.data)


def run(options):
    """Writes the page, or prints what the answers say."""
    from keras_gen.play import judging

    name = weights.called(options.model)
    if options.answers:
        told(judging.score(options.answers, name), name, options.json)
        return
    from keras_gen import data

    recipe = _common.recipe_of(options.model, options.allow_code_of)
    if options.data is not None:
        recipe = recipe.override({"data.source": options.data})
    model = _common.model_of(options.model, options.allow_code_of)
    judged = judging.pairs(
        model, recipe.dataset("test"), options.n, options.seed
    )
    judging.page(options.out, name, judged, options.seconds)
    if options.json:
        _json.say({
            "model": name, "pairs": options.n, "seed": options.seed,
            "written": [options.out],
        })
        return
    print(options.out)
    source = recipe["data"]["source"]
    if not data.built_in(source):
        print(
            f"{options.n} pictures of {source} are in it: give it to nobody "
            "whom their licence does not let have them"
        )


def told(found, name, as_json):
    """Prints what the answers say."""
    if as_json:
        _json.say({"model": name, **found})
        return
    print(
        f"{found['fooled']} of {found['pairs']} pairs fooled "
        f"{found['people']}: {found['share']:.0%}, between {found['low']:.0%} "
        f"and {found['high']:.0%} (95 %, Wilson)"
    )
    chance = found["low"] <= 0.5 <= found["high"]
    print(
        "whoever guesses is fooled in 50 %, "
        + ("which these answers do not differ from" if chance
           else "which these answers differ from")
    )
    print(
        f"{found['left']:.0%} of the answers were the left one; a pair took "
        f"{found['seconds']:.1f} s"
    )
