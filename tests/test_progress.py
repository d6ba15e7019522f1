"""Lines that are written anew, on terminals of any width."""

import contextlib
import fcntl
import os
import struct
import sys
import termios

import pytest

from keras_gen import terminal
from keras_gen.training.callbacks.progress import Progress, clock

LOGS = {
    "discriminator_loss": 0.123456, "penalty": 1.0, "generator_loss": 12.3
}


def progress(pictures=64):
    found = Progress(100, pictures)
    # The clock starts after step 1, which compiles.
    found.started, found.first = 10.0, 1
    return found


@pytest.mark.parametrize("pictures, shown", [
    (1, "1.0 pictures/s"), (19, "19 pictures/s"), (64, "64 pictures/s")
])
def test_a_line_tells_share_rate_time_left_and_losses(pictures, shown):
    assert progress(pictures).line(50, 59.0, LOGS) == (
        f"[{'=' * 10}{'.' * 10}] 50/100  0:50 left  {shown}  "
        "discriminator_loss 0.123  generator_loss 12.3"
    )


@pytest.mark.parametrize("room, expected", [
    (200, f"[{'=' * 10}{'.' * 10}] 50/100  0:50 left  64 pictures/s  "
     "discriminator_loss 0.123  generator_loss 12.3"),
    (84, f"[{'=' * 10}{'.' * 10}] 50/100  0:50 left  64 pictures/s  "
     "discriminator_loss 0.123"),
    (79, f"[{'=' * 10}{'.' * 10}] 50/100  0:50 left  64 pictures/s"),
    (40, "50/100  0:50 left  64 pictures/s"), (20, "50/100  0:50 left"),
    (10, "50/100"), (3, "50/100"),
])
def test_a_line_has_the_parts_that_there_is_room_for(room, expected):
    assert progress().line(50, 59.0, LOGS, room) == expected


@pytest.mark.parametrize("text, room, expected", [
    ("abc", 3, "abc"), ("abc", 2, "ab"), ("", 0, ""), ("abc", 0, ""),
    # Characters that take two columns, and one that takes none.
    ("日本語", 5, "日本"), ("e\u0301x", 1, "e\u0301"),
])
def test_cut(text, room, expected):
    assert terminal.cut(text, room) == expected


@contextlib.contextmanager
def screen(monkeypatch):
    """Standard output is a terminal inside the block. Gives a function that
    makes it so many columns wide, and one that reads what it got."""
    reader, writer = os.openpty()

    def widen(columns):
        size = struct.pack("HHHH", 24, columns, 0, 0)
        fcntl.ioctl(writer, termios.TIOCSWINSZ, size)

    def read():
        # A terminal hands on what it got when it comes to it: up to a mark.
        stream.write("\0")
        stream.flush()
        found = b""
        while not found.endswith(b"\0"):
            found += os.read(reader, 10_000)
        return found[:-1].decode()

    with os.fdopen(writer, "w") as stream, monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", stream)
        yield widen, read
    os.close(reader)


def test_no_line_is_wider_than_its_terminal(monkeypatch):
    each, widths = progress(), [80, 40, 20, 7, 80]
    with screen(monkeypatch) as (widen, read):
        for columns in widths:
            widen(columns)
            each.printed = None
            each.on_step(50, LOGS)
        terminal.say("skipped", sys.stdout)
        each.on_step(100, LOGS)
        found = read()
    first, second, last = found.split("\r\n")
    first, *rewritten, said = first.split("\r\033[K")
    assert (first, said, last) == ("", "skipped", "")
    assert all(len(x) < w for x, w in zip(rewritten, widths, strict=True))
    assert all(x.startswith("[=") for x in rewritten[::4])
    assert rewritten[3] == "50/100"
    assert second.startswith("\r\033[K[=") and "100/100" in second


def test_a_terminal_that_does_not_know_its_width(monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    with screen(monkeypatch) as (widen, _):
        widen(0)
        assert terminal.columns(sys.stdout) == 80
        monkeypatch.setenv("COLUMNS", "30")
        assert terminal.columns(sys.stdout) == 30
        widen(50)
        assert terminal.columns(sys.stdout) == 50


def test_elsewhere_it_is_lines(capsys):
    each = progress()
    each.printed = None
    each.on_step(50, LOGS)
    out = capsys.readouterr().out
    assert out.count("\n") == 1 and "generator_loss" in out and "\r" not in out


def test_clock():
    assert [clock(s) for s in (0.4, 61, 3661)] == ["0:00", "1:01", "1:01:01"]
