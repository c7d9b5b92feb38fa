"""A worker computes what a session in process computes, stays warm, and outlives what goes wrong."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time

import numpy as np
import psutil
import pytest

from Med3DInsightLib.analysis.computing.device import Device
from Med3DInsightLib.analysis.requests import EstimateRequest, SegmentRequest
from Med3DInsightLib.analysis.segmentations.comparison import compare
from Med3DInsightLib.analysis.segmentations.structure_statistics import structure_statistics
from Med3DInsightLib.analysis.session import Session
from Med3DInsightLib.engine.errors import EngineError, ErrorCode
from Med3DInsightLib.volumes import Grid, LabelLayer, Volume


def test_the_result_is_that_of_a_session_in_process_to_the_bit(start_worker, a_request, a_bundle, a_volume):
    analysis = start_worker()
    reports = []
    job = analysis.segment(a_request, a_volume)
    job.on_progress.connect(reports.append)
    remote = analysis.client.wait(job)
    local = Session.open(a_bundle, Device.AUTO).segment(a_volume)
    assert np.array_equal(remote.labels.array_kji, local.labels.array_kji)
    assert remote.labels.array_kji.dtype == local.labels.array_kji.dtype
    assert np.array_equal(remote.labels.grid.ijk_to_ras, a_volume.grid.ijk_to_ras)
    assert remote.segments == local.segments
    assert remote.volumes_ml() == local.volumes_ml()
    assert [report.fraction for report in reports] == sorted(report.fraction for report in reports)
    assert reports[-1].fraction == pytest.approx(1.0)


def test_a_warm_worker_answers_many_kinds_of_requests(start_worker, a_request, a_volume):
    analysis = start_worker()
    wait = analysis.client.wait
    first = wait(analysis.segment(a_request, a_volume))
    pid = analysis.client._connection.pid
    second = wait(analysis.segment(a_request, a_volume))
    assert (first.encoded_windows > 0, second.encoded_windows) == (True, 0)
    estimate = wait(analysis.estimate(EstimateRequest(a_request.model, a_request.device), a_volume.grid))
    assert estimate.windows == first.encoded_windows
    assert estimate.fits
    wait(analysis.release_memory())
    assert wait(analysis.segment(a_request, a_volume)).encoded_windows > 0
    assert analysis.client._connection.pid == pid


def test_measures_come_from_the_worker_as_they_would_in_process(start_worker, a_card, a_volume):
    analysis = start_worker()
    labels = a_volume.map(lambda array: (array > 0).astype(np.uint8) + (array > 5))
    other = labels.map(lambda array: np.roll(array, 1, 0))
    rows = analysis.client.wait(analysis.measure(labels, a_volume, a_card.segments))
    assert list(rows) == structure_statistics(labels, a_volume, a_card.segments)
    names = {segment.label_value: segment.name for segment in a_card.segments}
    first, second = [LabelLayer(labels, names)], [LabelLayer(other, names), LabelLayer(other, {1: "more"})]
    rows = analysis.client.wait(analysis.compare(first, second, tolerance_mm=2.0))
    assert list(rows) == compare(first, second, tolerance_mm=2.0)


def test_what_the_user_can_mend_comes_back_with_its_code_and_the_worker_lives(
    start_worker, a_request, a_bundle, a_volume
):
    analysis = start_worker()
    wait = analysis.client.wait
    empty = a_volume.map(np.zeros_like)
    for request, volume, code, words in [
        (a_request, empty, ErrorCode.INPUT, "every voxel has the value 0"),
        (SegmentRequest("kidney"), a_volume, ErrorCode.MODEL, "there is no model 'kidney'"),
        (SegmentRequest(a_request.model, Device.CUDA), a_volume, ErrorCode.REFUSED, "no usable CUDA device"),
    ]:
        with pytest.raises(EngineError, match=words) as caught:
            wait(analysis.segment(request, volume))
        assert caught.value.code == code
        assert caught.value.next_step
    with pytest.raises(EngineError, match="cannot do 'dance'"):
        wait(analysis.client.submit("dance", dict, dict))
    with pytest.raises(EngineError, match="request is not valid"):
        wait(analysis.client.submit("segment", lambda: {"volume": 3}, dict))
    wait(analysis.release_memory())
    with a_bundle.weights_path.open("ab") as stream:
        stream.write(b"0")
    with pytest.raises(EngineError, match="hash of the weights"):
        wait(analysis.segment(a_request, a_volume))
    estimate = wait(analysis.estimate(EstimateRequest("hippocampus"), Grid((9, 9, 9), np.eye(4))))
    assert estimate.windows == 2  # the volume and its mirror image


def test_cancelling_at_any_moment_brings_the_worker_back_to_idle_within_two_seconds(
    start_worker, a_request, a_volume, a_long_volume
):
    """Fifty random moments: while it waits, prepares, computes, just before it is done."""
    analysis = start_worker()
    client, moments = analysis.client, np.random.default_rng(0)
    expected = client.wait(analysis.segment(a_request, a_volume)).labels.array_kji
    for attempt in range(50):
        job = analysis.segment(a_request, a_volume if attempt % 5 == 0 else a_long_volume)
        until = time.monotonic() + moments.exponential(0.4)
        while time.monotonic() < until:
            client.deliver(0.01)
        client.cancel(job)
        asked_at = time.monotonic()
        while client.busy:
            client.deliver(0.01)
        assert time.monotonic() - asked_at < 2.0
        assert job.finished
        if not job.error:
            assert np.array_equal(job.result.labels.array_kji, expected)
        else:
            assert job.error.code == ErrorCode.CANCELLED
        assert [path.name for path in client.exchange.path.iterdir()] == ["owner.lock"]
    assert np.array_equal(client.wait(analysis.segment(a_request, a_volume)).labels.array_kji, expected)


def test_killing_the_worker_at_any_moment_is_an_error_within_two_seconds_and_loses_nothing(
    start_worker, a_request, a_volume, a_long_volume
):
    """Fifty random moments of its life: while Python starts, torch is imported, the model loads, windows run."""
    analysis = start_worker()
    client, moments = analysis.client, np.random.default_rng(1)
    before = a_volume.array_kji.copy()
    earlier = client.wait(analysis.segment(a_request, a_volume))
    kept = earlier.labels.array_kji.copy()
    for _ in range(50):
        job = analysis.segment(a_request, a_long_volume)
        until = time.monotonic() + moments.uniform(0.0, 5.0)
        while time.monotonic() < until:
            client.deliver(0.01)
        psutil.Process(client._connection.pid).kill()
        killed_at = time.monotonic()
        if job.attempts == 0:  # its files are still being written: it is sent to the next worker
            while job.attempts == 0:
                client.deliver(0.01)
            psutil.Process(client._connection.pid).kill()
            killed_at = time.monotonic()
        with pytest.raises(EngineError, match="got signal 9") as caught:
            client.wait(job)
        assert time.monotonic() - killed_at < 2.0
        assert caught.value.code in (ErrorCode.DIED, ErrorCode.START)
        assert [path.name for path in client.exchange.path.iterdir()] == ["owner.lock"]
    assert np.array_equal(a_volume.array_kji, before)
    assert np.array_equal(earlier.labels.array_kji, kept)
    assert np.array_equal(client.wait(analysis.segment(a_request, a_volume)).labels.array_kji, kept)


_PARENT = """
import sys, time
from pathlib import Path
import numpy as np
from Med3DInsightLib.analysis.requests import SegmentRequest
from Med3DInsightLib.engine.client import EngineClient
from Med3DInsightLib.engine.remote_analysis import RemoteAnalysis
from Med3DInsightLib.engine.worker_process import WorkerProcess, worker_command
from Med3DInsightLib.volumes import Grid, LabelLayer, Volume
client = EngineClient(lambda events: WorkerProcess(events, worker_command()))
volume = Volume(np.random.default_rng(0).normal(size=(240,) * 3).astype(np.float32), Grid((240,) * 3, np.eye(4)))
job = RemoteAnalysis(client).segment(SegmentRequest(sys.argv[1]), volume)
print(client._connection.pid, client.exchange.path, flush=True)
client.wait(job)
"""


# MED3DINSIGHT_PARENT_KILLS=50 tries fifty random moments, which takes some ten minutes.
_MOMENTS = np.random.default_rng(2).uniform(0.0, 12.0, int(os.environ.get("MED3DINSIGHT_PARENT_KILLS", "5")))


@pytest.mark.parametrize("delay", _MOMENTS)
def test_killing_the_parent_leaves_neither_worker_nor_file(a_request, delay):
    parent = subprocess.Popen([sys.executable, "-c", _PARENT, a_request.model], stdout=subprocess.PIPE, text=True)
    pid, folder = parent.stdout.readline().split()
    worker = psutil.Process(int(pid))
    time.sleep(delay)
    parent.kill()
    parent.communicate()
    _, alive = psutil.wait_procs([worker], timeout=5.0)
    assert not alive
    if delay > 2.0:  # earlier the worker did not know the folder yet; the next client removes it
        assert not psutil.os.path.exists(folder)


def test_a_worker_ends_when_it_is_idle_and_the_next_request_does_not_notice(start_worker, a_request, a_volume):
    analysis = start_worker(idle_seconds=0.5)
    client = analysis.client
    client.wait(analysis.segment(a_request, a_volume))
    pid = client._connection.pid
    while psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.05)
    assert client.wait(analysis.segment(a_request, a_volume)).encoded_windows > 0
    assert client._connection.pid != pid


def test_two_clients_at_once_get_their_own_answers(start_worker, a_request, a_volume):
    one, other = start_worker(), start_worker()
    flipped = a_volume.map(lambda array: array[::-1].copy())
    jobs = [one.segment(a_request, a_volume), other.segment(a_request, flipped), one.segment(a_request, flipped)]
    results = [client.wait(job) for client, job in zip((one.client, other.client, one.client), jobs, strict=True)]
    assert np.array_equal(results[1].labels.array_kji, results[2].labels.array_kji)
    assert not np.array_equal(results[0].labels.array_kji, results[1].labels.array_kji)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory of another process is limited with prlimit")
def test_too_little_memory_is_met_with_smaller_windows_or_a_clear_error(start_worker, a_hungry_bundle):
    analysis = start_worker()
    client, request = analysis.client, SegmentRequest(str(a_hungry_bundle.folder))
    client.on_log.connect(print)
    grid = Grid((96, 96, 96), np.diag([2.0, 2.0, 2.0, 1.0]))
    volume = Volume(np.random.default_rng(0).normal(size=grid.shape_kji).astype(np.float32), grid)
    usual = client.wait(analysis.segment(request, volume))
    client.wait(analysis.release_memory())
    pid = client._connection.pid

    def allow(megabytes):
        used = psutil.Process(pid).memory_info().vms
        limit = resource.RLIM_INFINITY if megabytes is None else used + megabytes * 1_000_000
        resource.prlimit(pid, resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))

    allow(200)
    helped = client.wait(analysis.segment(request, volume))
    assert "96x96x96 voxels at a time on CPU, keeping features; going on" in helped.adjustments[0]
    assert "going on with one window of 48x48x48 voxels" in helped.adjustments[1]
    allow(5)
    # On the grid of the model this needs a gigabyte: more than the process may have kept of what it had before.
    coarse = Volume(
        np.resize(np.arange(251, dtype=np.uint8), (100, 100, 100)), Grid((100,) * 3, np.diag([8, 8, 8, 1.0]))
    )
    with pytest.raises(EngineError, match=r"memory ran out|MemoryError") as caught:
        client.wait(analysis.segment(request, coarse))
    assert caught.value.code == ErrorCode.MEMORY
    allow(None)
    again = client.wait(analysis.segment(request, volume))
    assert again.adjustments == ()
    assert np.array_equal(again.labels.array_kji, usual.labels.array_kji)
    assert client._connection.pid == pid


def test_a_polite_end_is_taken(start_worker, a_request, a_volume):
    analysis = start_worker()
    analysis.client.wait(analysis.segment(a_request, a_volume))
    process = analysis.client._connection._process
    analysis.client.close()
    assert process.returncode == 0
    assert process.returncode != -signal.SIGKILL
