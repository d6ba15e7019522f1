"""A process that is keras_gen's own, as a command's is."""

import contextlib
import sys

from keras_gen import atomic, printing
from keras_gen.backend import settings
from keras_gen.errors import InputError


@contextlib.contextmanager
def own():
    """Inside the block, or function, Keras' settings are keras_gen's choice,
    all can be printed, and what the system or Keras refuses is told in one
    line, with exit code 2."""
    before, settings.own_process = settings.own_process, True
    try:
        with printing.replacing():
            yield
    except BrokenPipeError:
        raise
    except Exception as error:
        reason = _reason(error)
        if reason is None:
            raise
        print(f"error: {' '.join(reason.split())}", file=sys.stderr)
        sys.exit(2)
    finally:
        settings.own_process = before


def _reason(error):
    """Why a command cannot go on, in words; None where it is our mistake."""
    if isinstance(error, OSError):
        place = error.filename
        shown = "" if place is None else f"cannot use {place}: "
        return shown + atomic.why(error)
    try:
        # Keras raises all kinds where it has no backend.
        settings.refuse_wanted_backend()
    except InputError as refused:
        return str(refused)
    return None
