"""A host of weights on this machine, which can be as bad as real ones."""

import contextlib
import http.server
import time

from check import running


class Host(http.server.ThreadingHTTPServer):
    """Serves files by their paths under `/`.

    Attributes:
        files: bytes by path, "name/network.weights.h5".
        address: for KERAS_GEN_WEIGHTS_URL.
        asked: the Range header of each request so far, None without one.
        sent: bytes of content so far.
        ranges: whether it goes on in the middle of a file.
        cuts: after how many bytes each of the first connections ends.
        busy: how many requests get 503 first.
        pause: seconds before each of some twenty pieces of a file.
        announce: whether it tells the length.
    """

    daemon_threads = True

    def __init__(self, files):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.address = f"http://127.0.0.1:{self.server_port}"
        self.files, self.asked, self.sent = dict(files), [], 0
        self.ranges, self.announce = True, True
        self.cuts, self.busy, self.pause = [], 0, 0


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"

    def do_GET(self):
        host = self.server
        asked = self.headers["Range"]
        host.asked.append(asked)
        content = host.files.get(self.path.lstrip("/"))
        if host.busy:
            host.busy -= 1
            return self.send_error(503)
        if content is None:
            return self.send_error(404)
        version = str(hash(content))
        start = 0
        same = self.headers["If-Range"] in (None, version)
        if asked and host.ranges and same:
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
        self.send_response(206 if start else 200)
        if start:
            self.send_header(
                "Content-Range",
                f"bytes {start}-{len(content) - 1}/{len(content)}",
            )
        if host.announce:
            self.send_header("Content-Length", str(len(content) - start))
        self.send_header("ETag", version)
        self.end_headers()
        end = start + host.cuts.pop(0) if host.cuts else len(content)
        self.send(content[start:end])

    def send(self, content):
        step = max(1, len(content) // 20)
        with contextlib.suppress(OSError):  # it had enough
            for i in range(0, len(content), step):
                time.sleep(self.server.pause)
                self.wfile.write(content[i:i + step])
                self.server.sent += len(content[i:i + step])

    def log_message(self, *arguments):
        pass


@contextlib.contextmanager
def host(files):
    """A `Host` at work inside the block."""
    with Host(files) as server, running(server):
        yield server
