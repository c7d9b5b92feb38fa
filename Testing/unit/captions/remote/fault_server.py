"""A server on this computer that speaks the chat API, misbehaves as told, and remembers every byte it was sent."""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

Behaviour = Callable[["Exchange"], None]
"""Answers a request, or does not."""


def answer_of(text: str, finish: str = "stop", tokens: tuple[int, int] = (300, 7)) -> bytes:
    """What a healthy server says."""
    usage = {"prompt_tokens": tokens[0], "completion_tokens": tokens[1], "total_tokens": sum(tokens)}
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish}
    return json.dumps({"object": "chat.completion", "choices": [choice], "usage": usage}).encode()


@dataclass
class Exchange:
    """One request with the connection that it came on; number counts requests from 0."""

    connection: socket.socket
    head: bytes
    body: bytes
    number: int
    cut: bool = False

    def say(
        self,
        content: bytes,
        status: int = 200,
        kind: str = "application/json",
        headers: Sequence[str] = (),
        length: int | None = None,
    ) -> None:
        """A whole answer; length tells another length than is true."""
        lines = [f"HTTP/1.1 {status} Told", f"Content-Type: {kind}", *headers]
        lines.append(f"Content-Length: {len(content) if length is None else length}")
        self.connection.sendall("\r\n".join([*lines, "", ""]).encode() + content)

    def cut_off(self) -> None:
        """Closes the connection with a reset, whatever was sent."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        self.connection.close()
        self.cut = True

    @property
    def request(self) -> dict:
        return json.loads(self.body)


def healthy(exchange: Exchange) -> None:
    exchange.say(answer_of("Axial CT slice of the liver."))


@dataclass
class FaultServer:
    """Behaves as behaviours say, one request after the other, and as the last of them from then on.

        with FaultServer([refuse, healthy]) as server:
            ChatSettings(server.url, "tiny")
        server.received         # every byte

    most_at_once is how many requests it had before itself at the same time.
    """

    behaviours: Sequence[Behaviour] = (healthy,)
    latency_s: float = 0.0
    tls: ssl.SSLContext | None = None
    received: list[bytes] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    connections: int = 0
    at_once: int = 0
    most_at_once: int = 0
    url: str = ""

    def __enter__(self) -> FaultServer:
        self._lock = threading.Lock()
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}/v1"
        self._open: set[socket.socket] = set()
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop_listening()
        with self._lock:
            for connection in self._open:
                connection.close()

    def stop_listening(self) -> None:
        """From now on, nobody can connect."""
        with suppress(OSError):  # it was told before
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            with self._lock:
                self.connections += 1
                self._open.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        waiting = b""
        try:
            if self.tls is not None:
                connection = self.tls.wrap_socket(connection, server_side=True)
            while True:
                while b"\r\n\r\n" not in waiting:
                    waiting += self._received_from(connection)
                head, _, waiting = waiting.partition(b"\r\n\r\n")
                length = next(
                    int(line.split(b":")[1])
                    for line in head.split(b"\r\n")
                    if line.lower().startswith(b"content-length")
                )
                while len(waiting) < length:
                    waiting += self._received_from(connection)
                body, waiting = waiting[:length], waiting[length:]
                if self._behave(connection, head, body).cut:
                    return
        except OSError:
            return

    def _received_from(self, connection: socket.socket) -> bytes:
        piece = connection.recv(1 << 20)
        if not piece:
            raise ConnectionResetError
        with self._lock:
            self.received.append(piece)
        return piece

    def _behave(self, connection: socket.socket, head: bytes, body: bytes) -> Exchange:
        with self._lock:
            exchange = Exchange(connection, head, body, len(self.exchanges))
            self.exchanges.append(exchange)
            self.times.append(time.monotonic())
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            if self.latency_s:
                time.sleep(self.latency_s)
        finally:
            with self._lock:
                self.at_once -= 1
        self.behaviours[min(exchange.number, len(self.behaviours) - 1)](exchange)
        return exchange
