"""What a measurement is: a number and all that it depends on."""

import dataclasses

from keras_gen.zoo import results


@dataclasses.dataclass(frozen=True, kw_only=True)
class Record:
    """One measured number.

    Attributes:
        metric: what was measured, a name of `keras_gen.evaluation.names`.
        subject: whose pictures: "model" or a baseline's name.
        value: the number.
        spread: its standard error or the standard deviation over subsets,
            as the metric's docstring says.
        task: which translation, "a to b", where there are several.
        features: the feature network's name; only "inception-2015" may be
            compared with published FIDs.
        resize: how pictures were brought to the network's size.
        real: the real pictures, "<source> test", or another split of it.
        n_real, n_fake: how many on either side.
        ema: whether averaged networks made the pictures.
        seed: of the samples and of every random choice.
        protocol: what else must be known, in words.
        over: what the value is the mean over, and the spread the standard
            deviation: "sample seeds" or "training seeds"; None for one of
            each.
        times: how many of these.
    """

    metric: str
    subject: str
    value: float
    spread: float | None = None
    task: str | None = None
    features: str | None = None
    resize: str | None = None
    real: str
    n_real: int
    n_fake: int
    ema: bool
    seed: int
    protocol: str | None = None
    over: str | None = None
    times: int | None = None

    @property
    def split(self):
        """The split of the real pictures."""
        return results.split_of(self.real)

    def as_dict(self):
        """The attributes that are set; floats with six digits, all that a
        measurement has and a file needs."""
        return {
            name: float(f"{value:.6g}") if type(value) is float else value
            for name, value in dataclasses.asdict(self).items()
            if value is not None
        }
