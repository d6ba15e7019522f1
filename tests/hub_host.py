"""A Hugging Face Hub on this machine, as far as pushing and pulling ask."""

import base64
import contextlib
import hashlib
import http.server
import json
import re
import urllib.parse

from check import running

TOKEN = "hf_test"


class Hub(http.server.ThreadingHTTPServer):
    """Keeps repositories in memory.

    Attributes:
        repositories: {name: list of its states, {path: bytes}}; the newest is
            the branch main.
        private: names of those that only a client with the token sees.
        address: for HF_ENDPOINT.
        asked: "GET /path" of each request so far.
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.address = f"http://127.0.0.1:{self.server_port}"
        self.repositories, self.private, self.asked = {}, set(), []

    def revision(self, name, wanted):
        """(commit, files) of a revision, or None."""
        states = self.repositories.get(name, ())
        for number, files in reversed(list(enumerate(states))):
            if wanted in ("main", commit(name, number)):
                return commit(name, number), files
        return None


def commit(name, number):
    """The commit of a repository's state, 40 hexadecimal digits."""
    return hashlib.sha1(f"{name} {number}".encode()).hexdigest()


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def parts(self):
        path = urllib.parse.urlsplit(self.path).path
        self.server.asked.append(f"{self.command} {path}")
        return urllib.parse.unquote(path)

    @property
    def known(self):
        return self.headers["Authorization"] == f"Bearer {TOKEN}"

    def body(self):
        if self.headers["Transfer-Encoding"] != "chunked":
            return self.rfile.read(int(self.headers["Content-Length"] or 0))
        found = b""
        while size := int(self.rfile.readline(), 16):
            found += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return found

    def answer(self, content=b"", status=200, **headers):
        if not isinstance(content, bytes):
            content = json.dumps(content).encode()
            headers.setdefault("Content-Type", "application/json")
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def missing(self, code):
        self.answer({"error": "not there"}, 404, X_Error_Code=code)

    def do_GET(self):
        path, hub = self.parts(), self.server
        found = re.fullmatch(r"/api/models/([^/]+/[^/]+)/revision/(.+)", path)
        if found is None:
            found = re.fullmatch(
                r"/api/models/([^/]+/[^/]+)/tree/([^/]+).*", path
            )
        download = re.fullmatch(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path)
        if not found and not download:  # who one is
            return self.answer({"error": "Invalid token"}, 401)
        name, wanted = (found or download).groups()[:2]
        there = name in hub.repositories
        if not there or name in hub.private and not self.known:
            return self.missing("RepoNotFound")
        state = hub.revision(name, wanted)
        if state is None:
            return self.missing("RevisionNotFound")
        number, files = state
        if found and "/tree/" in path:
            return self.answer([
                {"type": "file", "path": path, "size": len(content),
                 "oid": hashlib.sha1(content).hexdigest()}
                for path, content in files.items()
            ])
        if found:
            return self.answer({
                "id": name, "sha": number, "private": name in hub.private,
                "siblings": [{"rfilename": path} for path in files],
            })
        if download[3] not in files:
            return self.missing("EntryNotFound")
        content = files[download[3]]
        self.answer(
            content, X_Repo_Commit=number,
            ETag=f'"{hashlib.sha1(content).hexdigest()}"',
        )

    do_HEAD = do_GET

    def do_POST(self):
        path, hub = self.parts(), self.server
        body = self.body()
        if path == "/api/validate-yaml":
            return self.answer({"errors": [], "warnings": []})
        if not self.known:
            return self.answer({"error": "Invalid token"}, 401)
        if path == "/api/repos/create":
            return self.create(json.loads(body))
        found = re.fullmatch(
            r"/api/models/([^/]+/[^/]+)/(preupload|commit)/main", path
        )
        name = found[1]
        if name not in hub.repositories:
            return self.missing("RepoNotFound")
        if found[2] == "preupload":
            return self.answer({"files": [
                {"path": file["path"], "uploadMode": "regular",
                 "shouldIgnore": False}
                for file in json.loads(body)["files"]
            ]})
        self.commit(name, [json.loads(line) for line in body.splitlines()])

    def create(self, asked):
        name = f"{asked.get('organization', 'me')}/{asked['name']}"
        address = f"{self.server.address}/{name}"
        if name in self.server.repositories:
            return self.answer({"error": "known", "url": address}, 409)
        self.server.repositories[name] = [{".gitattributes": b""}]
        if asked.get("visibility") == "private":
            self.server.private.add(name)
        self.answer({"url": address, "name": name})

    def commit(self, name, lines):
        states = self.server.repositories[name]
        files = dict(states[-1])
        for line in lines:
            value = line["value"]
            if line["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "deletedFile":
                files.pop(value["path"])
        states.append(files)
        made = commit(name, len(states) - 1)
        self.answer({
            "success": True, "commitOid": made,
            "commitUrl": f"{self.server.address}/{name}/commit/{made}",
        })

    def log_message(self, *arguments):
        pass


@contextlib.contextmanager
def host():
    """A `Hub` at work inside the block."""
    with Hub() as server, running(server):
        yield server
