"""med3dinsight serve: a worker that stays warm for many commands."""

from __future__ import annotations

import contextlib
import sys
from dataclasses import dataclass

from ..engine.local_socket import usual_socket_path
from ..errors import UserError
from .interruption import Interruption


@dataclass(frozen=True)
class ServeCommand:
    """Keep libraries and models loaded for "med3dinsight segment --worker", until Ctrl-C or idle.

    Only programs of the same user on the same computer can reach it.
    """

    idle_minutes: float = 60.0
    """End when nothing was asked for so long."""

    verbose: bool = False
    """Show tracebacks and the messages of libraries."""

    def run(self, interruption: Interruption) -> None:
        """Serve; raises UserError if another worker serves already."""
        if sys.platform == "win32":
            raise UserError("shared workers need local sockets, which Windows lacks", next_step="leave --worker out")
        from ..engine.worker.process import WorkerLoop, log_to_stderr
        from ..engine.worker.server import WorkerServer

        if self.verbose:
            log_to_stderr()
        loop = WorkerLoop(self.idle_minutes * 60.0)
        with contextlib.suppress(KeyboardInterrupt), WorkerServer(usual_socket_path(), loop):
            loop.run(interruption.is_set, when_ready=lambda: print("ready", flush=True))
