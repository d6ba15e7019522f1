"""A CSV file with a row for some of the steps."""

import csv
import os


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
            with open(path, newline="") as file:
                header, *rows = list(csv.reader(file))
            rows = [r for r in rows if int(r[0]) <= step]
            aside = path.with_suffix(".aside")
            with open(aside, "w", newline="") as file:
                csv.writer(file).writerows([header, *rows])
            os.replace(aside, path)

    def append(self, step, values):
        """Adds the row of a step: a dict of floats, the same names each
        time."""
        new = not self.path.exists()
        with open(self.path, "a", newline="") as file:
            writer = csv.writer(file)
            if new:
                writer.writerow(["step", *values])
            writer.writerow([step, *(f"{v:.6g}" for v in values.values())])
