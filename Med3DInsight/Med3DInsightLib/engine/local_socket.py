"""A worker that several programs of one user share, through a socket in a folder only that user can enter."""

from __future__ import annotations

import contextlib
import os
import socket
import stat
from pathlib import Path
from typing import cast

import platformdirs

from .connection import Events, read_into
from .errors import EngineError, ErrorCode
from .lines import ByteSource
from .messages import FromClient, encode

_SOCKET = "worker.sock"
_START_ONE = 'start one with "med3dinsight serve", or leave --worker out'


def usual_socket_path() -> Path:
    """Where a shared worker of this user listens."""
    return Path(platformdirs.user_runtime_dir("med3dinsight")) / _SOCKET


def private_folder(folder: Path) -> None:
    """Make folder so that only this user can enter it; raises EngineError if it is somebody else's."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    status = folder.stat()
    if status.st_uid != os.getuid() or stat.S_IMODE(status.st_mode) & 0o077:
        raise EngineError(
            ErrorCode.REFUSED, f"the folder {folder} is open to other users", f"remove it, or: chmod 700 {folder}"
        )


class SocketConnection:
    """A line to a shared worker; closing it leaves the worker to others.

    client = EngineClient(lambda events: SocketConnection(events, usual_socket_path()))

    Raises EngineError if nobody listens there.
    """

    def __init__(self, events: Events, path: Path) -> None:
        if not hasattr(socket, "AF_UNIX"):
            raise EngineError(ErrorCode.REFUSED, "this system has no local sockets", "leave --worker out")
        self._path = path
        try:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self._socket.connect(str(path))
        except OSError as error:
            self._socket.close()
            raise EngineError(ErrorCode.START, f"no shared worker is running ({path})", _START_ONE) from error
        read_into(cast(ByteSource, self._socket.makefile("rb")), events, "worker messages")

    def send(self, message: FromClient) -> None:
        """See Connection.send."""
        with contextlib.suppress(OSError):  # the worker is gone, which the end of its messages tells
            self._socket.sendall(encode(message))

    def close(self) -> None:
        """Hang up; the worker cancels what this client asked for."""
        with contextlib.suppress(OSError):  # the other side may have hung up first
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def kill(self) -> None:
        """Hang up: the worker is not this client's to kill."""
        self.close()

    def epitaph(self) -> str:
        """See Connection.epitaph."""
        return f"the shared worker at {self._path} hung up"

    @property
    def ended_by_itself(self) -> bool:
        """See Connection.ended_by_itself; a shared worker is not started again by its clients."""
        return False
