"""Learning-rate schedules against the length of the run."""

import keras


def too_short(objective, steps):
    """One line for each player whose schedule is 0 before the run's end.

    A schedule counts its own optimizer's updates: a critic with 5 updates a
    step is through with it in a fifth of the steps, and from then on the
    generator plays against a critic that learns nothing.

    Args:
        objective: a compiled `Objective`.
        steps: the run's last training step.
    """
    lines = []
    for player, optimizer in objective.optimizers.items():
        rate = schedule(optimizer)
        updates = steps * objective.updates_of(player)
        if rate is None or rate(updates - 1) > 0:
            continue
        step = first_zero(rate, updates) // objective.updates_of(player)
        lines.append(
            f"the learning rate of {player} is 0 from step {step} of {steps} "
            f"on: its schedule counts the optimizer's own updates, "
            f"{objective.updates_of(player)} in each step; let it last "
            f"{updates} updates"
        )
    return lines


def schedule(optimizer):
    """The learning rate as a function of an optimizer's number of updates,
    or None where it is constant."""
    inner = getattr(optimizer, "inner_optimizer", optimizer)
    rate = inner.get_config()["learning_rate"]
    if not isinstance(rate, dict):
        return None
    rate = keras.optimizers.schedules.deserialize(rate)
    return lambda update: float(keras.ops.convert_to_numpy(rate(update)))


def first_zero(rate, updates):
    """The first of `updates` updates whose rate is 0, where the last one's
    is and 0 stays 0."""
    low, high = 0, updates - 1
    while low < high:
        middle = (low + high) // 2
        if rate(middle) > 0:
            low = middle + 1
        else:
            high = middle
    return low
