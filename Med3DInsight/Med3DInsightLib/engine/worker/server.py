"""A worker that listens for clients instead of serving the process that started it."""

from __future__ import annotations

import contextlib
import socket
import threading
from functools import partial
from pathlib import Path
from typing import BinaryIO, cast

from ..errors import EngineError, ErrorCode
from ..lines import ByteSource
from ..local_socket import private_folder
from .process import WorkerLoop


class WorkerServer:
    """Accepts the clients of a WorkerLoop on a local socket.

        with WorkerServer(usual_socket_path(), loop):
            loop.run()

    Raises EngineError if another worker listens there already.
    """

    def __init__(self, path: Path, loop: WorkerLoop) -> None:
        self._path = path
        self._loop = loop
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)

    def __enter__(self) -> WorkerServer:
        private_folder(self._path.parent)
        self._refuse_second_worker()
        self._path.unlink(missing_ok=True)  # a killed worker left it
        self._socket.bind(str(self._path))
        self._socket.listen()
        threading.Thread(target=self._accept, name="clients", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        self._path.unlink(missing_ok=True)

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
            source, sink = cast(ByteSource, client.makefile("rb")), cast(BinaryIO, client.makefile("wb"))
            self._loop.serve_client(source, sink, partial(_hang_up, client))


def _hang_up(client: socket.socket) -> None:
    """Close the line for both directions; to close the socket would leave it open for the files made from it."""
    with contextlib.suppress(OSError):  # the client may have hung up first
        client.shutdown(socket.SHUT_RDWR)
    client.close()
