"""A study that was killed goes on where it was, and repeats nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import psutil
import pytest
import torch

from med3dtrain.evidence.study import run_all
from med3dtrain.runs.finished_runs import FinishedRuns


def squared(settings):
    """A run that tells in which process it was, and with how many threads."""
    if settings["number"] < 0:
        raise ValueError("negative")
    return {"square": settings["number"] ** 2, "process": os.getpid(), "threads": torch.get_num_threads()}


def numbers(*values):
    return [{"number": value} for value in values]


def test_results_come_in_order_from_other_processes_of_one_thread(tmp_path):
    shown = []
    results = run_all(squared, numbers(3, 1, 3, 2), FinishedRuns(tmp_path / "runs.jsonl"), 2, shown.append)
    assert [result["square"] for result in results] == [9, 1, 9, 4]
    assert os.getpid() not in {result["process"] for result in results}
    assert {result["threads"] for result in results} == {1}
    assert shown[-1] == "run 3 of 3, about 0 min left"


def test_what_is_finished_is_not_run_again(tmp_path):
    path = tmp_path / "runs.jsonl"
    FinishedRuns(path).add({"number": 5}, {"square": "kept"})
    results = run_all(squared, numbers(5, 6), FinishedRuns(path), 1, lambda text: None)
    assert [result["square"] for result in results] == ["kept", 36]
    assert FinishedRuns(path).find({"number": 6})["square"] == 36


def test_runs_that_ended_before_a_failure_are_kept(tmp_path):
    path = tmp_path / "runs.jsonl"
    with pytest.raises(ValueError, match="negative"):
        run_all(squared, numbers(2, -1), FinishedRuns(path), 1, lambda text: None)
    assert FinishedRuns(path).find({"number": 2})["square"] == 4


def test_processes_end_when_the_study_is_killed(tmp_path):
    code = "import time; from med3dtrain.evidence.study import *; "
    code += "run_all(time.sleep, [600.0], FinishedRuns(Path('runs.jsonl')), 1, print)"
    study = subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path)
    try:
        workers = wait_for(lambda: processes_of(study))
    finally:
        study.kill()
        study.wait()
    psutil.wait_procs(workers, timeout=120)
    assert not any(one.is_running() for one in workers)


def processes_of(study):
    """All of a study, once one of them works: beside it there is one that watches shared memory, and comes first."""
    found = psutil.Process(study.pid).children(recursive=True)
    return found if any("spawn_main" in " ".join(one.cmdline()) for one in found) else []


def wait_for(condition, seconds=120):
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return found


def test_a_line_that_was_cut_off_is_run_again_and_harms_no_other(tmp_path):
    path = tmp_path / "runs.jsonl"
    runs = FinishedRuns(path)
    runs.add({"number": 1}, "first")
    runs.add({"number": 2}, "second")
    path.write_bytes(path.read_bytes()[:-10])
    again = FinishedRuns(path)
    assert (again.find({"number": 1}), again.find({"number": 2})) == ("first", None)
    again.add({"number": 3}, "third")
    last = FinishedRuns(path)
    assert (last.find({"number": 1}), last.find({"number": 2}), last.find({"number": 3})) == ("first", None, "third")


def test_the_order_of_settings_does_not_matter_but_every_value_does(tmp_path):
    runs = FinishedRuns(tmp_path / "runs.jsonl")
    runs.add({"a": 1, "b": 2.0}, "kept")
    assert runs.find({"b": 2.0, "a": 1}) == "kept"
    assert runs.find({"a": 1, "b": 2.5}) is None
