"""A page on this machine, with the headers that WebAssembly's threads need."""

import functools
import http.server
from pathlib import Path

from keras_gen.errors import InputError

_HEADERS = {
    # Only a page that is isolated from others may share memory with threads.
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    # The next page at this port may be another.
    "Cache-Control": "no-cache",
}
HOST = "127.0.0.1"


class _Handler(http.server.SimpleHTTPRequestHandler):
    extensions_map = {
        **http.server.SimpleHTTPRequestHandler.extensions_map,
        ".js": "text/javascript", ".mjs": "text/javascript",
        ".wasm": "application/wasm", ".onnx": "application/octet-stream",
    }

    def send_head(self):
        # Another site's name that leads here must not read what is here.
        host = self.headers.get("Host", "").partition(":")[0]
        if host not in (HOST, "localhost"):
            return self.send_error(403, "ask for 127.0.0.1 or localhost")
        return super().send_head()

    def list_directory(self, path):
        return self.send_error(404)

    def end_headers(self):
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, *arguments):
        pass


class Server(http.server.ThreadingHTTPServer):
    """Serves a folder of `site.folder`, to this machine only.

    Args:
        folder: to serve.
        port: 0 for a free one.

    Attributes:
        address: of the page.

    Raises:
        InputError: the port is taken, or not allowed.
    """

    daemon_threads = True

    def __init__(self, folder: Path, port: int = 0):
        handler = functools.partial(_Handler, directory=str(folder))
        try:
            super().__init__((HOST, port), handler)
        except (OSError, OverflowError) as error:
            raise InputError(
                f"cannot listen on port {port} of {HOST} ({error}): choose "
                "another with --port, or 0 for a free one"
            ) from error
        self.address = f"http://{HOST}:{self.server_port}/"
