"""Whether the judge of a game has learnt its data by heart.

A judge that has tells pictures that it was trained on from others like them.
These are then nothing better to it than what the generator makes, and what it
says to the generator is of single pictures, not of what they have in common.
"""

import numpy as np

# Items of each sort that are looked at, and how many at a time.
_LOOKED, _BATCH = 256, 64
# Of the overfitting that is told; the paper holds it there.
_BY_HEART = 0.5
# Standard errors by which a difference must be above chance.
_SURE = 3.0
_ADVICE = "more data, the penalty keras_gen.terms:LeCam or fewer steps"


class Watch:
    """What the judge says of data that it is trained on, of others, and of
    what the generator makes: each time of the same items.

    `overfitting` is r_v of Karras et al. 2020,
    https://arxiv.org/abs/2006.06676, equation 1: how much less real than the
    data of the training others are to the judge, where 0 is not at all and 1
    as little as what is made. Where the judge's numbers have a boundary,
    `sign_train` and `sign_held_out` are how often it is right about what is
    real, E sign(D(x)): 1 always, 0 by chance.

    Args:
        objective: a `keras_gen.objectives.base.game.Game`.
        trained: the `data.Dataset` that it is trained on.
        held_out: another one.
    """

    def __init__(self, objective, trained, held_out):
        self.objective = objective
        self.trained, self.held_out = trained, held_out
        self.suspected = False

    @property
    def names(self):
        """The names of the numbers."""
        signs = ["sign_train", "sign_held_out"]
        bounded = self.objective.boundary is not None
        return [*(signs if bounded else []), "overfitting"]

    def measure(self):
        """Dict from name to float."""
        trained, made = self._said_of(self.trained)
        others, more = self._said_of(self.held_out, _LOOKED)
        found = {"overfitting": overfitting(
            trained, others, np.concatenate([made, more])
        )}
        if self.objective.boundary is not None:
            for name, said in (("train", trained), ("held_out", others)):
                signs = np.sign(said - self.objective.boundary)
                found[f"sign_{name}"] = float(signs.mean())
        return {name: found[name] for name in self.names}

    def _said_of(self, dataset, first=0):
        """What the judge says of items all over a data set, and of as many
        made ones, whose numbers begin with `first`: the mean of each."""
        count = min(_LOOKED, len(self.trained), len(self.held_out))
        rows = np.linspace(0, len(dataset) - 1, count).astype(int)
        pairs = [
            self.objective.judgement(
                dataset.take(rows[i:i + _BATCH]), part=first + i
            ) for i in range(0, count, _BATCH)
        ]
        return [
            np.concatenate([x.reshape(len(x), -1).mean(1) for x in side])
            for side in zip(*pairs)
        ]

    def learnt(self, values):
        """Whether the judge has learnt its data by heart, at the second look
        in a row that says so."""
        before, self.suspected = (
            self.suspected, values["overfitting"] > _BY_HEART
        )
        return before and self.suspected

    def warning(self, values):
        """What to tell of it, and what to do."""
        game = self.objective
        advice = _ADVICE
        if game.made.in_a_picture:
            advice = f"--augment=auto in a new run, {advice}"
            if game.augment is not None:
                advice = f"a policy that changes more, {_ADVICE}"
        return (
            f"the {game.judge} has learnt its data by heart: others are to it "
            f"{min(values['overfitting'], 1):.0%} of the way to what the "
            f"generator makes; against it: {advice}"
        )


def overfitting(trained, others, made):
    """(E D(trained) - E D(others)) / (E D(trained) - E D(made)); 0 where
    either difference may be chance.

    Args:
        trained, others, made: float arrays (n,) of what the judge says.
    """
    apart = trained.mean() - others.mean(), trained.mean() - made.mean()
    errors = (
        np.sqrt(trained.var() / len(trained) + x.var() / len(x))
        for x in (others, made)
    )
    if any(d <= _SURE * error for d, error in zip(apart, errors)):
        return 0.0
    return float(apart[0] / apart[1])
