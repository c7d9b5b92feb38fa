"""The socket of a shared worker: no client keeps the others waiting, and no worker takes away that of another."""

from __future__ import annotations

import contextlib
import socket
import sys
import threading

import pytest

from Med3DInsightLib.engine.lines import read_messages
from Med3DInsightLib.engine.messages import Ping, Pong, ProgressMessage, Request, encode
from Med3DInsightLib.engine.worker.process import WorkerLoop
from Med3DInsightLib.engine.worker.server import WorkerServer

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no local sockets")


@pytest.fixture
def a_path(tmp_path):
    tmp_path.chmod(0o700)
    return tmp_path / "worker.sock"


@contextlib.contextmanager
def a_client(path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(60.0)
        line.connect(str(path))
        yield line


def test_a_client_that_is_stopped_is_hung_up_on_and_its_jobs_are_cancelled(a_path, tmp_path):
    loop = WorkerLoop(idle_seconds=60.0)
    with WorkerServer(a_path, loop, send_seconds=0.2), a_client(a_path) as stopped, a_client(a_path) as other:
        stopped.sendall(encode(Request("1", "segment", str(tmp_path))))
        job = loop.jobs.first(60.0)

        def tell_more_than_a_line_holds():
            for _ in range(1000):
                job.channel.send(ProgressMessage("1", "x" * 10_000, 0.5))

        computing = threading.Thread(target=tell_more_than_a_line_holds, daemon=True)
        computing.start()
        computing.join(60.0)
        assert not computing.is_alive()
        assert job.cancel.wait(60.0)
        other.sendall(encode(Ping()))
        with other.makefile("rb") as answers:
            assert Pong() in (message for message in read_messages(answers))
        with stopped.makefile("rb") as told:  # what was on the line, and no more
            assert len(told.read()) < 1000 * 10_000


def test_a_worker_that_ends_leaves_the_socket_of_its_successor(a_path):
    with contextlib.ExitStack() as former:
        former.enter_context(WorkerServer(a_path, WorkerLoop(60.0)))
        a_path.unlink()  # as who takes it for that of a killed worker
        with WorkerServer(a_path, WorkerLoop(60.0)):
            former.close()
            with a_client(a_path) as line:
                assert line.recv(1)
    assert not a_path.exists()
