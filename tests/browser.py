"""A page in headless Chromium, and what it asked for."""

import contextlib
import re
import shutil

import pytest

from check import running

# So that it starts as root, and asks for nothing of its own.
_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
    # A camera that shows a pattern, and nobody to ask.
    "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
]
AXE = (
    "axe-core", "4.14.1",
    "sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyF"
    "NNtuFooJpZe37OgudVGtQ==",
)
# Milliseconds: a busy machine takes long to compile WebAssembly.
PATIENCE = 300_000


def executable():
    """The path of a Chromium, or None."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    return next(filter(None, map(shutil.which, names)), None)


@contextlib.contextmanager
def chromium():
    """A browser of playwright's inside the block; skips without one."""
    api = pytest.importorskip(
        "playwright.sync_api", reason="needs pip install '.[browser]'"
    )
    path = executable()
    if path is None:
        pytest.skip("needs a Chromium, such as apt-get install chromium")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=_FLAGS
        )
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def opened(browser, address, **context):
    """A page at an address; fails for what it logs as an error, and for each
    request that is not of `address` or of the page itself."""
    home = browser.new_context(**context)
    page = home.new_page()
    page.set_default_timeout(PATIENCE)
    wrong, asked = [], []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda line: (
        line.type == "error" and wrong.append(line.text)
    ))
    page.on("request", lambda request: asked.append(request.url))
    try:
        page.goto(address)
        yield page
        assert not wrong, wrong
        base = re.split("[#?]", address)[0]
        other = [
            url for url in asked
            if not url.startswith((base, "data:", "blob:"))
        ]
        assert asked and not other, other
    finally:
        home.close()


@contextlib.contextmanager
def served(folder):
    """The address of a served page inside the block."""
    from keras_gen.play.server import Server

    with Server(folder) as here, running(here):
        yield here.address


def panel(page, title):
    """The panel of this title, in view."""
    found = page.locator("section.panel").filter(
        has=page.locator(f"h2:text-is({title!r})")
    )
    found.scroll_into_view_if_needed()
    return found


def said(page, words):
    """Waits until the page says something, a regular expression. Not by
    playwright's wait_for_function: the page's policy forbids its eval."""
    page.locator("#status").filter(has_text=re.compile(words)).wait_for()


def computed(page):
    """Waits until the page has computed and has nothing more to do."""
    for _ in range(2):
        said(page, "^Computed")
        page.wait_for_timeout(300)
    said(page, "^Computed")


def pixels(locator):
    """Levels of a canvas, uint8 (height, width, 3)."""
    import numpy as np

    width, height, data = locator.evaluate(
        """canvas => [canvas.width, canvas.height, [...canvas.getContext("2d")
        .getImageData(0, 0, canvas.width, canvas.height).data]]"""
    )
    return np.array(data, "uint8").reshape(height, width, 4)[..., :3]


def put(locator, value):
    """Moves a slider, or types, as a hand does."""
    locator.evaluate(
        """(input, value) => {
            input.value = value;
            input.dispatchEvent(new Event("input", {bubbles: true}));
        }""", str(value),
    )


def axe(page):
    """What axe-core finds in a page that is serious: a list, of rules with
    the elements that break them. The page must have been opened with
    bypass_csp=True. Skips where axe-core is not to be had."""
    from keras_gen.errors import InputError
    from keras_gen.play import runtime

    try:
        package = runtime.package(*AXE)
    except InputError as error:
        pytest.skip(f"needs axe-core: {error}")
    (script,) = runtime.members(package, ["axe.min.js"]).values()
    page.evaluate(script.decode())
    return [
        (rule["id"], [node["html"][:200] for node in rule["nodes"]])
        for rule in page.evaluate("axe.run()")["violations"]
        if rule["impact"] in ("serious", "critical")
    ]
