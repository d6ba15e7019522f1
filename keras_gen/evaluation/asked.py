"""Which metrics are asked for, and whether they can be had."""

from typing import TYPE_CHECKING

from keras_gen.accepted import accepted
from keras_gen.errors import InputError
from keras_gen.evaluation import protocols

if TYPE_CHECKING:
    from keras_gen.objectives.base.objective import Objective


@accepted
def names(
    objective: "Objective | type[Objective]", default: bool = False
) -> list[str]:
    """The metrics of an objective, or its class.

    Args:
        default: only those that are measured without being asked for.
    """
    return list(dict.fromkeys(
        name for protocol in protocols.of(objective)
        for metric in protocol.METRICS if metric.default or not default
        for name in metric.names
    ))


def some(evaluation, wanted, records):
    """The records; InputError without any."""
    if not records and evaluation.left_out:
        raise InputError(
            "nothing could be measured: "
            + "; ".join(dict.fromkeys(evaluation.left_out.values()))
        )
    if not records:
        raise InputError(
            f"{', '.join(wanted) or 'no metric'} cannot be told of this model "
            "and these data: leave metrics out to see what can"
        )
    return records


def of_protocols(model, metrics):
    """Names of metrics, with all those of a protocol in its name's place."""
    found = []
    for name in metrics:
        if name in model.protocols:
            protocol = protocols.named(name)
            found += [n for metric in protocol.METRICS for n in metric.names]
        else:
            found.append(name)
    return list(dict.fromkeys(found))


def wanted(model, metrics, features):
    """The metrics to measure, checked.

    Args:
        model: an objective, or its class.
        metrics: names, or None for all that are measured by default.
        features: whether there is a feature network.
    """
    known = names(model)
    metrics = of_protocols(model, metrics or ())
    unknown = [name for name in metrics if name not in known]
    if unknown:
        raise InputError(
            f"there is no metric {', '.join(unknown)} for this model: "
            f"choose from {', '.join(known)}"
        )
    able = {
        name for protocol in protocols.of(model)
        for metric in protocol.METRICS if features or not metric.features
        for name in metric.names
    }
    needing = sorted(set(metrics) - able)
    if needing:
        raise InputError(
            f"{', '.join(needing)} need a feature network: give one, for "
            "instance features='classifier_shapes'"
        )
    return [m for m in metrics or names(model, default=True) if m in able]
