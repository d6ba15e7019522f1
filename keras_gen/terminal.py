"""A line of a terminal that is written anew, and lines that come between."""

import os
import sys
import unicodedata
from typing import TextIO

# The streams whose last line is one of `rewrite`.
_live: list[TextIO] = []


def columns(stream: TextIO) -> int | None:
    """How many columns the terminal of a stream has at this moment, which may
    change; None where it is no terminal."""
    try:
        if not stream.isatty():
            return None
        found = os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        found = 0
    if not found:
        told = os.environ.get("COLUMNS", "")
        found = int(told) if told.isdecimal() else 0
    return found or 80


def rewrite(text: str, stream: TextIO) -> None:
    """Puts a text in the place of a terminal's last line, cut to its width:
    in the last column some terminals begin the next line."""
    room = columns(stream)
    if room is not None:
        stream.write(f"\r\033[K{cut(text, room - 1)}")
        stream.flush()
        if stream not in _live:
            _live.append(stream)


def keep(stream: TextIO) -> None:
    """Leaves the line where it is: what follows has one of its own."""
    if stream in _live:
        _live.remove(stream)
        print(file=stream, flush=True)


def clear() -> None:
    """Takes the line away."""
    while _live:
        stream = _live.pop()
        stream.write("\r\033[K")
        stream.flush()


def say(text: str, stream: TextIO | None = None) -> None:
    """Prints a line, on standard error by default, where no other is."""
    clear()
    print(text, file=stream or sys.stderr, flush=True)


def cut(text: str, room: int) -> str:
    """The beginning of a text that takes at most `room` columns."""
    taken = 0
    for i, character in enumerate(text):
        wide = unicodedata.east_asian_width(character) in "WF"
        taken += 0 if unicodedata.combining(character) else 1 + wide
        if taken > room:
            return text[:i]
    return text
