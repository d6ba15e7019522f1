"""What became of everything that a source holds, in a few lines."""

import dataclasses

import numpy as np

# Broken files named, and classes.
_SHOWN = 20


# What the items of a split are for.
FOR = {
    "train": "to train on", "validation": "for the validation",
    "test": "for the test",
}


@dataclasses.dataclass(frozen=True)
class Account:
    """How what a source holds is used, before broken files are left out.

    Attributes:
        what: what is counted: "files", "items" or "lines".
        counts: {split: how many}, of those that are known.
        held: the splits that are cut from what would else be trained on.
        unread: (how many, what and why) of what none of them has.
        notes: what was decided on the names of folders, a line each.
    """

    what: str
    counts: dict
    held: frozenset = frozenset()
    unread: tuple = ()
    notes: tuple = ()

    def lines(self):
        """The numbers in one line; what is not read in one for each
        reason."""
        rest = sum(n for n, _ in self.unread)
        total = sum(self.counts.values()) + rest
        parts = [
            self._told(split) for split in FOR
            if split == "train" or self.counts.get(split)
        ]
        parts += [f"{rest:,} not read"] * bool(rest)
        return [
            f"{self.what:<12}{total:,}: {', '.join(parts)}",
            *(f"  not read  {why}" for _, why in self.unread),
            *(f"  note      {note}" for note in self.notes),
        ]

    def _told(self, split):
        words = f"{self.counts[split]:,} {FOR[split]}"
        if split not in self.held:
            return words
        words = f"{self.counts[split]:,} held out {FOR[split]}"
        if self.what == "files" and split == "test":
            words += " (chosen by name, as there is no test/)"
        return words


def listed(names):
    """The first few of some names, and how many more."""
    more = f" and {len(names) - 3:,} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more


def told(dataset, others=(), names=(), everything=False):
    """What is known of a data set, for people: lines.

    Args:
        dataset: a Dataset.
        others: those of other splits, for what is broken there.
        names: what the classes are called where not as in the data.
        everything: whether every broken file is named, not the first only.
    """
    lines = [f"data        {dataset.summary()}"]
    if dataset.account:
        lines += dataset.account.lines()
    if dataset.classes:
        lines.append(f"classes     {classes(dataset, names)}")
    lines += [f"  {line}" for line in dataset.notes]
    skipped = broken(dataset, others)
    shown = len(skipped) if everything else _SHOWN
    lines += [f"  skipped   {line}" for line in skipped[:shown]]
    if len(skipped) > shown:
        lines.append(f"  skipped   {len(skipped) - shown:,} more")
    return lines


def facts(dataset, others=()):
    """What is known of a data set, for programs: a dict of `columns` {name:
    how many items, of which shape and dtype}, `splits` {split: how many
    files, items or lines}, `held`, those that are cut from the training's,
    `unread`, `classes` {name: how many items, None where they have no
    labels}, `notes` and `skipped`.

    Args:
        dataset, others: as of `told`.
    """
    found = dataset.account
    counts = class_counts(dataset)[0] if dataset.classes else None
    first = dataset.take([0])
    return {
        "summary": dataset.summary(),
        "columns": {
            name: {
                "items": len(column), "shape": first[name].shape[1:],
                "dtype": first[name].dtype,
            } for name, column in dataset.columns.items()
        },
        "counted": found and found.what,
        "splits": found and found.counts,
        "held": found and sorted(found.held),
        "unread": [
            {"count": n, "why": why}
            for n, why in (found.unread if found else ())
        ],
        "classes": dict(zip(
            dataset.classes,
            [None] * len(dataset.classes) if counts is None else counts,
        )),
        "notes": [*(found.notes if found else ()), *dataset.notes],
        "skipped": broken(dataset, others),
    }


def broken(dataset, others):
    """Lines on the files that cannot be read, of all splits."""
    return tuple(dict.fromkeys(
        line for each in (dataset, *others) for line in each.skipped
    ))


def class_counts(dataset):
    """(items of each class or attribute, items of none that is known); (None,
    0) where there is no label for each."""
    if "label" not in dataset.columns:
        return None, 0
    column = dataset.columns["label"]
    label = np.asarray(column[np.arange(len(column))])
    counts = label.sum(0) if label.ndim == 2 else np.bincount(
        label[label >= 0], minlength=len(dataset.classes)
    )
    return counts, (label == dataset.types["label"].missing).sum()


def classes(dataset, names=()):
    """The classes or attributes with their numbers of items, the first of
    them; the names alone where there is no label for each."""
    names = list(names) or dataset.classes
    counts, unknown = class_counts(dataset)
    shown = list(names) if counts is None else [
        f"{name} {count:,}" for name, count in zip(names, counts)
    ]
    more = len(shown) - _SHOWN
    shown = shown[:_SHOWN] + [f"{more:,} more"] * (more > 0)
    shown += [f"unknown {unknown:,}"] * bool(unknown)
    return ", ".join(shown)
