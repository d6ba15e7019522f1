"""keras-gen play: models in the browser, on a page that needs no server."""

import logging
import pathlib
import sys
import tempfile
import webbrowser

from keras_gen.cli import _common
from keras_gen.errors import InputError

EXAMPLES = (
    "keras-gen play dcgan_celeba pix2pix_facades",
    "keras-gen play --out=site/",
)


def add_arguments(parser):
    """The flags of `keras-gen play`."""
    parser.description = (
        "Open a page on which models run in the browser: draw, walk, morph, "
        "translate a drawn map. Nothing leaves this machine. With --out the "
        "page is written instead, for any static host, or as one .html that "
        "opens by double click."
    )
    parser.add_argument(
        "names", nargs="*", metavar="NAME",
        help="published models, or work directories of runs; by default all "
        "published models whose weights are on this machine",
    )
    parser.add_argument(
        "--out", type=_common.path, metavar="PATH",
        help="write the page: a folder, or FILE.html with all in one file, "
        "and open nothing",
    )
    parser.add_argument(
        "--port", type=int, default=8600, help="8600; 0: a free one"
    )
    parser.add_argument(
        "--no-browser", dest="browser", action="store_false",
        help="only serve the page, do not open it",
    )
    _common.add_allow_code_of(parser)
    parser.checks.append(check)


def check(options):
    """Raises an InputError for models that there are not, and where the page
    cannot go."""
    from keras_gen.play import site

    if not 0 <= options.port <= 65535:
        raise InputError(f"--port goes from 0 to 65535, got {options.port}")
    for name in options.names:
        _common.check_weights(name)
    if options.out and single(options.out):
        _common.check_out(options.out)
    elif options.out:
        site.refuse_other(options.out)


def single(path):
    """Whether a page goes into one file."""
    return path.suffix.lower() in (".html", ".htm")


def run(options):
    """Builds the page, and writes or serves it."""
    from keras_gen.play import build, runtime, site

    # One function after another is traced here, of which it warns.
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    # Before the minutes that models take: without it there is no page.
    runtime.files()
    names = options.names or here()
    say = _common.Progress()
    with tempfile.TemporaryDirectory() as scratch:
        made = pathlib.Path(scratch) / "models"
        made.mkdir()
        try:
            models = build.build(
                names, made, options.allow_code_of, say,
                skip=not options.names,
            )
        finally:
            say.end()
        if options.out is None:
            folder = pathlib.Path(scratch) / "site"
            site.folder(folder, models, made)
            serve(folder, options)
            return
        write = site.one_file if single(options.out) else site.folder
        write(options.out, models, made)
    print(options.out)


def here():
    """The published models whose weights are on this machine."""
    from keras_gen.zoo import weights

    found = [
        name for name in weights.names()
        if weights.at_hand(weights.document(weights.recipe_file(name)))
    ]
    if not found:
        raise InputError(
            "there are no weights of published models here: fetch some with "
            "keras-gen fetch, or name a model or a run"
        )
    return found


def serve(folder, options):
    """Serves the page until Ctrl-C."""
    from keras_gen.play import server

    with server.Server(folder, options.port) as running:
        print(running.address, flush=True)
        print("Ctrl-C ends it", file=sys.stderr)
        if options.browser:
            webbrowser.open(running.address)
        try:
            running.serve_forever()
        except KeyboardInterrupt:
            pass
