"""A worker as a child process."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import IO, cast

import psutil

from .connection import Events, keep_last_lines, read_into
from .lines import ByteSource
from .messages import FromClient, Log, Shutdown, encode

_LAST_WORDS = 30
_WAIT_SECONDS = 2.0
_REAP_SECONDS = 0.5
IDLE_SECONDS = 900.0


def worker_command(python: str = sys.executable, idle_seconds: float = IDLE_SECONDS) -> list[str]:
    """The command that starts a worker; in Slicer, python is PythonSlicer."""
    parent = ["--parent-pid", str(os.getpid()), "--idle-seconds", str(idle_seconds)]
    return [python, "-m", "Med3DInsightLib.engine.worker", *parent]


class WorkerProcess:
    """Starts a worker and talks to it through its stdin and stdout.

    events = queue.Queue()
    worker = WorkerProcess(events, worker_command())
    events.get()                 # Hello, a moment later
    worker.kill()
    """

    def __init__(self, events: Events, command: Sequence[str]) -> None:
        self._last_words: deque[str] = deque(maxlen=_LAST_WORDS)
        self._process = subprocess.Popen(  # noqa: S603 - the command is this program's own
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(),
            # Ctrl-C in a terminal is for this process, which then tells the worker what to do.
            start_new_session=True,
            # Else Windows opens a console window beside Slicer, and closing that ends the worker.
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0) if sys.platform == "win32" else 0,
        )
        self._message_reader = read_into(cast(ByteSource, self._process.stdout), events, "worker messages")
        self._log_reader = keep_last_lines(
            cast(ByteSource, self._process.stderr), self._last_words, lambda text: events.put(Log(text))
        )

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    def send(self, message: FromClient) -> None:
        """See Connection.send."""
        stdin = cast(IO[bytes], self._process.stdin)
        try:
            stdin.write(encode(message))
            stdin.flush()
        except (OSError, ValueError):
            return  # the worker is gone, which its closed stdout tells

    def close(self) -> None:
        """Ask the worker to end, and end it if it does not."""
        self.send(Shutdown())
        try:
            self._process.wait(_WAIT_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        self._close_pipes()

    def kill(self) -> None:
        """See Connection.kill; a launcher's child is killed with it."""
        try:
            processes = psutil.Process(self._process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            processes = []
        for process in [*processes, self._process]:
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        psutil.wait_procs(processes, _WAIT_SECONDS)
        self._process.wait()
        self._close_pipes()

    def epitaph(self) -> str:
        """See Connection.epitaph."""
        code = self._returncode()
        how = "is running" if code is None else f"got signal {-code}" if code < 0 else f"exit code {code}"
        self._log_reader.join(_REAP_SECONDS)
        words = " | ".join(list(self._last_words)[-3:])
        return f"{how}; its last words: {words}" if words else how

    @property
    def ended_by_itself(self) -> bool:
        """See Connection.ended_by_itself."""
        return self._returncode() == 0

    def _returncode(self) -> int | None:
        try:
            return self._process.wait(_REAP_SECONDS)  # its pipes close a moment before it ends
        except subprocess.TimeoutExpired:
            return None

    def _close_pipes(self) -> None:
        with contextlib.suppress(OSError):  # a message that was not sent any more
            cast(IO[bytes], self._process.stdin).close()
        readers = (self._message_reader, self._process.stdout), (self._log_reader, self._process.stderr)
        for reader, pipe in readers:
            reader.join(_REAP_SECONDS)
            if not reader.is_alive():  # else some other process holds the pipe, and closing would wait for it
                cast(IO[bytes], pipe).close()


def _environment() -> dict[str, str]:
    """The environment with the folder of this package findable, as it is not in PythonSlicer.

    Python would look for every module in the current folder first, also for a torch.py among received data.
    """
    package_parent = str(Path(__file__).resolve().parents[2])
    path = [package_parent, *filter(None, [os.environ.get("PYTHONPATH")])]
    return os.environ | {"PYTHONPATH": os.pathsep.join(path), "PYTHONSAFEPATH": "1", "PYTHONUNBUFFERED": "1"}
