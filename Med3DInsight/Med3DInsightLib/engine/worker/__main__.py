"""python -m Med3DInsightLib.engine.worker: started by a client, not by hand."""

from __future__ import annotations

import argparse

from .process import WorkerLoop, log_to_stderr, private_pipe


def main() -> None:
    """Serve the process at the other end of stdin and stdout."""
    parser = argparse.ArgumentParser(prog="Med3DInsightLib.engine.worker", description=__doc__)
    parser.add_argument("--parent-pid", type=int, required=True, help="end when this process ends")
    parser.add_argument("--idle-seconds", type=float, default=900.0, help="end when nothing came for so long")
    options = parser.parse_args()
    source, sink = private_pipe()
    log_to_stderr()
    loop = WorkerLoop(options.idle_seconds)
    loop.serve_pipe(source, sink)
    loop.watch_parent(options.parent_pid)
    loop.run()


if __name__ == "__main__":
    main()
