"""The lesson as a page: it trains, steps, is drawn into, and can be used by
everyone."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image
from play import lesson

from browser import axe, chromium, opened, put, said
from keras_gen.play import site

pytestmark = pytest.mark.slow
# When the plane was drawn: its heat map is the only picture on a canvas.
RECORD = """() => {
    self.drawn = [];
    const { drawImage } = CanvasRenderingContext2D.prototype;
    CanvasRenderingContext2D.prototype.drawImage = function (...given) {
        self.drawn.push(performance.now());
        return drawImage.apply(this, given);
    };
}"""


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    with lesson.home(tmp_path_factory.mktemp("lesson")) as address:
        yield address


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def plane(page):
    return page.locator("canvas.sheet")


def seen(page):
    """The plane as PNG bytes."""
    address = plane(page).evaluate("canvas => canvas.toDataURL()")
    return base64.b64decode(address.partition(",")[2])


def numbers(page):
    """{row: text of the generator's} of the table."""
    rows = page.locator("table.short tbody tr").all()
    return {
        row.locator("th").inner_text(): row.locator("td").first.inner_text()
        for row in rows
    }


def steps(page):
    return int(numbers(page)["Steps"])


def test_the_gallery_and_every_page_lead_to_it(browser, home):
    with opened(browser, home) as page:
        page.locator("article a").filter(has_text="GAN learn").click()
        page.wait_for_selector("h1:text('Watch a GAN learn')")
        assert page.title() == "Watch a GAN learn · keras_gen"
        assert page.evaluate("document.activeElement.tagName") == "H1"
        page.locator("header .home").click()
        page.wait_for_selector("h1:text('Models')")
        page.locator("header a.lesson").click()
        page.wait_for_selector("h1:text('Watch a GAN learn')")


def test_steps_are_those_of_the_seed(browser, home):
    with lesson.shown(browser, home) as page:
        begun = seen(page)
        assert numbers(page)["Steps"] == "0"
        for _ in range(3):
            press(page, "Step")
        said(page, "^Step 3")
        first, third = numbers(page), seen(page)
        assert first["Steps"] == "3" and re.fullmatch(
            r"\d\.\d\d and \d\.\d\d", first["Losses"]
        )
        assert third != begun
        press(page, "Reset")
        assert seen(page) == begun
        for _ in range(3):
            press(page, "Step")
        said(page, "^Step 3")
        assert numbers(page) == first
        assert seen(page) == third
        put(page.get_by_label("Seed", exact=True), "-7")
        assert steps(page) == 0
        assert seen(page) != begun


def test_it_plays_and_pauses_and_ends_with_its_page(browser, home):
    with lesson.shown(browser, home) as page:
        page.evaluate(RECORD)
        press(page, "Play")
        page.locator("table.short").filter(
            has_text=re.compile(r"Steps\s*[1-9]\d+")
        ).wait_for()
        press(page, "Pause")
        said(page, r"^Paused at step \d+\.")
        done = steps(page)
        page.wait_for_timeout(300)
        assert steps(page) == done >= 10
        assert f"after {done} steps" in plane(page).get_attribute("aria-label")
        press(page, "Play")
        page.locator("header .home").click()
        page.wait_for_selector("h1:text('Models')")
        page.wait_for_timeout(300)
        drawn = page.evaluate("drawn.length")
        page.wait_for_timeout(1000)
        assert page.evaluate("drawn.length") == drawn > 2


def test_slow_motion_shows_each_half(browser, home):
    with lesson.shown(browser, home) as page:
        page.get_by_label("Speed").select_option("slow motion")
        press(page, "Play")
        said(page, "^Step 1: the discriminator has learned")
        half = seen(page)
        said(page, "^Step 1: the generator has followed")
        assert seen(page) != half
        press(page, "Pause")
        said(page, "^Paused")
        press(page, "Reset")
        press(page, "Step")
        assert steps(page) == 1


def test_who_wants_no_motion_sees_little(browser, home):
    with lesson.shown(browser, home, reduced_motion="reduce") as page:
        page.evaluate(RECORD)
        press(page, "Play")
        page.wait_for_timeout(5000)
        # What is drawn when it pauses is asked for.
        drawn = page.evaluate("[...drawn]")
        press(page, "Pause")
        said(page, "^Paused")
        assert len(drawn) >= 2 and np.diff(drawn).min() >= 1900
        assert steps(page) > len(drawn)


def test_data_are_drawn_with_the_mouse(browser, home):
    with lesson.shown(browser, home) as page:
        press(page, "Step")
        ring = seen(page)
        box = plane(page).bounding_box()
        page.mouse.move(box["x"] + 50, box["y"] + 60)
        page.mouse.down()
        page.mouse.move(box["x"] + 250, box["y"] + 60, steps=40)
        page.mouse.up()
        found = re.search("of (\\d+)", numbers(page)["Modes covered"])
        assert 4 <= int(found[1]) <= 12
        assert page.get_by_label("Data").input_value() == "own"
        assert seen(page) != ring
        # It goes on, and has not begun anew.
        assert steps(page) == 1
        press(page, "Step")
        assert steps(page) == 2
        press(page, "Undo")
        assert numbers(page)["Modes covered"].endswith(
            f"of {int(found[1]) - 1}"
        )
        press(page, "Clear")
        for button in ("Play", "Step"):
            press(page, button)
            said(page, "^No data")
        assert steps(page) == 2
        page.get_by_label("Data").select_option("grid of 25")
        assert numbers(page)["Modes covered"].endswith("of 25")


def test_data_are_drawn_by_keys(browser, home):
    with lesson.shown(browser, home) as page:
        page.get_by_label("Data").select_option("my own")
        canvas = plane(page)
        canvas.focus()
        before = seen(page)
        for key in ("ArrowRight", "ArrowUp"):
            page.keyboard.press(key)
        moved = seen(page)
        assert moved != before
        page.keyboard.press("Space")
        assert numbers(page)["Modes covered"].endswith("of 4")
        page.keyboard.press("Backspace")
        assert numbers(page)["Modes covered"].endswith("of 3")
        assert seen(page) == moved


def test_r1_and_the_rate_change_what_is_learnt(browser, home):
    with lesson.shown(browser, home) as page:
        told = []
        for r1, rate in ((True, "0.003"), (False, "0.003"), (True, "0.0003")):
            press(page, "Reset")
            page.get_by_label("R1").set_checked(r1)
            page.get_by_label("Learning rate").select_option(rate)
            for _ in range(3):
                press(page, "Step")
            told.append(numbers(page)["Losses"])
        assert len(set(told)) == 3


def test_it_is_in_one_file(browser, tmp_path):
    path = lesson.written(site.one_file, tmp_path / "page.html", tmp_path)
    with lesson.shown(browser, path.as_uri()) as page:
        press(page, "Step")
        said(page, "^Step 1")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 800, 1280])
def test_everyone_can_use_it(width, scheme, browser, home):
    size = {"width": width, "height": 800}
    with lesson.shown(
        browser, home, viewport=size, color_scheme=scheme, bypass_csp=True
    ) as page:
        for _ in range(3):
            press(page, "Step")
        assert page.evaluate(
            "document.documentElement.scrollWidth <= innerWidth"
        )
        # The plane has the ground of the page.
        levels = np.array(Image.open(io.BytesIO(seen(page))).convert("L"))
        assert (levels.mean() > 128) == (scheme == "light")
        assert not axe(page)
