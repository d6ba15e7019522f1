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
# Standard errors, and the share of a density, that are taken for noise.
_NOISE, _SHARE = 2, 0.01


def subject(bound: float) -> str:
    """What samples of latents below a bound are called in records."""
    return f"{_BELOW}{bound:g}"


def limit(groups: Iterable[dict]) -> dict | None:
    """The least truncation that does what it should.

    From whole latents down, bound by bound as they were measured, precision
    and density must not fall nor recall rise; the least truncation is the
    last bound on this way at which precision has risen and recall fallen.
    Differences of precision and recall count from two standard errors on,
    those of density from a percent.

    Density, because a blur of all items may lie in the wide ball of a rare
    one, and precision takes it for real. Down from the top, because what
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
    for before, bound in zip(bounds, bounds[1:]):
        if (
            _change(precision, before, bound) < -_NOISE
            or _change(recall, before, bound) > _NOISE
            or density[bound][0] < (1 - _SHARE) * density[before][0]
        ):
            break
        if (
            _change(precision, WHOLE, bound) > _NOISE
            and _change(recall, WHOLE, bound) < -_NOISE
        ):
            least = bound
    says = "bears no truncation"
    if least < WHOLE:
        says = f"takes truncations from {least:g} up"
    reason = _reason(*curves, least, [b for b in bounds if b < least])
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


def _change(curve, before, bound):
    """How many standard errors a value rises from one bound to another."""
    (old, error), (new, other) = curve[before], curve[bound]
    return (new - old) / max((error**2 + other**2) ** 0.5, 1e-9)


def _reason(precision, recall, density, least, refused):
    """Why these bounds are refused, the largest first: what the first one
    does that lowers precision, or the one of the lowest density."""
    if not refused:
        return "nothing below was measured"
    fallen = [b for b in refused if _change(precision, least, b) < -_NOISE]
    at = fallen[0] if fallen else min(refused, key=density.get)
    return f"down to {at:g} " + ", ".join(
        f"{name} from {curve[least][0]:.3g} to {curve[at][0]:.3g}"
        for name, curve in (
            ("precision goes", precision), ("density", density),
            ("recall", recall),
        )
    )
