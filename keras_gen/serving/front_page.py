"""The page at /: a picture that does not exist, another at each visit.

It is one file that asks the REST API of the host that it came from, so that
TensorFlow Serving behind a proxy has it, too, with the list of models written
into it (docs/serving/).
"""

import json
from pathlib import Path

from keras_gen.serving.signatures import Unknown

_FILE = Path(__file__).parent / "page/index.html"
_NONE = '<script type="application/json" id="models">[]</script>'
DRAWS, NAMES = "sample_png", "label_of"
# What the page has a value for.
_INPUTS = {"label", "seed", "truncation"}


def html(manager) -> str:
    """The page.

    Args:
        manager: `Manager`, of whose models those are shown that draw.
    """
    return written(drawing(manager))


def drawing(manager) -> list[dict]:
    """What the page knows of each model that draws pictures: its name, the
    inputs that drawing takes, and whether it knows its classes by name."""
    found = []
    for name, versions in manager.models().items():
        if not versions:
            continue
        newest = versions[max(versions)]
        try:
            takes = sorted(newest.signature(DRAWS).inputs)
        except Unknown:
            continue
        if _INPUTS >= set(takes):
            found.append(
                {"name": name, "takes": takes, "named": _named(newest)}
            )
    return found


def _named(servable):
    try:
        servable.signature(NAMES)
    except Unknown:
        return False
    return True


def written(models: list[dict]) -> str:
    """The page with a list of models as of `drawing`."""
    text = _FILE.read_text("utf-8")
    assert text.count(_NONE) == 1
    # Names of folders are anybody's: none of it ends the element.
    told = json.dumps(models).replace("<", "\\u003c")
    return text.replace(_NONE, _NONE.replace("[]", told))
