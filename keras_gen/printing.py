"""Output that does not fail for what it says."""

import contextlib
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def replacing() -> Iterator[None]:
    """Inside the block, or function, standard output has ? for characters
    that it cannot show, such as those of file names under LANG=C, in place
    of an error."""
    # What stands for it in a notebook, say, may lack this.
    change = getattr(sys.stdout, "reconfigure", None)
    if change is None:
        yield
        return
    before = sys.stdout.errors
    change(errors="replace")
    try:
        yield
    finally:
        change(errors=before)
