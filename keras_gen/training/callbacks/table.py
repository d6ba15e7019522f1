"""A CSV file with a row for some of the steps."""

import csv

from keras_gen import atomic


class Table:
    """Appends rows to a CSV file.

    Args:
        path: the file. It may be there already.
        step: rows past this step, from a run that was stopped after its
            checkpoint, are dropped.
    """

    def __init__(self, path, step):
        self.path = path
        if path.exists():
            self._drop_rows(step)

    def _drop_rows(self, step):
        """Drops later rows, and what a full disk cut off."""
        with open(self.path, newline="") as file:
            header, *rows = [x for x in file if x.endswith("\n")] or [""]
        rows = [r for r in rows if int(r.split(",")[0]) <= step]
        aside = self.path.with_suffix(".aside")
        with open(aside, "w", newline="") as file:
            file.writelines([header, *rows])
        atomic.rename(aside, self.path)

    def append(self, step, values):
        """Adds the row of a step: a dict of floats, the same names each
        time. A run that an earlier version began may have others: its rows
        have "nan" in what it did not know."""
        names = ["step", *values]
        there = []
        if self.path.exists():
            with open(self.path, newline="") as file:
                there = next(csv.reader(file), [])
        if there and there != names:
            self._rename(names)
        with open(self.path, "a", newline="") as file:
            writer = csv.writer(file)
            if not there:
                writer.writerow(names)
            writer.writerow([step, *(f"{v:.6g}" for v in values.values())])

    def _rename(self, names):
        """Gives the rows so far other columns."""
        aside = self.path.with_suffix(".aside")
        with open(self.path, newline="") as file, open(
            aside, "w", newline=""
        ) as new:
            writer = csv.DictWriter(
                new, names, restval="nan", extrasaction="ignore"
            )
            writer.writeheader()
            writer.writerows(csv.DictReader(file))
        atomic.rename(aside, self.path)
