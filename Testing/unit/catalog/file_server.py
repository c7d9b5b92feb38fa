"""A server of files on this computer that behaves as told and remembers what it was asked."""

from __future__ import annotations

import re
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Behaviour = Callable[["Handler", bytes], None]


class Handler(BaseHTTPRequestHandler):
    """Answers GET as the server's next behaviour says, and as the last from then on."""

    protocol_version = "HTTP/1.1"
    tag = '"one"'

    def handle(self) -> None:
        with suppress(ConnectionError):  # whoever asked has gone
            super().handle()

    def do_GET(self) -> None:
        told = self.server.told
        told.requests.append((self.path, dict(self.headers)))
        behaviour = told.behaviours.pop(0) if len(told.behaviours) > 1 else told.behaviours[0]
        with suppress(ConnectionError):
            behaviour(self, told.files.get(self.path.partition("?")[0], b""))

    def say(self, status: int, content: bytes = b"", length: int | None = None, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(content) if length is None else length))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


def healthy(handler: Handler, content: bytes) -> None:
    """Files with their ETag, and parts of them; 404 for what there is not."""
    if not content:
        handler.say(404)
        return
    wanted = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
    if wanted is None or handler.headers.get("If-Range", handler.tag) != handler.tag:
        handler.say(200, content, ETag=handler.tag)
    elif int(wanted[1]) >= len(content):
        handler.say(416)
    else:
        start = int(wanted[1])
        whole = f"bytes {start}-{len(content) - 1}/{len(content)}"
        handler.say(206, content[start:], ETag=handler.tag, Content_Range=whole)


def knows_no_ranges(handler: Handler, content: bytes) -> None:
    handler.say(200, content)


def cut_half_way(handler: Handler, content: bytes) -> None:
    handler.say(200, content[: len(content) // 2], len(content), ETag=handler.tag)
    handler.close_connection = True


def stalls_half_way(handler: Handler, content: bytes) -> None:
    handler.say(200, content[: len(content) // 2], len(content), ETag=handler.tag)
    handler.server.told.stalled.set()
    handler.server.told.ended.wait(30)
    handler.close_connection = True


def drips(handler: Handler, content: bytes) -> None:
    """Sends something every tenth of a second, for a second."""
    handler.say(200, b"", len(content))
    size = len(content) // 10 + 1
    for start in range(0, len(content), size):
        time.sleep(0.1)
        handler.wfile.write(content[start : start + size])


def chunked_without_end(handler: Handler, content: bytes) -> None:
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    while not handler.server.told.ended.is_set():
        handler.wfile.write(b"80000\r\n" + b"x" * 0x80000 + b"\r\n")


def redirects_to(address: str) -> Behaviour:
    return lambda handler, content: handler.say(302, Location=address.format(path=handler.path))


def status(code: int) -> Behaviour:
    return lambda handler, content: handler.say(code)


@dataclass
class FileServer:
    """with FileServer({"/liver/card.json": b"..."}, [cut_half_way, healthy]) as server: server.url, server.requests"""

    files: dict[str, bytes]
    behaviours: list[Behaviour] = field(default_factory=lambda: [healthy])
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    stalled: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    url: str = ""
    host: str = "127.0.0.1"
    tls: ssl.SSLContext | None = None
    """Of a server named localhost."""

    def __enter__(self) -> FileServer:
        self._server = ThreadingHTTPServer((self.host, 0), Handler)
        self._server.daemon_threads = True
        self._server.told = self
        self.url = f"http://{self.host}:{self._server.server_port}"
        if self.tls is not None:
            self._server.socket = self.tls.wrap_socket(self._server.socket, server_side=True)
            self.url = f"https://localhost:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.ended.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def asked(self, name: str) -> list[dict[str, str]]:
        """The headers of requests for files of that name."""
        return [headers for path, headers in self.requests if path.endswith(name)]
