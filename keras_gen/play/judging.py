"""Which is real? A page of pairs for people to judge, and their answers."""

import base64
import dataclasses
import html
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from keras_gen import atomic
from keras_gen.abilities import DrawsLatents, TakesLabels, Translates
from keras_gen.errors import InputError
from keras_gen.play import site
from keras_gen.seeds import generator, named

_OWN = Path(__file__).parent / "judge"
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src "
    "'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
)


@dataclasses.dataclass(frozen=True)
class Pairs:
    """Real pictures beside made ones.

    Attributes:
        real, made: uint8 (n, height, width, channels).
        right: bool (n,), whether the real one is at the right: in half of
            the pairs, in an order by seed.
        seed: of all that was drawn.
    """

    real: np.ndarray
    made: np.ndarray
    right: np.ndarray
    seed: int


def pairs(model: Any, real: Any, n: int, seed: int = 0) -> Pairs:
    """Pairs of a real picture and one that the model made: of the real one's
    class where the model takes labels, of the same item where it translates.

    Args:
        model: the objective, which makes pictures of 8 bits.
        real: a `data.Dataset` as the model's recipe reads it.
        n: pairs, at most as many as there are items.
        seed: of the choice, the samples and the sides.

    Raises:
        InputError: it makes no pictures, or there are fewer items.
    """
    if model.made is None or model.made.name != "picture" or (
        model.made.dtype != "uint8"
    ):
        raise InputError(
            f"{model.name} makes no pictures of 8 bits, and people judge those"
        )
    if not 1 <= n <= len(real):
        raise InputError(
            f"there are {len(real):,} real pictures, and a pair takes one: "
            f"give --n from 1 to {len(real):,}, got {n:,}"
        )
    random = generator(named(seed, "judge"))
    rows = real.take(random.permutation(len(real))[:n])
    if model.can(Translates):
        to = next(iter(model.translators))
        made = model.translate(rows[model.source(to)], to=to, seed=seed)
        shown = rows[to]
    elif model.can(DrawsLatents):
        labels = {"label": rows["label"]} if model.can(TakesLabels) else {}
        made = model.generate(n, seed=seed, **labels)
        shown = rows[model.made.column]
    else:
        raise InputError(f"{model.name} {DrawsLatents.reason(model)}")
    right = np.arange(n) % 2 == 0
    random.shuffle(right)
    return Pairs(shown, made, right, seed)


def page(
    path: Path, model: str, judged: Pairs, seconds: float = 0.0
) -> None:
    """Writes the page, one .html that asks nothing of any host and opens by
    double click.

    Args:
        path: of the file, which is replaced.
        model: its name, for the answers.
        judged: what is shown.
        seconds: for which each pair is shown; 0 for as long as one likes.
    """
    right = judged.right[:, None, None, None]
    both = np.stack([
        np.where(right, judged.made, judged.real),
        np.where(right, judged.real, judged.made),
    ], 1)
    given = site.as_json({
        "model": model, "seed": judged.seed, "seconds": seconds,
        "shape": judged.real.shape,
        "pictures": base64.b64encode(both.tobytes()).decode(),
        "right": base64.b64encode(judged.right.tobytes()).decode(),
    })
    style = (site.PAGE / "style.css").read_text("utf-8")
    parts = {
        "policy": html.escape(_POLICY), "given": given,
        "style": style + (_OWN / "style.css").read_text("utf-8"),
        "script": (_OWN / "judge.js").read_text("utf-8"),
    }
    text = (_OWN / "page.html").read_text("utf-8")
    with atomic.replacing(path) as aside:
        aside.write_text(site.filled(text, parts), "utf-8")


def score(files: Sequence[Path], model: str) -> dict[str, Any]:
    """What people's answers say.

    Args:
        files: the answers that the page saved, one of each person.
        model: the name of the one that they must be of.

    Returns:
        Dict of `people`; `pairs` and `fooled`, how many there were in all,
        and how often the made picture was taken for the real one; `share`,
        and `low` and `high`, Wilson's 95 % interval of it; `left`, the share
        of answers that are the left one; `seconds`, the median for a pair.

    Raises:
        InputError: a file that has no answers, or those on another model.
    """
    found = [answer for file in files for answer in _answers(file, model)]
    fooled = sum(each["chosen"] != each["real"] for each in found)
    interval = stats.binomtest(fooled, len(found)).proportion_ci(
        method="wilson"
    )
    return {
        "people": len(files), "pairs": len(found), "fooled": fooled,
        "share": fooled / len(found), "low": float(interval.low),
        "high": float(interval.high),
        "left": float(np.mean([e["chosen"] == "left" for e in found])),
        "seconds": float(np.median([each["seconds"] for each in found])),
    }


def _answers(file, model):
    sides = ("left", "right")
    try:
        kept = json.loads(atomic.local(file).read_text("utf-8"))
        found, of = kept["answers"], kept["model"]
        whole = len(found) == kept["pairs"] > 0 and all(
            each["chosen"] in sides and each["real"] in sides
            and float(each["seconds"]) >= 0 for each in found
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{file} has no answers of a page of keras-gen judge: {error}"
        ) from error
    if not whole:
        raise InputError(
            f"{file} is not what a page of keras-gen judge has saved: give "
            "the file as it was saved at the end"
        )
    if of != model:
        raise InputError(
            f"{file} has answers on {of}, and {model} is asked for"
        )
    return found
