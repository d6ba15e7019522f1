"""The page at /: a picture that does not exist."""

import base64
import io
import json
import pathlib
import re
import urllib.request

import numpy as np
import pytest
from PIL import Image

from browser import axe, chromium, opened
from check import TESTS
from keras_gen import zoo
from keras_gen.serving import front_page
from serving import tiny

TWIN = TESTS.parent / "docs/serving/index.html"


@pytest.fixture(scope="module")
def serving(tmp_path_factory):
    """A server of a model that draws, one that draws a class, and one that
    does neither."""
    root = tmp_path_factory.mktemp("drawing")
    for name in ("gan_shapes", "cgan_shapes"):
        zoo.load(name).export(root / name)
    tiny.add(root / "tiny", 1)
    with tiny.start(root) as server:
        yield server


def page(serving):
    with urllib.request.urlopen(f"{serving.rest_url}/", timeout=30) as answer:
        assert answer.headers["Content-Type"].startswith("text/html")
        return answer.read().decode()


def listed(text):
    (found,) = re.findall(r'id="models">(.*?)</script>', text)
    return json.loads(found)


def test_it_knows_what_draws(serving):
    assert listed(page(serving)) == [
        {"name": "cgan_shapes", "takes": ["label", "seed", "truncation"],
         "named": True},
        {"name": "gan_shapes", "takes": ["seed", "truncation"],
         "named": False},
    ]


def test_it_loads_nothing_from_elsewhere_and_names_cannot_break_it():
    name = "</script><script>alert(1)"
    text = front_page.written([{"name": name, "takes": [], "named": False}])
    assert listed(text)[0]["name"] == name
    assert text.count("</script>") == front_page.written([]).count("</script>")
    assert "://" not in text


def test_the_twin_for_tensorflow_serving_is_the_same_page():
    text = TWIN.read_text()
    models = listed(text)
    assert text == front_page.written(models)
    # What it asks of them is what their exports take.
    config = (TWIN.parent / "models.config").read_text()
    for model in models:
        assert f'name: "{model["name"]}"' in config
        served = zoo.home() / "saved_models" / model["name"]
        if served.is_dir():
            takes = front_page_of(served)
            assert takes == model


def front_page_of(folder):
    with tiny.start(pathlib.Path(folder)) as server:
        (found,) = front_page.drawing(server.service.manager)
    return found


@pytest.mark.slow
def test_each_visit_draws_another_and_a_link_draws_the_same(serving):
    model = zoo.load("gan_shapes")
    named = zoo.load("cgan_shapes")
    with chromium() as browser:
        seen = {}
        for turn in range(2):
            with opened(browser, f"{serving.rest_url}/?model=gan_shapes") as p:
                words = said(p, "gan_shapes, seed")
                seed = int(words.rpartition(" ")[2])
                seen[seed] = shown(p)
                np.testing.assert_allclose(
                    seen[seed], model.generate(1, seed=seed)[0], atol=1
                )
                p.locator("#link").click()
                assert said(p, "gan_shapes, seed") == words
                np.testing.assert_array_equal(shown(p), seen[seed])
        assert len(seen) == 2
        address = f"{serving.rest_url}/?model=cgan_shapes&seed=5&class=ring"
        with opened(browser, address) as p:
            said(p, "cgan_shapes, seed 5")
            np.testing.assert_allclose(
                shown(p), named.generate(1, seed=5, label="ring")[0], atol=1
            )
            assert not axe(p)
            p.fill("#seed", "6")
            p.keyboard.press("Enter")
            said(p, "cgan_shapes, seed 6")


def said(p, words):
    found = p.locator("#said").filter(has_text=words)
    found.wait_for()
    return found.inner_text()


def shown(p):
    """The picture's levels."""
    address = p.locator("#picture").get_attribute("src")
    content = base64.b64decode(address.partition(",")[2])
    made = np.asarray(Image.open(io.BytesIO(content)))
    return made.reshape(*made.shape[:2], -1)
