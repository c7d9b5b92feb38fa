"""A run can be stopped at any moment, by whatever means, and what was complete stays."""

from __future__ import annotations

import csv
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import pytest

from Med3DInsightLib.analysis.computing.progress import AnalysisCancelled
from Med3DInsightLib.batch import summary_file
from Med3DInsightLib.batch.summary import CaseRow, Counts, Status, Summary
from Med3DInsightLib.batch.summary_file import read_summary, write_summary
from Med3DInsightLib.storage import OutputError, sole_run, staging, whole_file

from .test_batch_runs import table_of, times_of


def test_cancelling_keeps_what_is_complete_and_the_next_run_goes_on(run, a_request, a_segment):
    wish = threading.Event()

    def cancel_in_the_second_case(progress):
        if progress.stage.startswith("2 of 3") and progress.fraction > 0.34:
            wish.set()

    with pytest.raises(AnalysisCancelled):
        run(cancel_in_the_second_case, wish)
    assert [row["status"] for row in table_of(a_request.output).values()] == ["done", "waiting", "waiting"]
    assert not (a_request.output / "three").exists()
    before = times_of(a_request.output)
    assert run().counts() == Counts(done=2, skipped=1, failed=0)
    assert before.items() <= times_of(a_request.output).items()
    assert a_segment.calls == 4


def test_a_stop_that_a_library_turns_into_another_error_is_still_a_stop(run, a_segment, a_request):
    wish = threading.Event()

    def interrupted(call):
        wish.set()
        raise ValueError("could not determine the shape")

    a_segment.before = interrupted
    with pytest.raises(AnalysisCancelled):
        run(cancel=wish)
    assert {row["status"] for row in table_of(a_request.output).values()} == {"waiting"}


@pytest.mark.parametrize("moves_before", range(5))
def test_a_run_that_is_killed_while_a_result_appears_is_made_up_for(
    run, a_request, a_segment, monkeypatch, moves_before
):
    """The kill is imitated between any two of the moves: nothing that comes after it is done, no clean-up either."""
    monkeypatch.setattr(staging, "_publish", _publish_and_die(moves_before))
    monkeypatch.setattr(staging.shutil, "rmtree", lambda *_, **__: None)
    with pytest.raises(SystemExit):
        run()
    monkeypatch.undo()
    folder = a_request.output / "one"
    assert (folder / "result.json").exists() == (moves_before == 4)
    assert run().counts() == (Counts(2, 1, 0) if moves_before == 4 else Counts(3, 0, 0))
    assert not list(a_request.output.glob("*/.unfinished-*"))


def _publish_and_die(moves):
    def publish(staged, folder, names):
        (staged / "replaced").mkdir()
        for name in names[:moves]:
            (staged / name).replace(folder / name)
        raise SystemExit

    return publish


_RUN = """
import sys, time
from pathlib import Path
from Med3DInsightLib.analysis.requests import SegmentRequest
from Med3DInsightLib.analysis.service import AnalysisService
from Med3DInsightLib.batch.request import BatchRequest
from Med3DInsightLib.batch.run import BatchRun
from Med3DInsightLib.bundles import Bundle
folder, output, model = sys.argv[1:]
service, seen = AnalysisService(Bundle.open), []
def segment(request, volume, progress, cancel):
    result = service.segment(request, volume, progress, cancel)
    print("segmented", flush=True)
    seen.append(volume)
    if len(seen) == 2:
        time.sleep(600)
    return result
BatchRun(BatchRequest(Path(folder), Path(output), SegmentRequest(model)), Bundle.open(model), segment).run()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_a_killed_run_leaves_complete_results_and_lets_the_next_one_in(run, a_request, a_segment):
    command = [sys.executable, "-c", _RUN, a_request.folder, a_request.output, a_request.segment.model]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout.readline() == process.stdout.readline() == b"segmented\n"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert [row["status"] for row in table_of(a_request.output).values()] == ["done", "waiting", "waiting"]
    assert list(a_request.output.glob("three/.unfinished-*"))
    before = times_of(a_request.output)
    assert run().counts() == Counts(done=2, skipped=1, failed=0)
    assert a_segment.calls == 2
    assert before.items() <= times_of(a_request.output).items()
    assert not list(a_request.output.glob("*/.unfinished-*"))


def test_two_runs_do_not_write_into_the_same_folder(run, a_request, a_segment):
    with sole_run(a_request.output), pytest.raises(OutputError, match="another run is writing into this folder"):
        run()
    assert a_segment.calls == 0
    assert run().counts().done == 3


@pytest.mark.parametrize("place", ["file", "/proc/nowhere", "/dev/null/out"])
def test_an_output_that_cannot_be_written_is_refused_before_the_work(run, a_segment, tmp_path, place):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="the output folder cannot be written"):
        run(output=tmp_path / "file" if place == "file" else type(tmp_path)(place))
    assert a_segment.calls == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="the root user may write everywhere")
def test_a_read_only_output_folder_is_refused_before_the_work(run, a_request, a_segment):
    a_request.output.mkdir(mode=stat.S_IRUSR | stat.S_IXUSR)
    with pytest.raises(OutputError, match="cannot be written"):
        run()
    assert a_segment.calls == 0


def test_a_result_folder_that_cannot_be_made_stops_the_run(run, a_request):
    a_request.output.mkdir()
    (a_request.output / "three").write_text("a file where a folder should be")
    with pytest.raises(OutputError, match=r"three: the output folder cannot be written"):
        run()
    assert [row["status"] for row in table_of(a_request.output).values()] == ["done", "waiting", "waiting"]


def failing_on(writes, monkeypatch):
    """Let some of the writes of the table fail, as they do while a spreadsheet holds it or the disk is full."""
    count = iter(range(100))

    @contextmanager
    def whole_file_on_a_full_disk(path, alone):
        with whole_file(path, alone) as unfinished:
            yield unfinished
            if next(count) in writes:
                raise OSError(28, "No space left on device")

    monkeypatch.setattr(summary_file, "whole_file", whole_file_on_a_full_disk)


def test_a_table_that_cannot_be_replaced_for_a_while_does_not_stop_the_run(run, a_request, monkeypatch):
    failing_on({1, 3}, monkeypatch)
    assert run().counts().done == 3
    assert {row["status"] for row in table_of(a_request.output).values()} == {"done"}


@pytest.mark.parametrize(("writes", "kept"), [({0}, []), ({3, 4}, ["done", "done", "waiting"])])
def test_a_table_that_cannot_be_written_is_an_error_that_names_it(run, a_request, monkeypatch, writes, kept):
    failing_on(writes, monkeypatch)
    with pytest.raises(OutputError, match=r"summary\.csv: cannot be written \(No space left on device\)"):
        run()
    table = read_summary(a_request.output / "summary.csv")
    assert [row.status for row in table.rows] == kept if kept else table is None
    assert not list(a_request.output.glob(".partial-*"))


def test_whoever_reads_the_table_at_any_moment_finds_it_whole(tmp_path):
    path = tmp_path / "summary.csv"
    summaries = [
        Summary(("CSF",), tuple(CaseRow(f"{n}", Status.DONE, {"CSF": n}, 1.0) for n in range(m))) for m in (1, 2000)
    ]
    write_summary(summaries[0], path)
    over = threading.Event()

    def rewrite():
        while not over.is_set():
            for summary in summaries:
                write_summary(summary, path)

    writer = threading.Thread(target=rewrite)
    writer.start()
    until, seen = time.monotonic() + 60, set()
    while len(seen) < 2 and time.monotonic() < until:
        for _ in range(20):
            seen.add(len(read_summary(path).rows))
    over.set()
    writer.join()
    assert seen == {1, 2000}


def test_a_table_is_read_as_it_was_written(tmp_path):
    rows = (
        CaseRow("a, b", Status.DONE, {"CSF": 0.1 + 0.2, "grey, matter": 0.0}, 3.25),
        CaseRow('"é"', Status.FAILED, error="a.nii: is damaged; (see\nthere)"),
        CaseRow("c"),
    )
    summary = Summary(("CSF", "grey, matter"), rows)
    write_summary(summary, tmp_path / "summary.csv")
    assert read_summary(tmp_path / "summary.csv") == summary
    assert read_summary(tmp_path / "nowhere.csv") is None


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "'quoted'"])
def test_no_cell_of_the_table_is_a_formula(tmp_path, name):
    rows = (CaseRow(name, Status.DONE, {name: -1.5}, 3.25), CaseRow(f"{name}2", Status.FAILED, error=name))
    summary = Summary((name,), rows)
    write_summary(summary, tmp_path / "summary.csv")
    assert read_summary(tmp_path / "summary.csv") == summary
    with open(tmp_path / "summary.csv", encoding="utf-8", newline="") as stream:
        header, first, second = csv.reader(stream)
    assert [header[1], first[0], second[-1]] == [f"'{name} (ml)", f"'{name}", f"'{name}"]
    assert first[1] == "-1.5"
