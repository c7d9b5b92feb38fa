"""A worker that listens for clients instead of serving the process that started it."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from functools import partial
from pathlib import Path
from typing import BinaryIO, cast

from ..errors import EngineError, ErrorCode
from ..lines import ByteSource
from ..local_socket import private_folder
from .process import WorkerLoop

_SEND_SECONDS = 10.0


class WorkerServer:
    """Accepts the clients of a WorkerLoop on a local socket.

        with WorkerServer(usual_socket_path(), loop):
            loop.run()

    A client that takes no message for send_seconds, as one that is stopped, is hung up on: there is one thread that
    computes for all. Raises EngineError if another worker listens there already.
    """

    def __init__(self, path: Path, loop: WorkerLoop, send_seconds: float = _SEND_SECONDS) -> None:
        self._path = path
        self._loop = loop
        self._send_seconds = send_seconds
        self._bound: tuple[int, int] | None = None
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)

    def __enter__(self) -> WorkerServer:
        private_folder(self._path.parent)
        self._refuse_second_worker()
        self._path.unlink(missing_ok=True)  # a killed worker left it
        self._socket.bind(str(self._path))
        self._bound = _identity(self._path)
        self._socket.listen()
        threading.Thread(target=self._accept, name="clients", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        # Unless it is that of another worker; and before the socket is closed, which then keeps others from starting.
        if _identity(self._path) == self._bound:
            self._path.unlink(missing_ok=True)
        self._socket.close()

    def _refuse_second_worker(self) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe, contextlib.suppress(OSError):
            probe.connect(str(self._path))
            raise EngineError(ErrorCode.REFUSED, f"a worker listens at {self._path} already", "use that one")

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return  # closed
            client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _timeval(self._send_seconds))
            source, sink = cast(ByteSource, client.makefile("rb")), cast(BinaryIO, client.makefile("wb"))
            self._loop.serve_client(source, sink, partial(_hang_up, client))


def _identity(path: Path) -> tuple[int, int] | None:
    """What tells a file from another one that took its name; None if there is none."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


def _timeval(seconds: float) -> bytes:
    whole, rest = divmod(seconds, 1.0)
    return struct.pack("ll", int(whole), int(rest * 1e6))


def _hang_up(client: socket.socket) -> None:
    """Close the line for both directions; to close the socket would leave it open for the files made from it."""
    with contextlib.suppress(OSError):  # the client may have hung up first
        client.shutdown(socket.SHUT_RDWR)
    client.close()
