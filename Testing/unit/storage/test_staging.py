"""Files appear together when all are finished, or nothing in the folder has changed."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from Med3DInsightLib.storage import OutputError, remove_unfinished, staged_files, was_killed_while_publishing


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_an_error_leaves_the_folder_as_it_was(tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine.txt").write_text("keep")
    before = contents(out)

    def work_and_fail():
        with staged_files(out, ["a", "b"]) as staging:
            (staging / "a").write_text("half")
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError):
        work_and_fail()
    assert contents(out) == before


def test_a_folder_that_was_made_for_nothing_is_removed(tmp_path):
    with pytest.raises(RuntimeError), staged_files(tmp_path / "new", ["a"]):
        raise RuntimeError("stop")
    assert not (tmp_path / "new").exists()


def test_results_are_not_overwritten_unasked(tmp_path):
    (tmp_path / "a").write_text("old")
    with pytest.raises(OutputError, match="already holds a"), staged_files(tmp_path, ["a"]):
        pytest.fail("the work must not start")
    assert (tmp_path / "a").read_text() == "old"
    with staged_files(tmp_path, ["a"], overwrite=True) as staging:
        (staging / "a").write_text("new")
    assert contents(tmp_path) == {"a": b"new"}


def test_of_two_runs_at_once_the_first_to_end_wins_and_nothing_is_replaced(tmp_path):
    def second_run():
        with staged_files(tmp_path, ["a", "b"]) as second:
            for name in ("a", "b"):
                (second / name).write_text("second")
            with staged_files(tmp_path, ["b", "a"]) as first:
                for name in ("a", "b"):
                    (first / name).write_text("first")

    with pytest.raises(OutputError, match="already holds a, b. Choose another folder"):
        second_run()
    assert contents(tmp_path) == {"a": b"first", "b": b"first"}


_WRITES_OFTEN = """
import sys
from pathlib import Path
from Med3DInsightLib.storage import staged_files
folder, who = Path(sys.argv[1]), sys.argv[2]
for _ in range(40):
    with staged_files(folder, ["a", "b", "c"], overwrite=True) as staging:
        for name in ("a", "b", "c"):
            (staging / name).write_text(who)
"""


def test_runs_that_overwrite_each_other_never_mix_their_files(tmp_path):
    command = [sys.executable, "-c", _WRITES_OFTEN, str(tmp_path)]
    runs = [subprocess.Popen([*command, who], stderr=subprocess.PIPE) for who in ("x", "y", "z")]
    errors = [run.communicate()[1].decode() for run in runs]
    assert errors == ["", "", ""]
    assert set(contents(tmp_path)) == {"a", "b", "c"}
    assert len(set(contents(tmp_path).values())) == 1


@pytest.mark.parametrize("place", ["file", "/proc/nowhere", "/dev/null/out"])
def test_a_folder_that_cannot_be_written_is_refused_before_the_work(tmp_path, place):
    (tmp_path / "file").write_text("")
    folder = tmp_path / "file" if place == "file" else type(tmp_path)(place)
    with pytest.raises(OutputError, match="cannot be written"), staged_files(folder, ["a"]):
        pytest.fail("the work must not start")


def test_a_file_elsewhere_that_cannot_be_read_is_not_blamed_on_the_folder(tmp_path):
    elsewhere = tmp_path / "models" / "model.safetensors"
    with pytest.raises(FileNotFoundError) as caught, staged_files(tmp_path / "out", ["a"]):
        elsewhere.read_bytes()
    assert caught.value.filename == str(elsewhere)
    with pytest.raises(OutputError, match="the output folder cannot be written"), staged_files(tmp_path, ["a"]):
        pass  # without writing what was announced


@pytest.mark.skipif(os.geteuid() == 0, reason="the root user may write everywhere")
def test_a_read_only_folder_is_refused(tmp_path):
    tmp_path.chmod(0o555)
    with pytest.raises(OutputError, match="cannot be written"), staged_files(tmp_path, ["a"]):
        pytest.fail("the work must not start")


@pytest.mark.parametrize("moves_before", range(4))
def test_an_interruption_while_the_files_appear_brings_the_old_ones_back(tmp_path, monkeypatch, moves_before):
    """Two old files are moved away, then two new ones into place; the signal comes between any two moves."""
    for name in ("a", "b"):
        (tmp_path / name).write_text("old")
    move, moved = type(tmp_path).replace, []

    def interrupted_move(path, target):
        if len(moved) == moves_before:
            moved.append("interrupted")
            raise KeyboardInterrupt
        moved.append(path)
        return move(path, target)

    def work():
        with staged_files(tmp_path, ["a", "b"], overwrite=True) as staging:
            for name in ("a", "b"):
                (staging / name).write_text("new")
            monkeypatch.setattr(type(tmp_path), "replace", interrupted_move)

    with pytest.raises(KeyboardInterrupt):
        work()
    assert contents(tmp_path) == {"a": b"old", "b": b"old"}


_KILLED_WHILE_WRITING = """
import os, signal, sys
from pathlib import Path
from Med3DInsightLib.storage import staged_files
with staged_files(Path(sys.argv[1]), ["labels", "result.json"]) as staging:
    (staging / "labels").write_text("all")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_run_leaves_no_result(tmp_path):
    subprocess.run([sys.executable, "-c", _KILLED_WHILE_WRITING, str(tmp_path)], check=False)
    assert not [path for path in tmp_path.iterdir() if not path.name.startswith(".unfinished-")]


def test_what_a_killed_run_left_is_recognised_and_removed(tmp_path):
    subprocess.run([sys.executable, "-c", _KILLED_WHILE_WRITING, str(tmp_path)], check=False)
    assert not was_killed_while_publishing(tmp_path)
    (left,) = tmp_path.iterdir()
    (left / "replaced").mkdir()
    assert was_killed_while_publishing(tmp_path)
    remove_unfinished(tmp_path)
    assert not list(tmp_path.iterdir())
