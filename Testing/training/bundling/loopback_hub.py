"""A hub on loopback that keeps what is sent to it in memory: creating, small uploads, downloads."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COMMIT = "1f" * 20


class Hub:
    """files are those of the one repository; requests lists every method and path."""

    def __init__(self):
        self.files: dict[str, bytes] = {}
        self.requests: list[str] = []
        self.address = ""

    def answer(self, method, path, body):
        """Status, headers and body."""
        self.requests.append(f"{method} {path}")
        path = path.split("?")[0]
        if path == "/api/repos/create":
            return self._json({"url": f"{self.address}/someone/{json.loads(body)['name']}"})
        if path.startswith("/api/models/someone/tiny/preupload/"):
            asked = [entry["path"] for entry in json.loads(body)["files"]]
            modes = [{"path": name, "uploadMode": "regular", "shouldIgnore": False} for name in asked]
            return self._json({"files": modes})
        if path.startswith("/api/models/someone/tiny/commit/"):
            for line in body.splitlines():
                entry = json.loads(line)
                if entry["key"] == "file":
                    self.files[entry["value"]["path"]] = base64.b64decode(entry["value"]["content"])
            return self._json({"commitUrl": f"{self.address}/someone/tiny/commit/{COMMIT}", "commitOid": COMMIT})
        if path.startswith("/api/models/someone/tiny/tree/"):
            entries = [
                {"type": "file", "oid": "0", "path": name, "size": len(data)} for name, data in self.files.items()
            ]
            return self._json(entries)
        if path.startswith("/api/models/someone/tiny"):
            siblings = [{"rfilename": name} for name in self.files]
            facts = {"id": "someone/tiny", "sha": COMMIT, "siblings": siblings, "private": False, "tags": []}
            return self._json({**facts, "downloads": 0, "likes": 0})
        name = path.removeprefix(f"/someone/tiny/resolve/{COMMIT}/")
        if name in self.files:
            digest = hashlib.sha256(self.files[name]).hexdigest()
            return 200, {"ETag": f'"{digest}"', "X-Repo-Commit": COMMIT}, self.files[name]
        return 404, {"X-Error-Code": "RepoNotFound"}, b""

    @staticmethod
    def _json(value):
        return 200, {"Content-Type": "application/json"}, json.dumps(value).encode()


@contextmanager
def a_hub():
    """A running Hub."""
    hub = Hub()

    class Handler(BaseHTTPRequestHandler):
        def _do(self):
            length = int(self.headers.get("Content-Length") or 0)
            status, headers, body = hub.answer(self.command, self.path, self.rfile.read(length))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = _do  # noqa: N815 - the name that http.server looks for
        do_POST = _do  # noqa: N815
        do_HEAD = _do  # noqa: N815

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
