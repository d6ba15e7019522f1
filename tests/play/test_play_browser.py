"""The page in a browser: it draws what Python draws, moves, translates, asks
no other place for anything, and can be used by everyone."""

import numpy as np
import pytest

from browser import (
    axe,
    chromium,
    computed,
    opened,
    panel,
    pixels,
    put,
    said,
    served,
)
from check import needs
from keras_gen import explore, zoo
from keras_gen.errors import InputError
from keras_gen.play import build, runtime, site
from keras_gen.training import trainer

pytestmark = [pytest.mark.slow, needs("tensorflow")]
# Classes; a label map; a picture's code; two latents; attributes. Beside them
# is a run.
NAMES = [
    "cgan_shapes", "pix2pix_shapes", "autoencoder_shapes", "vae_mnist_2d",
    "vae_celeba",
]


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def noisy(tmp_path_factory):
    """A run whose translator draws dropout."""
    folder = tmp_path_factory.mktemp("runs") / "noisy"
    recipe = zoo.recipe("pix2pix_shapes").smoke()
    recipe = recipe.override({"objective.dropout_at_test": True})
    assert trainer.run(recipe, folder)
    return folder


@pytest.fixture(scope="module")
def parts(tmp_path_factory, browser, noisy):
    """(models of a page, the folder with their files)."""
    pytest.importorskip("tf2onnx")
    try:
        runtime.files()
    except InputError as error:
        pytest.skip(f"needs onnxruntime-web: {error}")
    made = tmp_path_factory.mktemp("made")
    return build.build([*NAMES, noisy], made, tell=lambda line: None), made


@pytest.fixture(scope="module")
def home(parts, tmp_path_factory):
    """The address of the served page."""
    folder = tmp_path_factory.mktemp("page") / "site"
    site.folder(folder, *parts)
    with served(folder) as address:
        yield address


def near(made, wanted):
    """Whether pictures differ by one level at most."""
    assert made.shape == wanted.shape
    return np.abs(made.astype(int) - wanted.astype(int)).max() <= 1


def test_the_gallery_shows_all_and_leads_to_each(browser, home):
    with opened(browser, home) as page:
        assert page.locator(".card").count() == 6
        assert page.evaluate("crossOriginIsolated")
        page.get_by_label("Search").fill("conditional")
        assert page.locator(".card:visible").count() == 1
        page.get_by_role("link", name="cgan_shapes").click()
        page.wait_for_selector("h1:text('cgan_shapes')")
        assert page.evaluate("document.activeElement.tagName") == "H1"
        computed(page)


def test_a_seed_is_the_picture_that_python_draws(browser, home):
    model = zoo.load("cgan_shapes")
    with opened(browser, f"{home}#/cgan_shapes") as page:
        draw = panel(page, "Draw")
        computed(page)
        bears = model.truncation_limit["least"]
        assert bears < 4
        for seed, bound in (
            (0, None), (-3, None), (2**64 + 7, None), (5, bears)
        ):
            put(draw.get_by_label("First seed", exact=True), seed)
            put(draw.get_by_label("How many"), 7)
            if bound:
                put(draw.get_by_label("Truncation"), bound)
            computed(page)
            made = [pixels(c) for c in draw.locator("canvas").all()]
            wanted = model.generate(7, seed=seed, truncation=bound)
            assert near(np.stack(made), wanted), (seed, bound)


def test_sliders_classes_and_ways_change_the_picture(browser, home):
    model = zoo.load("cgan_shapes")
    with opened(browser, f"{home}#/cgan_shapes") as page:
        change = panel(page, "Change")
        computed(page)
        canvas = change.locator("canvas")
        before = pixels(canvas)
        put(change.get_by_label("Direction 1"), 3)
        computed(page)
        moved = pixels(canvas)
        assert np.abs(moved.astype(int) - before).max() > 30
        change.get_by_role("button", name="Reset").click()
        computed(page)
        np.testing.assert_array_equal(pixels(canvas), before)

        grid = panel(page, "Classes")
        computed(page)
        grid.locator("canvas").nth(35).wait_for()
        computed(page)
        made = [pixels(c) for c in grid.locator("canvas").all()]
        wanted = explore.class_grid(model, list(range(6)))
        assert near(np.stack(made), wanted.reshape(-1, *wanted.shape[2:]))

        morph = panel(page, "Morph")
        put(morph.get_by_label("Way", exact=True), 0.25)
        computed(page)
        (row,) = explore.class_interpolation(model, 0, 1, [0], steps=5)
        assert near(pixels(morph.locator("canvas")), row[1])

        walk = panel(page, "Walk")
        put(walk.get_by_label("Way", exact=True), 0.5)
        computed(page)
        (row,) = explore.interpolate(model, [0, 1], steps=3, label=0)
        assert near(pixels(walk.locator("canvas")), row[1])


@pytest.mark.parametrize("name", ["pix2pix_shapes", "noisy"])
def test_a_drawn_map_is_translated(name, browser, home, noisy):
    model = zoo.load(noisy if name == "noisy" else name)
    with opened(browser, f"{home}#/{name}") as page:
        draw = panel(page, "Draw a map")
        computed(page)
        given, made = draw.locator("canvas.editor"), draw.locator(
            ".items canvas"
        )
        first, answer = pixels(given), pixels(made)
        assert near(answer, model.translate(first[None], seed=0)[0])

        draw.get_by_role("radio", name="Rectangle").check()
        draw.get_by_role("radio", name="triangle").check()
        box = given.bounding_box()
        page.mouse.move(box["x"] + 20, box["y"] + 20)
        page.mouse.down()
        page.mouse.move(box["x"] + 90, box["y"] + 110)
        page.mouse.up()
        computed(page)
        second = pixels(given)
        changed = (second != first).any(-1)
        assert changed.sum() > 50
        assert (second[changed] == [0x19, 0xa0, 0x46]).all()
        answer = pixels(made)
        assert near(answer, model.translate(second[None], seed=0)[0])
        if name == "noisy":
            put(draw.get_by_label("Seed", exact=True), 9)
            computed(page)
            other = pixels(made)
            assert near(other, model.translate(second[None], seed=9)[0])
            assert (other != answer).any()
        draw.get_by_role("button", name="Undo").click()
        computed(page)
        np.testing.assert_array_equal(pixels(given), first)
        draw.get_by_role("button", name="Random").click()
        computed(page)
        assert (pixels(given) != first).any()


def test_maps_are_drawn_by_keys(browser, home):
    with opened(browser, f"{home}#/pix2pix_shapes") as page:
        draw = panel(page, "Draw a map")
        computed(page)
        draw.get_by_role("button", name="Clear").click()
        draw.get_by_role("radio", name="diamond").check()
        canvas = draw.locator("canvas.editor")
        canvas.focus()
        for key in ("ArrowLeft", "ArrowUp", "Space", "ArrowUp", "Space"):
            page.keyboard.press(key)
        page.evaluate("document.activeElement.blur()")
        computed(page)
        drawn = (pixels(canvas) == [0xb9, 0x5a, 0xeb]).all(-1)
        assert 20 <= drawn.sum() <= 60


def test_a_picture_is_reconstructed(browser, home, tmp_path):
    model = zoo.load("autoencoder_shapes")
    with opened(browser, f"{home}#/autoencoder_shapes") as page:
        part = panel(page, "Reconstruct")
        computed(page)
        given, made = part.locator("canvas").all()
        assert near(pixels(made), model.reconstruct(pixels(given)[None])[0])
        part.get_by_role("button", name="Example 3").click()
        computed(page)
        assert near(pixels(made), model.reconstruct(pixels(given)[None])[0])
        part.locator("input[type=file]").set_input_files({
            "name": "mine.svg", "mimeType": "image/svg+xml", "buffer": b"no",
        })
        said(page, "mine.svg: this is no picture")


def test_the_camera_gives_a_picture_and_is_switched_off(browser, home):
    with opened(browser, f"{home}#/autoencoder_shapes") as page:
        part = panel(page, "Reconstruct")
        computed(page)
        before = pixels(part.locator("canvas").first)
        part.get_by_role("button", name="Use the camera").click()
        part.get_by_role("button", name="Take the picture").click()
        computed(page)
        after = pixels(part.locator("canvas").first)
        assert after.shape == before.shape and (after != before).any()
        assert not part.locator("video").is_visible()
        assert page.evaluate(
            "document.querySelector('video').srcObject.active"
        ) is False


def test_the_mouse_leads_over_the_sheet_of_two_latents(browser, home):
    model = zoo.load("vae_mnist_2d")
    with opened(browser, f"{home}#/vae_mnist_2d") as page:
        part = panel(page, "Manifold")
        computed(page)
        sheet = part.locator("canvas.sheet")
        wanted = explore.manifold(model, side=12)
        made = pixels(sheet)[28 * 4:28 * 5, 28 * 9:28 * 10, :1]
        assert near(made, wanted[4, 9])
        sheet.hover(position={"x": 1, "y": 1})
        computed(page)
        corner = pixels(part.locator(".items canvas"))
        sheet.focus()
        for key in ["ArrowRight"] * 30 + ["ArrowDown"] * 30:
            page.keyboard.press(key)
        computed(page)
        middle = pixels(part.locator(".items canvas"))
        # It stops at the edges, and 30 steps of 0.02 go over the middle.
        assert np.abs(middle.astype(int) - corner).max() > 100


def test_attributes_move_what_python_moves(browser, home, parts):
    models, _ = parts
    told = models[4]["draws"]["attributes"]["sliders"][0]
    model = zoo.load("vae_celeba")
    with opened(browser, f"{home}#/vae_celeba") as page:
        part = panel(page, "Attributes")
        computed(page)
        name = told["name"].replace("_", " ")
        put(part.get_by_label(f"{name}: "), 2)
        computed(page)
        (latent,) = explore.latents(model, [0])
        moved = latent + 2 * np.array(told["direction"], "float32")
        wanted = explore.decode(model, moved)
        assert near(pixels(part.locator("canvas")), wanted)
        still = explore.decode(model, latent)
        assert np.abs(wanted.astype(int) - still).max() > 30


def test_one_file_opens_by_double_click(browser, parts, tmp_path):
    models, made = parts
    path = tmp_path / "page.html"
    site.one_file(path, models[:1], made)
    with opened(browser, path.as_uri()) as page:
        draw = panel(page, "Draw")
        computed(page)
        made = [pixels(c) for c in draw.locator("canvas").all()]
        wanted = zoo.load("cgan_shapes").generate(len(made), seed=0)
        assert near(np.stack(made), wanted)


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everyone_can_use_it(width, scheme, browser, home):
    size = {"width": width, "height": 800}
    for place in ("", "#/cgan_shapes", "#/pix2pix_shapes",
                  "#/autoencoder_shapes"):
        with opened(
            browser, home + place, viewport=size, color_scheme=scheme,
            bypass_csp=True,
        ) as page:
            page.wait_for_selector("h1")
            if place:
                computed(page)
            # Nothing is wider than the screen.
            assert page.evaluate(
                "document.documentElement.scrollWidth <= innerWidth"
            )
            assert not axe(page), place
