"""keras-gen client: pictures, or what else it makes, from a model that a
server has.

Neither Keras nor the model is needed here: see `keras_gen.serving.client`,
which is short enough to copy into programs of one's own.
"""

import http.client
import json
import re
import sys
import urllib.error
import urllib.parse

from keras_gen import seeds
from keras_gen.cli import _common, translate
from keras_gen.errors import InputError
from keras_gen.export.signature import WHOLE
from keras_gen.serving import client

# Items asked for at once.
_CHUNK = 16
EXAMPLES = (
    "keras-gen client sample dcgan_celeba --n=4 --out=faces.png",
    "keras-gen client translate pix2pix_facades drawn.png facades/",
)


def add_arguments(parser):
    """The flags of `keras-gen client`."""
    actions = parser.add_subparsers(
        dest="action", required=True, metavar="sample|translate"
    )
    sample = actions.add_parser(
        "sample", help="what the model makes, by seed, in one file"
    )
    _add_server(sample)
    sample.add_argument(
        "--n", type=int, help="how many; 16 by default, 2048 points"
    )
    sample.add_argument(
        "--seed", type=int, default=0,
        help="of the first; number i has the seed SEED + i",
    )
    _common.add_label(sample)
    sample.add_argument(
        "--truncation", type=float, metavar="T",
        help="largest absolute value of a latent's numbers, above 0",
    )
    _common.add_out(
        sample, "NAME-samples.png", "of the figure (of videos and solids also "
        "a .gif, of points a .csv)"
    )
    _common.add_scale(sample)
    sample.examples = EXAMPLES[:1]
    sample.set_defaults(act=run_sample)
    picture = actions.add_parser("translate", help="your own pictures")
    _add_server(picture)
    picture.add_argument(
        "sources", nargs="+", type=_common.path, metavar="IN",
        help="picture files of a format that the server reads",
    )
    picture.add_argument(
        "out", type=_common.path, metavar="OUT",
        help="folder for the translations, PNG files of the same names",
    )
    picture.add_argument(
        "--to", choices=("a", "b"),
        help="of models that translate both ways, between pictures A and B: "
        "which to make; b by default",
    )
    picture.add_argument(
        "--overwrite", action="store_true", help="replace files in OUT"
    )
    picture.examples = EXAMPLES[1:]
    picture.set_defaults(act=run_translate)


def _add_server(parser):
    parser.add_argument(
        "model", metavar="NAME",
        help="of the model on the server; NAME/versions/2 for that version",
    )
    parser.add_argument(
        "--url", default="http://127.0.0.1:8501",
        help="of the server's REST port; http://127.0.0.1:8501 by default",
    )


def run(options):
    """Asks, and writes the answers."""
    options.url = options.url.rstrip("/")
    if not options.url.startswith(("http://", "https://")):
        raise InputError(
            f"--url must begin with http:// or https://, got {options.url}"
        )
    options.act(options)


def run_sample(options):
    """Writes the file."""
    if options.n is not None and options.n < 1:
        raise InputError(f"--n must be at least 1, got {options.n}")
    _common.check_out(options.out)
    _common.check_scale(options)
    served = _asked(options, client.signatures)
    made = _made(served)
    signature = "sample"
    if made.in_a_picture and not made.moving:
        signature = "sample_png"
    n = options.n or (made.shown if made.saves_together else 16)
    inputs = _inputs(options, served, signature)
    given = {"label": options.label, "truncation": options.truncation}
    given = {k: v for k, v in given.items() if v is not None}
    if "label" in given and "label" in inputs:
        given["label"] = _label(options, served)
    more = _condition(given, inputs, options.model)
    say, answers = _common.Progress(), []
    for start in range(0, n, _CHUNK):
        rows = [
            {"seed": seeds.signed(options.seed + i), **more}
            for i in range(start, min(start + _CHUNK, n))
        ]
        say.count(start, n, made.plural)
        answers += _asked(options, client.predict, signature, rows)
    say.end()
    items = _items(made, answers, options.url)
    out = options.out or _common.unused(
        f"{options.model.partition('/')[0]}-samples.png"
    )
    _common.write_items(made, items, out, scale=options.scale)


def _label(options, served):
    """The number of the class that is asked for, by its name or number."""
    text = options.label
    number = int(text) if re.fullmatch("-?[0-9]+", text) else None
    if "label_of" in served:
        rows = [{"class_name": text}]
        try:
            return _asked(options, client.predict, "label_of", rows)[0]
        except Refused:
            if number is None:
                raise
    if number is None:
        raise InputError(
            f"the server's {options.model} does not know its classes by "
            f"name, such as {text!r}: give the number, or serve an export "
            "that has the names"
        )
    return number


def _made(served):
    """The type that is made, by what the signature "sample" calls it;
    pictures where it does not say."""
    from keras_gen import values

    _, outputs = served.get("sample", ((), ()))
    types = [v for v in values.ALL.values() if v.column in outputs]
    return types[0] if types else values.Picture()


def _items(made, answers, url):
    """Picture files, or lists of numbers, as items of the type."""
    import numpy as np

    from keras_gen.data.pictures import as_array

    if isinstance(answers[0], bytes):
        return np.stack([as_array(_picture(file, url)) for file in answers])
    try:
        items = np.array(answers, made.dtype)
    except (ValueError, TypeError, OverflowError) as error:
        raise InputError(
            f"{url} answers with something else than {made.plural} ({error})"
        ) from error
    made.check(items.shape[1:], "the server's answer")
    return items


def _condition(given, inputs, model):
    """What each row holds beside its seed.

    Args:
        given: the flags by the names of the inputs.
        inputs: names of the inputs that the server wants.
    """
    for name in given:
        if name not in inputs:
            raise InputError(
                f"the server's {model} takes no {name}: leave --{name} out"
            )
    if "truncation" in inputs:
        given = {"truncation": WHOLE} | given
    for name in inputs:
        if name not in ("seed", "label", *given):
            raise InputError(
                f"the server's {model} takes {name}, which this command does "
                "not have: write a program with keras_gen.serving.client"
            )
    if "label" in inputs and "label" not in given:
        raise InputError(f"the server's {model} takes a class: give --label")
    return given


def _picture(file, url):
    """The content of a picture file as a PIL image."""
    import io

    from PIL import Image

    try:
        image = Image.open(io.BytesIO(file))
        image.load()
    except OSError as error:
        raise InputError(
            f"{url} answers with something else than a picture ({error})"
        ) from error
    return image


def run_translate(options):
    """Writes the translations and prints where and how many."""
    sources = options.sources
    for path in sources:
        if not path.is_file():
            raise InputError(f"there is no file {path}: give picture files")
    paths = translate.outputs(
        [(path.name, path) for path in sources], options.out,
        options.overwrite,
    )
    signature = "translate_png" + (f"_to_{options.to}" if options.to else "")
    _inputs(options, _asked(options, client.signatures), signature)
    say, written = _common.Progress(), 0
    for number, (source, path) in enumerate(zip(sources, paths)):
        say.count(number, len(sources), "pictures")
        rows = [{"image_bytes": client.encoded(source.read_bytes())}]
        try:
            made, = _asked(options, client.predict, signature, rows)
        except Refused as error:
            say.end()
            print(f"skipped     {source}: {error}", file=sys.stderr)
            continue
        translate.write(_picture(made, options.url), path)
        written += 1
    say.end()
    translate.tell(options.out, len(sources), written)


def _inputs(options, served, signature):
    """Names of the inputs of a signature, as the server has it."""
    if signature not in served:
        raise InputError(
            f"the server's {options.model} has no signature {signature}: it "
            f"has {', '.join(sorted(served))}"
        )
    return served[signature][0]


class Refused(InputError):
    """The server answered 400: something is wrong with this request."""


def _asked(options, function, *arguments):
    """What a function of `keras_gen.serving.client` returns; InputError where
    the server is away, or answers with an error or something else."""
    url = options.url
    model = urllib.parse.quote(options.model)
    try:
        return function(url, model, *arguments)
    except urllib.error.HTTPError as error:
        text = _text(error)
        if error.code == 400:
            raise Refused(f"the server refuses it: {text}") from error
        advice = ": check the model's name" if error.code == 404 else ""
        raise InputError(
            f"the server at {url} answers {error.code}: {text}{advice}"
        ) from error
    except (OSError, http.client.HTTPException) as error:
        raise InputError(
            f"no answer from {url} ({getattr(error, 'reason', error)}): start "
            "a server, for instance with keras-gen serve, or give its --url"
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{url} is no address of TensorFlow Serving "
            f"({type(error).__name__}: {error}): give --url=http://HOST:8501"
        ) from error


def _text(error):
    """The server's own words."""
    content = error.read()
    try:
        return json.loads(content)["error"]
    except (ValueError, KeyError, TypeError):
        return error.reason
