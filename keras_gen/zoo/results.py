"""Measured numbers as a recipe keeps them.

A recipe's `[[results]]` hold what was measured under one protocol: what the
numbers share, and beside it a table for each metric, from each subject to
its value, or to its value and spread:

    [[results]]
    real = "maps128.zip test"
    n_real = 1098
    l1 = {model = 12.6, "mean picture" = 12.9}
    kernel_distance = {model = [0.031, 0.002]}

It imports neither Keras nor NumPy, so that a card is shown at once.
"""

_OWN = ("metric", "subject", "value", "spread")


def split_of(real):
    """The split of a record's `real`, for instance "maps128.zip test"."""
    return real.rpartition(" ")[2]


def grouped(records):
    """Records as `[[results]]`.

    Args:
        records: dicts, as of `keras_gen.evaluation.Record.as_dict`.

    Returns:
        list of dicts: what some records share, and for each metric a dict
        from subjects to value or [value, spread].
    """
    groups = {}
    for record in records:
        shared = {k: v for k, v in record.items() if k not in _OWN}
        _, metrics = groups.setdefault(tuple(shared.items()), (shared, {}))
        number = record["value"]
        if "spread" in record:
            number = [number, record["spread"]]
        metrics.setdefault(record["metric"], {})[record["subject"]] = number
    return [shared | metrics for shared, metrics in groups.values()]


def flat(groups):
    """`[[results]]` as records: a dict for each number, the contrary of
    `grouped`."""
    records = []
    for group in groups:
        shared = {k: v for k, v in group.items() if not isinstance(v, dict)}
        for metric, subjects in group.items():
            if metric in shared:
                continue
            for subject, number in subjects.items():
                own = {"metric": metric, "subject": subject, "value": number}
                if isinstance(number, list):
                    own["value"], own["spread"] = number
                records.append(own | shared)
    return records
