"""Down to which truncation a published model bears truncated latents.

The truncation trick (Brock et al. 2018, https://arxiv.org/abs/1809.11096)
should give more typical and less varied items. Many models break instead, the
paper's own among them: batch normalization, say, has met whole latents only.
So the curve that `keras_gen.evaluation.protocols.truncation` measures decides,
and what it does not speak for is refused.

It imports neither Keras nor NumPy, so that a card is shown at once.
"""

from collections.abc import Iterable

from keras_gen.export.signature import WHOLE
from keras_gen.zoo import results

METRICS = PRECISION, RECALL, DENSITY, DISTANCE = (
    "truncated_precision", "truncated_recall", "truncated_density",
    "truncated_frechet_distance",
)
# What samples are called in records, before the bound of their latents.
_BELOW = "truncation "
# Standard errors that are taken for noise.
_NOISE = 2


def subject(bound: float) -> str:
    """What samples of latents below a bound are called in records."""
    return f"{_BELOW}{bound:g}"


def limit(groups: Iterable[dict]) -> dict | None:
    """The least truncation that does what it should.

    It is the last bound, from the largest that was measured downwards, at
    which precision has risen and recall fallen from that of whole latents, as
    long as at none before it precision or density falls or recall rises. A
    difference of precision or recall counts from two standard errors on.

    Density, because a blur of all items may lie in the wide ball of a rare
    one: precision takes it for real. And down from the top, because what
    rises after a fall is such a blur.

    Args:
        groups: a recipe's `[[results]]`.

    Returns:
        The `truncation_limit` of a `LatentObjective`: {"least": the bound, or
        `WHOLE` where there is none, "says": what of the model, in words};
        None where nothing was measured.
    """
    curves = precision, recall, density = [
        _curve(groups, metric) for metric in (PRECISION, RECALL, DENSITY)
    ]
    bounds = sorted(set.intersection(*map(set, curves)), reverse=True)
    if WHOLE not in bounds:
        return None
    least = WHOLE
    for bound in bounds[1:]:
        more, less = _change(precision, bound), -_change(recall, bound)
        if min(more, less) < -_NOISE or density[bound] < density[WHOLE]:
            break
        if min(more, less) > _NOISE:
            least = bound
    says = "bears no truncation"
    if least < WHOLE:
        says = f"takes truncations from {least:g} up"
    reason = _reason(*curves, [b for b in bounds if b < least])
    return {"least": least, "says": f"{says}: {reason}"}


def _curve(groups, metric):
    """{bound: (value, standard error)} of a metric."""
    found = {}
    for record in results.flat(groups):
        if record["metric"] == metric:
            *_, bound = record["subject"].partition(_BELOW)
            found[float(bound or WHOLE)] = (
                record["value"], record.get("spread", 0.0)
            )
    return found


def _change(curve, bound):
    """How many standard errors a value lies above that of whole latents."""
    (value, error), (whole, other) = curve[bound], curve[WHOLE]
    return (value - whole) / max((error**2 + other**2) ** 0.5, 1e-9)


def _reason(precision, recall, density, refused):
    """Why these bounds are refused, the largest first: what the first one
    does that lowers precision, or the one of the lowest density."""
    if not refused:
        return "nothing below was measured"
    fallen = [b for b in refused if _change(precision, b) < -_NOISE]
    at = fallen[0] if fallen else min(refused, key=density.get)
    return f"at {at:g} " + ", ".join(
        f"{name} {curve[at][0]:.2g} instead of {curve[WHOLE][0]:.2g}"
        for name, curve in (
            ("precision is", precision), ("density", density),
            ("recall", recall),
        )
    )
