"""The lesson in a browser: a page without models, which needs no engine."""

import contextlib
from unittest import mock

from browser import opened, served
from keras_gen.play import runtime, site

PLACE = "#/lesson/gan"


def written(write, path, scratch):
    """A page of no models, by `site.folder` or `site.one_file`."""
    files = {runtime.LIBRARY: b"", runtime.BINARY: b""}
    (scratch / "made").mkdir(exist_ok=True)
    with mock.patch.object(runtime, "files", lambda: files):
        write(path, [], scratch / "made")
    return path


@contextlib.contextmanager
def home(scratch):
    """The address of the served page."""
    with served(written(site.folder, scratch / "site", scratch)) as address:
        yield address


@contextlib.contextmanager
def shown(browser, address, **context):
    """The lesson's page."""
    with opened(browser, address + PLACE, **context) as page:
        page.wait_for_selector("h1:text('Watch a GAN learn')")
        yield page


def computed(page, code, **given):
    """What JavaScript of the page makes of JSON: `code`, which returns JSON,
    has the lesson's modules in `M`, and what is `given`."""
    return page.evaluate(
        """async (given) => {
            const M = {};
            for (const name of [
                "game", "mixtures", "stream", "training",
            ]) {
                M[name] = await import(
                    new URL(`${name}.js`, document.baseURI));
            }
            CODE
        }""".replace("CODE", code), given,
    )
