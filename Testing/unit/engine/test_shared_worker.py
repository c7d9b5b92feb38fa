"""One worker serves several programs of the same user, and nobody else."""

from __future__ import annotations

import contextlib
import socket
import stat
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from Med3DInsightLib.analysis.session import Session
from Med3DInsightLib.cli.shared_worker import segment_with_shared_worker
from Med3DInsightLib.engine.client import EngineClient
from Med3DInsightLib.engine.errors import EngineError, ErrorCode
from Med3DInsightLib.engine.local_socket import SocketConnection, private_folder, usual_socket_path
from Med3DInsightLib.engine.messages import LONGEST_LINE_BYTES, Hello, decode
from Med3DInsightLib.engine.pulse import Patience
from Med3DInsightLib.engine.remote_analysis import RemoteAnalysis
from Med3DInsightLib.volumes import VolumeError, write_volume

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no local sockets")

_COMMAND = [sys.executable, "-c", "import sys; from Med3DInsightLib.cli.main import main; sys.exit(main())"]


@pytest.fixture(scope="module")
def a_server(tmp_path_factory):
    """A process that runs "med3dinsight serve" with a runtime folder of its own."""
    runtime = tmp_path_factory.mktemp("runtime")
    runtime.chmod(0o700)
    environment = pytest.MonkeyPatch()
    environment.setenv("XDG_RUNTIME_DIR", str(runtime))
    server = subprocess.Popen([*_COMMAND, "serve"], stdout=subprocess.PIPE, text=True)
    assert server.stdout.readline() == "ready\n"
    yield server
    server.terminate()
    server.communicate(timeout=10)
    assert server.returncode == 0
    assert not usual_socket_path().exists()
    environment.undo()


def segment(request, volume, cancel=None, progress=lambda report: None):
    return segment_with_shared_worker(request, volume, progress, cancel or threading.Event())


def test_several_clients_share_a_worker_and_each_gets_its_own_answer(a_server, a_request, a_bundle, a_volume):
    assert stat.S_IMODE(usual_socket_path().parent.stat().st_mode) == 0o700
    volumes = [a_volume, a_volume.map(lambda array: array[::-1].copy()), a_volume.map(lambda array: -array)]
    session = Session.open(a_bundle)
    expected = [session.segment(volume).labels.array_kji for volume in volumes]
    clients = [EngineClient(lambda events: SocketConnection(events, usual_socket_path())) for _ in volumes]
    jobs = [RemoteAnalysis(client).segment(a_request, v) for client, v in zip(clients, volumes, strict=True)]
    for client, job, labels in zip(clients, jobs, expected, strict=True):
        assert np.array_equal(client.wait(job).labels.array_kji, labels)
        client.close()
    assert segment(a_request, volumes[0]).encoded_windows == 0


def test_a_client_that_hangs_up_leaves_the_worker_to_the_others(a_server, a_request, a_volume, a_long_volume):
    rude = EngineClient(lambda events: SocketConnection(events, usual_socket_path()))
    job = RemoteAnalysis(rude).segment(a_request, a_long_volume)
    started = []
    job.on_progress.connect(started.append)
    while not started:
        rude.deliver(0.05)
    rude.close()
    started_at = time.monotonic()
    assert segment(a_request, a_volume).labels.array_kji.any()
    assert time.monotonic() - started_at < 10.0  # the long job was stopped, not waited for


@pytest.mark.parametrize("text", [b"@med3dinsight {}\n", b"x" * (LONGEST_LINE_BYTES + 100_000)])
def test_who_is_not_understood_is_hung_up_on_at_once(a_server, text):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.connect(str(usual_socket_path()))
        line.settimeout(30.0)
        with contextlib.suppress(BrokenPipeError):
            line.sendall(text)
        with line.makefile("rb") as answers:
            assert isinstance(decode(answers.readline()[:-1]), Hello)
            with contextlib.suppress(ConnectionResetError):
                assert answers.read() == b""


def test_a_request_that_is_too_long_fails_before_anybody_loses_patience(a_server):
    client = EngineClient(lambda events: SocketConnection(events, usual_socket_path()), Patience(silence=600.0))
    job = client.submit("describe", lambda: {"kept": "x" * (2 * LONGEST_LINE_BYTES)}, lambda answer: answer)
    with pytest.raises(EngineError, match="hung up"):
        client.wait(job)
    client.close()


def test_cancelling_stops_the_shared_worker_between_windows(a_server, a_request, a_volume, a_long_volume):
    wish = threading.Event()
    with pytest.raises(EngineError) as caught:
        segment(a_request, a_long_volume, wish, lambda report: wish.set())
    assert caught.value.code == ErrorCode.CANCELLED
    assert segment(a_request, a_volume).labels.array_kji.any()


def test_a_volume_that_is_at_fault_is_named_as_in_process(a_server, a_request, a_volume):
    with pytest.raises(VolumeError, match="every voxel has the value 0"):
        segment(a_request, a_volume.map(np.zeros_like))


def test_a_second_worker_is_refused(a_server):
    done = subprocess.run([*_COMMAND, "serve"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("error: a worker listens at ")


def test_the_command_line_gives_the_same_files_with_the_shared_worker(a_server, a_bundle, a_volume, tmp_path):
    write_volume(a_volume, tmp_path / "head.nii.gz")
    for name, options in (("alone", []), ("shared", ["--worker"])):
        command = [*_COMMAND, "segment", str(tmp_path / "head.nii.gz"), "-o", str(tmp_path / name), *options]
        subprocess.run([*command, "--model", str(a_bundle.folder)], check=True, capture_output=True)
    for name in ("labels.nii.gz", "labels.seg.nrrd", "preview.png"):
        assert (tmp_path / "alone" / name).read_bytes() == (tmp_path / "shared" / name).read_bytes()


def test_without_a_shared_worker_the_error_says_how_to_start_one(a_request, a_volume, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    tmp_path.chmod(0o700)
    with pytest.raises(EngineError, match=r"no shared worker is running .* Start one with .med3dinsight serve"):
        segment(a_request, a_volume)


def test_a_folder_that_others_can_enter_is_refused(tmp_path):
    tmp_path.chmod(0o755)
    with pytest.raises(EngineError, match="open to other users"):
        private_folder(tmp_path)
