"""A file from a host, mostly weights: whole and verified, or not at all."""

import dataclasses
import hashlib
import http.client
import os
import shutil
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from keras_gen import atomic, terminal
from keras_gen.accepted import accepted
from keras_gen.data import cache
from keras_gen.errors import InputError

# Seconds without a byte, until a connection counts as cut.
_TIMEOUT = 30
# Connections in a row that bring nothing new; seconds before the second,
# doubled before each after it.
_TRIES, _PAUSE = 5, 1.0
_CHUNK = 1 << 16
# Published files have less than a tenth of it.
_LIMIT = 10 ** 9


@dataclasses.dataclass(frozen=True)
class Kind:
    """What is fetched, and what to do where that fails.

    Attributes:
        what: that it is, in words.
        head: the first bytes of every such file.
        digest: the algorithm, of `hashlib`, that it is verified by.
        layout: what the host must be.
        setting: what names the host.
        otherwise: what to do without any.
    """

    what: str
    head: bytes
    digest: str
    layout: str
    setting: str
    otherwise: str


WEIGHTS = Kind(
    "weights", b"\x89HDF\r\n\x1a\n", "sha256",
    "KERAS_GEN_WEIGHTS_URL must be the address of a folder laid out like "
    "saved_models/",
    "KERAS_GEN_WEIGHTS_URL",
    "set KERAS_GEN_HOME to a checkout with saved_models/",
)


def fetch(address, path, digest, kind=WEIGHTS):
    """Downloads a file, with a progress bar on stderr.

    A connection that is cut is opened again, and goes on where it was if the
    host can do that. Any number of processes may fetch the same file at once.

    Args:
        address: http://, https:// or file://.
        path: of the file to make, a `Path`; folders are made.
        digest: its digest of `kind`, such as sha256, in hexadecimal digits;
            None for a file that names others by theirs.
        kind: what it is, a `Kind`.

    Raises:
        InputError: no host, no such file there, something else than this
            one, a connection that stays cut, or no room. `path` does not
            exist then.
    """
    if not address.startswith(("http://", "https://", "file://")):
        raise InputError(
            f"cannot fetch {address}: {kind.setting} must begin with http://, "
            "https:// or file://"
        )
    # A name of its own for each process and call.
    aside = path.with_name(
        f"{path.name}.{os.getpid()}.{time.time_ns()}{cache.ASIDE}"
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        cache.make_room(path.parent, 0)  # what killed processes left
        with open(aside, "xb") as file:
            got = _Download(address, file, kind).run()
        if digest and got != digest:
            raise InputError(
                f"{address} is damaged and was not kept: expected "
                f"{kind.digest} {digest}, got {got}; fetch it again later, or "
                f"set {kind.setting} to another host"
            )
        atomic.rename(aside, path)
    except OSError as error:
        raise InputError(
            f"cannot write {path}: {atomic.why(error)}; the folder is set by "
            "KERAS_GEN_CACHE"
        ) from error
    finally:
        aside.unlink(missing_ok=True)


class _Download:
    """One file under way. What the network does becomes an `InputError`, what
    the disk does stays an `OSError`."""

    def __init__(self, address, file, kind):
        self.address, self.file, self.kind = address, file, kind
        self.answered = False
        self.total = 0  # bytes, where the host announces them
        self.version = None  # the host's name for this state of the file
        self.bar = Progress(address)
        self._start_anew()

    def _start_anew(self):
        self.have, self.head = 0, b""
        self.code = hashlib.new(self.kind.digest)
        self.file.seek(0)
        self.file.truncate()

    def run(self):
        """Fetches the file; its digest."""
        most, left = 0, _TRIES
        try:
            while why := self._cut():
                # Only bytes that were never reached before are progress.
                left = _TRIES if self.have > most else left - 1
                most = max(most, self.have)
                if not left:
                    self._refuse(
                        f"{why} after {size(most)}, {_TRIES} times in a row: "
                        f"try again later, or set {self.kind.setting} to "
                        "another host"
                    )
                if left < _TRIES:
                    time.sleep(_PAUSE * 2 ** (_TRIES - left - 1))
        finally:
            self.bar.end()
        return self.code.hexdigest()

    def _cut(self):
        """One connection: why it ended before its time, or None."""
        try:
            answer = self._open()
        except urllib.error.HTTPError as error:
            if error.code < 500 and error.code not in (408, 429):
                self._refuse(
                    f"{error.code} {error.reason}: {self.kind.layout}"
                )
            return f"{error.code} {error.reason}"
        except (OSError, ValueError, http.client.HTTPException) as error:
            why = str(getattr(error, "reason", error))
            if not self.answered:
                self._refuse(
                    f"{why}: check {self.kind.setting} and the connection, "
                    f"or {self.kind.otherwise}"
                )
            return why
        with answer:
            return self._receive(answer)

    def _open(self):
        request = urllib.request.Request(
            self.address, headers={"User-Agent": "keras_gen"}
        )
        if self.have:
            request.add_header("Range", f"bytes={self.have}-")
            if self.version:
                # A file that has changed meanwhile comes whole.
                request.add_header("If-Range", self.version)
        return urllib.request.urlopen(request, timeout=_TIMEOUT)

    def _receive(self, answer):
        """Writes what comes; why it ended before its time, or None."""
        part = answer.headers.get("Content-Range", "")
        if not part.startswith(f"bytes {self.have}-"):
            self._begin(answer.headers)
        while True:
            try:
                # What has come so far, without waiting for a whole chunk.
                chunk = answer.read1(_CHUNK)
            except (OSError, http.client.HTTPException) as error:
                return f"the connection was cut ({error})"
            if not chunk:
                break
            self._write(chunk, answer.headers.get_content_type())
        if self.total in (0, self.have):
            return None
        return "the connection was cut"

    def _begin(self, headers):
        """Takes in what the host says of the file."""
        self._start_anew()
        self.answered = True
        length = headers.get("Content-Length", "")
        self.total = int(length) if length.isdecimal() else 0
        self.version = headers.get("ETag") or headers.get("Last-Modified")
        free = shutil.disk_usage(os.path.dirname(self.file.name)).free
        if free < self.total <= _LIMIT:
            raise OSError(f"{size(self.total)} are needed, {size(free)} free")

    def _write(self, chunk, kind):
        self.have += len(chunk)
        if self.have > (self.total or _LIMIT) or self.total > _LIMIT:
            most = min(self.total or _LIMIT, _LIMIT)
            self._refuse(
                f"the host sends more than {size(most)}: {self.kind.layout}"
            )
        self.head = (self.head + chunk)[:len(self.kind.head)]
        if not self.kind.head.startswith(self.head):
            self._refuse(
                f"the host sends no {self.kind.what} but {kind} that begins "
                f"with {chunk[:20]!r}: {self.kind.layout}"
            )
        self.code.update(chunk)
        self.file.write(chunk)
        self.bar(self.have, self.total)

    def _refuse(self, why):
        raise InputError(f"cannot fetch {self.address}: {why}")


class Progress:
    """A bar with bytes, speed and time left: rewritten on a terminal; a line
    at the start, and every 30 s, elsewhere."""

    def __init__(self, address):
        self.address = address
        self.start = time.monotonic()
        self.shown = None

    def __call__(self, have, total):
        """Shows how many bytes there are, of a total that is 0 if unknown."""
        now = time.monotonic()
        live = terminal.columns(sys.stderr) is not None
        every = 0.1 if live else 30
        if self.shown and now - self.shown < every and have != total:
            return
        if live:
            terminal.rewrite(self.line(now, have, total), sys.stderr)
        elif self.shown is None:
            of = f" ({size(total)})" if total else ""
            terminal.say(f"fetching {self.address}{of}")
        elif have != total:
            terminal.say(self.line(now, have, total))
        self.shown = now

    def line(self, now, have, total):
        """The text at a time."""
        text = ""
        speed = have / max(now - self.start, 1e-3)
        if total:
            share = 20 * have // total
            text = f"[{'=' * share}{'.' * (20 - share)}]  "
        text += size(have) + (f" of {size(total)}" if total else "")
        text += f"  {size(speed)}/s"
        if total and have < total:
            text += f"  {(total - have) / max(speed, 1):.0f} s left"
        # What is cut off where there is little room.
        return text + "  " + "/".join(self.address.split("/")[-2:])

    def end(self):
        """Leaves the bar where it is; what follows has a line of its own."""
        terminal.keep(sys.stderr)


def size(count):
    """A number of bytes as MB."""
    return f"{count / 1e6:.1f} MB"


@accepted
def sha256(path: str | Path) -> str:
    """Hexadecimal SHA-256 of a file; InputError where it cannot be read."""
    try:
        with open(atomic.local(path), "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error}") from error
