"""A worker segments the cases of a folder, tells of every one, and can be stopped and asked again."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import nibabel as nib
import numpy as np
import psutil
import pytest

from Med3DInsightLib.analysis.requests import SegmentRequest
from Med3DInsightLib.batch.request import BatchRequest
from Med3DInsightLib.batch.summary import Counts, Status
from Med3DInsightLib.batch.summary_file import read_summary
from Med3DInsightLib.engine.errors import EngineError, ErrorCode
from Med3DInsightLib.export.segmentation_folder import FILES
from Med3DInsightLib.volumes import read_volume, write_volume


@pytest.fixture
def a_batch(a_request, a_volume, tmp_path):
    (tmp_path / "scans").mkdir()
    for n, name in enumerate(["a b.nii.gz", "ß.nrrd"]):
        write_volume(a_volume.map(lambda array, n=n: np.roll(array, n, 0)), tmp_path / "scans" / name)
    return BatchRequest(tmp_path / "scans", tmp_path / "results", a_request)


def statuses(batch):
    return [row.status for row in read_summary(batch.output / "summary.csv").rows]


def times(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.name in FILES}


def deliver_until(client, condition, seconds=120):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        client.deliver(0.02)


def test_a_folder_is_segmented_with_progress_for_every_case(start_worker, a_batch, a_volume):
    nib.save(nib.Nifti1Image(np.ones((5, 5, 5, 3), np.float32), np.eye(4)), a_batch.folder / "c four.nii")
    analysis, reports = start_worker(), []
    job = analysis.batch(a_batch)
    job.on_progress.connect(reports.append)
    assert analysis.client.wait(job) == Counts(done=2, skipped=0, failed=1)
    stages = list(dict.fromkeys(report.stage for report in reports))
    assert stages[-3:] == ["1 of 3: a b.nii.gz", "2 of 3: c four.nii", "3 of 3: ß.nrrd"]
    assert len({report.fraction for report in reports}) > 4
    assert statuses(a_batch) == [Status.DONE, Status.FAILED, Status.DONE]
    alone = analysis.client.wait(analysis.segment(a_batch.segment, read_volume(a_batch.folder / "a b.nii.gz")))
    written = read_volume(a_batch.output / "a b" / "labels.nii.gz")
    assert np.array_equal(written.array_kji, alone.labels.array_kji)
    assert analysis.client.wait(analysis.batch(a_batch)) == Counts(done=0, skipped=2, failed=1)


def test_relative_paths_are_those_of_the_client(start_worker, a_batch, tmp_path, monkeypatch):
    analysis = start_worker()
    analysis.client.start()
    monkeypatch.chdir(tmp_path)
    here = BatchRequest(a_batch.folder.relative_to(tmp_path), a_batch.output.relative_to(tmp_path), a_batch.segment)
    assert analysis.client.wait(analysis.batch(here)).done == 2
    assert statuses(a_batch) == [Status.DONE, Status.DONE]


@pytest.mark.parametrize("how", ["cancel", "kill"])
def test_a_batch_that_is_cancelled_or_whose_worker_is_killed_is_taken_up_again(
    start_worker, a_batch, a_volume, a_long_volume, how
):
    write_volume(a_long_volume, a_batch.folder / "z long.nii.gz")
    analysis, stages = start_worker(), []
    client, job = analysis.client, analysis.batch(a_batch)
    job.on_progress.connect(lambda message: stages.append(message.stage))
    deliver_until(client, lambda: stages.count("3 of 3: ß.nrrd") or stages.count("2 of 3: z long.nii.gz") > 3)
    if how == "cancel":
        client.cancel(job)
    else:
        psutil.Process(client._connection.pid).kill()
    deliver_until(client, lambda: job.finished)
    assert job.error.code == (ErrorCode.CANCELLED if how == "cancel" else ErrorCode.DIED)
    assert statuses(a_batch) == [Status.DONE, Status.WAITING, Status.WAITING]
    before = times(a_batch.output)
    assert len(before) == len(FILES)
    write_volume(a_volume, a_batch.folder / "z long.nii.gz")
    assert client.wait(analysis.batch(a_batch)) == Counts(done=2, skipped=1, failed=0)
    assert before.items() <= times(a_batch.output).items()
    assert not list(a_batch.output.glob("*/.unfinished-*"))


def test_what_is_wrong_with_a_batch_comes_back_in_one_line_and_the_worker_lives(start_worker, a_batch, tmp_path):
    analysis = start_worker()
    wait = analysis.client.wait
    (tmp_path / "empty").mkdir()
    for batch, code, words in [
        (replace(a_batch, folder=tmp_path / "empty"), ErrorCode.REFUSED, "empty: the folder holds no volume"),
        (replace(a_batch, segment=SegmentRequest("kidney")), ErrorCode.MODEL, "no model 'kidney'"),
        (replace(a_batch, output=Path("/proc/nowhere")), ErrorCode.REFUSED, "cannot be written"),
    ]:
        with pytest.raises(EngineError, match=words) as caught:
            wait(analysis.batch(batch))
        assert caught.value.code == code
    assert not a_batch.output.exists()
    assert wait(analysis.batch(a_batch)).done == 2


def test_a_worker_starts_without_what_only_a_batch_needs():
    code = "import sys; import Med3DInsightLib.engine.worker.answering; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "Med3DInsightLib.batch.request" in loaded
    assert not {"Med3DInsightLib.batch.run", "Med3DInsightLib.export.preview"} & loaded
