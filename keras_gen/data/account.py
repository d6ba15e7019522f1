"""What became of everything that a source holds, in a few lines."""

import dataclasses

import numpy as np

# Broken files named, and classes.
_SHOWN = 20


@dataclasses.dataclass(frozen=True)
class Account:
    """How what a source holds is used, before broken files are left out.

    Attributes:
        what: what is counted: "files", "items" or "lines".
        train, test: how many for each.
        held: whether the test is a tenth of what there is, held out.
        unread: (how many, what and why) of what neither has.
        notes: what was decided on the names of folders, a line each.
    """

    what: str
    train: int
    test: int
    held: bool
    unread: tuple = ()
    notes: tuple = ()

    def lines(self):
        """The numbers in one line; what is not read in one for each
        reason."""
        total = self.train + self.test + sum(n for n, _ in self.unread)
        test = f"{self.test:,} for the test"
        if self.held:
            test = (
                f"{self.test:,} held out for the test (chosen by name, as "
                "there is no test/)" if self.what == "files" else
                f"{self.test:,} held out for the test"
            )
        rest = sum(n for n, _ in self.unread)
        parts = [f"{self.train:,} to train on", test]
        parts += [f"{rest:,} not read"] * bool(rest)
        return [
            f"{self.what:<12}{total:,}: {', '.join(parts)}",
            *(f"  not read  {why}" for _, why in self.unread),
            *(f"  note      {note}" for note in self.notes),
        ]


def listed(names):
    """The first few of some names, and how many more."""
    more = f" and {len(names) - 3:,} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more


def told(dataset, other=None, names=(), everything=False):
    """What is known of a data set, for people: lines.

    Args:
        dataset: a Dataset.
        other: that of the other split, for what is broken there; None
            without.
        names: what the classes are called where not as in the data.
        everything: whether every broken file is named, not the first only.
    """
    lines = [f"data        {dataset.summary()}"]
    if dataset.account:
        lines += dataset.account.lines()
    if dataset.classes:
        lines.append(f"classes     {classes(dataset, names)}")
    lines += [f"  {line}" for line in dataset.notes]
    skipped = dataset.skipped + (other.skipped if other else ())
    skipped = tuple(dict.fromkeys(skipped))
    shown = len(skipped) if everything else _SHOWN
    lines += [f"  skipped   {line}" for line in skipped[:shown]]
    if len(skipped) > shown:
        lines.append(f"  skipped   {len(skipped) - shown:,} more")
    return lines


def classes(dataset, names=()):
    """The classes or attributes with their numbers of items, the first of
    them; the names alone where there is no label for each."""
    names = list(names) or dataset.classes
    unknown = 0
    if "label" not in dataset.columns:
        shown = list(names)
    else:
        column = dataset.columns["label"]
        label = np.asarray(column[np.arange(len(column))])
        counts = label.sum(0) if label.ndim == 2 else np.bincount(
            label[label >= 0], minlength=len(names)
        )
        shown = [f"{name} {count:,}" for name, count in zip(names, counts)]
        unknown = (label == dataset.types["label"].missing).sum()
    more = len(shown) - _SHOWN
    shown = shown[:_SHOWN] + [f"{more:,} more"] * (more > 0)
    shown += [f"unknown {unknown:,}"] * bool(unknown)
    return ", ".join(shown)
