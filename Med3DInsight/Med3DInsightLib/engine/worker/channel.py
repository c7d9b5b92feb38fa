"""One client of a worker."""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from ..exchange import is_exchange_folder
from ..lines import ByteSource, read_messages
from ..messages import Cancel, FromWorker, Hello, Message, Ping, Pong, ProtocolError, Request, Shutdown, encode
from .jobs import Job, JobQueue

_LOG = logging.getLogger(__name__)


class Channel:
    """Reads what one client asks, puts it into the queue, and sends the answers back to that client.

    reading() runs in a thread of its own, so that a cancellation and a ping are seen while the main
    thread computes. When the client goes, its jobs are cancelled. hang_up ends the line to a client that takes no
    messages, whose sink then raises OSError, so that the others need not wait for it.
    """

    def __init__(
        self, source: ByteSource, sink: BinaryIO, jobs: JobQueue, hang_up: Callable[[], None] = lambda: None
    ) -> None:
        self._source = source
        self._sink = sink
        self._jobs = jobs
        self._hang_up = hang_up
        self._lock = threading.Lock()
        self._is_lost = False
        self._folders: set[Path] = set()

    def send(self, message: FromWorker) -> None:
        """Send a message; a client that is gone is no error, its jobs are about to be cancelled."""
        with self._lock:
            if self._is_lost:  # with part of a message on the line nothing can follow
                return
            try:
                self._sink.write(encode(message))
                self._sink.flush()
            except OSError:
                _LOG.debug("the client is gone, or takes no messages")
                self._is_lost = True
                self._hang_up()
            except ValueError:
                _LOG.debug("the client is gone")

    def read(self, hello: Hello) -> bool:
        """Answer until the client closes the channel or asks the worker to end, which returns True."""
        self.send(hello)
        try:
            for message in read_messages(self._source):
                if isinstance(message, Shutdown):
                    return True
                self._receive(message)
        except ProtocolError as error:
            _LOG.error("%s", error)
        except OSError:
            _LOG.debug("the client is gone")
        finally:
            self._jobs.cancel_all(self)
        return False

    def remove_folders(self) -> None:
        """Remove what the client would have removed, had it not gone without a word."""
        for folder in self._folders:
            shutil.rmtree(folder.parent, ignore_errors=True)

    def _receive(self, message: Message) -> None:
        if isinstance(message, Request):
            folder = Path(message.folder)
            if is_exchange_folder(folder):
                self._folders.add(folder)
            self._jobs.put(Job(self, message))
        elif isinstance(message, Cancel):
            self._jobs.cancel(self, message.id)
        elif isinstance(message, Ping):
            self.send(Pong())
